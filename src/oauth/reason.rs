//! Why a request is refused. A `Reason` holds no request data, so it cannot leak any; HTTP's
//! status codes are `http/error.rs`'s business alone.

use std::borrow::Cow;

use crate::diagnostic::Code;

/// The `error` values (RFC 6749 §5.2, RFC 8707 §2, RFC 6750 §3.1, RFC 7591 §3.2.2, and RFC 6749
/// §4.1.2.1 for the last three).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    InvalidRequest,
    InvalidClient,
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
    InvalidTarget,
    InvalidToken,
    InsufficientScope,
    InvalidClientMetadata,
    InvalidRedirectUri,
    InvalidSoftwareStatement,
    UnapprovedSoftwareStatement,
    AccessDenied,
    TemporarilyUnavailable,
    ServerError,
}

impl ErrorCode {
    pub const ALL: &[Self] = &[
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::UnauthorizedClient,
        Self::UnsupportedGrantType,
        Self::InvalidScope,
        Self::InvalidTarget,
        Self::InvalidToken,
        Self::InsufficientScope,
        Self::InvalidClientMetadata,
        Self::InvalidRedirectUri,
        Self::InvalidSoftwareStatement,
        Self::UnapprovedSoftwareStatement,
        Self::AccessDenied,
        Self::TemporarilyUnavailable,
        Self::ServerError,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidSoftwareStatement => "invalid_software_statement",
            Self::UnapprovedSoftwareStatement => "unapproved_software_statement",
            Self::AccessDenied => "access_denied",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }
}

/// One way to be refused; declared as a constant beside the check that produces it. Its name,
/// sentence and long text stand in the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Reason {
    pub error: ErrorCode,
    pub code: &'static Code,
}

impl Reason {
    pub const fn new(error: ErrorCode, code: &'static Code) -> Self {
        Self { error, code }
    }

    /// Ends a check: `return CLIENT_UNKNOWN.refuse();`
    ///
    /// # Errors
    /// Always, with this reason.
    pub fn refuse<T>(&'static self) -> Result<T, Refusal> {
        Err(self.into())
    }
}

/// Declares the reasons of one file, and the list `REASONS` of them.
macro_rules! reasons {
    ($($name:ident = $error:ident $code:ident;)*) => {
        $(pub static $name: $crate::oauth::Reason = $crate::oauth::Reason::new(
            $crate::oauth::ErrorCode::$error,
            &$crate::diagnostic::catalogue::requests::$code,
        );)*
        /// Every reason of this file.
        pub static REASONS: &[&$crate::oauth::Reason] = &[$(&$name),*];
    };
}
pub(crate) use reasons;

/// A refusal: the reason, and names that the sentence may show (a scope, a parameter).
#[derive(Clone, Debug)]
pub struct Refusal {
    pub reason: &'static Reason,
    name: Option<Cow<'static, str>>,
    /// When the same request may be tried again (RFC 9110 §10.2.3).
    pub retry_after_seconds: Option<u32>,
}

impl Refusal {
    /// Adds a name from the request to the description. What RFC 6749 §5.2 does not allow there
    /// (anything but `%x20-21 / %x23-5B / %x5D-7E`) becomes `?`; it is cut after 64 characters.
    pub fn naming(reason: &'static Reason, name: &str) -> Self {
        let safe = name
            .chars()
            .take(NAME_CHARACTERS_MAX)
            .map(|c| if (c.is_ascii_graphic() || c == ' ') && c != '"' && c != '\\' { c } else { '?' })
            .collect::<String>();
        Self { reason, name: Some(safe.into()), retry_after_seconds: None }
    }

    /// Says when to try again.
    pub fn after(reason: &'static Reason, retry_after_seconds: u32) -> Self {
        Self { retry_after_seconds: Some(retry_after_seconds), ..reason.into() }
    }

    /// `error_description`: the fixed sentence, then the name. Failed authentication always reads
    /// the same (RFC 6749 §5.2 needs one answer for all of its causes).
    pub fn description(&self) -> String {
        if self.reason.error == ErrorCode::InvalidClient {
            return CLIENT_AUTHENTICATION_FAILED.to_owned();
        }
        self.private_description()
    }

    /// The description for people who may know the cause: the log, and the answers of `dev`.
    pub fn private_description(&self) -> String {
        match &self.name {
            Some(name) => format!("{}: {name}", self.reason.code.title),
            None => self.reason.code.title.to_owned(),
        }
    }
}

impl From<&'static Reason> for Refusal {
    fn from(reason: &'static Reason) -> Self {
        Self { reason, name: None, retry_after_seconds: None }
    }
}

const NAME_CHARACTERS_MAX: usize = 64;
const CLIENT_AUTHENTICATION_FAILED: &str = "client authentication failed";
