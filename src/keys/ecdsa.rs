//! ES256 with aws-lc-rs: ECDSA on P-256 with SHA-256 (RFC 7518 §3.4). Signatures are r and s as two
//! integers of 32 octets each, not the DER of X9.62 that most tools make.
//!
//! AWS-LC does not check what it signs, and a faulty ECDSA signature can give the private key away
//! as an RSA one can (Biehl, Meyer and Müller, 2000). So each is verified before it is released.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, ParsedPublicKey,
};
use rustls_pki_types::PrivateKeyDer;
use zeroize::Zeroizing;

use super::der::{self, KeyType};
use super::generate::GenerateError;
use super::verified_key::VerifiedKey;
use super::{Backend, KeyRejected, SigningError, SigningKey};
use crate::jose::{Algorithm, Jwk, PublicKey};

pub struct Ecdsa;

/// RFC 7518 §3.4: r and s.
const SIGNATURE_BYTES: usize = 64;

impl Backend for Ecdsa {
    fn name(&self) -> &'static str {
        "aws-lc-rs"
    }

    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    /// PKCS#8, or the ECPrivateKey of SEC 1 (RFC 5915).
    fn load(&self, private: &PrivateKeyDer<'_>) -> Result<Box<dyn SigningKey>, KeyRejected> {
        match der::private_key(private).ok_or(KeyRejected::Malformed)? {
            (KeyType::EcP256, _) => {}
            (other, _) => return Err(KeyRejected::WrongType(other.name())),
        }
        let pair = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, private.secret_der())
            .map_err(|_| KeyRejected::Malformed)?;
        let point = pair.public_key().as_ref();
        let public =
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| KeyRejected::Malformed)?;
        let key = PublicKey::p256_from_point(point).ok_or(KeyRejected::Malformed)?;
        let jwk = Jwk::new(self.algorithm(), key).map_err(|_| KeyRejected::Malformed)?;
        // The library's random numbers.
        let sign = move |input: &[u8]| pair.sign(&SystemRandom::new(), input).map_err(|_| SigningError);
        Ok(Box::new(VerifiedKey { sign, public, jwk, signature_bytes: SIGNATURE_BYTES }))
    }

    fn generate(&self, _bits: usize) -> Result<Zeroizing<Vec<u8>>, GenerateError> {
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map(|document| Zeroizing::new(document.as_ref().to_vec()))
            .map_err(|_| GenerateError::Failed)
    }
}
