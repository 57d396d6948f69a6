//! Pages for people: what the server is about, its last decisions (`dev`), a token decoder, snippets to
//! copy; and the errors of the catalogue. No page reads anything of a request but its path.
//!
//! A page loads nothing from elsewhere; what it may do at all stands in its policy. Everything that
//! is not markup of a template is escaped by askama, and scripts write text only.

mod assets;
mod decode;
mod error;
mod recent;
mod snippets;
mod status;

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use askama::Template;

use super::respond::no_store;
use super::{Side, State};
use crate::clock::UnixTime;
use crate::issuer::Issuer;
use crate::keys::timeline;
use assets::Asset;
pub use error::error_page;
pub use status::LastReload;

/// What stands at one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Status,
    /// The last decisions; `dev` alone keeps them.
    Recent,
    Decode,
    Snippets,
    /// A style sheet or a script of the pages.
    Asset(&'static Asset),
}

impl Page {
    pub fn find(path: &str) -> Option<Self> {
        match path {
            "/" => Some(Self::Status),
            "/requests" => Some(Self::Recent),
            "/decode" => Some(Self::Decode),
            "/snippets" => Some(Self::Snippets),
            _ => assets::find(path).map(Self::Asset),
        }
    }

    /// What its script may do, where it has one.
    const fn scripts(self) -> &'static str {
        match self {
            Self::Recent => " script-src 'self'; connect-src 'self';",
            // No `connect-src`: the browser itself sees to it that a token goes nowhere.
            Self::Decode => " script-src 'self';",
            Self::Status | Self::Snippets | Self::Asset(_) => "",
        }
    }
}

/// In `dev` everywhere, otherwise on the admin listener; there is no list of requests then.
pub fn is_served(page: Page, side: Side, state: &State) -> bool {
    state.for_development || (side == Side::Admin && page != Page::Recent)
}

pub fn page(page: Page, side: Side, state: &State, issuer: &Issuer, now: UnixTime) -> HttpResponse {
    let frame = Frame { page, issuer, side, development: state.for_development };
    match page {
        Page::Status => frame.html(&status::page(&frame, state, now)),
        Page::Recent => frame.html(&recent::page(&frame, state, now)),
        Page::Decode => frame.html(&decode::page(&frame, now)),
        Page::Snippets => frame.html(&snippets::page(&frame, now)),
        Page::Asset(asset) => answer("default-src 'none'", asset.content_type, asset.text.to_owned()),
    }
}

/// What the pages have in common; `base.html` shows it.
#[derive(Clone, Copy)]
struct Frame<'f> {
    page: Page,
    issuer: &'f Issuer,
    side: Side,
    development: bool,
}

impl Frame<'_> {
    fn url(&self) -> &str {
        self.issuer.url().as_str()
    }

    /// `page` for the link to the page that is shown.
    fn current(&self, page: Page) -> &'static str {
        if self.page == page { "page" } else { "false" }
    }

    fn html(&self, template: &impl Template) -> HttpResponse {
        /// The picture of the keys brings its own style.
        static TIMELINE_STYLE: LazyLock<String> = LazyLock::new(|| {
            use base64::Engine as _;
            let digest = ring::digest::digest(&ring::digest::SHA256, timeline::style_sheet().as_bytes());
            base64::engine::general_purpose::STANDARD.encode(digest)
        });
        let policy = format!(
            "default-src 'none'; style-src 'self' 'sha256-{}';{} base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
            *TIMELINE_STYLE,
            self.page.scripts()
        );
        html(&policy, template)
    }
}

fn html(policy: &str, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(html) => answer(policy, "text/html; charset=utf-8", html),
        Err(_) => no_store(StatusCode::INTERNAL_SERVER_ERROR).finish(),
    }
}

fn answer(policy: &str, content_type: &'static str, body: String) -> HttpResponse {
    no_store(StatusCode::OK)
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .content_type(content_type)
        .body(body)
}
