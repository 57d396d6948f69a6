//! `claims` of a client: static values for every token of it, serialised here once.

use super::super::shown;
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Entry, Finding, Findings, Section, Value};

/// Claims that the server sets, or that tell a verifier who acts and how they authenticated
/// (RFC 7519 §4.1, RFC 9068 §2.2, RFC 8693 §4, RFC 7800, RFC 9396, OpenID Connect Core §2).
/// `groups`, `roles` and `entitlements` (RFC 9068 §2.2.3.1) are for the operator to set.
const RESERVED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "scope",
    "cnf",
    "act",
    "may_act",
    "authorization_details",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "status",
];
const DEPTH_MAX: usize = 8;
/// All claims of a client, serialised; they travel in every request.
const BYTES_MAX: usize = 2 * 1024;
const NAME_BYTES_MAX: usize = 128;

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
        if claim.key.is_empty() || claim.key.len() > NAME_BYTES_MAX {
            let message = format!("the name of a claim has 1 to {NAME_BYTES_MAX} bytes");
            findings.push(Finding::new(&codes::CLAIM_MALFORMED, message).at(claim.key_place(), "this name"));
            continue;
        }
        let before = json.len();
        json.push(',');
        push_text(&mut json, &claim.key);
        json.push(':');
        if let Err((place, message)) = push(&mut json, &claim.value, 1) {
            json.truncate(before);
            if !message.is_empty() {
                let text = format!("the claim `{}` {message}", shown(&claim.key));
                findings.push(Finding::new(&codes::CLAIM_MALFORMED, text).at(place.place(), "this value"));
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

/// On failure the value that is to blame and what it does; the text is empty when it was
/// reported already.
fn push<'s>(
    json: &mut String,
    section: &'s Section,
    depth: usize,
) -> Result<(), (&'s Section, &'static str)> {
    if depth > DEPTH_MAX {
        return Err((section, "is nested deeper than 8"));
    }
    if json.len() > BYTES_MAX * 4 {
        return Err((section, "is larger than 2 KiB"));
    }
    match &section.value {
        Value::Null => json.push_str("null"),
        Value::Boolean(value) => json.push_str(if *value { "true" } else { "false" }),
        Value::Integer(value) => json.push_str(&value.to_string()),
        Value::Float(value) => match serde_json::Number::from_f64(*value) {
            Some(number) => json.push_str(&number.to_string()),
            None => return Err((section, "is no number that JSON can hold")),
        },
        Value::Text(text) => push_text(json, text),
        Value::List(items) => {
            json.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    json.push(',');
                }
                push(json, item, depth.saturating_add(1))?;
            }
            json.push(']');
        }
        Value::Map(entries) => {
            json.push('{');
            for (at, entry) in entries.iter().enumerate() {
                if at > 0 {
                    json.push(',');
                }
                push_text(json, &entry.key);
                json.push(':');
                push(json, &entry.value, depth.saturating_add(1))?;
            }
            json.push('}');
        }
        Value::Refused => return Err((section, "")),
    }
    Ok(())
}

fn push_text(json: &mut String, text: &str) {
    json.push_str(&serde_json::Value::from(text).to_string());
}
