//! Keys for tests and the bench: made by aws-lc-rs, taken apart, and put together again with their
//! primes exchanged. Knows as much DER as an RSAPrivateKey (RFC 8017 A.1.2) takes.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use num_bigint::BigUint;
use ring::rand::SecureRandom;
use signet_multibuffer::{Components, EncodedMessage, RandomError};

/// version, n, e, d, p, q, dP, dQ, qInv
pub struct Parts([Vec<u8>; 9]);

impl Parts {
    pub fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let document = pair.as_der().expect("PKCS#8");
        let (content, _) = element(document.as_ref());
        let (_version, rest) = element(content);
        let (_algorithm, rest) = element(rest);
        Self::from_pkcs1(element(rest).0)
    }

    fn from_pkcs1(document: &[u8]) -> Self {
        let mut rest = element(document).0;
        Self(std::array::from_fn(|_| {
            let (integer, after) = element(rest);
            rest = after;
            integer.to_vec()
        }))
    }

    pub fn components(&self) -> Components<'_> {
        let [_, n, e, _, p, q, dp, dq, q_inverse] = &self.0;
        Components { n, e, p, q, dp, dq, q_inverse }
    }

    /// The integer at this place of an RSAPrivateKey.
    pub fn part_mut(&mut self, index: usize) -> &mut Vec<u8> {
        &mut self.0[index]
    }

    /// The same key with p and q exchanged.
    pub fn exchanged(&self) -> Self {
        let [version, n, e, d, p, q, dp, dq, _] = self.0.clone();
        let number = |bytes: &[u8]| BigUint::from_bytes_be(bytes);
        // 1/p mod q by Fermat.
        let inverse = number(&p).modpow(&(number(&q) - 2_u8), &number(&q));
        Self([version, n, e, d, q, p, dq, dp, inverse.to_bytes_be()])
    }

    pub fn pkcs1(&self) -> Vec<u8> {
        let integers = self.0.iter().map(|integer| {
            let zero = integer.first().is_some_and(|first| first & 0x80 != 0);
            tagged(0x02, &[if zero { &[0][..] } else { &[] }, integer].concat())
        });
        tagged(0x30, &integers.collect::<Vec<_>>().concat())
    }

    pub fn ring(&self) -> ring::rsa::KeyPair {
        ring::rsa::KeyPair::from_der(&self.pkcs1()).expect("ring takes it")
    }
}

pub fn random(bytes: &mut [u8]) -> Result<(), RandomError> {
    ring::rand::SystemRandom::new().fill(bytes).map_err(|_| RandomError)
}

pub fn encoded(message: &[u8]) -> EncodedMessage {
    let digest = ring::digest::digest(&ring::digest::SHA256, message);
    EncodedMessage::pkcs1_sha256(digest.as_ref().try_into().expect("32 bytes"))
}

/// The content of the first element and what follows it.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, start) = match der[1] {
        short @ ..=0x7f => (usize::from(short), 2),
        0x81 => (usize::from(der[2]), 3),
        _ => (usize::from(der[2]) << 8 | usize::from(der[3]), 4),
    };
    der[start..].split_at(length)
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let header = match length {
        ..=0x7f => vec![tag, length as u8],
        0x80..=0xff => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [header, content.to_vec()].concat()
}
