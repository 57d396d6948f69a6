//! Encoded messages: what the private operation is applied to.

use crate::key::MODULUS_BYTES;

/// The DER of a DigestInfo with SHA-256, up to the digest (RFC 8017 §9.2 note 1).
const SHA256_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// An encoded message of 2,048 bits, of which the first is zero: below every modulus that is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedMessage([u8; MODULUS_BYTES]);

impl EncodedMessage {
    /// EMSA-PKCS1-v1_5 of a SHA-256 digest (RFC 8017 §9.2).
    pub fn pkcs1_sha256(digest: &[u8; 32]) -> Self {
        let mut encoded = [0xff; MODULUS_BYTES];
        let (padding, info) = encoded.split_at_mut(MODULUS_BYTES - SHA256_PREFIX.len() - digest.len());
        if let [first, second, .., last] = padding {
            (*first, *second, *last) = (0, 1, 0);
        }
        let (prefix, hash) = info.split_at_mut(SHA256_PREFIX.len());
        prefix.copy_from_slice(&SHA256_PREFIX);
        hash.copy_from_slice(digest);
        Self(encoded)
    }

    /// A message that the caller has encoded, as EMSA-PSS does (RFC 8017 §9.1). `None` when the
    /// first bit is set.
    pub fn from_bytes(bytes: [u8; MODULUS_BYTES]) -> Option<Self> {
        (bytes[0] & 0x80 == 0).then_some(Self(bytes))
    }

    pub fn as_bytes(&self) -> &[u8; MODULUS_BYTES] {
        &self.0
    }
}
