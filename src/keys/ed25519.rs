//! EdDSA on Ed25519 with aws-lc-rs (RFC 8032 §5.1, RFC 8037 §3.1).
//!
//! The signature is a function of key and input, so two runs of which one is faulty can give the
//! private key away (Romailler and Pelissier, 2017). So each is verified before it is released.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};
use rustls_pki_types::PrivateKeyDer;
use zeroize::Zeroizing;

use super::der::{self, KeyType};
use super::generate::GenerateError;
use super::verified_key::VerifiedKey;
use super::{Backend, KeyRejected, SigningError, SigningKey};
use crate::jose::{Algorithm, Jwk, PublicKey};

pub struct Ed25519;

/// RFC 8032 §5.1.6: R and S.
const SIGNATURE_BYTES: usize = 64;

impl Backend for Ed25519 {
    fn name(&self) -> &'static str {
        "aws-lc-rs"
    }

    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDsa
    }

    /// PKCS#8 with or without the public half (RFC 8410 §7); with it, the halves must belong
    /// together.
    fn load(&self, private: &PrivateKeyDer<'_>) -> Result<Box<dyn SigningKey>, KeyRejected> {
        match der::private_key(private).ok_or(KeyRejected::Malformed)? {
            (KeyType::Ed25519, _) => {}
            (other, _) => return Err(KeyRejected::WrongType(other.name())),
        }
        let pair = Ed25519KeyPair::from_pkcs8(private.secret_der()).map_err(|_| KeyRejected::Malformed)?;
        let octets = pair.public_key().as_ref();
        let public = ParsedPublicKey::new(&ED25519, octets).map_err(|_| KeyRejected::Malformed)?;
        let key = octets.try_into().map(PublicKey::ed25519).map_err(|_| KeyRejected::Malformed)?;
        let jwk = Jwk::new(self.algorithm(), key).map_err(|_| KeyRejected::Malformed)?;
        let sign = move |input: &[u8]| pair.try_sign(input).map_err(|_| SigningError);
        Ok(Box::new(VerifiedKey { sign, public, jwk, signature_bytes: SIGNATURE_BYTES }))
    }

    fn generate(&self, _bits: usize) -> Result<Zeroizing<Vec<u8>>, GenerateError> {
        // Version 1, without the public half: `openssl pkey` of every age reads it.
        Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new())
            .map(|document| Zeroizing::new(document.as_ref().to_vec()))
            .map_err(|_| GenerateError::Failed)
    }
}
