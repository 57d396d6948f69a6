//! The JSON of a token response (RFC 6749 §5.1) and of an error response (RFC 6749 §5.2).

use serde::Serialize;

use super::{ErrorCode, IssuerUrl};

#[derive(Serialize)]
struct TokenBody<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u32,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
}

/// `scope` is the exact granted list, space-separated; left out when empty.
pub fn token_body(access_token: &str, expires_in_seconds: u32, scope: &str) -> Vec<u8> {
    let body = TokenBody { access_token, token_type: "Bearer", expires_in: expires_in_seconds, scope };
    serde_json::to_vec(&body).unwrap_or_default()
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'static str,
    error_description: &'a str,
    error_uri: &'a str,
}

/// `error_uri` is the issuer's own page for the code.
pub fn error_body(issuer: &IssuerUrl, error: ErrorCode, description: &str) -> Vec<u8> {
    let error_uri = format!("{issuer}/errors/{}", error.as_str());
    let body = ErrorBody { error: error.as_str(), error_description: description, error_uri: &error_uri };
    serde_json::to_vec(&body).unwrap_or_default()
}
