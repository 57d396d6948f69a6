//! A key set as it is served (RFC 7517 §5): keys that verifiers refuse, confuse or cannot find, and
//! what must never be in it. A private member is named and its value never shown.

use serde_json::{Map, Value};

use super::visit::Visit;
use crate::diagnostic::catalogue::issuers as codes;
use crate::diagnostic::{Code, Findings, Severity};
use crate::jose::key_set::{PRIVATE_MEMBERS, parse_key};
use crate::jose::strict_json::shown;
use crate::jose::{PublicKey, compact, thumbprint};

/// AWS load balancers.
const KEYS_MAX: usize = 10;
const KEY_SET_BYTES_MAX: usize = 150 * 1024;
/// What jwks-rsa and Ktor remember.
const KEYS_REMEMBERED: usize = 5;
/// Apache Kafka.
const KID_CHARACTERS_MAX: usize = 1_000;
/// RFC 7518 §3.3, §3.5.
const RSA_BITS_MIN: usize = 2_048;
/// FIPS 186-5 appendix A.1.1.
const RSA_EXPONENT_MIN: u64 = 65_537;

/// What a set says about its keys, for the summary and for the metadata to be compared with.
#[derive(Debug, Default)]
pub struct Summary {
    /// In words: `RS256, 2048 bits`.
    pub keys: Vec<String>,
    /// The `alg` of every key for signatures that has one.
    pub algorithms: Vec<String>,
}

/// One key that is read so far.
struct Seen {
    number: usize,
    kid: Option<String>,
    alg: Option<String>,
    thumbprint: Option<String>,
}

/// Judges a set; `members` is its JSON.
pub fn judge(visit: &Visit, members: &Map<String, Value>, findings: &mut Findings) -> Summary {
    let mut summary = Summary::default();
    let Some(keys) = members.get("keys").and_then(Value::as_array) else {
        let finding = visit.finding(&codes::KEY_SET_UNUSABLE, "there is no list `keys`");
        findings.push(finding.help("a key set is {\"keys\": [...]}"));
        return summary;
    };
    sizes(visit, keys.len(), findings);
    let mut judge = Judge { visit, findings, is_alone: keys.len() == 1 };
    let mut seen = Vec::new();
    for (number, key) in (1_usize..).zip(keys) {
        match key.as_object() {
            Some(jwk) => seen.extend(judge.key(number, jwk, &mut summary)),
            None => judge.say(&codes::JWK_MALFORMED, number, "is no object", "take it out"),
        }
    }
    pairs(visit, &seen, findings);
    if summary.keys.is_empty() {
        let finding = visit.finding(&codes::KEY_SET_UNUSABLE, "no key of the set can verify a signature");
        findings.push(finding.help("publish the public half of the key that signs"));
    } else if !summary.algorithms.is_empty() && !summary.algorithms.iter().any(|alg| alg == "RS256") {
        let message = format!("no key is for RS256, only for {}", summary.algorithms.join(", "));
        let finding = visit.finding(&codes::NO_RS256, message);
        findings.push(finding.help("ask whoever verifies; AWS load balancers take nothing else"));
    }
    summary
}

fn sizes(visit: &Visit, keys: usize, findings: &mut Findings) {
    let bytes = visit.answer.body.len();
    let mut limit = |message: String, severity, help: &str| {
        findings.push(visit.finding(&codes::GATEWAY_LIMIT, message).severity(severity).help(help));
    };
    if keys > KEYS_MAX {
        let message = format!("the set has {keys} keys; AWS load balancers take {KEYS_MAX}");
        limit(message, Severity::Warning, "take out keys whose tokens have expired");
    } else if keys > KEYS_REMEMBERED {
        let message = format!("the set has {keys} keys; jwks-rsa and Ktor remember {KEYS_REMEMBERED}");
        limit(message, Severity::Note, "take out keys whose tokens have expired");
    }
    if bytes > KEY_SET_BYTES_MAX {
        let message = format!("the set has {bytes} bytes; AWS load balancers take {KEY_SET_BYTES_MAX}");
        limit(message, Severity::Warning, "leave out certificates (`x5c`) and keys that are gone");
    }
}

struct Judge<'a> {
    visit: &'a Visit,
    findings: &'a mut Findings,
    is_alone: bool,
}

