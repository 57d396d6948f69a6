//! Client authentication (RFC 6749 §2.3): the list of credential kinds, and the one function that
//! turns a request into an `AuthenticatedClient`.
//!
//! Every kind is asked what the request presents: none, one, or too many. An unknown client, a
//! wrong secret, an expired credential, a disabled client and a wrong method cost the same work
//! and end in the same error code; only the reason tells them apart.

mod authenticate;
mod client_secret_basic;
mod client_secret_post;
mod generated_secret;
mod kind;
mod secret;

pub use authenticate::{Attempt, AuthenticatedClient, authenticate, parameters};
pub use generated_secret::{generate as generate_secret, strength_bits as secret_strength_bits};
pub use kind::{CredentialKind, KINDS, RequestView, methods};
pub use secret::stored_form as stored_secret;

/// Every reason of this module.
pub fn reasons() -> impl Iterator<Item = &'static crate::oauth::Reason> {
    [authenticate::REASONS, client_secret_basic::REASONS, secret::REASONS].into_iter().flatten().copied()
}
