//! From a proved client to a signed token: what it may reach, the claims, the signature.

mod authorization;
mod claims;
mod lifetime;
mod minter;
mod reach;
mod reuse;

pub use authorization::Authorization;
pub use lifetime::{Lifetime, LifetimeSource, lifetime, lifetime_at};
pub use minter::{MintSettings, Minter, SIGNING_FAILED, SignedToken, UnsignedToken, signing_key};
pub use reach::{PARAMETERS as REACH_PARAMETERS, Reach, reach};
pub use reuse::{Place, Reuse};

/// Every reason of this module.
pub fn reasons() -> impl Iterator<Item = &'static crate::oauth::Reason> {
    [minter::REASONS, reach::REASONS].into_iter().flatten().copied()
}
