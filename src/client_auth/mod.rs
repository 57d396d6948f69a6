//! Client authentication (RFC 6749 §2.3): the list of credential kinds, and the one function that
//! turns a request into an `AuthenticatedClient`.

mod kind;
mod secret;

pub use kind::{CredentialKind, KINDS, RequestView};
pub use secret::{ClientSecret, stored_form};
