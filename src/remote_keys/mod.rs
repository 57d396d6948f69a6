//! Fetches the keys that clients publish (`jwks_uri`), in the background and never because of a
//! request. What is fetched is state of this replica (`client_auth::FetchedKeys`): no part of the
//! snapshot, kept through reloads, forgotten when no client names the source any more.
//!
//! ```text
//! thread      which sources the list in force names; what is due; what came of it
//! schedule    when a source is due: never twice in a minute
//! fetch       one request: https, no redirect, no proxy, limits
//! resolve     names to addresses, and which of them are refused
//! ```

mod fetch;
mod resolve;
mod schedule;
mod thread;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::oneshot;

pub use resolve::{Looked, Lookup, SystemLookup};

use crate::client_auth::Memory;
use crate::client_auth::networks::Networks;
use crate::clock::Clock;
use crate::issuer::Issuer;
use crate::telemetry::ClientKeysReport;

/// A fetch as a whole, from the look-up of the name to the last byte.
pub const DEADLINE: Duration = Duration::from_secs(10);
/// Between two looks at what is due.
pub const TICK: Duration = Duration::from_secs(1);

/// How keys are fetched.
#[derive(Clone)]
pub struct FetchSettings {
    /// From one good fetch to the next.
    pub refresh_seconds: u32,
    /// Networks inside which sources may lie.
    pub networks: Networks,
    /// Authorities beside those of the system (PEM); read for every fetch.
    pub ca: Option<PathBuf>,
    pub deadline: Duration,
    pub tick: Duration,
    pub lookup: Arc<dyn Lookup>,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            refresh_seconds: schedule::REFRESH_SECONDS_DEFAULT,
            networks: Networks::default(),
            ca: None,
            deadline: DEADLINE,
            tick: TICK,
            lookup: Arc::new(SystemLookup),
        }
    }
}

/// The thread that fetches. Dropping it stops the thread.
pub struct RemoteKeys {
    report: Arc<ArcSwap<ClientKeysReport>>,
    _stop: oneshot::Sender<()>,
}

impl RemoteKeys {
    /// # Errors
    /// When the system gives no thread or no runtime.
    pub fn start(
        settings: FetchSettings,
        current: Arc<ArcSwap<Issuer>>,
        memory: Arc<Memory>,
        clock: Arc<dyn Clock>,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let report = Arc::new(ArcSwap::default());
        let thread = thread::Thread::new(settings, current, memory, clock, Arc::clone(&report));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new()
            .name("remote-keys".to_owned())
            .spawn(move || runtime.block_on(thread.run(stopped)))?;
        Ok(Self { report, _stop: stop })
    }

    pub fn report(&self) -> ClientKeysReport {
        **self.report.load()
    }
}
