//! RS256 and PS256 with aws-lc-rs, the default: the fastest single signature, and the maker of new
//! keys.
//!
//! Every signature is verified against the public exponent before it is released: the private
//! operation is `rsa_default_private_transform` in AWS-LC's `crypto/fipsmodule/rsa/rsa_impl.c`,
//! which raises the result to `e` and compares it with the input in constant time, whether the
//! Chinese remainder theorem was used or not, and fails without output when they differ (Boneh,
//! DeMillo and Lipton, 1997). It is skipped only for keys without `e`, which parsing refuses:
//! `RSA_check_key` also ties p, q, dP, dQ and qInv to n, e and d when a key is loaded.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use rustls_pki_types::PrivateKeyDer;
use zeroize::Zeroizing;

use super::generate::GenerateError;
use super::{Backend, KeyRejected, SigningError, SigningKey, rsa, sign_each};
use crate::jose::{Algorithm, Jwk};

pub struct AwsLcRsa {
    algorithm: Algorithm,
    encoding: &'static dyn RsaEncoding,
}

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
pub static RS256: AwsLcRsa = AwsLcRsa { algorithm: Algorithm::Rs256, encoding: &RSA_PKCS1_SHA256 };
/// RSASSA-PSS with SHA-256 and a salt of 32 octets (RFC 7518 §3.5).
pub static PS256: AwsLcRsa = AwsLcRsa { algorithm: Algorithm::Ps256, encoding: &RSA_PSS_SHA256 };

impl Backend for AwsLcRsa {
    fn name(&self) -> &'static str {
        "aws-lc-rs"
    }

    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn load(&self, private: &PrivateKeyDer<'_>) -> Result<Box<dyn SigningKey>, KeyRejected> {
        let pair = KeyPair::from_der(rsa::private_key(private)?).map_err(|_| KeyRejected::Malformed)?;
        let public = pair.public_key();
        let jwk = rsa::jwk(
            self.algorithm(),
            public.modulus().big_endian_without_leading_zero(),
            public.exponent().big_endian_without_leading_zero(),
        )?;
        let signature_bytes = public.modulus_len();
        Ok(Box::new(AwsLcRsaKey { encoding: self.encoding, signature_bytes, pair, jwk }))
    }

    /// 2048, 3072 or 4096 bits.
    fn generate(&self, bits: usize) -> Result<Zeroizing<Vec<u8>>, GenerateError> {
        let size = match bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            _ => return Err(GenerateError::Bits(bits)),
        };
        let pair = KeyPair::generate(size).map_err(|_| GenerateError::Failed)?;
        let der = pair.as_der().map_err(|_| GenerateError::Failed)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }
}

struct AwsLcRsaKey {
    encoding: &'static dyn RsaEncoding,
    pair: KeyPair,
    jwk: Jwk,
    signature_bytes: usize,
}

impl SigningKey for AwsLcRsaKey {
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
            // The library's random numbers: the salt of PS256. PKCS #1 v1.5 takes none (RFC 8017 §8.2).
            self.pair.sign(self.encoding, &SystemRandom::new(), input, signature).map_err(|_| SigningError)
        })
    }
}
