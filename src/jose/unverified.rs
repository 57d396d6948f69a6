//! A JWT that somebody presents, taken apart once and owned: header and claims are JSON objects
//! without repeated members, and nothing of it is verified. Whoever asks for a claim says which
//! type it must have; a claim of another type is never taken for an absent one (CVE-2026-25537).

use std::fmt;

use serde_json::{Map, Value};

use super::compact::{self, UnverifiedJws};
use super::key_set::VerificationKey;
use super::{strict_json, verify};
use crate::clock::UnixTime;

/// Header members that change what a signature covers, embed a key, name a place of keys, or
/// belong to encryption (RFC 7515 §4.1, RFC 7516 §4.1, RFC 8725 §3.10): no JWT here needs them.
const HEADER_REFUSED: &[&str] =
    &["crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "enc", "epk", "apu", "apv", "p2s", "p2c", "cty"];

/// Header and claims as presented.
pub struct UnverifiedJwt {
    signing_input: String,
    signature: Vec<u8>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

/// It cannot be read as a JWT in compact form; which rule it breaks is for the log only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

/// A claim or header member is there, but of another type than it must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongType;

impl UnverifiedJwt {
    /// Reads the compact form (RFC 7515 §7.1) strictly: sizes first, then the three parts.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let UnverifiedJws { signing_input, header, payload, signature, .. } =
            compact::split(text).map_err(|error| Malformed(error.to_string()))?;
        let object = |bytes: &[u8]| strict_json::object(bytes).map_err(|error| Malformed(error.to_string()));
        let (header, claims) = (object(&header)?, object(&payload)?);
        Ok(Self { signing_input: signing_input.to_owned(), signature, header, claims })
    }

    /// The first header member that is refused whatever it says.
    pub fn refused_header_member(&self) -> Option<&'static str> {
        HEADER_REFUSED.iter().copied().find(|name| self.header.contains_key(*name))
    }

    pub fn header_text(&self, name: &str) -> Result<Option<&str>, WrongType> {
        text(&self.header, name)
    }

    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    pub fn claim_text(&self, name: &str) -> Result<Option<&str>, WrongType> {
        text(&self.claims, name)
    }

    /// A `NumericDate` (RFC 7519 §2) that is a whole number, which is what every client sends; a
    /// fraction, an exponent beyond 64 bits or a text is of the wrong type.
    pub fn claim_time(&self, name: &str) -> Result<Option<UnixTime>, WrongType> {
        match self.claims.get(name) {
            None => Ok(None),
            Some(value) => value.as_i64().map(UnixTime::from_seconds).map(Some).ok_or(WrongType),
        }
    }

    /// Whether the signature is by `key`, with the key's own algorithm; the header is not asked.
    pub fn is_signed_by(&self, key: &VerificationKey) -> bool {
        verify::is_signed(&key.public_key, key.algorithm, self.signing_input.as_bytes(), &self.signature)
    }
}

fn text<'j>(members: &'j Map<String, Value>, name: &str) -> Result<Option<&'j str>, WrongType> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(WrongType),
    }
}

/// What is presented for authentication is not printed.
impl fmt::Debug for UnverifiedJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnverifiedJwt(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(header: &str, claims: &str) -> Result<UnverifiedJwt, Malformed> {
        let parts = [header, claims, "x"].map(|part| compact::encode(part.as_bytes()));
        UnverifiedJwt::parse(&parts.join("."))
    }

    #[test]
    fn b4_b11_a_wrong_type_is_never_an_absent_claim() {
        let jwt = jwt("{}", r#"{"t":"x","n":1,"f":1.5,"big":1e400000,"s":"1","a":[1],"z":null}"#);
        assert!(jwt.is_err(), "a number beyond every range is no JSON number here");
        let jwt = self::jwt("{}", r#"{"t":"x","n":1,"f":1.5,"s":"1","a":[1],"z":null}"#).expect("a JWT");
        assert_eq!(jwt.claim_text("t"), Ok(Some("x")));
        assert_eq!(jwt.claim_text("none"), Ok(None));
        for name in ["n", "a", "z"] {
            assert_eq!(jwt.claim_text(name), Err(WrongType), "{name}");
        }
        assert_eq!(jwt.claim_time("n"), Ok(Some(UnixTime::from_seconds(1))));
        for name in ["f", "s", "a", "z"] {
            assert_eq!(jwt.claim_time(name), Err(WrongType), "{name}");
        }
    }

    #[test]
    fn b34_b35_b36_only_two_plain_objects_make_a_jwt() {
        assert!(jwt(r#"{"alg":"RS256"}"#, "{}").is_ok());
        for (header, claims) in [
            (r#"{"alg":"RS256","alg":"RS256"}"#, "{}"),
            ("{}", r#"{"x":{"a":1,"a":2}}"#),
            ("[]", "{}"),
            ("{}", "\"text\""),
            ("{}", "1"),
            ("\u{feff}{}", "{}"),
            ("{}", r#"{"a":"\ud800"}"#),
            ("{}", &format!("{{\"a\":{}", "[".repeat(10_000))),
        ] {
            assert!(jwt(header, claims).is_err(), "{header} {claims:.40}");
        }
    }

    #[test]
    fn b26_b27_b28_b30_b38_header_members_that_nothing_here_needs() {
        for name in HEADER_REFUSED {
            let jwt = jwt(&format!(r#"{{"alg":"RS256","{name}":[]}}"#), "{}").expect("a JWT");
            assert_eq!(jwt.refused_header_member(), Some(*name));
        }
        let jwt = jwt(r#"{"alg":"RS256","x5t":"a","x5t#S256":"b"}"#, "{}").expect("a JWT");
        assert_eq!(jwt.refused_header_member(), None);
    }
}
