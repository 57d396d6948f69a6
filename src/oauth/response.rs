//! The JSON of a token response (RFC 6749 §5.1) and of an error response (RFC 6749 §5.2).

use serde::Serialize;

use super::{ErrorCode, IssuerUrl};

/// `scope` is the exact granted list, space-separated; left out when empty. Neither a token (RFC 7515
/// §7.1) nor a scope (`oauth/scope.rs`) holds a character that a JSON string has to escape.
pub fn token_body(access_token: &str, expires_in_seconds: u32, scope: &str) -> Vec<u8> {
    let expires_in = expires_in_seconds.to_string();
    let mut body = Vec::with_capacity(access_token.len() + scope.len() + 96);
    let fixed =
        ["{\"access_token\":\"", access_token, "\",\"token_type\":\"Bearer\",\"expires_in\":", &expires_in];
    fixed.iter().for_each(|part| body.extend_from_slice(part.as_bytes()));
    if !scope.is_empty() {
        [",\"scope\":\"", scope, "\""].iter().for_each(|part| body.extend_from_slice(part.as_bytes()));
    }
    body.push(b'}');
    body
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
