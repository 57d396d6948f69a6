//! `claims` of a client: static values for every token of it, serialised here once.

use super::super::shown;
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Entry, Finding, Findings, Value};
use crate::section::json;

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
/// All claims of a client, serialised; they travel in every request.
const BYTES_MAX: usize = 2 * 1024;
const NAME_BYTES_MAX: usize = 128;
const LIMITS: json::Limits = json::Limits { depth: 8, bytes: 4 * BYTES_MAX };

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
