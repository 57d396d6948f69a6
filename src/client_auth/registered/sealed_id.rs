//! The id of a registered client: `sgc_` and, in base64url, a version, the name of the seal key and
//! the sealed document. The seal is bound to the issuer, so that an id of one deployment is nothing
//! at another that shares its keys. The secret is a keyed function of the whole id.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::super::generated_secret;
use super::document::Document;
use crate::clock::UnixTime;
use crate::keys::seal::{KEY_ID_BYTES, SealKey, SealKeys, SealStatus};
use crate::oauth::{ClientId, REGISTERED_ID_BYTES_MAX, REGISTERED_ID_PREFIX};

/// How the rest is to be read.
const VERSION: u8 = 1;
const CONTEXT: &[u8] = b"signet registered client\0";

/// A new id, and what proves it unless the client has keys.
pub struct SealedId {
    pub id: ClientId,
    pub secret: Zeroizing<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsealable {
    /// No seal key is active.
    NoKey,
    /// The id would have more than [`REGISTERED_ID_BYTES_MAX`] characters.
    TooLong,
    Failed,
}

/// Makes the id of a registration.
///
/// # Errors
/// When it does not fit, or nothing can seal it.
pub fn seal(
    document: &Document<'_>,
    seals: &SealKeys,
    issuer: &str,
    now: UnixTime,
) -> Result<SealedId, Unsealable> {
    let key = seals.sealing(now).ok_or(Unsealable::NoKey)?;
    let head = [&[VERSION], key.id().as_slice()].concat();
    let sealed = key.seal(&context(&head, issuer), &document.write()).map_err(|_| Unsealable::Failed)?;
    let mut text = String::from(REGISTERED_ID_PREFIX);
    URL_SAFE_NO_PAD.encode_string([head, sealed].concat(), &mut text);
    if text.len() > REGISTERED_ID_BYTES_MAX {
        return Err(Unsealable::TooLong);
    }
    let id = ClientId::parse_registered(&text).ok_or(Unsealable::Failed)?;
    Ok(SealedId { secret: secret_of(key, &id), id })
}

/// An id whose seal was opened: the document as bytes, and the key that sealed it.
pub(super) struct Opened<'k> {
    pub id: ClientId,
    pub key: &'k SealKey,
    pub status: SealStatus<'k>,
    bytes: Vec<u8>,
    from: usize,
}

impl Opened<'_> {
    pub fn document(&self) -> Option<Document<'_>> {
        let end = self.bytes.len().saturating_sub(TAG_BYTES);
        Document::read(self.bytes.get(self.from..end)?)
    }

    pub fn secret(&self) -> Zeroizing<String> {
        secret_of(self.key, &self.id)
    }
}

const TAG_BYTES: usize = 16;
const NONCE_BYTES: usize = crate::keys::seal::OVERHEAD_BYTES - TAG_BYTES;

/// `None` when it is no id, or the seal does not open with a key of ours for this issuer.
pub(super) fn open<'k>(text: &str, seals: &'k SealKeys, issuer: &str, now: UnixTime) -> Option<Opened<'k>> {
    let id = ClientId::parse_registered(text)?;
    // The engine refuses trailing bits, so that one id has one spelling.
    let mut bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(REGISTERED_ID_PREFIX)?).ok()?;
    let (head, sealed) = bytes.split_at_mut_checked(1 + KEY_ID_BYTES)?;
    let (version, key_id) = head.split_first()?;
    let (key, status) = seals.opening(key_id, now).filter(|_| *version == VERSION)?;
    key.open(&context(head, issuer), sealed)?;
    Some(Opened { id, key, status, bytes, from: 1 + KEY_ID_BYTES + NONCE_BYTES })
}

fn context(head: &[u8], issuer: &str) -> Vec<u8> {
    [CONTEXT, head, issuer.as_bytes()].concat()
}

fn secret_of(key: &SealKey, id: &ClientId) -> Zeroizing<String> {
    generated_secret::of_bits(&key.derive(id.as_str().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://auth.example.com";

    fn now() -> UnixTime {
        UnixTime::from_seconds(1_795_435_200)
    }

    fn seals() -> SealKeys {
        SealKeys::new(vec![SealKey::new("file", now(), &[1; 32]).expect("a key")])
    }

    fn document() -> Document<'static> {
        Document {
            method: super::super::METHODS[0],
            issued_at: now(),
            validity_seconds: 60,
            access_token_lifetime_seconds: None,
            registrar: "portal",
            name: None,
            reach: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// A seal that is right in every way, but of this version.
    fn id_of_version(version: u8, seals: &SealKeys) -> String {
        let key = seals.sealing(now()).expect("a key");
        let head = [&[version], key.id().as_slice()].concat();
        let sealed = key.seal(&context(&head, ISSUER), &document().write()).expect("random numbers");
        format!("{REGISTERED_ID_PREFIX}{}", URL_SAFE_NO_PAD.encode([head, sealed].concat()))
    }

    #[test]
    fn k8_an_id_opens_for_its_issuer_and_with_every_bit_flipped_not_at_all() {
        let seals = seals();
        let id = seal(&document(), &seals, ISSUER, now()).expect("an id").id;
        let opens = |text: &str, issuer: &str| open(text, &seals, issuer, now()).is_some();
        assert!(opens(id.as_str(), ISSUER));
        assert!(!opens(id.as_str(), "https://staging.example.com") && !opens(id.as_str(), ""));
        let bytes =
            URL_SAFE_NO_PAD.decode(id.as_str().trim_start_matches(REGISTERED_ID_PREFIX)).expect("base64url");
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let text = format!("{REGISTERED_ID_PREFIX}{}", URL_SAFE_NO_PAD.encode(changed));
            assert!(!opens(&text, ISSUER), "bit {bit}");
        }
    }

    #[test]
    fn k8_an_id_of_another_version_is_none_although_its_seal_is_ours() {
        let seals = seals();
        let opens = |version: u8| open(&id_of_version(version, &seals), &seals, ISSUER, now()).is_some();
        assert_eq!([0, VERSION, 2, 255].map(opens), [false, true, false, false]);
    }
}
