//! The section of `private_key_jwt` in `clients.yaml`: the public keys of a client, and how much
//! looser than usual its assertions may be. What is weak is refused here, with the client's line.

use std::fmt::Write as _;

use super::client_keys_table::MEMBERS;
use super::private_key_jwt::{ClientKeys, LIFETIME_SECONDS};
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Entry, Finding, Findings, Section, Value};
use crate::jose::key_set::{self, VerificationKey};
use crate::keys::{KeyRejected, check_public_key};
use crate::section::json;
use crate::section::members::Members;
use crate::section::table::names;

/// An assertion without `kid` is tried with each of them.
pub(super) const KEYS_MAX: usize = 8;
/// Longest lifetime of an assertion that a registration may allow.
const LIFETIME_SECONDS_MAX: u32 = 60 * 60;
/// Four values deep: the set, its `keys`, a key, a member. Eight keys of 4096 bits stay below 16 KiB.
const JWKS: json::Limits = json::Limits { depth: 5, bytes: 64 * 1024 };
/// The words of `accept_audience`.
pub(super) const TOKEN_ENDPOINT: &str = "token_endpoint";
pub(super) const ARRAY: &str = "array";

pub(super) fn read(section: &Section, findings: &mut Findings) -> Option<ClientKeys> {
    let mut members = Members::open(section.clone(), "`private_key_jwt`", findings)?;
    let jwks = members.take("jwks");
    let keys = match &jwks {
        Some(jwks) => inline_keys(jwks, findings),
        None => {
            let place = members.place(members.span);
            findings.push(
                Finding::new(&codes::CLIENT_KEYS_MISSING, "`private_key_jwt` names no keys")
                    .at(place, "no keys")
                    .help("write `jwks: {keys: [{kty: …}]}` with the public keys of the client"),
            );
            None
        }
    };
    let (accepts_token_endpoint, accepts_array) = accepted_audiences(&mut members, findings);
    let lifetime_seconds_max = longest_lifetime(&mut members, findings);
    members.close("`private_key_jwt`", names(MEMBERS), findings);
    Some(ClientKeys { keys: keys?, accepts_token_endpoint, accepts_array, lifetime_seconds_max })
}

/// Keys that stand in the client file (RFC 7517 §5).
fn inline_keys(entry: &Entry, findings: &mut Findings) -> Option<Vec<VerificationKey>> {
    let section = &entry.value;
    hide_private_members(section);
    if !matches!(section.value, Value::Map(_)) {
        malformed(section, "`jwks` is a JWK Set, a mapping with `keys`", findings);
        return None;
    }
    let mut text = String::new();
    if let Err(json::Unfit { value, message }) = json::push(&mut text, section, &JWKS) {
        if !message.is_empty() {
            malformed(value, &format!("this value of `jwks` {message}"), findings);
        }
        return None;
    }
    keys(text.as_bytes(), section, findings)
}

/// All keys of a set must be usable: one that is ignored would lock out the client on the day it
/// signs with it.
fn keys(text: &[u8], section: &Section, findings: &mut Findings) -> Option<Vec<VerificationKey>> {
    let set = match key_set::parse(text) {
        Ok(set) => set,
        Err(error) => {
            malformed(section, &format!("the key set of the client cannot be read: {error}"), findings);
            return None;
        }
    };
    let errors = findings.errors();
    for reason in &set.ignored {
        malformed(section, &format!("a key of the client cannot be used: {reason}"), findings);
    }
    if set.keys.is_empty() && findings.errors() == errors {
        malformed(section, "the key set of the client holds no key", findings);
    }
    if set.keys.len() > KEYS_MAX {
        let message = format!("a credential has more than {KEYS_MAX} keys");
        findings.push(Finding::new(&codes::LIMIT_EXCEEDED, message).at(section.place(), "this key set"));
    }
    for (key, number) in set.keys.iter().zip(1_usize..) {
        if let Err(reason) = check_public_key(&key.public_key) {
            let message = format!("key {number} of the client is not accepted: it {}", weakness(&reason));
            findings.push(
                Finding::new(&codes::CLIENT_KEY_WEAK, message)
                    .at(section.place(), "this key set")
                    .help("make a new key of 2048 to 4096 bits, or one for ES256 or EdDSA"),
            );
        }
    }
    (findings.errors() == errors).then_some(set.keys)
}

fn weakness(reason: &KeyRejected) -> String {
    match reason {
        KeyRejected::TooSmall { bits } => format!("has {bits} bits, fewer than 2048"),
        KeyRejected::TooLarge { bits } => format!("has {bits} bits, more than 4096"),
        KeyRejected::SmallExponent => "has a public exponent below 65537".to_owned(),
        KeyRejected::WrongType(_) | KeyRejected::Malformed => {
            "is no point of its curve, or no RSA key".to_owned()
        }
    }
}

