//! The only map from reasons to HTTP: status and headers of a refusal (RFC 6749 §5.2).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};

use super::respond::no_store;
use crate::client_auth::registered::REGISTRATION_SCOPE;
use crate::diagnostic::catalogue::requests;
use crate::issuer::Issuer;
use crate::oauth::{ErrorCode, Reason, Refusal, error_body};

const BASIC: &str = "Basic realm=\"signet\", charset=\"UTF-8\"";
const BEARER: &str = "Bearer realm=\"signet\"";

/// Which `WWW-Authenticate` a 401 carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    None,
    /// The request used the `Authorization` header (RFC 6749 §5.2).
    Basic,
    /// The request proved nothing and may do so either way (RFC 6750 §3.1: no error code then).
    BearerOrBasic,
}

/// The status of a reason: its error code's, unless HTTP has a closer word for the cause.
pub fn status(reason: &Reason) -> StatusCode {
    let closer = [
        (&requests::HTTP_METHOD, StatusCode::METHOD_NOT_ALLOWED),
        (&requests::MEDIA_TYPE, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (&requests::CONTENT_ENCODING, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (&requests::TOO_MANY_FAILURES, StatusCode::TOO_MANY_REQUESTS),
        (&requests::REGISTRATION_HTTP_METHOD, StatusCode::METHOD_NOT_ALLOWED),
        (&requests::REGISTRATION_MEDIA_TYPE, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (&requests::REGISTRATION_QUOTA_USED_UP, StatusCode::TOO_MANY_REQUESTS),
    ];
    if let Some((_, status)) = closer.into_iter().find(|(code, _)| *code == reason.code) {
        return status;
    }
    match reason.error {
        ErrorCode::InvalidClient | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
        ErrorCode::InsufficientScope | ErrorCode::AccessDenied => StatusCode::FORBIDDEN,
        ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::InvalidRequest
        | ErrorCode::UnauthorizedClient
        | ErrorCode::UnsupportedGrantType
        | ErrorCode::InvalidScope
        | ErrorCode::InvalidTarget
        | ErrorCode::InvalidClientMetadata
        | ErrorCode::InvalidRedirectUri
        | ErrorCode::InvalidSoftwareStatement
        | ErrorCode::UnapprovedSoftwareStatement => StatusCode::BAD_REQUEST,
    }
}

/// The response for a refusal.
pub fn refusal(issuer: &Issuer, refusal: &Refusal, challenge: Challenge) -> HttpResponse {
    let reason = refusal.reason;
    let status = status(reason);
    let description =
        if issuer.settings().reveal_reasons { refusal.private_description() } else { refusal.description() };
    let mut response = no_store(status);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.insert_header((ALLOW, "POST"));
    }
    for challenge in challenges(reason, challenge) {
        response.append_header((WWW_AUTHENTICATE, challenge));
    }
    if let Some(seconds) = refusal.retry_after_seconds {
        response.insert_header((RETRY_AFTER, seconds));
    }
    response.content_type("application/json").body(error_body(issuer.url(), reason.error, &description))
}

/// RFC 6750 §3 for what is wrong with a token, RFC 6749 §5.2 for the rest.
fn challenges(reason: &Reason, challenge: Challenge) -> Vec<String> {
    match (reason.error, challenge) {
        (ErrorCode::InvalidToken, _) => vec![format!("{BEARER}, error=\"invalid_token\"")],
        (ErrorCode::InsufficientScope, _) => {
            vec![format!("{BEARER}, error=\"insufficient_scope\", scope=\"{REGISTRATION_SCOPE}\"")]
        }
        (ErrorCode::InvalidClient, Challenge::Basic) => vec![BASIC.to_owned()],
        (ErrorCode::InvalidClient, Challenge::BearerOrBasic) => vec![BEARER.to_owned(), BASIC.to_owned()],
        _ => Vec::new(),
    }
}
