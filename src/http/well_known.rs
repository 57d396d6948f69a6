//! The public documents: key set (RFC 7517 §5) and metadata (RFC 8414 §3), and the page where an
//! authorization endpoint would be.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;

use super::respond::{self, no_store};
use crate::clock::UnixTime;
use crate::issuer::Issuer;

pub fn key_set(issuer: &Issuer, now: UnixTime, request: &HeaderMap) -> HttpResponse {
    let published = issuer.key_set(now);
    respond::document(published.document, published.cache_control, request)
}

/// Cached like the key set: a verifier that reads both sees one state.
pub fn metadata(issuer: &Issuer, now: UnixTime, request: &HeaderMap) -> HttpResponse {
    respond::document(issuer.metadata(), issuer.key_set(now).cache_control, request)
}

/// There is no login here (RFC 6749 §3.1): 400, in words.
pub fn authorize() -> HttpResponse {
    no_store(StatusCode::BAD_REQUEST).content_type("text/plain; charset=utf-8").body(
        "This server issues tokens to machines only. It has no login page and no user consent.\n\
         Ask for a token at the token endpoint with grant_type=client_credentials.\n",
    )
}
