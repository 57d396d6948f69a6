//! As much DER (X.690) as it takes to say what kind of key a document holds and to read and write
//! public halves. Private integers are stepped over or handed on, never read: parsing a private key
//! is the backends' work.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::PrivateKeyDer;

pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
pub const NULL: u8 = 0x05;
pub const OBJECT_IDENTIFIER: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;
/// `[0]`, constructed: the curve of an ECPrivateKey (RFC 5915 §3).
const CURVE: u8 = 0xa0;

/// rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017 A.1).
pub const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// id-RSASSA-PSS, 1.2.840.113549.1.1.10 (RFC 8017 A.2.3).
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
/// id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480 §2.1.1).
pub const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// secp256r1 alias prime256v1, 1.2.840.10045.3.1.7 (RFC 5480 §2.1.1.1).
pub const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// id-Ed25519, 1.3.101.112 (RFC 8410 §3).
pub const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// The type that a document says it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    Rsa,
    RsaPss,
    EcP256,
    /// On another curve.
    Ec,
    Ed25519,
    Other,
}

impl KeyType {
    /// For "holds an … key".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::RsaPss => "RSA-PSS",
            Self::EcP256 => "EC P-256",
            Self::Ec => "EC (not P-256)",
            Self::Ed25519 => "Ed25519",
            Self::Other => "unknown",
        }
    }

    /// Reads an AlgorithmIdentifier (RFC 5280 §4.1.1.2): for elliptic curves the parameters name the
    /// curve.
    fn read(mut algorithm: Reader<'_>) -> Option<Self> {
        Some(match algorithm.next(OBJECT_IDENTIFIER)? {
            RSA_ENCRYPTION => Self::Rsa,
            RSASSA_PSS => Self::RsaPss,
            EC_PUBLIC_KEY => Self::of_curve(algorithm.next(OBJECT_IDENTIFIER)),
            ED25519 => Self::Ed25519,
            _ => Self::Other,
        })
    }

    fn of_curve(curve: Option<&[u8]>) -> Self {
        if curve == Some(P256) { Self::EcP256 } else { Self::Ec }
    }
}

/// The type of a private key and its inner document: for RSA the RSAPrivateKey of RFC 8017 A.1.2.
/// PKCS#8 is RFC 5958 §2; attributes after the key are allowed and not read.
pub fn private_key<'d>(private: &'d PrivateKeyDer<'_>) -> Option<(KeyType, &'d [u8])> {
    match private {
        PrivateKeyDer::Pkcs1(der) => Some((KeyType::Rsa, der.secret_pkcs1_der())),
        PrivateKeyDer::Sec1(der) => Some((sec1(der.secret_sec1_der()), der.secret_sec1_der())),
        PrivateKeyDer::Pkcs8(der) => {
            let mut document = Reader::whole(der.secret_pkcs8_der())?;
            document.next(INTEGER)?;
            let kind = KeyType::read(Reader(document.next(SEQUENCE)?))?;
            Some((kind, document.next(OCTET_STRING)?))
        }
        _ => None,
    }
}

/// By the curve that an ECPrivateKey (RFC 5915 §3) names. Outside of PKCS#8 it must name one.
fn sec1(key: &[u8]) -> KeyType {
    let curve = Reader::whole(key).and_then(|mut key| {
        key.next(INTEGER)?;
        key.next(OCTET_STRING)?;
        Reader(key.next(CURVE)?).next(OBJECT_IDENTIFIER)
    });
    KeyType::of_curve(curve)
}

/// Modulus and exponent of an RSAPrivateKey; `None` unless it is one with two primes.
pub fn rsa_private_key_public_part(key: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut key = Reader::whole(key)?;
    if key.next(INTEGER)? != [0] {
        return None;
    }
    Some((key.next(INTEGER)?, key.next(INTEGER)?))
}

