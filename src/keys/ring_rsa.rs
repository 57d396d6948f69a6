//! RS256 and PS256 with ring: the reference that the other backends are compared with, and the choice where
//! AWS-LC cannot be built.
//!
//! Every signature is verified against the public exponent before it is released: ring's
//! `KeyPair::private_exponentiate` (`src/rsa/keypair.rs`) raises the result to `e` and compares it
//! with the input by `elem_verify_equal_consttime`, for the same reason as AWS-LC (Boneh, DeMillo
//! and Lipton, 1997). ring ties dP and dQ to the rest of the key only there, so a key with wrong
//! ones loads and then fails the self-test.

use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use rustls_pki_types::PrivateKeyDer;

use super::{Backend, KeyRejected, SigningError, SigningKey, rsa, sign_each};
use crate::jose::{Algorithm, Jwk};

pub struct RingRsa {
    algorithm: Algorithm,
    encoding: &'static dyn RsaEncoding,
}

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
pub static RS256: RingRsa = RingRsa { algorithm: Algorithm::Rs256, encoding: &RSA_PKCS1_SHA256 };
/// RSASSA-PSS with SHA-256 and a salt of 32 octets (RFC 7518 §3.5).
pub static PS256: RingRsa = RingRsa { algorithm: Algorithm::Ps256, encoding: &RSA_PSS_SHA256 };

impl Backend for RingRsa {
    fn name(&self) -> &'static str {
        "ring"
    }

    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn load(&self, private: &PrivateKeyDer<'_>) -> Result<Box<dyn SigningKey>, KeyRejected> {
        let pair = KeyPair::from_der(rsa::private_key(private)?).map_err(|_| KeyRejected::Malformed)?;
        let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
        let jwk = rsa::jwk(self.algorithm(), &public.n, &public.e)?;
        Ok(Box::new(RingRsaKey {
            encoding: self.encoding,
            signature_bytes: pair.public().modulus_len(),
            pair,
            jwk,
            random: SystemRandom::new(),
        }))
    }
}

struct RingRsaKey {
    encoding: &'static dyn RsaEncoding,
    pair: KeyPair,
    jwk: Jwk,
    signature_bytes: usize,
    /// The salt of PS256; PKCS #1 v1.5 takes none (RFC 8017 §8.2).
    random: SystemRandom,
}

impl SigningKey for RingRsaKey {
    fn public_jwk(&self) -> &Jwk {
        &self.jwk
    }

    fn signature_bytes(&self) -> usize {
        self.signature_bytes
    }

    fn backend(&self) -> &'static str {
        "ring"
    }

    fn sign(&self, inputs: &[&[u8]], signatures: &mut [u8]) -> Result<(), SigningError> {
        sign_each(inputs, self.signature_bytes, signatures, |input, signature| {
            self.pair.sign(self.encoding, &self.random, input, signature).map_err(|_| SigningError)
        })
    }
}
