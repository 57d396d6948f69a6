//! Registration of clients (RFC 7591), without keeping any: who registers (`registrar`), what was
//! asked (`metadata`), what of it the policy grants (`bounds`), and the answer (`response`). The
//! result is an id that every replica recognises (`client_auth::registered`). Knows no HTTP.

mod bounds;
mod metadata;
mod registrar;
mod response;

pub use bounds::{Grounds, granted};
pub use metadata::ClientMetadata;
pub use registrar::{ACCESS_TOKEN, Registrar, prove, prove_by_token, token_of};
pub use response::{registration_body, scope as scope_of};

/// Every reason of this module.
pub fn reasons() -> impl Iterator<Item = &'static crate::oauth::Reason> {
    [bounds::REASONS, metadata::REASONS, registrar::REASONS].into_iter().flatten().copied()
}