/// n, e, d, p, q, dP, dQ and qInv of an RSAPrivateKey (RFC 8017 A.1.2) with two primes.
pub fn rsa_private_key_components(key: &[u8]) -> Option<[&[u8]; 8]> {
    let mut key = Reader::whole(key)?;
    if key.next(INTEGER)? != [0] {
        return None;
    }
    let mut components = [[].as_slice(); 8];
    for component in &mut components {
        *component = key.next(INTEGER)?;
    }
    Some(components)
}

/// The type of a SubjectPublicKeyInfo (RFC 5280 §4.1) and its inner document.
pub fn subject_public_key(info: &[u8]) -> Option<(KeyType, &[u8])> {
    let mut info = Reader::whole(info)?;
    let kind = KeyType::read(Reader(info.next(SEQUENCE)?))?;
    let key = info.next(BIT_STRING)?.strip_prefix(&[0])?;
    info.0.is_empty().then_some((kind, key))
}

/// Modulus and exponent of an RSAPublicKey (RFC 8017 A.1.1).
pub fn rsa_public_key(key: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut key = Reader::whole(key)?;
    let components = (key.next(INTEGER)?, key.next(INTEGER)?);
    key.0.is_empty().then_some(components)
}

/// RFC 7468 §2: base64 in lines of 64 characters.
pub fn pem(label: &str, der: &[u8]) -> String {
    /// Bytes that make one line of 64 characters.
    const LINE_BYTES: usize = 48;
    // Room for everything, so that no half-written copy of a private key is left behind by growth.
    let mut text = String::with_capacity(der.len().saturating_mul(2).saturating_add(128));
    text.extend(["-----BEGIN ", label, "-----\n"]);
    for line in der.chunks(LINE_BYTES) {
        STANDARD.encode_string(line, &mut text);
        text.push('\n');
    }
    text.extend(["-----END ", label, "-----\n"]);
    text
}

/// The content of a non-negative INTEGER: a zero octet in front when the first bit is set.
pub fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let zero: &[u8] = if bytes.first().is_some_and(|octet| octet & 0x80 != 0) { &[0] } else { &[] };
    [zero, bytes].concat()
}

pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|octet| **octet == 0).count();
    let length = length.get(zeros..).unwrap_or_default();
    let mut bytes = vec![tag];
    match (length, u8::try_from(length.len())) {
        ([], _) => bytes.push(0),
        ([short @ ..=0x7f], _) => bytes.push(*short),
        (long, Ok(octets)) => {
            bytes.push(0x80 | octets);
            bytes.extend(long);
        }
        (_, Err(_)) => {}
    }
    bytes.extend(content);
    bytes
}

/// What is left of a document.
struct Reader<'d>(&'d [u8]);

impl<'d> Reader<'d> {
    /// The content of one SEQUENCE that is the whole document.
    fn whole(document: &'d [u8]) -> Option<Self> {
        let mut outer = Self(document);
        let content = outer.next(SEQUENCE)?;
        outer.0.is_empty().then_some(Self(content))
    }

    /// The content of the next element, which must have this tag.
    fn next(&mut self, tag: u8) -> Option<&'d [u8]> {
        let (found, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match *first {
            short @ ..=0x7f => (usize::from(short), rest),
            // Two octets reach 64 KiB, more than any key file may have.
            long @ 0x81..=0x82 => {
                let (octets, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
                let fold = |length: usize, octet: &u8| (length << 8) | usize::from(*octet);
                (octets.iter().fold(0, fold), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        if *found != tag {
            return None;
        }
        self.0 = rest;
        Some(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_past_the_end() {
        for document in [[].as_slice(), &[0x30], &[0x30, 0x82], &[0x30, 0x82, 1], &[0x30, 0x83, 1, 1, 1]] {
            assert!(Reader::whole(document).is_none(), "{document:?}");
        }
        assert!(Reader::whole(&[0x30, 0, 0]).is_none(), "something after the end");
    }
}
