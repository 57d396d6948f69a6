//! A secret that follows from the id of a registered client (`registered::sealed_id`). It is made for
//! one request and wiped after it, so nothing would be gained by its digest, which takes longer than
//! to compare.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::secret::{compare, sha256};
use crate::client::{Context, Fit, Misfit, Proof, Verifier};

pub(super) struct DerivedSecret(pub Zeroizing<String>);

impl Verifier for DerivedSecret {
    fn verify(&self, proof: &Proof, _context: &Context<'_>) -> Result<Fit, Misfit> {
        compare(proof, |reading| reading.bytes().ct_eq(self.0.as_bytes()))
    }

    fn fingerprint(&self) -> [u8; 32] {
        sha256(self.0.as_bytes())
    }
}

impl fmt::Debug for DerivedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DerivedSecret(…)")
    }
}
