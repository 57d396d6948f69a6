//! Listeners, workers and the way down. No signals here: whoever started the server stops it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use actix_server::{Server, ServerHandle};
use tokio::task::JoinHandle;

use super::connection::{Configure, ConnectionFactory};
use super::connections::Connections;
use super::drain::DrainStarter;
use super::guard::Common;
use super::limits::Limits;
use super::tls::TlsAcceptorSource;

/// A bound socket, and whether TLS is spoken on it.
#[derive(Debug)]
pub struct Listener {
    pub socket: TcpListener,
    pub tls: Option<TlsAcceptorSource>,
}

/// Keeps the server alive: dropping it closes every listener and connection.
#[derive(Debug)]
#[must_use]
pub struct RunningServer {
    addresses: Vec<SocketAddr>,
    shutdown_deadline: Duration,
    drain: DrainStarter,
    handle: ServerHandle,
    task: Option<JoinHandle<io::Result<()>>>,
}

/// Starts `workers` threads that serve all `listeners`. `configure` describes the application
/// and is called once for each pair of worker and listener. Has to be awaited in a Tokio runtime
/// that stays alive and keeps being polled.
///
/// # Errors
/// No listener, no worker, or a socket or thread that the system refuses.
pub async fn start<C>(
    listeners: Vec<Listener>,
    workers: usize,
    limits: Limits,
    connections: Arc<Connections>,
    configure: C,
) -> io::Result<RunningServer>
where
    C: Configure + Send + 'static,
{
    if listeners.is_empty() || !(1..=WORKERS_MAX).contains(&workers) {
        return Err(io::Error::other("a server needs a listener and between 1 and 512 workers"));
    }
    let shutdown_deadline = limits.shutdown_deadline;
    let drain = DrainStarter::default();
    let common = Common { limits: Arc::new(limits), connections, drain: drain.listener() };
    let mut builder = Server::build()
        .workers(workers)
        .disable_signals()
        // Counted in `Connections`, which closes what is too much instead of letting it wait.
        .max_concurrent_connections(usize::MAX)
        // `RunningServer::stop` ends the wait itself, to the millisecond.
        .shutdown_timeout(shutdown_deadline.as_secs().saturating_add(1));
    let mut addresses = Vec::new();
    for Listener { socket, tls } in listeners {
        addresses.push(socket.local_addr()?);
        let (common, configure) = (common.clone(), configure.clone());
        builder = builder.listen("http", socket, move || ConnectionFactory {
            common: common.clone(),
            tls: tls.clone(),
            configure: configure.clone(),
        })?;
    }
    let mut server = Box::pin(builder.run());
    let handle = server.handle();
    // The first poll starts the threads, so what goes wrong there is told to the caller.
    if let Poll::Ready(ended) = std::future::poll_fn(|cx| Poll::Ready(server.as_mut().poll(cx))).await {
        ended?;
    }
    let task = Some(tokio::spawn(server));
    Ok(RunningServer { addresses, shutdown_deadline, drain, handle, task })
}

/// What actix-server takes.
const WORKERS_MAX: usize = 512;

impl RunningServer {
    /// Where the listeners are bound, in the order given.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Stops accepting. A graceful stop closes pausing connections at once, lets requests in
    /// flight be answered with `Connection: close` for at most the shutdown deadline, and drops
    /// the rest; any other stop drops everything.
    pub async fn stop(mut self, graceful: bool) {
        if graceful {
            self.drain.start();
            let _ = tokio::time::timeout(self.shutdown_deadline, self.handle.stop(true)).await;
        } else {
            self.handle.stop(false).await;
        }
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// Waits until the server ends without having been stopped.
    ///
    /// # Errors
    /// Whatever ended it.
    pub async fn failed(&mut self) -> io::Result<()> {
        let Some(task) = &mut self.task else { return Ok(()) };
        let ended = task.await.map_err(io::Error::other);
        self.task = None;
        ended?
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
