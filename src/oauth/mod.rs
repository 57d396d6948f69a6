//! The words of OAuth 2.0: identifiers, scopes, request parameters, reasons for a refusal, and
//! the JSON of responses. Everything here is a value; nothing knows HTTP or a file.

mod ids;
pub mod params;
mod reason;
mod response;
mod scope;

pub use ids::{
    Audience, CLIENT_ID_BYTES_MAX, ClientId, ISSUER_BYTES_MAX, IssuerUrl, REGISTERED_ID_BYTES_MAX,
    REGISTERED_ID_PREFIX,
};
pub use params::{Params, decode_form};
pub(crate) use reason::reasons;
pub use reason::{ErrorCode, Reason, Refusal};
pub use response::{error_body, token_body};
pub use scope::{ScopeToken, parse_scope};
