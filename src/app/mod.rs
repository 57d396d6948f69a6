//! Composition: settings and files become an `Issuer`, listeners and a running server.

mod bind;
mod operator;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use anyhow::Context as _;
use arc_swap::ArcSwap;

pub use bind::Listen;

use crate::client_auth::Memory;
use crate::clock::Clock;
use crate::http::{self, Limits, Side, Status};
use crate::inputs::{Certificate, Inputs, Rule, Snapshot};
use crate::issuer::{IssuerSettings, Observer};
use crate::reload::{GuardSettings, Reloader, Request};
use crate::remote_keys::{FetchSettings, RemoteKeys};
use crate::replay_store::{self, ReplayStore};
use crate::telemetry::LogFormat;
use operator::{Counted, Operator};

/// How the server runs, beside what it answers.
pub struct RunSettings {
    pub issuer: IssuerSettings,
    /// What this server refuses beyond `check`.
    pub rules: Vec<Rule>,
    pub listen: Vec<Listen>,
    /// Read again with everything else, when it came from files.
    pub certificate: Option<Certificate>,
    pub limits: Limits,
    pub workers: usize,
    /// For imported password hashes.
    pub slow_check_threads: usize,
    pub poll_interval: Duration,
    /// What a reload may not do without being told twice.
    pub guard: GuardSettings,
    pub log_format: LogFormat,
    pub public_readyz: bool,
    /// Pages on the public listeners, and the last decisions on them.
    pub for_development: bool,
    /// What authentication remembers between requests; kept through reloads.
    pub memory: Arc<Memory>,
    /// What a fleet remembers together.
    pub replay_store: Option<replay_store::Settings>,
    /// Lines that the log writer dropped, when a log was installed.
    pub dropped_log_lines: Box<dyn Fn() -> u64 + Send + Sync>,
    /// How keys are fetched that clients publish.
    pub client_keys: FetchSettings,
}

/// A server that runs. Dropping it stops the reloading thread, not the server: call `stop`.
pub struct Running {
    pub addresses: Vec<SocketAddr>,
    reload: Sender<Request>,
    servers: Vec<http::RunningServer>,
    operator: Arc<Operator>,
}

impl Running {
    /// Reads clients and keys again, soon.
    pub fn reload(&self) {
        // The thread is gone only when the process ends.
        let _ = self.reload.send(Request::Now);
    }

    /// Waits until a listener ends without having been stopped.
    ///
    /// # Errors
    /// Whatever ended it.
    pub async fn failed(&mut self) -> std::io::Result<()> {
        let ends = self.servers.iter_mut().map(|server| Box::pin(server.failed()));
        futures_util::future::select_all(ends).await.0
    }

    /// Stops: not ready first, then no new connections, then the end of what is in flight. The
    /// admin listener says "not ready" meanwhile and is dropped at the end: a second wait for it
    /// would add to the deadline that orchestrators know.
    pub async fn stop(self) {
        self.operator.shut_down();
        let _ = self.reload.send(Request::Stop);
        let mut servers = self.servers.into_iter();
        if let Some(public) = servers.next() {
            public.stop(true).await;
        }
        for admin in servers {
            admin.stop(false).await;
        }
    }
}

/// Starts everything for a snapshot that was built.
///
/// # Errors
/// When an address cannot be listened on, or the system gives no thread.
pub async fn start(
    inputs: Inputs,
    snapshot: Snapshot,
    clock: Arc<dyn Clock>,
    settings: RunSettings,
) -> anyhow::Result<Running> {
    let Snapshot { issuer, contents, end_markers, named_files } = snapshot;
    let current = Arc::new(ArcSwap::from_pointee(issuer));
    let connections = http::Connections::at_most(settings.limits.connections_max);
    let slow_checks = http::SlowChecks::start(settings.slow_check_threads);
    let slow_checks = Arc::new(slow_checks.context("cannot start the checking threads")?);
    let remote_keys = RemoteKeys::start(
        settings.client_keys,
        Arc::clone(&current),
        Arc::clone(&settings.memory),
        Arc::clone(&clock),
    );
    let replay_store = match settings.replay_store {
        Some(settings) => Some(Arc::new(ReplayStore::start(settings).await)),
        None => None,
    };
    let operator = Arc::new(Operator::new(
        Arc::clone(&current),
        Arc::clone(&clock),
        Counted {
            connections: Arc::clone(&connections),
            memory: Arc::clone(&settings.memory),
            slow_checks: Arc::clone(&slow_checks),
            remote_keys: remote_keys.context("cannot start the thread that fetches keys")?,
            replay_store: replay_store.clone(),
            dropped_log_lines: settings.dropped_log_lines,
        },
        settings.log_format,
    ));
    let state = http::State::new(
        Arc::clone(&current),
        Arc::clone(&clock),
        Arc::clone(&operator) as Arc<dyn Observer>,
        Arc::clone(&operator) as Arc<dyn Status>,
        Arc::clone(&settings.memory),
        Arc::clone(&slow_checks),
        settings.public_readyz,
    );
    let state = state.with_replay_store(replay_store);
    let state = Arc::new(if settings.for_development { state.for_development() } else { state });
    // All addresses are bound before anything is served: a port in use ends the start cleanly.
    let public = listeners(&settings.listen, Side::Public)?;
    let admin = listeners(&settings.listen, Side::Admin)?;
    let of_admin = http::Connections::at_most(ADMIN_CONNECTIONS_MAX);
    let sides = [(Side::Public, public, settings.workers, connections), (Side::Admin, admin, 1, of_admin)];
    let mut servers = Vec::new();
    for (side, listeners, workers, connections) in sides {
        let configure = http::configure(Arc::clone(&state), side);
        let server = http::start(listeners, workers, settings.limits.clone(), connections, configure);
        servers.push(server.await.context("cannot start the server")?);
    }
    let reloader = Reloader {
        inputs,
        certificate: settings.certificate,
        issuer: settings.issuer,
        rules: settings.rules,
        current: Arc::clone(&current),
        clock,
        status: operator.reload_status(),
        guard: settings.guard,
    };
    let reload = reloader
        .start(settings.poll_interval, contents, end_markers, named_files)
        .context("cannot start the reloading thread")?;
    let addresses = servers.iter().flat_map(http::RunningServer::addresses).copied().collect();
    Ok(Running { addresses, reload, servers, operator })
}

/// Probes, scrapes and people; the public listener's crowd cannot use them up.
const ADMIN_CONNECTIONS_MAX: usize = 256;

fn listeners(listen: &[Listen], side: Side) -> anyhow::Result<Vec<http::Listener>> {
    let mut listeners = Vec::new();
    for listen in listen.iter().filter(|listen| listen.side == side) {
        for socket in listen.bind()? {
            listeners.push(http::Listener { socket, tls: listen.tls.clone() });
        }
    }
    Ok(listeners)
}

/// A runtime for the calling thread; the server's workers have their own threads.
///
/// # Errors
/// When the system refuses one.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
