//! Authorization server metadata (RFC 8414 §2), derived from the lists of methods, grants and
//! keys: what is advertised works, what works is advertised. The same bytes at every spelling.

use serde::Serialize;

use super::{IssuerSettings, registration};
use crate::client::Registry;
use crate::jose::Algorithm;
use crate::keys::Keyring;
use crate::oauth::IssuerUrl;
use crate::{client_auth, grant};

#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    /// Empty: this server has no response type. The member is required (RFC 8414 §2), so it
    /// stands although §3.2 leaves out empty arrays; clients of the field insist on it.
    response_types_supported: [&'a str; 0],
    grant_types_supported: Vec<&'a str>,
    token_endpoint_auth_methods_supported: Vec<&'a str>,
    /// For clients that sign assertions (RFC 8414 §2); never `none`.
    token_endpoint_auth_signing_alg_values_supported: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes_supported: Option<Vec<&'a str>>,
    subject_types_supported: [&'a str; 1],
    id_token_signing_alg_values_supported: Vec<&'a str>,
    service_documentation: String,
}

/// The document; `Host` and forwarding headers have no part in it.
pub fn json(settings: &IssuerSettings, registry: &Registry, keyring: &Keyring) -> Vec<u8> {
    let issuer = settings.mint.issuer.as_str();
    let metadata = Metadata {
        issuer,
        token_endpoint: token_endpoint(&settings.mint.issuer),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        authorization_endpoint: settings.authorization_endpoint.then(|| format!("{issuer}/oauth2/authorize")),
        registration_endpoint: registration_endpoint(&settings.mint.issuer, registry, keyring),
        response_types_supported: [],
        grant_types_supported: grant::grant_types().collect(),
        token_endpoint_auth_methods_supported: client_auth::methods().collect(),
        token_endpoint_auth_signing_alg_values_supported: client_auth::signing_algorithms().collect(),
        scopes_supported: settings.publish_scopes.then(|| scopes(registry)),
        subject_types_supported: ["public"],
        // go-oidc and others read it as the list of algorithms that access tokens may have.
        id_token_signing_alg_values_supported: keyring
            .algorithms()
            .into_iter()
            .map(Algorithm::name)
            .collect(),
        service_documentation: format!("{issuer}/errors/"),
    };
    serde_json::to_vec(&metadata).unwrap_or_default()
}

/// Where tokens are asked for.
pub fn token_endpoint(issuer: &IssuerUrl) -> String {
    format!("{issuer}/oauth2/token")
}

/// Where clients are registered: when the list lets somebody, and a key can seal at some time.
pub(super) fn registration_endpoint(
    issuer: &IssuerUrl,
    registry: &Registry,
    keyring: &Keyring,
) -> Option<String> {
    let is_on = registry.registration().is_some() && !keyring.seals().is_empty();
    is_on.then(|| registration::endpoint(issuer))
}

fn scopes(registry: &Registry) -> Vec<&str> {
    let mut scopes: Vec<&str> = registry
        .resources()
        .iter()
        .flat_map(|resource| &resource.scopes)
        .map(|scope| scope.as_str())
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}
