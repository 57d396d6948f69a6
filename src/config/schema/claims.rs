//! `claims` of a client: names that may not be set, and how deep a value may be.

use serde_json::{Map, Value, json};

/// Claims that the server sets, or that tell a verifier who acts and how they authenticated
/// (RFC 7519 §4.1, RFC 9068 §2.2, RFC 8693 §4, RFC 7800, RFC 9396, OpenID Connect Core §2).
/// `groups`, `roles` and `entitlements` (RFC 9068 §2.2.3.1) are for the operator to set.
pub(in crate::config) const RESERVED: &[&str] = &[
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
pub(in crate::config) const DEPTH_MAX: usize = 8;
pub(in crate::config) const NAME_CHARACTERS_MAX: usize = 128;

/// `claims`, and one definition for each depth that a value may have.
pub(super) fn definitions() -> Map<String, Value> {
    let mut definitions = Map::new();
    let names = json!({"minLength": 1, "maxLength": NAME_CHARACTERS_MAX, "not": {"enum": RESERVED}});
    let claims = json!({
        "title": "Claims", "type": "object", "propertyNames": names,
        "additionalProperties": {"$ref": "#/$defs/claim_1"},
    });
    definitions.insert("claims".into(), claims);
    for depth in 1..=DEPTH_MAX {
        let inner = match depth {
            DEPTH_MAX => json!(false),
            depth => json!({"$ref": format!("#/$defs/claim_{}", depth.saturating_add(1))}),
        };
        definitions.insert(format!("claim_{depth}"), json!({"items": inner, "additionalProperties": inner}));
    }
    definitions
}
