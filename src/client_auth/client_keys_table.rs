//! The members of `private_key_jwt`, and what a public key looks like, for the JSON Schema and the
//! reference. Whether a key is strong, and a point lies on its curve, is beyond a schema.

use serde_json::{Value, json};

use super::client_keys::{ARRAY, TOKEN_ENDPOINT};
use super::key_rules::KEYS_MAX;
use super::key_source::SOURCES;
use crate::jose::key_set::PRIVATE_MEMBERS;
use crate::section::table::{Absent, Member, duration, form};

pub(super) const MEMBERS: &[Member] = &[
    Member {
        name: "jwks",
        text: "The public keys of the client: a JWK Set (RFC 7517 section 5), or one key.",
        absent: Absent::Means("`jwks_file` or `jwks_uri` names them"),
        schema: jwks,
        example: r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
    },
    Member {
        name: "jwks_file",
        text: "A file with the public keys, `billing.jwks.json` or `keys/billing.pem`: a JWK Set, or one public key as PEM. The path begins at the directory of the client file and leads nowhere above it.",
        absent: Absent::Means("`jwks` holds them"),
        schema: file,
        example: "",
    },
    Member {
        name: "jwks_uri",
        text: "An https URL at which the client publishes its JWK Set, fetched in the background and never because of a request.",
        absent: Absent::Means("the keys come with the list"),
        schema: || form("https URL", "^https://[!-~]+$"),
        example: "",
    },
    Member {
        name: "accept_audience",
        text: "What `aud` of an assertion may be beside the issuer as a text; each is a warning.",
        absent: Absent::Is(r#""issuer""#),
        schema: accepted_audiences,
        example: r#"["token_endpoint"]"#,
    },
    Member {
        name: "max_lifetime",
        text: "How long an assertion may live: at most `1h`, above `5m` with a warning.",
        absent: Absent::Is(r#""5m""#),
        schema: duration,
        example: r#""10m""#,
    },
];

/// Keys come from one place.
pub(super) fn one_source() -> Value {
    SOURCES.iter().map(|name| json!({"required": [name]})).collect()
}

fn accepted_audiences() -> Value {
    let words = ["issuer", TOKEN_ENDPOINT, ARRAY];
    let pattern = format!(r"^[ \t\n\f\r]*(?:(?:{})(?:[ \t\n\f\r]+|$))*$", words.join("|"));
    json!({"anyOf": [
        {"type": "string", "pattern": pattern},
        {"type": "array", "items": {"type": "string", "enum": words}},
    ]})
}

/// No part is empty or begins with a dot.
fn file() -> Value {
    form("path", r"^[^./\x00-\x1f\x7f][^/\x00-\x1f\x7f]*(?:/[^./\x00-\x1f\x7f][^/\x00-\x1f\x7f]*)*$")
}

fn jwks() -> Value {
    let keys = json!({"type": "array", "items": key(), "minItems": 1, "maxItems": KEYS_MAX});
    let set =
        json!({"title": "JWK Set", "type": "object", "properties": {"keys": keys}, "required": ["keys"]});
    json!({"anyOf": [set, key()]})
}

/// RFC 7518 §6: the public members of the types that are understood. Others may stand beside them.
fn key() -> Value {
    let number = form("base64url", "^[A-Za-z0-9_-]+$");
    // 32 bytes: the last of 43 characters holds four bits.
    let coordinate = form("32 bytes in base64url", "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$");
    let private: Vec<Value> = PRIVATE_MEMBERS.iter().map(|member| json!({"required": [member]})).collect();
    json!({
        "title": "JWK", "type": "object", "required": ["kty"],
        "properties": {
            "kty": {"type": "string"}, "kid": {"type": "string"}, "use": {"const": "sig"},
            "key_ops": {"type": "array", "contains": {"const": "verify"}},
        },
        "not": {"anyOf": private},
        "oneOf": [
            {"properties": {"kty": {"const": "RSA"}, "alg": {"enum": ["RS256", "PS256"]}, "n": number, "e": number},
             "required": ["n", "e"]},
            {"properties": {"kty": {"const": "EC"}, "alg": {"const": "ES256"}, "crv": {"const": "P-256"},
                            "x": coordinate, "y": coordinate}, "required": ["crv", "x", "y"]},
            {"properties": {"kty": {"const": "OKP"}, "alg": {"enum": ["EdDSA", "Ed25519"]},
                            "crv": {"const": "Ed25519"}, "x": coordinate}, "required": ["crv", "x"]},
        ],
    })
}
