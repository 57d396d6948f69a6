//! The only map from reasons to HTTP: status and headers of a refusal (RFC 6749 §5.2).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};

use super::respond::no_store;
use crate::diagnostic::catalogue::requests;
use crate::issuer::Issuer;
use crate::oauth::{ErrorCode, Reason, Refusal, error_body};

const CHALLENGE: &str = "Basic realm=\"signet\", charset=\"UTF-8\"";

/// The status of a reason: its error code's, unless HTTP has a closer word for the cause.
pub fn status(reason: &Reason) -> StatusCode {
    let closer = [
        (&requests::HTTP_METHOD, StatusCode::METHOD_NOT_ALLOWED),
        (&requests::MEDIA_TYPE, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (&requests::CONTENT_ENCODING, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (&requests::TOO_MANY_FAILURES, StatusCode::TOO_MANY_REQUESTS),
    ];
    if let Some((_, status)) = closer.into_iter().find(|(code, _)| *code == reason.code) {
        return status;
    }
    match reason.error {
        ErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
        ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::InvalidRequest
        | ErrorCode::UnauthorizedClient
        | ErrorCode::UnsupportedGrantType
        | ErrorCode::InvalidScope
        | ErrorCode::InvalidTarget => StatusCode::BAD_REQUEST,
    }
}

/// The response for a refusal; `challenge` when the request used the Authorization header.
pub fn refusal(issuer: &Issuer, refusal: &Refusal, challenge: bool) -> HttpResponse {
    let reason = refusal.reason;
    let status = status(reason);
    let description =
        if issuer.settings().reveal_reasons { refusal.private_description() } else { refusal.description() };
    let mut response = no_store(status);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.insert_header((ALLOW, "POST"));
    }
    if status == StatusCode::UNAUTHORIZED && challenge {
        response.insert_header((WWW_AUTHENTICATE, CHALLENGE));
    }
    if let Some(seconds) = refusal.retry_after_seconds {
        response.insert_header((RETRY_AFTER, seconds));
    }
    response.content_type("application/json").body(error_body(issuer.url(), reason.error, &description))
}
