//! `/errors/CODE`: the page that `error_uri` names, as text and as HTML.

use actix_web::HttpResponse;
use actix_web::http::header::{ACCEPT, HeaderMap};
use askama::Template;

use super::{answer, html};
use crate::diagnostic::{Code, catalogue};
use crate::http::{reasons, respond};
use crate::oauth::ErrorCode;

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "error.html", config = "src/http/pages/askama.toml")]
struct ErrorPage<'a> {
    title: &'a str,
    codes: &'a [&'static Code],
}

/// `/errors/invalid_client` (what `error_uri` names), `/errors/SG0518`, and the index.
pub fn error_page(word: &str, headers: &HeaderMap) -> HttpResponse {
    let is_oauth_error = |code: &&ErrorCode| code.as_str() == word;
    let (title, codes): (&str, Vec<&'static Code>) = if word.is_empty() {
        ("all codes", catalogue::all().collect())
    } else if let Some(error) = ErrorCode::ALL.iter().find(is_oauth_error) {
        let mut codes: Vec<_> =
            reasons().filter(|reason| reason.error == *error).map(|reason| reason.code).collect();
        codes.sort_by_key(|code| code.id);
        codes.dedup();
        (error.as_str(), codes)
    } else if let Some(code) = catalogue::find(word) {
        (code.id, vec![code])
    } else {
        return respond::not_found();
    };
    let wants_html =
        headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|a| a.contains("text/html"));
    if !wants_html {
        let text: String = codes.iter().map(|code| code.explain() + "\n").collect();
        return answer(POLICY, "text/plain; charset=utf-8", text);
    }
    html(POLICY, &ErrorPage { title, codes: &codes })
}
