//! Pages for people: errors from the catalogue, and what the server is about. Nothing of a request is
//! shown.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, HeaderMap, X_CONTENT_TYPE_OPTIONS};
use askama::Template;

use super::respond::{no_store, not_found};
use crate::clock::UnixTime;
use crate::diagnostic::{Code, catalogue};
use crate::issuer::Issuer;
use crate::keys::{KeyStatus, timeline};
use crate::oauth::ErrorCode;

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "error.html", config = "src/http/pages/askama.toml")]
struct ErrorPage<'a> {
    title: &'a str,
    codes: &'a [&'static Code],
}

#[derive(Template)]
#[template(path = "status.html", config = "src/http/pages/askama.toml")]
struct StatusPage<'a> {
    issuer: &'a str,
    revision: &'a str,
    clients: usize,
    keys: Vec<KeyStatus<'a>>,
    /// An SVG document that escapes what it holds.
    timeline: String,
}

/// `/` of the admin listener: who issues, from which list, with which keys.
pub fn status_page(issuer: &Issuer, now: UnixTime) -> HttpResponse {
    let keyring = issuer.keyring();
    let lifetime = issuer.settings().mint.access_token_lifetime_seconds;
    let status = StatusPage {
        issuer: issuer.url().as_str(),
        revision: issuer.revision(),
        clients: issuer.registry().client_count(),
        keys: keyring.states(now),
        timeline: timeline::of_keyring(keyring, lifetime, now),
    };
    html(&status)
}

/// `/errors/invalid_client` (what `error_uri` names), `/errors/SG0518`, and the index.
pub fn error_page(word: &str, headers: &HeaderMap) -> HttpResponse {
    let is_oauth_error = |code: &&ErrorCode| code.as_str() == word;
    let (title, codes): (&str, Vec<&'static Code>) = if word.is_empty() {
        ("all codes", catalogue::all().collect())
    } else if let Some(error) = ErrorCode::ALL.iter().find(is_oauth_error) {
        let mut codes: Vec<_> =
            super::reasons().filter(|reason| reason.error == *error).map(|reason| reason.code).collect();
        codes.sort_by_key(|code| code.id);
        codes.dedup();
        (error.as_str(), codes)
    } else if let Some(code) = catalogue::find(word) {
        (code.id, vec![code])
    } else {
        return not_found();
    };
    let wants_html =
        headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|a| a.contains("text/html"));
    if !wants_html {
        let text: String = codes.iter().map(|code| code.explain() + "\n").collect();
        return page("text/plain; charset=utf-8", text);
    }
    html(&ErrorPage { title, codes: &codes })
}

fn html(template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(html) => page("text/html; charset=utf-8", html),
        Err(_) => no_store(StatusCode::INTERNAL_SERVER_ERROR).finish(),
    }
}

fn page(content_type: &'static str, body: String) -> HttpResponse {
    no_store(StatusCode::OK)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .content_type(content_type)
        .body(body)
}
