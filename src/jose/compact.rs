//! base64url (RFC 4648 §5) without padding, and the JWS compact form (RFC 7515 §7.1) taken apart.
//!
//! Strict on purpose: one value has one spelling. Padding, white space, the other alphabet and
//! trailing bits that are not zero are refused, so that a token cannot be rewritten into another
//! text with the same signature. Says nothing about what the parts mean.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Longest token that is looked at. Our own stay below 4 KiB; twice the 8 KiB that common servers
/// allow for a header line is generous for those of other issuers.
pub const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Longest header part, encoded. Headers of ours have about 120 bytes; embedded certificate
/// chains, which nothing here reads, are what larger ones are made of.
pub const HEADER_BYTES_MAX: usize = 4 * 1024;

/// base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of canonical unpadded base64url, or `None`. The engine refuses padding, white space
/// and non-zero trailing bits (RFC 4648 §3.5).
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// A JWS in compact form whose three parts are well-formed. Nothing is verified.
#[derive(Debug)]
pub struct UnverifiedJws<'t> {
    /// What the signature covers: the first two parts with their dot (RFC 7515 §5.1 step 8).
    pub signing_input: &'t str,
    /// The signature as it stands in the token.
    pub encoded_signature: &'t str,
    /// The decoded header: JSON text, not parsed.
    pub header: Vec<u8>,
    /// The decoded payload.
    pub payload: Vec<u8>,
    /// The decoded signature; never empty.
    pub signature: Vec<u8>,
}

/// Why a text is no JWS in compact form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompactError {
    TooLong {
        bytes: usize,
        bytes_max: usize,
    },
    HeaderTooLong {
        bytes: usize,
    },
    /// Five parts are the compact form of JWE (RFC 7516 §3.1).
    Encrypted,
    NotThreeParts,
    EmptyPart(&'static str),
    NotBase64Url(&'static str),
}

impl fmt::Display for CompactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes, bytes_max } => {
                write!(f, "it has {bytes} bytes, and nothing longer than {bytes_max} is read")
            }
            Self::HeaderTooLong { bytes } => {
                write!(f, "its header has {bytes} bytes, and nothing longer than {HEADER_BYTES_MAX} is read")
            }
            Self::Encrypted => f.write_str("it has five parts: an encrypted token (JWE), not a signed one"),
            Self::NotThreeParts => f.write_str("it is not made of three parts with a dot between them"),
            Self::EmptyPart(part) => write!(f, "its {part} is empty"),
            Self::NotBase64Url(part) => {
                write!(f, "its {part} is not base64url in its one canonical spelling (no padding, no spaces)")
            }
        }
    }
}

impl std::error::Error for CompactError {}

/// Takes a token apart. The size is checked before anything else, and the dots are counted without
/// collecting the parts, so that a token made of dots costs nothing.
pub fn split(token: &str) -> Result<UnverifiedJws<'_>, CompactError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(CompactError::TooLong { bytes: token.len(), bytes_max: TOKEN_BYTES_MAX });
    }
    match token.bytes().filter(|byte| *byte == b'.').count() {
        2 => {}
        4 => return Err(CompactError::Encrypted),
        _ => return Err(CompactError::NotThreeParts),
    }
    let (signing_input, signature) = token.rsplit_once('.').ok_or(CompactError::NotThreeParts)?;
    let (header, payload) = signing_input.split_once('.').ok_or(CompactError::NotThreeParts)?;
    if header.len() > HEADER_BYTES_MAX {
        return Err(CompactError::HeaderTooLong { bytes: header.len() });
    }
    Ok(UnverifiedJws {
        signing_input,
        encoded_signature: signature,
        header: part("header", header)?,
        payload: part("payload", payload)?,
        signature: part("signature", signature)?,
    })
}

fn part(name: &'static str, text: &str) -> Result<Vec<u8>, CompactError> {
    if text.is_empty() {
        return Err(CompactError::EmptyPart(name));
    }
    decode(text).ok_or(CompactError::NotBase64Url(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_apart() {
        let jws = split("eyJhIjoxfQ.e30.AQ").expect("three parts");
        assert_eq!(jws.signing_input, "eyJhIjoxfQ.e30");
        assert_eq!(
            (jws.header, jws.payload, jws.signature),
            (b"{\"a\":1}".to_vec(), b"{}".to_vec(), vec![1])
        );
    }

    #[test]
    fn every_other_spelling_of_the_same_bytes_is_refused() {
        assert_eq!(decode("AQ"), Some(vec![1]));
        for text in ["AR", "AQ==", "AQ=", " AQ", "AQ\n", "A", "-_+/", "AQ.", "ÄQ"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }

    #[test]
    fn other_numbers_of_parts_are_refused() {
        assert_eq!(split("a.b.c.d.e").unwrap_err(), CompactError::Encrypted);
        for text in ["", "a", "a.b", "a.b.c.d", "......"] {
            assert_eq!(split(text).unwrap_err(), CompactError::NotThreeParts, "{text:?}");
        }
        assert_eq!(split("e30.e30.").unwrap_err(), CompactError::EmptyPart("signature"));
        assert_eq!(split("e30..e30").unwrap_err(), CompactError::EmptyPart("payload"));
    }

    #[test]
    fn sizes_are_checked_before_anything_is_decoded() {
        let dots = ".".repeat(TOKEN_BYTES_MAX + 1);
        assert!(matches!(split(&dots), Err(CompactError::TooLong { .. })));
        let header = format!("{}.e30.AQ", "A".repeat(HEADER_BYTES_MAX + 4));
        assert!(matches!(split(&header), Err(CompactError::HeaderTooLong { .. })));
    }
}
