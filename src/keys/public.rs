//! Is a public key of somebody else good enough to trust signatures to? Sizes, exponents, and that
//! a point lies on its curve (RFC 7518 §3.3, RFC 8725 §3.4), asked once when a file is read.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};

use super::{KeyRejected, rsa};
use crate::jose::PublicKey;

/// # Errors
/// What is wrong with the key.
pub fn check_public_key(key: &PublicKey) -> Result<(), KeyRejected> {
    if let Some((n, e)) = key.rsa_components() {
        return rsa::public_key(n, e).map(|_| ());
    }
    let parsed = match (key.p256_point(), key.ed25519_octets()) {
        (Some(point), _) => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point),
        (None, Some(point)) => ParsedPublicKey::new(&ED25519, point),
        (None, None) => return Err(KeyRejected::Malformed),
    };
    parsed.map(|_| ()).map_err(|_| KeyRejected::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b24_points_lie_on_their_curve() {
        let mut x = [0; 32];
        // The generator of P-256 (FIPS 186-4 §D.1.2.3).
        let generator = |hex: &str| {
            let digit = |at: usize| u8::from_str_radix(hex.get(at * 2..at * 2 + 2).unwrap_or("0"), 16);
            let mut bytes = [0; 32];
            bytes.iter_mut().enumerate().for_each(|(at, byte)| *byte = digit(at).unwrap_or(0));
            bytes
        };
        x.copy_from_slice(&generator("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"));
        let y = generator("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
        assert_eq!(check_public_key(&PublicKey::p256(x, y)), Ok(()));
        let mut off = y;
        off[31] ^= 1;
        for (x, y) in [(x, off), (x, [0; 32]), ([0; 32], [0; 32]), ([0xff; 32], [0xff; 32])] {
            assert_eq!(check_public_key(&PublicKey::p256(x, y)), Err(KeyRejected::Malformed));
        }
    }

    #[test]
    fn b25_small_even_and_huge_rsa_keys_are_refused() {
        let key = |bytes: usize, e: &[u8]| {
            let mut n = vec![0xff; bytes];
            n[bytes - 1] = 1;
            PublicKey::rsa(&n, e).map(|key| check_public_key(&key))
        };
        assert_eq!(key(256, &[1, 0, 1]), Some(Ok(())));
        assert_eq!(key(512, &[1, 0, 1]), Some(Ok(())));
        for (bytes, e) in [(128, [1, 0, 1].as_slice()), (4096, &[1, 0, 1]), (256, &[1]), (256, &[1, 0, 2])] {
            assert!(matches!(key(bytes, e), Some(Err(_))), "{bytes} {e:?}");
        }
    }
}
