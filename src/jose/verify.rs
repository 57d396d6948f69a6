//! Verifies an access token (RFC 9068 §4) against a key set and says what it found, check by check.
//!
//! The only user of `jsonwebtoken`, and of nothing in it but the signature: the crate lets the
//! header's `alg` stand beside the key's, ignores `crit` and takes claims of a wrong type for
//! absent ones in places. Everything around the signature is therefore decided here.

use std::fmt;

use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use super::compact::{self, UnverifiedJws};
use super::jwk::Kind;
use super::key_set::{self, KeySet, VerificationKey};
use super::strict_json::{self, shown};
use super::{Algorithm, PublicKey, token_checks};
use crate::clock::UnixTime;

/// What a token should be.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    pub issuer: &'e str,
    /// `None`: any audience, but one there must be (RFC 9068 §2.2).
    pub audience: Option<&'e str>,
    pub now: UnixTime,
    /// How far the clocks of issuer and verifier may be apart.
    pub leeway_seconds: i64,
}

/// One question and its answer; the answer to a failed one is a reason in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub name: &'static str,
    pub outcome: Result<(), String>,
}

/// Header and claims of a token whose form is right. Nothing about them is verified.
#[derive(Clone, Debug)]
pub struct Decoded {
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
}

/// Everything that was found out about a token.
#[derive(Debug)]
pub struct Report {
    /// In the order of asking: `form` alone when the token cannot be read, otherwise also `header`,
    /// `signature`, `typ`, `iss`, `aud`, `exp`, `iat`, and `nbf` when the token has one.
    pub checks: Vec<Check>,
    pub decoded: Option<Decoded>,
    /// Why keys of the set were not looked at.
    pub ignored_keys: Vec<String>,
}

impl Report {
    /// Whether every check passed.
    pub fn accepted(&self) -> bool {
        self.checks.iter().all(|check| check.outcome.is_ok())
    }

    pub fn check(&self, name: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.name == name)
    }
}

/// Why a text cannot be read as a token, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(String);

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}

/// Takes a token apart and reads header and claims. Verifies nothing.
pub fn decode(token: &str) -> Result<Decoded, DecodeError> {
    let jws = compact::split(token).map_err(|error| DecodeError(error.to_string()))?;
    decode_parts(&jws)
}

fn decode_parts(jws: &UnverifiedJws<'_>) -> Result<Decoded, DecodeError> {
    let read = |part: &str, bytes: &[u8]| {
        strict_json::object(bytes).map_err(|error| DecodeError(format!("its {part} is refused: {error}")))
    };
    Ok(Decoded { header: read("header", &jws.header)?, claims: read("payload", &jws.payload)? })
}

/// All checks, so that one look shows everything that is wrong.
pub fn verify(token: &str, key_set_json: &[u8], expected: &Expected<'_>) -> Report {
    let set = key_set::parse(key_set_json).map_err(|error| format!("the key set cannot be read: {error}"));
    verify_with(token, set, expected)
}

/// The same with keys that are at hand.
pub fn verify_by(token: &str, set: KeySet, expected: &Expected<'_>) -> Report {
    verify_with(token, Ok(set), expected)
}

fn verify_with(token: &str, set: Result<KeySet, String>, expected: &Expected<'_>) -> Report {
    let mut report = Report { checks: Vec::new(), decoded: None, ignored_keys: Vec::new() };
    let read = compact::split(token)
        .map_err(|error| DecodeError(error.to_string()))
        .and_then(|jws| decode_parts(&jws).map(|decoded| (jws, decoded)));
    let (jws, decoded) = match read {
        Ok(read) => read,
        Err(DecodeError(reason)) => {
            report.checks.push(Check { name: "form", outcome: Err(reason) });
            return report;
        }
    };
    let (header, claims) = (&decoded.header, &decoded.claims);
    let signature = set.and_then(|set| {
        let outcome = signed_by_one_of(&set, &jws, header);
        report.ignored_keys = set.ignored;
        outcome
    });
    let mut add = |name, outcome| report.checks.push(Check { name, outcome });
    add("form", Ok(()));
    add("header", token_checks::header_is_plain(header));
    add("signature", signature);
    add("typ", token_checks::typ(header));
    add("iss", token_checks::issuer(claims, expected.issuer));
    add("aud", token_checks::audience(claims, expected.audience));
    add("exp", token_checks::expiry(claims, expected));
    add("iat", token_checks::issued(claims, expected));
    if claims.contains_key("nbf") {
        add("nbf", token_checks::not_before(claims, expected));
    }
    report.decoded = Some(decoded);
    report
}

