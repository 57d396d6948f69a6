//! What the portal asks of the token service: where its endpoints are (RFC 8414), a new client
//! (RFC 7591), and that client's first token (RFC 6749 §4.4), which proves that the client works and may
//! do no more than it should. A client that fails this is thrown away with its secret.

use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::{RequestBuilder, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::form_urlencoded::byte_serialize;

/// A developer waits behind it.
const DEADLINE: Duration = Duration::from_secs(5);
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The portal's own credentials.
pub struct Registrar {
    pub client_id: String,
    pub client_secret: String,
}

pub struct Issuer {
    url: String,
    registrar: Registrar,
    http: reqwest::Client,
}

/// A client that works. It holds its secret, so it cannot be printed.
pub struct NewClient {
    pub client_id: String,
    pub client_secret: String,
    pub issued_at: i64,
    pub expires_at: Option<i64>,
    pub token_endpoint: String,
    pub token_lifetime_seconds: i64,
}

/// Why there is no new client.
#[derive(Debug, PartialEq, Eq)]
pub enum IssuerError {
    Unreachable,
    /// It asks to come back later (429, 503).
    Busy {
        wait_seconds: Option<u32>,
    },
    /// It said no, with this error code.
    Refused(String),
    /// Its answer is not what the portal can use.
    Unusable(&'static str),
}

impl fmt::Display for IssuerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable => f.write_str("it does not answer"),
            Self::Busy { .. } => f.write_str("it asks to come back later"),
            Self::Refused(code) => write!(f, "it refused: {code}"),
            Self::Unusable(reason) => f.write_str(reason),
        }
    }
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
    registration_endpoint: Option<String>,
}

/// RFC 7591 §3.2.1. The secret ends at the first of both times; zero means never.
#[derive(Deserialize)]
struct Registered {
    client_id: String,
    client_secret: String,
    client_id_issued_at: i64,
    client_secret_expires_at: i64,
}

#[derive(Deserialize)]
struct Token {
    token_type: String,
    expires_in: i64,
    scope: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Issuer {
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(url: String, registrar: Registrar) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(DEADLINE)
            .no_proxy() // the token service is a neighbour; who has a proxy in between removes this line
            .build()
            .context("no HTTP client")?;
        Ok(Self { url, registrar, http })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Registers a client with this scope and no other, and gets a token with it.
    ///
    /// # Errors
    /// When any step fails; then nothing of the client is left here.
    pub async fn new_client(&self, name: &str, scope: &str) -> Result<NewClient, IssuerError> {
        let metadata = self.discover().await?;
        let endpoint = metadata
            .registration_endpoint
            .ok_or(IssuerError::Unusable("it registers no clients: `registration` is off"))?;
        let wanted = json!({
            "client_name": name,
            "grant_types": ["client_credentials"],
            "scope": scope,
            "token_endpoint_auth_method": "client_secret_basic",
        });
        let request = self
            .http
            .post(endpoint)
            .header("Content-Type", "application/json")
            .header("Authorization", basic(&self.registrar.client_id, &self.registrar.client_secret))
            .body(wanted.to_string());
        let client: Registered = ask(request, StatusCode::CREATED).await?;
        let token = self.first_token(&metadata.token_endpoint, &client).await?;
        if token.scope != scope || !token.token_type.eq_ignore_ascii_case("Bearer") {
            return Err(IssuerError::Unusable("the new client got another token than it should"));
        }
        Ok(NewClient {
            client_id: client.client_id,
            client_secret: client.client_secret,
            issued_at: client.client_id_issued_at,
            expires_at: (client.client_secret_expires_at > 0).then_some(client.client_secret_expires_at),
            token_endpoint: metadata.token_endpoint,
            token_lifetime_seconds: token.expires_in,
        })
    }

    async fn discover(&self) -> Result<Metadata, IssuerError> {
        let address = format!("{}/.well-known/openid-configuration", self.url.trim_end_matches('/'));
        let metadata: Metadata = ask(self.http.get(address), StatusCode::OK).await?;
        // RFC 8414 §3.3: otherwise one service could speak for another.
        if metadata.issuer != self.url {
            return Err(IssuerError::Unusable("its metadata name another issuer"));
        }
        Ok(metadata)
    }

    /// Without a scope in the request the client gets all that it may have, which is what is to be seen.
    async fn first_token(&self, endpoint: &str, client: &Registered) -> Result<Token, IssuerError> {
        let request = self
            .http
            .post(endpoint)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Authorization", basic(&client.client_id, &client.client_secret))
            .body("grant_type=client_credentials");
        ask(request, StatusCode::OK).await
    }
}

/// RFC 6749 §2.3.1: form-encoded, then Basic.
fn basic(client_id: &str, client_secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(client_id), encoded(client_secret));
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

async fn ask<T: DeserializeOwned>(request: RequestBuilder, wanted: StatusCode) -> Result<T, IssuerError> {
    let unreachable = |_: reqwest::Error| IssuerError::Unreachable;
    let mut response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    let retry_after =
        response.headers().get("Retry-After").and_then(|value| value.to_str().ok()?.parse().ok());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(IssuerError::Unusable("its answer is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    if status == wanted {
        return serde_json::from_slice(&body).map_err(|_| IssuerError::Unusable("its answer cannot be read"));
    }
    if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
        return Err(IssuerError::Busy { wait_seconds: retry_after });
    }
    let refusal = serde_json::from_slice::<Refusal>(&body).map(|refusal| refusal.error);
    // RFC 6749 §5.2 allows more in a code than a page should show.
    let code = refusal
        .ok()
        .filter(|code| code.len() <= 64 && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
    Err(IssuerError::Refused(code.unwrap_or_else(|| format!("status {}", status.as_u16()))))
}
