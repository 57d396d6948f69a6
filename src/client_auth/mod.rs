//! Client authentication (RFC 6749 §2.3): the list of credential kinds, and the one function that
//! turns a request into an `AuthenticatedClient`.

mod kind;

pub use kind::{CredentialKind, KINDS, RequestView};
