//! The JSON of a client information response (RFC 7591 §3.2.1): everything that was registered, as
//! it was registered.

use serde::Serialize;
use serde_json::Value;

use crate::client::Client;
use crate::client_auth::registered::GRANT_TYPE;

#[derive(Serialize)]
struct RegistrationBody<'a> {
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    client_id_issued_at: i64,
    /// Required with a secret (RFC 7591 §3.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    /// The id ends by itself, whatever proves it.
    client_id_expires_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<&'a str>,
    grant_types: [&'static str; 1],
    response_types: [&'static str; 0],
    token_endpoint_auth_method: Option<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    audience: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token_lifetime: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks: Option<&'a Value>,
}

/// `client` as it will be recognised; `secret` unless it has keys.
pub fn registration_body(client: &Client, secret: Option<&str>, jwks: Option<&Value>) -> Vec<u8> {
    let registered = client.registered.as_deref();
    let expires = registered.map_or(0, |registered| registered.expires.seconds());
    let body = RegistrationBody {
        client_id: client.id.as_str(),
        client_secret: secret,
        client_id_issued_at: registered.map_or(0, |registered| registered.issued_at.seconds()),
        client_secret_expires_at: secret.map(|_| expires),
        client_id_expires_at: expires,
        client_name: client.name.as_deref(),
        grant_types: [GRANT_TYPE],
        response_types: [],
        token_endpoint_auth_method: client.token_endpoint_auth_method,
        scope: scope(client),
        audience: client.granted.iter().map(|granted| granted.resource.audience.as_str()).collect(),
        access_token_lifetime: client.access_token_lifetime_seconds,
        jwks,
    };
    serde_json::to_vec(&body).unwrap_or_default()
}

/// The scopes of all audiences, each once.
pub fn scope(client: &Client) -> String {
    let mut scopes: Vec<&str> = Vec::new();
    for scope in client.granted.iter().flat_map(|granted| granted.scopes.iter()) {
        if !scopes.contains(&scope.as_str()) {
            scopes.push(scope.as_str());
        }
    }
    scopes.join(" ")
}
