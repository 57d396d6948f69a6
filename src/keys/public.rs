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
    if key.ed25519_octets().is_some_and(is_of_small_order) {
        return Err(KeyRejected::Malformed);
    }
    let parsed = match (key.p256_point(), key.ed25519_octets()) {
        (Some(point), _) => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point),
        (None, Some(point)) => ParsedPublicKey::new(&ED25519, point),
        (None, None) => return Err(KeyRejected::Malformed),
    };
    parsed.map(|_| ()).map_err(|_| KeyRejected::Malformed)
}

/// A point whose multiples are at most eight: its signatures need no private key, and some fit every
/// message (RFC 8725 §3.4). The library takes such points, because RFC 8032 §5.1.3 does.
fn is_of_small_order(point: &[u8; 32]) -> bool {
    let [rest @ .., last] = point;
    // The highest bit is the sign of x, which is the same group either way.
    let y = (rest, last & 0x7f);
    let is = |first: u8, middle: u8, end: u8| {
        let [own_first, own_middle @ ..] = y.0;
        *own_first == first && y.1 == end && own_middle.iter().all(|byte| *byte == middle)
    };
    // y is 0 or 1, also spelt p or p + 1, or it is -1.
    let of_order_four_or_less =
        is(0, 0, 0) || is(1, 0, 0) || [0xec, 0xed, 0xee].into_iter().any(|first| is(first, 0xff, 0x7f));
    of_order_four_or_less || OF_ORDER_EIGHT.iter().any(|[own @ .., end]| (own, *end) == y)
}

/// The two solutions for y of 2y² = 1 - dy⁴ (mod p), with the curve's d of RFC 8032 §5.1.
const OF_ORDER_EIGHT: [[u8; 32]; 2] = [
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

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
