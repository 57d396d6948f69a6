//! `claims` of a client: static values for every token of it, serialised here once.

use super::super::schema::claims::{DEPTH_MAX, NAME_CHARACTERS_MAX, RESERVED};
use super::super::shown;
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Entry, Finding, Findings, Value};
use crate::section::json;

/// All claims of a client, serialised; they travel in every request.
const BYTES_MAX: usize = 2 * 1024;
const LIMITS: json::Limits = json::Limits { depth: DEPTH_MAX, bytes: 4 * BYTES_MAX };

/// `,"tenant":"acme"`, or empty.
pub(super) fn read(entry: Entry, findings: &mut Findings) -> String {
    let kind = entry.value.kind();
    let Value::Map(claims) = &entry.value.value else {
        if !matches!(entry.value.value, Value::Refused) {
            let message = format!("`claims` must be a mapping, not {kind}");
            let place = entry.value.place();
            findings.push(Finding::new(&codes::WRONG_TYPE, message).at(place, "expected a mapping"));
        }
        return String::new();
    };
    let mut json = String::new();
    for claim in claims {
        if RESERVED.contains(&claim.key.as_str()) {
            let message = format!("the claim `{}` cannot be set by a client's registration", claim.key);
            findings.push(
                Finding::new(&codes::CLAIM_RESERVED, message)
                    .at(claim.key_place(), "reserved")
                    .help(format!("choose another name, for example `my_{}`", claim.key)),
            );
            continue;
        }
        if claim.key.is_empty() || claim.key.chars().count() > NAME_CHARACTERS_MAX {
            let message = format!("the name of a claim has 1 to {NAME_CHARACTERS_MAX} characters");
            findings.push(Finding::new(&codes::CLAIM_MALFORMED, message).at(claim.key_place(), "this name"));
            continue;
        }
        let before = json.len();
        json.push(',');
        json::push_text(&mut json, &claim.key);
        json.push(':');
        if let Err(json::Unfit { value, message }) = json::push(&mut json, &claim.value, &LIMITS) {
            json.truncate(before);
            if !message.is_empty() {
                let text = format!("the claim `{}` {message}", shown(&claim.key));
                findings.push(Finding::new(&codes::CLAIM_MALFORMED, text).at(value.place(), "this value"));
            }
        }
    }
    if json.len() > BYTES_MAX {
        let message = format!("the claims have {} bytes when serialised, at most {BYTES_MAX}", json.len());
        findings
            .push(Finding::new(&codes::CLAIM_MALFORMED, message).at(entry.key_place(), "too large together"));
        return String::new();
    }
    json
}
