//! A key of a library that does not check what it signs: every signature is verified with the
//! public half before it is released, because a faulty one can give the private key away.

use aws_lc_rs::signature::{ParsedPublicKey, Signature};

use super::{SigningError, SigningKey, sign_each};
use crate::jose::Jwk;

pub(super) struct VerifiedKey<F> {
    /// Signs one input.
    pub sign: F,
    pub public: ParsedPublicKey,
    pub jwk: Jwk,
    pub signature_bytes: usize,
}

impl<F: Fn(&[u8]) -> Result<Signature, SigningError> + Send + Sync> SigningKey for VerifiedKey<F> {
    fn public_jwk(&self) -> &Jwk {
        &self.jwk
    }

    fn signature_bytes(&self) -> usize {
        self.signature_bytes
    }

    fn backend(&self) -> &'static str {
        "aws-lc-rs"
    }

    fn sign(&self, inputs: &[&[u8]], signatures: &mut [u8]) -> Result<(), SigningError> {
        sign_each(inputs, self.signature_bytes, signatures, |input, signature| {
            let made = (self.sign)(input)?;
            let made = made.as_ref();
            self.public.verify_sig(input, made).map_err(|_| SigningError)?;
            if made.len() != signature.len() {
                return Err(SigningError);
            }
            signature.copy_from_slice(made);
            Ok(())
        })
    }
}
