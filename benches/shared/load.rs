//! Loads: a closed loop, in which every connection sends its next request when the answer to the
//! last one is complete, and an open loop, in which requests are due at fixed moments whatever became
//! of those before. Latency counts from the moment at which a request was due.

use std::net::SocketAddr;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use super::cpu;
use super::http::Connection;
use super::server::Server;

/// More of its core than this, and the load cannot tell what the server could have done.
const LOAD_MAX: f64 = 0.8;
const STACK_BYTES: usize = 128 * 1024;
/// Between the start of the last connection and the first request.
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
    pub server_cpu: Duration,
    pub load_cpu: Duration,
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

    pub fn load_share(&self) -> f64 {
        self.load_cpu.as_secs_f64() / self.elapsed.as_secs_f64()
    }

    pub fn is_void(&self) -> bool {
        self.load_share() > LOAD_MAX
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

    /// Drives the server for so long, each connection from a thread of its own.
    pub fn drive(&self, server: &Server, connections: usize, pace: Pace, duration: Duration) -> Outcome {
        let all_are_there = Barrier::new(connections + 1);
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..connections)
                .map(|index| {
                    let (barrier, schedule) =
                        (&all_are_there, Schedule { index, connections, pace, duration });
                    let run = move || self.connection(server.address, &schedule, barrier);
                    let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
                    builder.spawn_scoped(scope, run).expect("a thread")
                })
                .collect();
            all_are_there.wait();
            let (began, server_before) = (Instant::now(), server.cpu());
            let (mut samples, mut load_cpu) = (Vec::new(), Duration::ZERO);
            for thread in threads {
                let (of_connection, cpu) = thread.join().expect("a connection ends in order");
                samples.extend(of_connection);
                load_cpu += cpu;
            }
            let elapsed = began.elapsed().saturating_sub(HEAD_START);
            let server_cpu = server.cpu() - server_before;
            samples.sort_by_key(|sample: &Sample| sample.latency);
            Outcome { samples, elapsed, server_cpu, load_cpu }
        })
    }

    fn connection(
        &self,
        address: SocketAddr,
        schedule: &Schedule,
        barrier: &Barrier,
    ) -> (Vec<Sample>, Duration) {
        let mut connection = Connection::open(address);
        let mut samples = Vec::new();
        barrier.wait();
        let (began, cpu) = (Instant::now() + HEAD_START, cpu::of_thread());
        for n in 0.. {
            let (number, due) = schedule.due(began, n);
            if due >= began + schedule.duration {
                break;
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let late = due.elapsed();
            let fresh;
            let request = match &self.request {
                Request::Same(request) => request,
                Request::Fresh(make) => {
                    fresh = make(number);
                    &fresh
                }
            };
            let status = connection.ask(request).unwrap_or(0);
            assert!(
                self.expected.contains(&status),
                "{status} {}",
                String::from_utf8_lossy(connection.body())
            );
            let retry_after = status == 503 && connection.header("retry-after").is_some();
            samples.push(Sample { due, latency: due.elapsed(), late, status, retry_after });
            if status == 0 {
                connection = Connection::open(address);
            }
        }
        (samples, cpu::of_thread() - cpu)
    }
}

/// When a connection has to send.
struct Schedule {
    index: usize,
    connections: usize,
    pace: Pace,
    duration: Duration,
}

impl Schedule {
    /// Which request of all its `n`-th is, and when it is due.
    fn due(&self, began: Instant, n: usize) -> (usize, Instant) {
        let number = n * self.connections + self.index;
        match self.pace {
            Pace::Closed => (number, if n == 0 { began } else { Instant::now() }),
            Pace::Open(rate) => (number, began + Duration::from_secs_f64(number as f64 / rate)),
        }
    }
}
