//! A key signs and its own published half verifies, before the key is ever used: a pair that does
//! not belong together, a damaged file and a broken backend all fail here.

use super::{SigningError, SigningKey};
use crate::jose::verify;

/// Two different inputs, so that the batch is tested with the key.
const INPUTS: [&[u8]; 2] = [b"signet self-test", b""];

/// Signs and verifies through the public JWK, which is what verifiers will use.
pub fn self_test(key: &dyn SigningKey) -> Result<(), SigningError> {
    let length = key.signature_bytes();
    let mut signatures = vec![0; length.saturating_mul(INPUTS.len())];
    key.sign(&INPUTS, &mut signatures)?;
    let jwk = key.public_jwk();
    let mut checked = INPUTS.iter().zip(signatures.chunks_exact(length.max(1)));
    let valid = checked.len() == INPUTS.len()
        && checked
            .all(|(input, signature)| verify::is_signed(jwk.public_key(), jwk.algorithm(), input, signature));
    if valid { Ok(()) } else { Err(SigningError) }
}
