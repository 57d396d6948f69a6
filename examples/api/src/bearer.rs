//! RFC 6750: where a bearer token may stand in a request, and how a refusal is said. One place takes
//! it, the header `Authorization`; a token in the query or in the body is refused even when it is good,
//! because addresses end up in logs. What makes a token good stands in `access_token.rs`.

use std::fmt;
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use futures_util::future::LocalBoxFuture;
use serde_json::json;

use crate::access_token::{AccessToken, Refusal, Verifier};

/// Far above every token of the issuer, far below what a buffer would mind.
const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// Of a form, only to see whether it holds a token.
const FORM_BYTES_MAX: usize = 16 * 1024;

/// One scope, as a type, so that a handler says what it needs by its arguments.
pub trait Scope: 'static {
    const NAME: &'static str;
}

/// Proof that the request has a good token with the scope `S`. Nothing else makes one.
pub struct Authorized<S: Scope> {
    pub token: AccessToken,
    scope: PhantomData<S>,
}

impl<S: Scope> FromRequest for Authorized<S> {
    type Error = BearerError;
    type Future = LocalBoxFuture<'static, Result<Self, BearerError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let presented = token_in_header(request).and_then(|token| {
            if names_a_token(request.query_string().as_bytes()) {
                return Err(Why::InvalidRequest("a token in the query is never accepted"));
            }
            Ok(token)
        });
        let verifier = request.app_data::<Data<Verifier>>().cloned();
        let realm = verifier.as_ref().map_or("", |verifier| verifier.audience()).to_owned();
        // A form is no body of this API, so nobody misses what is read of it here.
        let form = is_form(request).then(|| Bytes::from_request(request, payload));
        Box::pin(async move {
            let judged = async {
                let presented = presented?;
                if let Some(form) = form {
                    let body = form.await.map_err(|_| Why::InvalidRequest("the body cannot be read"))?;
                    if body.len() > FORM_BYTES_MAX || names_a_token(&body) {
                        return Err(Why::InvalidRequest("a token in the body is not accepted"));
                    }
                }
                let token = presented.ok_or(Why::NoToken)?;
                let token = verifier.ok_or(Why::KeysUnavailable)?.verify(&token).await?;
                if !token.has_scope(S::NAME) {
                    return Err(Why::InsufficientScope(S::NAME));
                }
                Ok(token)
            };
            let token = judged.await.map_err(|why| BearerError { realm, why })?;
            Ok(Self { token, scope: PhantomData })
        })
    }
}

/// RFC 6750 §2.1: `Bearer`, in any case, one space or more, `b64token`. Another scheme is no token.
fn token_in_header(request: &HttpRequest) -> Result<Option<String>, Why> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Why::InvalidRequest("more than one Authorization header"));
    }
    let malformed = Why::InvalidRequest("the header is not Authorization: Bearer TOKEN");
    let Ok(value) = value.to_str() else { return Err(malformed) };
    let (scheme, rest) =
        value.split_at_checked(value.find(' ').unwrap_or(value.len())).unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        // `Bearer<tab>x` or `Bearer,x` is a bearer token gone wrong and not another scheme.
        let meant = scheme.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("Bearer"));
        return if meant { Err(malformed) } else { Ok(None) };
    }
    let token = rest.trim_start_matches(' ');
    let (body, padding) = token.split_at_checked(token.trim_end_matches('=').len()).unwrap_or((token, ""));
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    let is_b64token = !body.is_empty() && body.bytes().all(allowed) && padding.len() <= 2;
    if !is_b64token || token.len() > TOKEN_BYTES_MAX {
        return Err(malformed);
    }
    Ok(Some(token.to_owned()))
}

fn is_form(request: &HttpRequest) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Whether form-encoded text has the parameter `access_token` (RFC 6750 §2.2, §2.3), however its
/// name is escaped.
fn names_a_token(encoded: &[u8]) -> bool {
    url::form_urlencoded::parse(encoded).any(|(name, _)| name == "access_token")
}

/// A request that goes no further, as its sender is told (RFC 6750 §3).
#[derive(Debug)]
pub struct BearerError {
    /// What the API is called: its audience.
    realm: String,
    why: Why,
}

/// RFC 6750 §3.1
#[derive(Debug)]
enum Why {
    /// No error code: the client may not have known that a token is needed.
    NoToken,
    InvalidRequest(&'static str),
    InvalidToken(&'static str),
    InsufficientScope(&'static str),
    /// Nothing can be said about the token, so nothing bad is said about it.
    KeysUnavailable,
}

impl From<Refusal> for Why {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Token(reason) => Self::InvalidToken(reason),
            Refusal::NoKeys => Self::KeysUnavailable,
        }
    }
}

impl Why {
    fn code(&self) -> Option<&'static str> {
        match self {
            Self::NoToken | Self::KeysUnavailable => None,
            Self::InvalidRequest(_) => Some("invalid_request"),
            Self::InvalidToken(_) => Some("invalid_token"),
            Self::InsufficientScope(_) => Some("insufficient_scope"),
        }
    }
}

impl fmt::Display for BearerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            Why::NoToken => f.write_str("this needs an access token: Authorization: Bearer TOKEN"),
            Why::InvalidRequest(reason) | Why::InvalidToken(reason) => f.write_str(reason),
            Why::InsufficientScope(scope) => write!(f, "this needs the scope {scope}"),
            Why::KeysUnavailable => f.write_str("the keys of the issuer cannot be fetched; try again"),
        }
    }
}

impl ResponseError for BearerError {
    fn status_code(&self) -> StatusCode {
        match self.why {
            Why::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Why::NoToken | Why::InvalidToken(_) => StatusCode::UNAUTHORIZED,
            Why::InsufficientScope(_) => StatusCode::FORBIDDEN,
            Why::KeysUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        let body = match self.why.code() {
            Some(code) => json!({"error": code, "error_description": self.to_string()}),
            None => json!({"error_description": self.to_string()}),
        };
        if matches!(self.why, Why::KeysUnavailable) {
            return response.insert_header(("Retry-After", "5")).json(body);
        }
        let mut challenge = format!("Bearer realm=\"{}\"", self.realm);
        if let Some(code) = self.why.code() {
            challenge += &format!(", error=\"{code}\", error_description=\"{self}\"");
        }
        if let Why::InsufficientScope(scope) = self.why {
            challenge += &format!(", scope=\"{scope}\"");
        }
        response.insert_header((WWW_AUTHENTICATE, challenge)).json(body)
    }
}
