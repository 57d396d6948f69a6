//! RS256 with ring: the reference that the other backends are compared with, and the choice where
//! AWS-LC cannot be built.
//!
//! Every signature is verified against the public exponent before it is released: ring's
//! `KeyPair::private_exponentiate` (`src/rsa/keypair.rs`) raises the result to `e` and compares it
//! with the input by `elem_verify_equal_consttime`, for the same reason as AWS-LC (Boneh, DeMillo
//! and Lipton, 1997). ring ties dP and dQ to the rest of the key only there, so a key with wrong
//! ones loads and then fails the self-test.

use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use rustls_pki_types::PrivateKeyDer;

use super::{Backend, KeyRejected, SigningError, SigningKey, rsa, sign_each};
use crate::jose::{Algorithm, Jwk};

pub struct RingRsa;

impl Backend for RingRsa {
    fn name(&self) -> &'static str {
        "ring"
    }

    fn algorithm(&self) -> Algorithm {
        Algorithm::Rs256
    }

    fn load(&self, private: &PrivateKeyDer<'_>) -> Result<Box<dyn SigningKey>, KeyRejected> {
        let pair = KeyPair::from_der(rsa::private_key(private)?).map_err(|_| KeyRejected::Malformed)?;
        let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
        let jwk = rsa::jwk(self.algorithm(), &public.n, &public.e)?;
        Ok(Box::new(RingRsaKey {
            signature_bytes: pair.public().modulus_len(),
            pair,
            jwk,
            random: SystemRandom::new(),
        }))
    }
}

struct RingRsaKey {
    pair: KeyPair,
    jwk: Jwk,
    signature_bytes: usize,
    /// Asked for by the interface; PKCS #1 v1.5 itself takes none (RFC 8017 §8.2).
    random: SystemRandom,
}

impl SigningKey for RingRsaKey {
    fn public_jwk(&self) -> &Jwk {
        &self.jwk
    }

    fn signature_bytes(&self) -> usize {
        self.signature_bytes
    }

    fn sign(&self, inputs: &[&[u8]], signatures: &mut [u8]) -> Result<(), SigningError> {
        sign_each(inputs, self.signature_bytes, signatures, |input, signature| {
            self.pair.sign(&RSA_PKCS1_SHA256, &self.random, input, signature).map_err(|_| SigningError)
        })
    }
}
