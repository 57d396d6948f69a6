//! Composition: settings and files become an `Issuer`, listeners and a running server.

mod bind;
mod inputs;
mod operator;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use anyhow::Context as _;
use arc_swap::ArcSwap;

pub use bind::Listen;
pub use inputs::{BuiltIn, Inputs, Parts, Rule, retention};

use crate::clock::Clock;
use crate::http::{self, Limits, Side, Status};
use crate::issuer::{Issuer, IssuerSettings, Observer};
use crate::reload::{Reloader, Request, Swapped};
use crate::telemetry::LogFormat;
use operator::Operator;

/// How the server runs, beside what it answers.
pub struct RunSettings {
    pub issuer: IssuerSettings,
    /// What this server refuses beyond `check`.
    pub rules: Vec<Rule>,
    pub listen: Vec<Listen>,
    pub limits: Limits,
    pub workers: usize,
    pub poll_interval: Duration,
    pub log_format: LogFormat,
    pub public_readyz: bool,
    /// Lines that the log writer dropped, when a log was installed.
    pub dropped_log_lines: Box<dyn Fn() -> u64 + Send + Sync>,
    pub swapped: Swapped,
}

/// A server that runs. Dropping it stops the reloading thread, not the server: call `stop`.
pub struct Running {
    pub addresses: Vec<SocketAddr>,
    pub current: Arc<ArcSwap<Issuer>>,
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

    /// Stops: not ready first, then no new connections, then the end of what is in flight.
    pub async fn stop(self) {
        self.operator.shut_down();
        let _ = self.reload.send(Request::Stop);
        for server in self.servers {
            server.stop(true).await;
        }
    }
}

/// Starts everything for a snapshot that was built.
///
/// # Errors
/// When an address cannot be listened on, or the system gives no thread.
pub async fn start(
    inputs: Inputs,
    issuer: Issuer,
    clock: Arc<dyn Clock>,
    settings: RunSettings,
) -> anyhow::Result<Running> {
    let current = Arc::new(ArcSwap::from_pointee(issuer));
    let connections = http::Connections::at_most(settings.limits.connections_max);
    let operator = Arc::new(Operator::new(
        Arc::clone(&current),
        Arc::clone(&clock),
        Arc::clone(&connections),
        settings.log_format,
        settings.dropped_log_lines,
    ));
    let state = Arc::new(http::State::new(
        Arc::clone(&current),
        Arc::clone(&clock),
        Arc::clone(&operator) as Arc<dyn Observer>,
        Arc::clone(&operator) as Arc<dyn Status>,
        settings.public_readyz,
    ));
    let mut addresses = Vec::new();
    let mut servers = Vec::new();
    for side in [Side::Public, Side::Admin] {
        let mut listeners = Vec::new();
        for listen in settings.listen.iter().filter(|listen| listen.side == side) {
            for socket in listen.bind()? {
                listeners.push(http::Listener { socket, tls: listen.tls.clone() });
            }
        }
        if listeners.is_empty() {
            continue;
        }
        let workers = if side == Side::Public { settings.workers } else { 1 };
        let configure = http::configure(Arc::clone(&state), side);
        let server =
            http::start(listeners, workers, settings.limits.clone(), Arc::clone(&connections), configure);
        let server = server.await.context("cannot start the server")?;
        addresses.extend(server.addresses());
        servers.push(server);
    }
    let reloader = Reloader {
        inputs,
        issuer: settings.issuer,
        rules: settings.rules,
        current: Arc::clone(&current),
        clock,
        status: operator.reload_status(),
        swapped: settings.swapped,
    };
    let reload = reloader.start(settings.poll_interval).context("cannot start the reloading thread")?;
    Ok(Running { addresses, current, reload, servers, operator })
}

/// A runtime for the calling thread; the server's workers have their own threads.
///
/// # Errors
/// When the system refuses one.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
