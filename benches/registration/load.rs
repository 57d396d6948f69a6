//! A closed-loop load: every connection sends its next request when the answer to the last one is
//! complete. Good for throughput; its latencies are those of a server at capacity.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::process::{CLIENT, SECRET};

/// One kind of request and the status that it must get.
pub struct Load {
    address: SocketAddr,
    request: Vec<u8>,
    status: &'static str,
}

/// Latencies of all requests of a run.
pub struct Outcome {
    latencies: Vec<Duration>,
    elapsed: Duration,
}

impl Outcome {
    pub fn count(&self) -> u64 {
        self.latencies.len() as u64
    }

    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    pub fn quantile(&self, part: f64) -> Duration {
        let index = ((self.latencies.len() as f64 * part) as usize).min(self.latencies.len() - 1);
        self.latencies[index]
    }
}

impl Load {
    pub fn token(address: SocketAddr) -> Self {
        Self::token_of(address, CLIENT, SECRET)
    }

    pub fn token_of(address: SocketAddr, id: &str, secret: &str) -> Self {
        Self::post(address, (id, secret), "grant_type=client_credentials", "200")
    }

    /// Any request.
    pub fn of(address: SocketAddr, request: Vec<u8>, status: &'static str) -> Self {
        Self { address, request, status }
    }

    /// Passes authentication and is refused at the last check before the signature.
    pub fn refused(address: SocketAddr) -> Self {
        Self::post(address, (CLIENT, SECRET), "grant_type=client_credentials&scope=bench%3Anone", "400")
    }

    fn post(address: SocketAddr, (id, secret): (&str, &str), form: &str, status: &'static str) -> Self {
        let basic = STANDARD.encode(format!("{id}:{secret}"));
        let request = format!(
            "POST /oauth2/token HTTP/1.1\r\nHost: {address}\r\nAuthorization: Basic {basic}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        Self::of(address, request.into_bytes(), status)
    }

    pub fn key_set(address: SocketAddr) -> Self {
        let request = format!("GET /.well-known/jwks.json HTTP/1.1\r\nHost: {address}\r\n\r\n");
        Self { address, request: request.into_bytes(), status: "200" }
    }

    /// A tenth of `duration` more to warm up, then `duration`.
    pub fn run(self, connections: usize, duration: Duration) -> Outcome {
        let load = Arc::new(self);
        load.drive(connections, duration / 10, u64::MAX);
        load.drive(connections, duration, u64::MAX)
    }

    pub fn run_count(self, connections: usize, count: u64) -> Outcome {
        Arc::new(self).drive(connections, Duration::from_secs(300), count)
    }

    fn drive(self: &Arc<Self>, connections: usize, duration: Duration, count: u64) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let left = Arc::new(AtomicU64::new(count));
        let started = Instant::now();
        let latencies = runtime.block_on(async {
            let tasks: Vec<_> = (0..connections)
                .map(|_| tokio::spawn(Arc::clone(self).connection(started + duration, Arc::clone(&left))))
                .collect();
            let mut all = Vec::new();
            for task in tasks {
                all.extend(task.await.expect("a connection ends in order"));
            }
            all
        });
        let elapsed = started.elapsed();
        let mut latencies = latencies;
        latencies.sort();
        Outcome { latencies, elapsed }
    }

    async fn connection(self: Arc<Self>, end: Instant, left: Arc<AtomicU64>) -> Vec<Duration> {
        let mut stream = TcpStream::connect(self.address).await.expect("the server listens");
        stream.set_nodelay(true).expect("an option");
        let mut latencies = Vec::new();
        let mut buffer = Vec::with_capacity(8192);
        let take = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok();
        while Instant::now() < end && take() {
            let sent = Instant::now();
            stream.write_all(&self.request).await.expect("the server reads");
            self.read_answer(&mut stream, &mut buffer).await;
            latencies.push(sent.elapsed());
        }
        latencies
    }

    async fn read_answer(&self, stream: &mut TcpStream, buffer: &mut Vec<u8>) {
        buffer.clear();
        loop {
            let read = stream.read_buf(buffer).await.expect("the server answers");
            assert!(read > 0, "the server closed the connection");
            let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let text = std::str::from_utf8(&buffer[..head]).expect("an ASCII head");
            assert_eq!(text.get(9..12), Some(self.status), "{text}");
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.and_then(|text| text.parse().ok()).expect("a length");
            if buffer.len() >= head + 4 + length {
                return;
            }
        }
    }
}