fn malformed(section: &Section, message: &str, findings: &mut Findings) {
    findings.push(
        Finding::new(&codes::CLIENT_KEYS_MALFORMED, message)
            .at(section.place(), "not usable")
            .help("only public members belong here: `kty`, `kid`, `alg` and `n`, `e` or `crv`, `x`, `y`"),
    );
}

/// A private key in the client file is refused by the reader of key sets; no message may show it.
fn hide_private_members(section: &Section) {
    match &section.value {
        Value::Map(entries) => {
            for entry in entries {
                let is_private = key_set::PRIVATE_MEMBERS.contains(&entry.key.as_str());
                if is_private {
                    section.source.mask(entry.value.span);
                } else {
                    hide_private_members(&entry.value);
                }
            }
        }
        Value::List(items) => items.iter().for_each(hide_private_members),
        _ => {}
    }
}

fn accepted_audiences(members: &mut Members, findings: &mut Findings) -> (bool, bool) {
    let (mut token_endpoint, mut array) = (false, false);
    for word in members.texts("accept_audience", true, findings).unwrap_or_default() {
        let place = members.place(word.span);
        let finding = match word.value.as_str() {
            "issuer" => continue,
            TOKEN_ENDPOINT => {
                token_endpoint = true;
                relaxed("assertions addressed to the token endpoint are accepted")
            }
            ARRAY => {
                array = true;
                relaxed("assertions whose `aud` is a list of one name are accepted")
            }
            _ => Finding::new(&codes::RELAXATION_UNKNOWN, "this audience of assertions cannot be accepted")
                .help(format!("known are: issuer, {TOKEN_ENDPOINT}, {ARRAY}")),
        };
        findings.push(finding.at(place, "said here"));
    }
    (token_endpoint, array)
}

fn longest_lifetime(members: &mut Members, findings: &mut Findings) -> u32 {
    let Some(longest) = members.seconds("max_lifetime", findings) else { return LIFETIME_SECONDS };
    let place = members.place(longest.span);
    if longest.value > LIFETIME_SECONDS_MAX {
        let finding = Finding::new(&codes::RELAXATION_UNKNOWN, "assertions may live at most an hour");
        findings.push(finding.at(place, "too long").help("write `max_lifetime: 1h` or less"));
        return LIFETIME_SECONDS;
    }
    if longest.value > LIFETIME_SECONDS {
        findings.push(relaxed("assertions may live longer than 5 minutes").at(place, "said here"));
    }
    longest.value
}

fn relaxed(message: &str) -> Finding {
    Finding::new(&codes::ASSERTION_RELAXED, message)
        .help("remove this once the library of the client addresses the issuer, and for 5 minutes at most")
}

/// One key for each algorithm, made for this place and their private halves forgotten. The
/// example keys of the RFCs would not do: their private halves are printed there.
pub(super) fn nobodys() -> Vec<VerificationKey> {
    let rsa = concat!(
        "liSy13Kzlu3MLO2isYjUqb6dxd2-cLAEYyGjz-OkIIvB1VLLNoWUd9WHVLDthA_IaY7gP_ojBR-Solh4qdnRRP-A84B0AbpcWNdZZW5evclz",
        "y3sss4mGcERU1te-jnA1-rxoFiIK5_DTgLMtKls5KbUOztRjb1N0GjtP7g3joA2C_0WJZfNx55VDk-S0Ciu14KbP-OKe01V_RTVZU1VzgdMh",
        "oIxLjPRp7mFTkf6SIauZFtOpnyTBSuHvtVqdX8P9f4-2k0VsGoWF1hlLFEXAhL8e65HksObsm72cuIqeH2duANoTdaZqTmsmLTWHePqzbp5X",
        "FKvmARdTkvw8pf8plQ",
    );
    let mut set = String::from("{\"keys\":[");
    for algorithm in ["RS256", "PS256"] {
        // Writing to a String cannot fail.
        let _ = write!(set, r#"{{"kty":"RSA","alg":"{algorithm}","e":"AQAB","n":"{rsa}"}},"#);
    }
    set.push_str(
        r#"{"kty":"EC","crv":"P-256","x":"De9DtJwvlYIDf0-hbkc_DsX6B37Z2-IVDpZmOjzoDfU","y":"7V0iGh2ejXKSV0XMquD1u3ZI2O486e2MWGwVNzY6210"},
        {"kty":"OKP","crv":"Ed25519","x":"qNHZtLVXW8J-8DrHrEvUrwVXaPyrv2HqASjsXihb1y4"}]}"#,
    );
    key_set::parse(set.as_bytes()).map(|set| set.keys).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::Algorithm;

    #[test]
    fn nobody_has_a_key_of_every_algorithm() {
        let algorithms: Vec<Algorithm> = nobodys().iter().map(|key| key.algorithm).collect();
        assert_eq!(algorithms, Algorithm::ALL);
        assert!(nobodys().iter().all(|key| check_public_key(&key.public_key).is_ok()));
    }
}
