//! Probes and metrics.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::State;
use super::respond::no_store;
use crate::clock::UnixTime;
use crate::issuer::Issuer;

/// The process answers: that is all.
pub fn live() -> HttpResponse {
    no_store(StatusCode::OK).content_type("text/plain; charset=utf-8").body("ok\n")
}

#[derive(Serialize)]
struct Ready<'a> {
    status: &'static str,
    issuer: &'a str,
    config_revision: &'a str,
    clients: usize,
    signing_keys: Vec<&'a str>,
}

/// 200 while a valid snapshot with a self-tested signing key is loaded, 503 during shutdown. A
/// reload that failed does not matter here: the last good snapshot serves on.
pub fn ready(state: &State, issuer: &Issuer, now: UnixTime) -> HttpResponse {
    let keyring = issuer.keyring();
    let signing_keys: Vec<&str> = keyring
        .algorithms()
        .into_iter()
        .filter_map(|algorithm| keyring.signing(algorithm, now))
        .map(|key| key.kid())
        .collect();
    let is_ready = state.status.is_ready() && !signing_keys.is_empty();
    let body = Ready {
        status: if is_ready { "ready" } else { "not ready" },
        issuer: issuer.url().as_str(),
        config_revision: issuer.revision(),
        clients: issuer.registry().client_count(),
        signing_keys,
    };
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    no_store(status).json(body)
}

/// OpenMetrics 1.0 text.
pub fn metrics(state: &State) -> HttpResponse {
    no_store(StatusCode::OK)
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(state.status.metrics())
}
