//! Where the public keys of a client come from: the client file, a file beside it, or an address
//! at which the client publishes them. What is wrong is refused with the client's line.

use std::sync::Arc;

use super::jwks_uri;
use super::key_rules::{self, Judged, KEYS_BYTES_MAX, KEYS_MAX, Problem};
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Entry, Finding, Findings, Section, Value};
use crate::jose::key_set::{PRIVATE_MEMBERS, VerificationKey};
use crate::section::beside::{Beside, NotRead};
use crate::section::members::{Members, text};
use crate::section::{json, shown};

pub(super) enum Keys {
    /// At most eight, from the client file, or from the named file beside it.
    Here { keys: Vec<VerificationKey>, file: Option<Box<str>> },
    /// The client publishes them there.
    At(Arc<str>),
}

const JWKS: &str = "jwks";
const JWKS_FILE: &str = "jwks_file";
const JWKS_URI: &str = "jwks_uri";
/// Members that name keys; exactly one of them stands there.
pub(super) const SOURCES: [&str; 3] = [JWKS, JWKS_FILE, JWKS_URI];
/// Four values deep: the set, its `keys`, a key, a member.
const INLINE: json::Limits = json::Limits { depth: 5, bytes: KEYS_BYTES_MAX };
/// Longer names are no names.
const SHOWN_NAME_BYTES_MAX: usize = 256;

/// The one member that names keys.
pub(super) fn take(members: &mut Members, findings: &mut Findings) -> Option<Entry> {
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
                "write `jwks: {keys: [{kty: …}]}` with the public keys of the client, `jwks_file: NAME` with a file \
                 that holds them, or `jwks_uri: https://…` where the client publishes them",
            ),
        );
    }
    found.pop()
}

/// What that member says.
pub(super) fn read(source: &Entry, beside: &mut dyn Beside, findings: &mut Findings) -> Option<Keys> {
    let section = &source.value;
    Some(match source.key.as_str() {
        JWKS => Keys::Here { keys: inline_keys(section, findings)?, file: None },
        JWKS_FILE => {
            let (keys, name) = file_keys(section, beside, findings)?;
            Keys::Here { keys, file: Some(name.into()) }
        }
        _ => Keys::At(address(section, findings)?),
    })
}

/// Keys that stand in the client file (RFC 7517 §5).
fn inline_keys(section: &Section, findings: &mut Findings) -> Option<Vec<VerificationKey>> {
    if !matches!(section.value, Value::Map(_)) {
        malformed(section, "`jwks` is a JWK Set, a mapping with `keys`", findings);
        return None;
    }
    let mut text = String::new();
    if let Err(json::Unfit { value, message }) = json::push(&mut text, section, &INLINE) {
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

/// The place where the client publishes its keys. Nothing is fetched when a list is read.
fn address(section: &Section, findings: &mut Findings) -> Option<Arc<str>> {
    let text = text(section.clone(), JWKS_URI, findings)?.value;
    let url = match jwks_uri::parse(&text) {
        Ok(url) => url,
        Err(reason) => {
            findings.push(
                Finding::new(&codes::JWKS_URI_MALFORMED, format!("`jwks_uri` {reason}"))
                    .at(section.place(), "no such URL")
                    .help("write an https URL: `jwks_uri: https://billing.example.com/jwks.json`"),
            );
            return None;
        }
    };
    if jwks_uri::is_private(&url) {
        findings.push(
            Finding::new(&codes::JWKS_URI_PRIVATE, "`jwks_uri` lies inside of the network")
                .at(section.place(), "an address that is not public")
                .help("it is fetched only when `jwks-uri-networks` of the server names its network"),
        );
    }
    Some(text.into())
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
                let is_private = PRIVATE_MEMBERS.contains(&entry.key.as_str());
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