impl Judge<'_> {
    fn say(&mut self, code: &'static Code, number: usize, what: &str, help: &str) {
        self.findings.push(self.visit.finding(code, format!("key {number} {what}")).help(help));
    }

    fn key(&mut self, number: usize, jwk: &Map<String, Value>, summary: &mut Summary) -> Option<Seen> {
        if let Some(member) = PRIVATE_MEMBERS.iter().find(|member| jwk.contains_key(**member)) {
            let help = "withdraw the key now; everybody who fetched the set can sign tokens";
            self.say(&codes::JWK_PRIVATE, number, &format!("shows the private member `{member}`"), help);
        }
        let kid = self.kid(number, jwk);
        if !self.is_for_signatures(number, jwk) {
            return Some(Seen { number, kid, alg: None, thumbprint: None });
        }
        let alg = self.alg(number, jwk);
        let public_key = self.public_key(number, jwk);
        let size = public_key.as_ref().map_or(String::new(), |key| format!(", {} bits", key.bits()));
        if public_key.is_some() || is_of_another_kind(jwk) {
            summary.keys.push(format!("{}{size}", alg.as_deref().map_or("no alg".to_owned(), shown)));
        }
        summary.algorithms.extend(alg.clone().filter(|alg| !summary.algorithms.contains(alg)));
        let thumbprint = public_key.as_ref().map(thumbprint::sha256);
        Some(Seen { number, kid, alg, thumbprint })
    }

    fn kid(&mut self, number: usize, jwk: &Map<String, Value>) -> Option<String> {
        match jwk.get("kid") {
            Some(Value::String(kid)) => {
                let characters = kid.chars().count();
                if characters > KID_CHARACTERS_MAX {
                    let what =
                        format!("has a `kid` of {characters} characters; Kafka takes {KID_CHARACTERS_MAX}");
                    self.say(&codes::GATEWAY_LIMIT, number, &what, "a thumbprint (RFC 7638) has 43");
                }
                Some(kid.clone())
            }
            Some(_) => {
                self.say(&codes::JWK_MALFORMED, number, "has a `kid` that is not text", "make it text");
                None
            }
            None => {
                let severity = if self.is_alone { Severity::Warning } else { Severity::Error };
                let finding = self.visit.finding(&codes::JWK_KID, format!("key {number} has no `kid`"));
                let help = "give it one, for example its thumbprint (RFC 7638), in the set and in tokens";
                self.findings.push(finding.severity(severity).help(help));
                None
            }
        }
    }

    fn is_for_signatures(&mut self, number: usize, jwk: &Map<String, Value>) -> bool {
        let verifies =
            |list: &Value| list.as_array().is_some_and(|list| list.iter().any(|one| one == "verify"));
        match (jwk.get("use").map(Value::as_str), jwk.get("key_ops").map(verifies)) {
            (Some(Some("sig")), None | Some(true)) | (None, Some(true)) => true,
            (None, None) => {
                self.say(&codes::JWK_USE, number, "has no `use`", "add \"use\": \"sig\"");
                true
            }
            (Some(Some("sig")) | None, Some(false)) => {
                self.say(
                    &codes::JWK_MALFORMED,
                    number,
                    "has `key_ops` without \"verify\"",
                    "leave `key_ops` out",
                );
                false
            }
            (Some(Some(other)), _) => {
                let what = format!("is not for signatures: its `use` is `{}`", shown(other));
                self.say(&codes::JWK_OTHER, number, &what, "verifiers skip it");
                false
            }
            (Some(None), _) => {
                self.say(&codes::JWK_MALFORMED, number, "has a `use` that is not text", "write \"sig\"");
                false
            }
        }
    }

    fn alg(&mut self, number: usize, jwk: &Map<String, Value>) -> Option<String> {
        match jwk.get("alg") {
            None => {
                let help = "name the one algorithm that it signs with";
                self.say(&codes::JWK_ALG, number, "has no `alg`", help);
                None
            }
            Some(Value::String(alg)) => {
                let kty = jwk.get("kty").and_then(Value::as_str).unwrap_or_default();
                let of_type = ALGORITHMS.iter().find(|(known, _)| *known == kty);
                if of_type.is_some_and(|(_, names)| !names.contains(&alg.as_str())) {
                    let what = format!("has the `alg` `{}`, which no {kty} key signs with", shown(alg));
                    self.say(&codes::JWK_MALFORMED, number, &what, "`alg` belongs to the type of the key");
                }
                Some(alg.clone())
            }
            Some(_) => {
                self.say(&codes::JWK_MALFORMED, number, "has an `alg` that is not text", "write \"RS256\"");
                None
            }
        }
    }

    /// The key by its type and numbers alone; `None` when it is of another kind, or wrong.
    fn public_key(&mut self, number: usize, jwk: &Map<String, Value>) -> Option<PublicKey> {
        let numbers: Map<String, Value> = jwk
            .iter()
            .filter(|(name, _)| ["kty", "crv", "x", "y", "n", "e"].contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let key = match parse_key(&numbers) {
            Ok(key) => key.public_key,
            Err(reason) if is_of_another_kind(jwk) => {
                self.say(
                    &codes::JWK_OTHER,
                    number,
                    &format!("is not judged: {reason}"),
                    "verifiers may not know it",
                );
                return None;
            }
            Err(reason) => {
                let what = format!("cannot be read: {reason}");
                self.say(
                    &codes::JWK_MALFORMED,
                    number,
                    &what,
                    "RFC 7518 section 6 has the form of each type",
                );
                return None;
            }
        };
        if let Some((_, exponent)) = key.rsa_components() {
            let value = exponent
                .iter()
                .take(9)
                .fold(0_u64, |sum, byte| sum.saturating_mul(256).saturating_add(u64::from(*byte)));
            if key.bits() < RSA_BITS_MIN {
                let what = format!("has {} bits; verifiers take {RSA_BITS_MIN} and more", key.bits());
                self.say(
                    &codes::JWK_WEAK,
                    number,
                    &what,
                    "make another; tokens of this one can be forged in time",
                );
            } else if value < RSA_EXPONENT_MIN {
                let what = format!("has the public exponent {value}; {RSA_EXPONENT_MIN} is the usual one");
                let finding = self.visit.finding(&codes::JWK_WEAK, format!("key {number} {what}"));
                self.findings.push(finding.severity(Severity::Warning).help("make another key"));
            }
            for name in ["n", "e"] {
                let text = numbers.get(name).and_then(Value::as_str).unwrap_or_default();
                if compact::decode(text).is_some_and(|bytes| bytes.first() == Some(&0)) {
                    let what =
                        format!("has a `{name}` that begins with a zero octet (RFC 7518 section 6.3.1)");
                    self.say(&codes::JWK_MALFORMED, number, &what, "write it without");
                }
            }
        }
        Some(key)
    }
}

