//! Loads: a closed loop, in which every connection sends its next request when the answer to the
//! last one is complete, and an open loop, in which requests are due at fixed moments whatever became
//! of those before. Latency counts from the moment at which a request was due.

use std::time::{Duration, Instant};

use super::crowd::Crowd;
use super::server::Server;

/// Busy for more of the time than this, and the load cannot tell what the server could have done.
const BUSY_MAX: f64 = 0.8;
/// Between the last connection and the first request.
const HEAD_START: Duration = Duration::from_millis(20);

/// One kind of request, and the statuses that it may get.
pub struct Load {
    request: Request,
    expected: &'static [u16],
}

enum Request {
    Same(Vec<u8>),
    /// The n-th of its kind; no two are alike.
    Fresh(Box<dyn Fn(usize) -> Vec<u8> + Send + Sync>),
}

#[derive(Clone, Copy)]
pub enum Pace {
    Closed,
    /// So many a second, over all connections.
    Open(f64),
}

/// What some of the connections do.
pub struct Part<'l> {
    pub load: &'l Load,
    pub connections: usize,
    pub pace: Pace,
}

/// One request.
pub struct Sample {
    pub due: Instant,
    pub latency: Duration,
    /// What the connection was busy for when it was due.
    pub late: Duration,
    /// 0 when there was no answer.
    pub status: u16,
    pub retry_after: bool,
}

pub struct Outcome {
    /// By latency.
    pub samples: Vec<Sample>,
    pub elapsed: Duration,
    /// Of all parts of the load.
    pub server_cpu: Duration,
    pub busy: Duration,
}

impl Outcome {
    pub fn per_second(&self) -> f64 {
        self.samples.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// Microseconds of the server's core for each answer.
    pub fn cpu_micros(&self) -> f64 {
        self.server_cpu.as_secs_f64() * 1e6 / self.samples.len() as f64
    }

    pub fn server_share(&self) -> f64 {
        self.server_cpu.as_secs_f64() / self.elapsed.as_secs_f64()
    }

    /// The share of the time in which the load had something to do: it never sleeps.
    pub fn load_share(&self) -> f64 {
        self.busy.as_secs_f64() / self.elapsed.as_secs_f64()
    }

    pub fn is_void(&self) -> bool {
        self.load_share() > BUSY_MAX
    }

    /// Milliseconds.
    pub fn quantile(&self, part: f64) -> f64 {
        quantile(self.samples.iter(), part)
    }
}

/// Milliseconds; the samples are in the order of their latency.
pub fn quantile<'s>(samples: impl Iterator<Item = &'s Sample>, part: f64) -> f64 {
    let latencies: Vec<Duration> = samples.map(|sample| sample.latency).collect();
    let index = ((latencies.len() as f64 * part) as usize).min(latencies.len().saturating_sub(1));
    latencies.get(index).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
}

impl Load {
    pub fn same(request: Vec<u8>, expected: &'static [u16]) -> Self {
        Self { request: Request::Same(request), expected }
    }

    pub fn fresh(
        request: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
        expected: &'static [u16],
    ) -> Self {
        Self { request: Request::Fresh(Box::new(request)), expected }
    }

    /// The `number`-th request, and what `send` makes of it.
    pub fn with_request<T>(&self, number: usize, send: impl FnOnce(&[u8]) -> T) -> T {
        match &self.request {
            Request::Same(request) => send(request),
            Request::Fresh(make) => send(&make(number)),
        }
    }

    pub fn check(&self, status: u16, body: &[u8]) {
        let text = || String::from_utf8_lossy(body);
        assert!(self.expected.contains(&status), "{status} {}", text());
    }

    /// Drives the server for so long.
    pub fn drive(&self, server: &Server, connections: usize, pace: Pace, duration: Duration) -> Outcome {
        let part = Part { load: self, connections, pace };
        let [outcome] = drive_together(server, [part], duration);
        outcome
    }
}

/// Several loads at once, from one thread that never sleeps: a server that had to wake its client
/// would pay for that, in a virtual machine several times what an answer costs.
pub fn drive_together<const N: usize>(
    server: &Server,
    parts: [Part<'_>; N],
    duration: Duration,
) -> [Outcome; N] {
    let mut crowd = Crowd::open(server.address, &parts);
    let server_before = server.cpu();
    let began = Instant::now() + HEAD_START;
    let (samples, busy) = crowd.run(&parts, began, began + duration);
    let (elapsed, server_cpu) = (began.elapsed(), server.cpu() - server_before);
    let mut samples = samples.into_iter();
    parts.map(|_| {
        let mut samples = samples.next().unwrap_or_default();
        samples.sort_by_key(|sample: &Sample| sample.latency);
        Outcome { samples, elapsed, server_cpu, busy }
    })
}
