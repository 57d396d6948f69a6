//! Seal keys: what registrations are sealed and opened with (`registration/`), and what secrets of
//! registered clients are derived from. A seal key is 256 random bits in a file of its own,
//! `<activation>.seal.key`; like a signing key's, its state is a function of file names and clock.
//!
//! AES-256-GCM-SIV (RFC 8452): a nonce that repeats at another replica gives nothing away. Knows
//! nothing about what is sealed.

mod file;
mod generate;
mod load;
mod plan;

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::clock::UnixTime;

pub use file::{Unusable, new_content, read};
pub use generate::{NewSealKey, latest_activation, new_file};
pub(super) use load::load;
pub use plan::{SealKeys, SealState, SealStatus, VALIDITY_SECONDS_MAX};

/// Of the secret in the file.
pub const SECRET_BYTES: usize = 32;
/// Nonce and tag.
pub const OVERHEAD_BYTES: usize = NONCE_LEN + 16;
pub const KEY_ID_BYTES: usize = 4;

/// Names a seal key; says nothing of it.
pub type SealKeyId = [u8; KEY_ID_BYTES];

/// One seal key, ready for use. What is derived from the secret is wiped by the library when dropped.
pub struct SealKey {
    /// The file it came from, as a name to show.
    pub file: String,
    pub activation: UnixTime,
    id: SealKeyId,
    cipher: LessSafeKey,
    mac: hmac::Key,
}

/// The library failed, or the system gave no random numbers. Says nothing more on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealError;

impl SealKey {
    /// # Errors
    /// When the library fails.
    pub fn new(
        file: impl Into<String>,
        activation: UnixTime,
        secret: &[u8; SECRET_BYTES],
    ) -> Result<Self, SealError> {
        let derive = |label: &'static [u8]| -> Result<Zeroizing<[u8; 32]>, SealError> {
            let mut derived = Zeroizing::new([0; 32]);
            let pseudorandom = hkdf::Salt::new(hkdf::HKDF_SHA256, b"signet seal key").extract(secret);
            let info = [label];
            let okm = pseudorandom.expand(&info, hkdf::HKDF_SHA256).map_err(|_| SealError)?;
            okm.fill(&mut *derived).map_err(|_| SealError)?;
            Ok(derived)
        };
        let name = derive(b"name")?;
        let cipher = UnboundKey::new(&AES_256_GCM_SIV, &*derive(b"cipher")?).map_err(|_| SealError)?;
        Ok(Self {
            file: file.into(),
            activation,
            id: name.first_chunk().copied().ok_or(SealError)?,
            cipher: LessSafeKey::new(cipher),
            mac: hmac::Key::new(hmac::HMAC_SHA256, &*derive(b"secrets")?),
        })
    }

    /// A key that exists in this process only, for `dev`.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn in_memory(activation: UnixTime) -> Result<Self, SealError> {
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        SystemRandom::new().fill(&mut *secret).map_err(|_| SealError)?;
        Self::new("made at start", activation, &secret)
    }

    pub const fn id(&self) -> &SealKeyId {
        &self.id
    }

    /// `document` sealed: nonce, ciphertext, tag. Opens with the same `context` only.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn seal(&self, context: &[u8], document: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| SealError)?;
        let mut sealed = Vec::with_capacity(document.len().saturating_add(OVERHEAD_BYTES));
        sealed.extend_from_slice(document);
        self.cipher
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .map_err(|_| SealError)?;
        sealed.splice(..0, nonce);
        Ok(sealed)
    }

    /// The document, opened in place. `None` when one bit of it, of the context or of the key is
    /// another one.
    pub fn open<'s>(&self, context: &[u8], sealed: &'s mut [u8]) -> Option<&'s [u8]> {
        let (nonce, rest) = sealed.split_first_chunk_mut::<NONCE_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        self.cipher.open_in_place(nonce, Aad::from(context), rest).ok().map(|document| &*document)
    }

    /// 256 bits that follow from the key and `message`, and from nothing else.
    pub fn derive(&self, message: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        let tag = hmac::sign(&self.mac, message);
        derived.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        derived
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({})", self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SealKey {
        SealKey::new("file", UnixTime::from_seconds(0), &[byte; 32]).expect("a key")
    }

    #[test]
    fn k8_what_is_sealed_opens_whole_and_with_every_bit_flipped_not_at_all() {
        let sealed = key(1).seal(b"context", b"a document").expect("random numbers");
        assert_eq!(key(1).open(b"context", &mut sealed.clone()), Some(&b"a document"[..]));
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key(1).open(b"context", &mut changed), None, "bit {bit}");
        }
        assert_eq!(key(1).open(b"Context", &mut sealed.clone()), None);
        assert_eq!(key(2).open(b"context", &mut sealed.clone()), None);
        for short in 0..OVERHEAD_BYTES {
            assert_eq!(key(1).open(b"context", &mut sealed.clone()[..short]), None);
        }
    }

    #[test]
    fn equal_documents_are_sealed_differently_and_secrets_follow_from_key_and_message() {
        let seal = || key(1).seal(b"", b"a").expect("random numbers");
        assert_ne!(seal(), seal());
        assert_eq!(key(1).derive(b"a"), key(1).derive(b"a"));
        assert_ne!(key(1).derive(b"a"), key(1).derive(b"b"));
        assert_ne!(key(1).derive(b"a"), key(2).derive(b"a"));
        assert_eq!((key(1).id(), key(1).id() == key(2).id()), (key(1).id(), false));
    }

    #[test]
    fn nothing_of_a_key_is_printed() {
        assert_eq!(format!("{:?}", key(1)), "SealKey(file)");
    }
}
