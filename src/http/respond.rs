//! The shapes that answers share.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, ETAG, HeaderMap, IF_NONE_MATCH, PRAGMA,
};
use actix_web::{HttpResponse, HttpResponseBuilder};

use crate::issuer::Document;

/// An answer that no cache may keep (RFC 6749 §5.1).
pub fn no_store(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache"));
    response
}

/// JSON for what is no OAuth error: a path that is not there, a method that does not fit.
pub fn plain_error(status: StatusCode, error: &'static str, description: &'static str) -> HttpResponse {
    no_store(status)
        .content_type("application/json")
        .body(format!("{{\"error\":\"{error}\",\"error_description\":\"{description}\"}}"))
}

pub fn not_found() -> HttpResponse {
    plain_error(StatusCode::NOT_FOUND, "not_found", "nothing is served at this path")
}

pub fn only_get() -> HttpResponse {
    let mut response = plain_error(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "this path takes GET and HEAD only",
    );
    response.headers_mut().insert(ALLOW, actix_web::http::header::HeaderValue::from_static("GET, HEAD"));
    response
}

/// A prepared public document: 200, or 304 when the caller holds it (RFC 9110 §13.1.2).
pub fn document(document: &Document, cache_control: String, request: &HeaderMap) -> HttpResponse {
    let unchanged = request.get_all(IF_NONE_MATCH).any(|value| matches(value.as_bytes(), &document.etag));
    let mut response = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response
        .insert_header((CACHE_CONTROL, cache_control))
        .insert_header((ETAG, document.etag.as_str()))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    if unchanged {
        return response.finish();
    }
    response.content_type("application/json").body(document.bytes.clone())
}

/// `If-None-Match`: a list of entity tags or `*`; compared weakly.
fn matches(value: &[u8], etag: &str) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    text.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