/// Registered signature algorithms by type of key (RFC 7518 §3.1, RFC 8037, RFC 8812, RFC 9864).
const ALGORITHMS: &[(&str, &[&str])] = &[
    ("RSA", &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]),
    ("EC", &["ES256", "ES384", "ES512", "ES256K"]),
    ("OKP", &["EdDSA", "Ed25519", "Ed448"]),
];

/// A type or a curve that is registered, or may be one day, and of which nothing is known here.
fn is_of_another_kind(jwk: &Map<String, Value>) -> bool {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    match (text("kty"), text("crv")) {
        (Some("RSA"), _) | (Some("EC"), Some("P-256")) | (Some("OKP"), Some("Ed25519")) => false,
        (Some("EC" | "OKP"), curve) => curve.is_some(),
        (kty, _) => kty.is_some(),
    }
}

/// What shows only when two keys are compared.
fn pairs(visit: &Visit, seen: &[Seen], findings: &mut Findings) {
    for (at, second) in seen.iter().enumerate() {
        for first in seen.iter().take(at) {
            let (one, two) = (first.number, second.number);
            if let (true, Some(kid)) = (first.kid == second.kid, &second.kid) {
                let message = format!("keys {one} and {two} have the same `kid` `{}`", shown(kid));
                let help = "a kid names one key; the thumbprint (RFC 7638) cannot collide";
                findings.push(visit.finding(&codes::JWK_KID_REPEATED, message).help(help));
            }
            if first.thumbprint.is_none() || first.thumbprint != second.thumbprint {
                continue;
            }
            let names = [&first.alg, &second.alg].map(|alg| alg.as_deref().map_or("any".to_owned(), shown));
            let finding = match first.alg == second.alg {
                true => visit
                    .finding(&codes::JWK_REPEATED, format!("keys {one} and {two} are the same key"))
                    .help("take one of them out"),
                false => visit
                    .finding(
                        &codes::JWK_TWO_ALGORITHMS,
                        format!("keys {one} and {two} are the same key, for {}", names.join(" and for ")),
                    )
                    .help("make a key of its own for each algorithm"),
            };
            findings.push(finding);
        }
    }
}
