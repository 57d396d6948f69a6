//! Client authentication (RFC 6749 §2.3): the list of credential kinds, and the one function that
//! turns a request into an `AuthenticatedClient`.
//!
//! Every kind is asked what the request presents: none, one, or too many. An unknown client, a
//! wrong secret, an expired credential, a disabled client and a wrong method cost the same work
//! and end in the same error code; only the reason tells them apart.

mod admission;
mod assertion_key;
mod authenticate;
mod client_keys;
mod client_keys_table;
mod client_secret_basic;
mod client_secret_post;
mod derived_secret;
mod fetched_keys;
mod generated_secret;
mod imported_secret;
pub mod jwks_uri;
mod key_rules;
mod key_source;
mod kind;
pub mod networks;
mod offline;
mod password_hash;
mod private_key_jwt;
pub mod registered;
mod replay;
mod secret;
mod slow_check;
mod throttle;

pub use admission::{enabled, in_force, known, methods_of, provable};
pub use authenticate::{ASSERTION_REPLAYED, Attempt, AuthenticatedClient, Stop, authenticate, parameters};
pub use fetched_keys::FetchedKeys;
pub use generated_secret::{
    STRENGTH_BITS_MIN, generate as generate_secret, guesses_from, strength_bits as secret_strength_bits,
};
pub use imported_secret::{TakenOver, take_over};
pub use key_rules::{
    Fetched, KEYS_BYTES_MAX as KEY_SET_BYTES_MAX, fetched as judge_fetched_keys,
    of_registration as key_set_of_registration,
};
pub use kind::{CredentialKind, KINDS, RequestView, kind, methods, signing_algorithms};
pub use offline::{stored_secret_fits, would_authenticate};
pub use replay::{ENTRIES_MAX as REPLAY_ENTRIES_MAX, Replay, Use};
pub use secret::stored_form as stored_secret;
pub use slow_check::{Outcomes, Remembered, SettledBefore, SlowCheck};
pub use throttle::{FAILURES_PER_MINUTE, TOO_MANY_FAILURES, Throttle, ThrottleName};

/// What authentication remembers from one request to the next: one value for the whole process,
/// whatever is reloaded.
#[derive(Debug)]
pub struct Memory {
    pub replay: Replay,
    pub throttle: Throttle,
    pub fetched_keys: FetchedKeys,
    pub registrations: registered::Quota,
}

impl Memory {
    /// `failures_per_minute`: of one client from one source; 0 counts none.
    pub fn new(replay_entries_max: usize, failures_per_minute: u32) -> Self {
        Self {
            replay: Replay::new(replay_entries_max),
            throttle: Throttle::new(failures_per_minute),
            fetched_keys: FetchedKeys::default(),
            registrations: registered::Quota::default(),
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(REPLAY_ENTRIES_MAX, FAILURES_PER_MINUTE)
    }
}

/// Every reason of this module.
pub fn reasons() -> impl Iterator<Item = &'static crate::oauth::Reason> {
    [
        admission::REASONS,
        authenticate::REASONS,
        client_secret_basic::REASONS,
        secret::REASONS,
        private_key_jwt::REASONS,
        throttle::REASONS,
        assertion_key::REASONS,
        registered::REASONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
