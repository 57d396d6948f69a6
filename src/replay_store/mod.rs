//! One-time use across a fleet: replicas note in a Valkey or Redis that they share which client
//! assertions were used (RFC 7523 §3 item 7). The one call to another server that a request may
//! cause; without the setting there is none, and only requests with an assertion ever wait for it.
//!
//! One command for one assertion, so that finding and noting are one step: `SET name 1 NX EX ttl`.
//! Names are digests; neither client ids nor assertions leave the process.

mod address;
mod link;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::client_auth::Use;
use crate::clock::UnixTime;
use crate::config::WhenStoreDown;
use crate::oauth::Refusal;
pub use address::Settings;
use link::Link;

crate::oauth::reasons! {
    REPLAY_STORE_DOWN = TemporarilyUnavailable REPLAY_STORE_DOWN;
}

/// In front of every name, for access lists and for people.
const PREFIX: &str = "signet:jti:";

/// What is known of a use when the answer is no refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    First,
    Before,
    /// First at this replica; the others could not be asked.
    Local,
}

/// What a scrape says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    pub up: bool,
    pub when_down: WhenStoreDown,
    pub first: u64,
    pub before: u64,
    pub failed: u64,
}

pub struct ReplayStore {
    link: Arc<Link>,
    when_down: WhenStoreDown,
    first: AtomicU64,
    before: AtomicU64,
    failed: AtomicU64,
}

impl ReplayStore {
    /// Connects, in vain too: a server without its store still serves keys and secrets. The
    /// connection is kept up by a task of the calling runtime.
    pub async fn start(settings: Settings) -> Self {
        let when_down = settings.when_down();
        let link = Link::start(settings).await;
        let (first, before, failed) = Default::default();
        Self { link, when_down, first, before, failed }
    }

    /// Notes a use for all replicas.
    ///
    /// # Errors
    /// `temporarily_unavailable` when the store cannot be asked and assertions then are refused.
    pub async fn note(&self, used: &Use, now: UnixTime) -> Result<Noted, Refusal> {
        let name = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(used.name));
        let seconds = used.ends.since(now).max(1);
        let (count, noted) = match (self.link.set_if_absent(&name, seconds).await, self.when_down) {
            (Ok(true), _) => (&self.first, Ok(Noted::First)),
            (Ok(false), _) => (&self.before, Ok(Noted::Before)),
            (Err(link::Down), WhenStoreDown::Local) => (&self.failed, Ok(Noted::Local)),
            (Err(link::Down), WhenStoreDown::Refuse) => {
                (&self.failed, Err(Refusal::after(&REPLAY_STORE_DOWN, link::RETRY_AFTER_SECONDS)))
            }
        };
        count.fetch_add(1, Ordering::Relaxed);
        noted
    }

    pub fn report(&self) -> Report {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let (first, before, failed) = (of(&self.first), of(&self.before), of(&self.failed));
        Report { up: self.link.is_up(), when_down: self.when_down, first, before, failed }
    }
}
