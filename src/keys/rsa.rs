//! What every RSA backend must agree on: which keys are accepted, and how their public half is
//! published. The limits are stricter than the libraries' own, so that a key is accepted by all
//! backends or by none.

use rustls_pki_types::PrivateKeyDer;

use super::der::{self, KeyType};
use super::{KeyRejected, roca};
use crate::jose::{Algorithm, Jwk, PublicKey};

/// RFC 7518 §3.3.
pub const BITS_MIN: usize = 2048;
/// Verifiers are asked to check these signatures for every call; larger keys cost without
/// protecting more, and several verifiers refuse them.
pub const BITS_MAX: usize = 4096;

/// The RSAPrivateKey (RFC 8017 A.1.2) inside a PKCS#8 or PKCS#1 document, of accepted size.
pub fn private_key<'d>(private: &'d PrivateKeyDer<'_>) -> Result<&'d [u8], KeyRejected> {
    let (kind, key) = der::private_key(private).ok_or(KeyRejected::Malformed)?;
    if kind != KeyType::Rsa {
        return Err(KeyRejected::WrongType(kind.name()));
    }
    let (n, e) = der::rsa_private_key_public_part(key).ok_or(KeyRejected::Malformed)?;
    public_key(n, e)?;
    Ok(key)
}

/// A modulus and an exponent of accepted size.
pub fn public_key(n: &[u8], e: &[u8]) -> Result<PublicKey, KeyRejected> {
    let key = PublicKey::rsa(n, e).ok_or(KeyRejected::Malformed)?;
    match key.bits() {
        bits @ ..BITS_MIN => return Err(KeyRejected::TooSmall { bits }),
        BITS_MIN..=BITS_MAX => {}
        bits => return Err(KeyRejected::TooLarge { bits }),
    }
    let (n, e) = key.rsa_components().ok_or(KeyRejected::Malformed)?;
    if e.len() < 3 || (e.len() == 3 && e < [1, 0, 1].as_slice()) {
        return Err(KeyRejected::SmallExponent);
    }
    // Exponents above 33 bits make every verification slow; even numbers are no RSA key.
    let odd = |integer: &[u8]| integer.last().is_some_and(|octet| octet & 1 == 1);
    if e.len() > 4 || !odd(n) || !odd(e) {
        return Err(KeyRejected::Malformed);
    }
    if roca::is_factorable(n) {
        return Err(KeyRejected::Factorable);
    }
    Ok(key)
}

/// The published form of a key that a library has loaded.
pub fn jwk(algorithm: Algorithm, n: &[u8], e: &[u8]) -> Result<Jwk, KeyRejected> {
    Jwk::new(algorithm, public_key(n, e)?).map_err(|_| KeyRejected::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_65537_or_more_and_odd_and_short() {
        let mut n = [0xff; 256];
        n[255] = 1;
        let exponent = |e: &[u8]| public_key(&n, e).map(|_| ());
        for e in [[1, 0, 1].as_slice(), &[1, 0, 3], &[0, 1, 0, 1], &[1, 0, 0, 1]] {
            assert_eq!(exponent(e), Ok(()), "{e:?}");
        }
        for e in [[3].as_slice(), &[17], &[0xff, 0xff], &[0, 3], &[0, 0xff, 0xff]] {
            assert_eq!(exponent(e), Err(KeyRejected::SmallExponent), "{e:?}");
        }
        for e in [[1, 0, 2].as_slice(), &[], &[0], &[1, 0, 0, 0, 1]] {
            assert_eq!(exponent(e), Err(KeyRejected::Malformed), "{e:?}");
        }
    }
}
