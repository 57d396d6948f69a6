//! The section of `private_key_jwt` in `clients.yaml`: the public keys of a client, and how much
//! looser than usual its assertions may be. What is weak is refused here, with the client's line.

use std::fmt::Write as _;

use super::client_keys_table::MEMBERS;
use super::key_rules::{self, Judged, KEYS_BYTES_MAX, KEYS_MAX, Problem};
use super::private_key_jwt::{ClientKeys, LIFETIME_SECONDS};
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Entry, Finding, Findings, Section, Value};
use crate::jose::key_set::{self, VerificationKey};
use crate::section::beside::{Beside, NotRead};
use crate::section::members::{Members, text};
use crate::section::table::names;
use crate::section::{json, shown};

/// Longest lifetime of an assertion that a registration may allow.
const LIFETIME_SECONDS_MAX: u32 = 60 * 60;
/// Four values deep: the set, its `keys`, a key, a member.
const JWKS: json::Limits = json::Limits { depth: 5, bytes: KEYS_BYTES_MAX };
/// The words of `accept_audience`.
pub(super) const TOKEN_ENDPOINT: &str = "token_endpoint";
pub(super) const ARRAY: &str = "array";

/// Longer names are no names.
const SHOWN_NAME_BYTES_MAX: usize = 256;
/// Members that name keys; exactly one of them stands there.
pub(super) const SOURCES: [&str; 2] = ["jwks", "jwks_file"];

pub(super) fn read(
    section: &Section,
    beside: &mut dyn Beside,
    findings: &mut Findings,
) -> Option<ClientKeys> {
    let mut members = Members::open(section.clone(), "`private_key_jwt`", findings)?;
    let source = source(&mut members, findings);
    let (accepts_token_endpoint, accepts_array) = accepted_audiences(&mut members, findings);
    let lifetime_seconds_max = longest_lifetime(&mut members, findings);
    members.close("`private_key_jwt`", names(MEMBERS), findings);
    let source = source?;
    let (keys, file) = match source.key.as_str() {
        "jwks" => (inline_keys(&source.value, findings)?, None),
        _ => {
            let (keys, name) = file_keys(&source.value, beside, findings)?;
            (keys, Some(name.into()))
        }
    };
    Some(ClientKeys { keys, file, accepts_token_endpoint, accepts_array, lifetime_seconds_max })
}

/// The one member that names keys.
fn source(members: &mut Members, findings: &mut Findings) -> Option<Entry> {
    let mut found: Vec<Entry> = SOURCES.iter().filter_map(|name| members.take(name)).collect();
    found.sort_unstable_by_key(|entry| entry.key_span);
    // A private key may stand in the one that is not read as well.
    found.iter().for_each(|entry| hide_private_members(&entry.value));
    if let [first, second, ..] = found.as_slice() {
        findings.push(
            Finding::new(&codes::CLIENT_KEYS_TWICE, "`private_key_jwt` names its keys twice")
                .at(second.key_place(), "the second source")
                .related(first.key_place(), "the first source")
                .help("keep one of them, or make two credentials of it"),
        );
        return None;
    }
    if found.is_empty() {
        let place = members.place(members.span);
        findings.push(
            Finding::new(&codes::CLIENT_KEYS_MISSING, "`private_key_jwt` names no keys").at(place, "no keys").help(
                "write `jwks: {keys: [{kty: …}]}` with the public keys of the client, or `jwks_file: NAME` with a file \
                 that holds them",
            ),
        );
    }
    found.pop()
}

/// Keys that stand in the client file (RFC 7517 §5).
fn inline_keys(section: &Section, findings: &mut Findings) -> Option<Vec<VerificationKey>> {
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
    accepted(key_rules::of_json(text.as_bytes()), section, findings)
}

/// Keys in a file of their own: a JWK Set, or one public key as PEM.
fn file_keys(
    section: &Section,
    beside: &mut dyn Beside,
    findings: &mut Findings,
) -> Option<(Vec<VerificationKey>, String)> {
    let name = text(section.clone(), "jwks_file", findings)?.value;
    let content = match beside.read(&name) {
        Ok(content) => content,
        Err(NotRead::Name(reason)) => {
            // Whole keys are pasted here by mistake.
            if name.contains('\n') || name.len() > SHOWN_NAME_BYTES_MAX {
                section.source.mask(section.span);
            }
            findings.push(
                Finding::new(&codes::CLIENT_KEY_FILE_NAME, format!("the name of the key file {reason}"))
                    .at(section.place(), "not a file beside this one")
                    .help("the file stands beside this one or in a directory below: `jwks_file: keys/billing.pem`"),
            );
            return None;
        }
        Err(NotRead::File(reason)) => {
            let message = format!("the key file `{}` {reason}", shown(&name));
            findings.push(
                Finding::new(&codes::CLIENT_KEY_FILE_UNREADABLE, message)
                    .at(section.place(), "this file")
                    .help("the path begins at the directory of this file"),
            );
            return None;
        }
    };
    let is_json = content.trim_ascii_start().first() == Some(&b'{');
    let judged = if is_json { key_rules::of_json(&content) } else { key_rules::of_pem(&content) };
    Some((accepted(judged, section, findings)?, name))
}

/// All keys must be usable: one that is ignored would lock out the client on the day it signs with
/// it.
fn accepted(judged: Judged, section: &Section, findings: &mut Findings) -> Option<Vec<VerificationKey>> {
    let is_good = judged.problems.is_empty();
    for problem in judged.problems {
        match problem {
            Problem::Malformed(message) => malformed(section, &message, findings),
            Problem::TooMany => {
                let message = format!("a credential has more than {KEYS_MAX} keys");
                findings
                    .push(Finding::new(&codes::LIMIT_EXCEEDED, message).at(section.place(), "this key set"));
            }
            Problem::Weak(message) => findings.push(
                Finding::new(&codes::CLIENT_KEY_WEAK, message)
                    .at(section.place(), "this key set")
                    .help("make a new key of 2048 to 4096 bits, or one for ES256 or EdDSA"),
            ),
        }
    }
    is_good.then_some(judged.keys)
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
    use crate::keys::check_public_key;

    #[test]
    fn nobody_has_a_key_of_every_algorithm() {
        let algorithms: Vec<Algorithm> = nobodys().iter().map(|key| key.algorithm).collect();
        assert_eq!(algorithms, Algorithm::ALL);
        assert!(nobodys().iter().all(|key| check_public_key(&key.public_key).is_ok()));
    }
}
