//! What the id of a registered client says, as bytes: short, because it travels in every request
//! and twice in every token. Scopes and audiences stand there by name, so that every replica with
//! the same list understands them. Knows nothing of the seal around it.

use crate::clock::UnixTime;
use crate::jose::key_set::VerificationKey;
use crate::jose::{Algorithm, PublicKey};

/// The methods that may be registered; the place in the list stands in the document, so the order
/// never changes.
pub const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
/// The same of the algorithms of keys.
const ALGORITHMS: [Algorithm; 4] = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa];

/// A registration as it was granted. Texts are borrowed from whatever they were read from.
#[derive(Clone, Debug)]
pub struct Document<'d> {
    /// One of [`METHODS`].
    pub method: &'static str,
    pub issued_at: UnixTime,
    pub validity_seconds: u32,
    pub access_token_lifetime_seconds: Option<u32>,
    pub registrar: &'d str,
    pub name: Option<&'d str>,
    pub reach: Vec<Reach<'d>>,
    /// With `private_key_jwt` only.
    pub keys: Vec<VerificationKey>,
}

/// An audience and the scopes at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach<'d> {
    pub audience: &'d str,
    pub scopes: Vec<&'d str>,
}

impl<'d> Document<'d> {
    pub fn write(&self) -> Vec<u8> {
        let mut writer = Writer(Vec::with_capacity(256));
        let method = METHODS.iter().zip(0_u64..).find(|(name, _)| **name == self.method);
        writer.number(method.map_or(0, |(_, number)| number));
        writer.number(u64::try_from(self.issued_at.seconds()).unwrap_or_default());
        writer.number(self.validity_seconds.into());
        writer.number(self.access_token_lifetime_seconds.unwrap_or(0).into());
        writer.text(self.registrar);
        writer.text(self.name.unwrap_or_default());
        writer.number(self.reach.len() as u64);
        for reach in &self.reach {
            writer.text(reach.audience);
            writer.number(reach.scopes.len() as u64);
            reach.scopes.iter().for_each(|scope| writer.text(scope));
        }
        self.keys.iter().for_each(|key| writer.key(key));
        writer.0
    }

    /// `None` for bytes that `write` has not made.
    pub fn read(bytes: &'d [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let method = METHODS.get(usize::try_from(reader.number()?).ok()?)?;
        let issued_at = UnixTime::from_seconds(i64::try_from(reader.number()?).ok()?);
        let validity_seconds = u32::try_from(reader.number()?).ok()?;
        let lifetime = u32::try_from(reader.number()?).ok()?;
        let registrar = reader.text()?;
        let name = reader.text()?;
        let mut reach = Vec::new();
        for _ in 0..reader.number()? {
            let audience = reader.text()?;
            let mut scopes = Vec::new();
            for _ in 0..reader.number()? {
                scopes.push(reader.text()?);
            }
            reach.push(Reach { audience, scopes });
        }
        let mut keys = Vec::new();
        while !reader.0.is_empty() {
            keys.push(reader.key()?);
        }
        Some(Self {
            method,
            issued_at,
            validity_seconds,
            access_token_lifetime_seconds: Some(lifetime).filter(|seconds| *seconds > 0),
            registrar,
            name: Some(name).filter(|name| !name.is_empty()),
            reach,
            keys,
        })
    }
}

struct Writer(Vec<u8>);

impl Writer {
    /// Seven bits a byte, the lowest first (LEB128).
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn key(&mut self, key: &VerificationKey) {
        let algorithm = ALGORITHMS.iter().zip(0_u64..).find(|(known, _)| **known == key.algorithm);
        self.number(algorithm.map_or(0, |(_, number)| number));
        self.text(key.kid.as_deref().unwrap_or_default());
        match (key.public_key.rsa_components(), key.public_key.p256_point(), key.public_key.ed25519_octets())
        {
            (Some((n, e)), ..) => {
                self.bytes(n);
                self.bytes(e);
            }
            (_, Some(point), _) => self.bytes(&point),
            (.., octets) => self.bytes(octets.map_or(&[], |octets| octets)),
        }
    }
}

struct Reader<'d>(&'d [u8]);

impl<'d> Reader<'d> {
    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn bytes(&mut self) -> Option<&'d [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<&'d str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn key(&mut self) -> Option<VerificationKey> {
        let algorithm = *ALGORITHMS.get(usize::try_from(self.number()?).ok()?)?;
        let kid = Some(self.text()?).filter(|kid| !kid.is_empty()).map(str::to_owned);
        let first = self.bytes()?;
        let public_key = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => PublicKey::rsa(first, self.bytes()?)?,
            Algorithm::Es256 => PublicKey::p256_from_point(first)?,
            Algorithm::EdDsa => PublicKey::ed25519(first.try_into().ok()?),
        };
        Some(VerificationKey { kid, algorithm, public_key })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn document() -> Document<'static> {
        Document {
            method: METHODS[2],
            issued_at: UnixTime::from_seconds(1_795_435_200),
            validity_seconds: 2_592_000,
            access_token_lifetime_seconds: Some(600),
            registrar: "sdk-portal",
            name: Some("Ada's laptop"),
            reach: vec![
                Reach {
                    audience: "https://catalog.example.com",
                    scopes: vec!["catalog:read", "catalog:list"],
                },
                Reach { audience: "plain", scopes: Vec::new() },
            ],
            keys: super::super::super::client_keys::nobodys(),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let written = document().write();
        let read = Document::read(&written).expect("a document");
        assert_eq!(format!("{read:?}"), format!("{:?}", document()));
        let least =
            Document { name: None, access_token_lifetime_seconds: None, keys: Vec::new(), ..document() };
        let written = least.write();
        assert_eq!(format!("{:?}", Document::read(&written)), format!("{:?}", Some(least)));
    }

    #[test]
    fn the_form_of_version_1_never_changes() {
        let least = Document { keys: Vec::new(), ..document() };
        let hex: String = least.write().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            concat!(
                "02c0d590d806809a9e01d8040a73646b2d706f7274616c0c4164612773206c6170746f70021b68747470733a2f2f636174616c6f672e6578616d706c65",
                "2e636f6d020c636174616c6f673a726561640c636174616c6f673a6c69737405706c61696e00"
            )
        );
    }

    #[test]
    fn a_document_that_is_cut_is_none() {
        let least = Document { keys: Vec::new(), ..document() };
        let written = least.write();
        for end in 0..written.len() {
            assert!(Document::read(&written[..end]).is_none(), "{end}");
        }
        assert!(Document::read(&[written.as_slice(), &[9]].concat()).is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Document::read(&bytes);
        }

        #[test]
        fn every_number_is_read_back(number in 0_u64..1 << 62) {
            let mut writer = Writer(Vec::new());
            writer.number(number);
            prop_assert_eq!(Reader(&writer.0).number(), Some(number));
        }
    }
}
