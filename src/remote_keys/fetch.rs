//! One fetch of one key set. The client is made anew each time: no connection is kept whose address
//! was judged long ago, and renewed authorities are seen.

use std::path::Path;
use std::sync::Arc;

use reqwest::{Certificate, Client, Url, redirect};

use super::FetchSettings;
use super::resolve::{Guarded, ResolveError, admit};
use crate::client_auth::{Fetched, KEY_SET_BYTES_MAX, judge_fetched_keys, jwks_uri};
use crate::config;
use crate::telemetry::FetchOutcome;

/// A bundle of authorities.
const CA_BYTES_MAX: u64 = 1024 * 1024;
const HEADERS_MAX: usize = 64;

/// Why there are no keys, in words for the log: nothing of what came is repeated.
#[derive(Debug)]
pub(super) struct Failure {
    pub outcome: FetchOutcome,
    pub detail: String,
}

impl Failure {
    fn new(outcome: FetchOutcome, detail: impl Into<String>) -> Self {
        Self { outcome, detail: detail.into() }
    }
}

/// # Errors
/// How it failed.
pub(super) async fn fetch(source: &str, settings: &FetchSettings) -> Result<Fetched, Failure> {
    let url = jwks_uri::parse(source).map_err(|reason| Failure::new(FetchOutcome::Malformed, reason))?;
    // An address in the URL itself is never looked up, so the resolver would not see it.
    if let Some(address) = jwks_uri::literal_address(&url) {
        admit(address, &settings.networks).map_err(|error| refused(&error))?;
    }
    let body = get(url, settings).await?;
    judge_fetched_keys(&body).map_err(|reason| Failure::new(FetchOutcome::Malformed, reason))
}

async fn get(url: Url, settings: &FetchSettings) -> Result<Vec<u8>, Failure> {
    let request = client(settings)?.get(url).header("accept", "application/jwk-set+json, application/json");
    let mut response = request.send().await.map_err(|error| failure(&error))?;
    let status = response.status();
    if status.is_redirection() {
        return Err(Failure::new(
            FetchOutcome::Redirect,
            format!("the answer is a redirect ({})", status.as_u16()),
        ));
    }
    if status != reqwest::StatusCode::OK {
        return Err(Failure::new(
            FetchOutcome::Status,
            format!("the answer has the status {}", status.as_u16()),
        ));
    }
    let too_large = || {
        Failure::new(FetchOutcome::TooLarge, format!("the answer is larger than {KEY_SET_BYTES_MAX} bytes"))
    };
    if response.content_length().is_some_and(|length| length > KEY_SET_BYTES_MAX as u64) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len().saturating_add(chunk.len()) > KEY_SET_BYTES_MAX {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A proxy would connect in our place, to addresses that nobody judged: none is used.
fn client(settings: &FetchSettings) -> Result<Client, Failure> {
    let guarded = Guarded { lookup: Arc::clone(&settings.lookup), networks: settings.networks.clone() };
    let builder = Client::builder()
        .https_only(true)
        .http1_only()
        .http1_max_headers(HEADERS_MAX)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .timeout(settings.deadline)
        .pool_max_idle_per_host(0)
        .user_agent("signet")
        .dns_resolver(Arc::new(guarded));
    let builder = match &settings.ca {
        Some(file) => builder.tls_certs_merge(authorities(file)?),
        None => builder,
    };
    builder.build().map_err(|error| failure(&error))
}

fn authorities(file: &Path) -> Result<Vec<Certificate>, Failure> {
    let name = file.display();
    let unreadable = |reason: String| Failure::new(FetchOutcome::Unreachable, format!("{name} {reason}"));
    let pem = config::read_regular(file, CA_BYTES_MAX)
        .map_err(|error| unreadable(format!("cannot be read: {error}")))?;
    let found =
        Certificate::from_pem_bundle(&pem).map_err(|_| unreadable("holds no certificates".to_owned()))?;
    if found.is_empty() { Err(unreadable("holds no certificate".to_owned())) } else { Ok(found) }
}

fn refused(error: &ResolveError) -> Failure {
    let outcome = match error {
        ResolveError::Forbidden(_) => FetchOutcome::Forbidden,
        ResolveError::Unresolved(_) => FetchOutcome::Unresolved,
    };
    Failure::new(outcome, error.to_string())
}

/// What our own resolver said, else the innermost cause.
fn failure(error: &reqwest::Error) -> Failure {
    let mut cause: &(dyn std::error::Error + 'static) = error;
    loop {
        if let Some(resolve) = cause.downcast_ref::<ResolveError>() {
            return refused(resolve);
        }
        match cause.source() {
            Some(inner) => cause = inner,
            None => break,
        }
    }
    let outcome = if error.is_timeout() { FetchOutcome::Timeout } else { FetchOutcome::Unreachable };
    Failure::new(outcome, cause.to_string())
}