/// Whether `jws` is signed by `key` with the key's own algorithm. The header is not asked.
pub fn signature_is_valid(key: &VerificationKey, jws: &UnverifiedJws<'_>) -> bool {
    is_signed(&key.public_key, key.algorithm, jws.signing_input.as_bytes(), &jws.signature)
}

/// The bare signature check. RSA keys below 2048 bits verify nothing (RFC 7518 §3.3).
pub fn is_signed(key: &PublicKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    if !key.algorithms().contains(&algorithm) {
        return false;
    }
    let key = match key.kind() {
        Kind::Rsa { n, e } => DecodingKey::from_rsa_raw_components(n, e),
        // SEC 1 §2.3.3: the uncompressed point.
        Kind::P256 { x, y } => DecodingKey::from_ec_der(&[&[4], x.as_slice(), y.as_slice()].concat()),
        Kind::Ed25519 { x } => DecodingKey::from_ed_der(x),
    };
    let algorithm = match algorithm {
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
    };
    jsonwebtoken::crypto::verify(&compact::encode(signature), message, &key, algorithm).unwrap_or(false)
}

fn signed_by_one_of(
    set: &KeySet,
    jws: &UnverifiedJws<'_>,
    header: &Map<String, Value>,
) -> Result<(), String> {
    let algorithm = match header.get("alg") {
        Some(Value::String(name)) => name.as_str(),
        Some(_) => return Err("the header's `alg` is not text".to_owned()),
        None => return Err("the header has no `alg`".to_owned()),
    };
    let candidates: Vec<&VerificationKey> = match header.get("kid") {
        Some(Value::String(kid)) => {
            let named: Vec<_> = set.keys.iter().filter(|key| key.kid.as_deref() == Some(kid)).collect();
            if named.is_empty() {
                return Err(format!(
                    "signed by kid {}, which the key set does not hold: {}",
                    shown(kid),
                    held(set)
                ));
            }
            named
        }
        Some(_) => return Err("the header's `kid` is not text".to_owned()),
        None => set.keys.iter().collect(),
    };
    // The key's algorithm decides; the header may only agree (RFC 8725 §3.1).
    let agreeing: Vec<_> = candidates.iter().filter(|key| key.algorithm.is_named(algorithm)).collect();
    if agreeing.is_empty() {
        let kept: Vec<_> = candidates.iter().map(|key| key.algorithm.name()).collect();
        let kept = if kept.is_empty() { "there is none".to_owned() } else { kept.join(", ") };
        return Err(format!("the header says {}, but the key is for: {kept}", shown(algorithm)));
    }
    if agreeing.iter().any(|key| signature_is_valid(key, jws)) {
        return Ok(());
    }
    Err(match header.get("kid") {
        Some(_) => "the signature does not verify with the key that `kid` names: the token was changed, or \
                    signed by another key of that name"
            .to_owned(),
        None => format!("no key of the set made this signature, and the header has no `kid`: {}", held(set)),
    })
}

fn held(set: &KeySet) -> String {
    let kids: Vec<String> =
        set.keys.iter().map(|key| key.kid.as_deref().map_or("a key without kid".to_owned(), shown)).collect();
    if kids.is_empty() {
        "it holds no usable key".to_owned()
    } else {
        format!("it holds {}", kids.join(", "))
    }
}
