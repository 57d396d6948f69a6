//! What a browser needs to be told, and what is believed of what it sends: the session cookie, the
//! origin of a form, the headers of every answer, and the token of the login form, which has no session
//! yet.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{DefaultHeaders, Next};
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, ResponseError};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::sessions::{SESSION_SECONDS_MAX, equal, random_text};
use crate::{Portal, Settings, pages};

/// No script, no frame, nothing from elsewhere; forms lead back here.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

pub fn response_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Content-Security-Policy", POLICY))
        .add(("X-Content-Type-Options", "nosniff"))
        // With `no-referrer` browsers hide the origin of a form from its own server.
        .add(("Referrer-Policy", "same-origin"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Cache-Control", "no-store"))
}

/// A form of another site is refused before anything reads it; form tokens are the second lock.
pub async fn refuse_other_origins<B: MessageBody>(
    portal: Data<Portal>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let is_form = *request.method() != Method::GET && *request.method() != Method::HEAD;
    if is_form && !is_from_here(request.headers(), &portal.settings) {
        let text =
            format!("This form comes from another address. Open {} and try again.", portal.settings.origin);
        let page = pages::message(StatusCode::FORBIDDEN, "Not from here", &text);
        return Ok(request.into_response(page).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// Browsers name the origin of every form. Who names none is no browser, and no other site's victim.
fn is_from_here(headers: &HeaderMap, settings: &Settings) -> bool {
    let same_origin = headers.get_all(ORIGIN).all(|origin| origin.as_bytes() == settings.origin.as_bytes());
    let site = headers.get("Sec-Fetch-Site");
    same_origin && site.is_none_or(|site| site == "same-origin" || site == "none")
}

/// The session of a request. A handler that names it runs only for who is logged in; everybody else
/// is led to the login page.
pub struct LoggedIn {
    pub session: String,
    pub developer: String,
}

impl FromRequest for LoggedIn {
    type Error = LogIn;
    type Future = std::future::Ready<Result<Self, LogIn>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(find_session(request).ok_or(LogIn))
    }
}

fn find_session(request: &HttpRequest) -> Option<LoggedIn> {
    let portal = request.app_data::<Data<Portal>>()?;
    let session = cookie(request.headers(), session_cookie(&portal.settings))?;
    let developer = portal.sessions.developer(&session)?;
    Some(LoggedIn { session, developer })
}

/// The answer to everything that needs a session and has none.
#[derive(Debug)]
pub struct LogIn;

impl std::fmt::Display for LogIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("log in first")
    }
}

impl ResponseError for LogIn {
    fn status_code(&self) -> StatusCode {
        StatusCode::SEE_OTHER
    }

    fn error_response(&self) -> HttpResponse {
        see_other("/login")
    }
}

pub fn see_other(path: &'static str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

/// Whether the browser still has the cookie of a session that ended.
pub fn had_a_session(request: &HttpRequest, settings: &Settings) -> bool {
    cookie(request.headers(), session_cookie(settings)).is_some()
}

/// Logged in: the cookie lives as long as the session can.
pub fn set_session(response: &mut HttpResponse, settings: &Settings, session: &str) {
    add_cookie(response, settings, session_cookie(settings), session, SESSION_SECONDS_MAX);
}

pub fn forget_session(response: &mut HttpResponse, settings: &Settings) {
    add_cookie(response, settings, session_cookie(settings), "", 0);
}

/// RFC 6265bis: the prefix makes browsers insist on `Secure`, no `Domain`, and the path.
fn session_cookie(settings: &Settings) -> &'static str {
    if settings.https { "__Host-portal-session" } else { "portal-session" }
}

fn login_cookie(settings: &Settings) -> &'static str {
    if settings.https { "__Host-portal-login" } else { "portal-login" }
}

fn add_cookie(response: &mut HttpResponse, settings: &Settings, name: &str, value: &str, seconds: i64) {
    let secure = if settings.https { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// The first cookie of that name. Only values that this portal makes count.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(COOKIE).filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.find(|(found, _)| *found == name)?.1;
    let is_ours =
        value.len() == 43 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    is_ours.then(|| value.to_owned())
}

/// Tokens of login forms: the cookie is random, the field its MAC, so that another site can neither
/// read nor guess the pair, and nothing is stored for who only looks at the page.
pub struct LoginForms(hmac::Key);

impl LoginForms {
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, random_text()?.as_bytes())))
    }

    /// The field, for the cookie that the browser has or gets now.
    pub fn begin(&self, request: &HttpRequest, settings: &Settings) -> anyhow::Result<(String, String)> {
        let cookie = match cookie(request.headers(), login_cookie(settings)) {
            Some(cookie) => cookie,
            None => random_text()?,
        };
        Ok((self.field(&cookie), cookie))
    }

    pub fn set_cookie(response: &mut HttpResponse, settings: &Settings, cookie: &str) {
        add_cookie(response, settings, login_cookie(settings), cookie, SESSION_SECONDS_MAX);
    }

    pub fn is_valid(&self, request: &HttpRequest, settings: &Settings, field: &str) -> bool {
        let cookie = cookie(request.headers(), login_cookie(settings));
        cookie.is_some_and(|cookie| equal(&self.field(&cookie), field))
    }

    fn field(&self, cookie: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, cookie.as_bytes()))
    }
}
