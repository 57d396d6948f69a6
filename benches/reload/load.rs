//! An open loop: requests are due at fixed moments, whatever became of those before. Each answer is
//! judged as it comes: does everything in it belong to one version of the list?

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::list::{CLIENT, lifetime_of, secret_of};

/// Connections that are kept open; one thread each.
const CONNECTIONS: u32 = 8;
/// A request that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// How the reason of such a failure begins.
pub const MIXED: &str = "mixed view";

/// One request.
pub struct Sample {
    pub due: Instant,
    /// From the moment at which it was due to the end of the answer.
    pub latency: Duration,
    pub answer: Result<Token, String>,
}

/// What an answer says of itself.
pub struct Token {
    pub version: usize,
    pub jti: String,
}

pub struct Load {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Vec<Sample>>>,
}

impl Load {
    pub fn start(address: SocketAddr, rate: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (began, interval) = (Instant::now(), Duration::from_secs(1) / rate);
        let threads = (0..CONNECTIONS).map(|index| {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || run(address, began + interval * index, interval * CONNECTIONS, &stop))
        });
        let threads = threads.collect();
        Self { stop, threads }
    }

    pub fn stop(self) -> Vec<Sample> {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().flat_map(|thread| thread.join().expect("a thread ends in order")).collect()
    }
}

fn run(address: SocketAddr, first: Instant, interval: Duration, stop: &AtomicBool) -> Vec<Sample> {
    let mut connection = Connection::open(address, CLIENT);
    let mut samples = Vec::new();
    let mut due = first;
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let status = connection.ask();
        let latency = due.elapsed();
        let answer = status.and_then(|status| judge(&status, connection.body()));
        if answer.is_err() {
            connection = Connection::open(address, CLIENT);
        }
        samples.push(Sample { due, latency, answer });
        due += interval;
    }
    samples
}

/// A connection that is kept, and the request that goes over it.
pub struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
    head: usize,
}

impl Connection {
    pub fn open(address: SocketAddr, client: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("an option");
        stream.set_read_timeout(Some(PATIENCE)).expect("an option");
        let basic = STANDARD.encode(format!("{client}:{}", secret_of(client)));
        let form = "grant_type=client_credentials";
        let request = format!(
            "POST /oauth2/token HTTP/1.1\r\nHost: {address}\r\nAuthorization: Basic {basic}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        Self { stream, request: request.into_bytes(), answer: Vec::with_capacity(8192), head: 0 }
    }

    /// The status of the answer.
    ///
    /// # Errors
    /// When there is none.
    pub fn ask(&mut self) -> Result<String, String> {
        self.stream.write_all(&self.request).map_err(|error| error.to_string())?;
        self.answer.clear();
        let mut buffer = [0; 8192];
        loop {
            let read = self.stream.read(&mut buffer).map_err(|error| error.to_string())?;
            if read == 0 {
                return Err("the server closed the connection".to_owned());
            }
            self.answer.extend_from_slice(&buffer[..read]);
            let Some(head) = self.answer.windows(4).position(|window| window == b"\r\n\r\n") else {
                continue;
            };
            let text = std::str::from_utf8(&self.answer[..head]).map_err(|error| error.to_string())?;
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.and_then(|text| text.parse().ok()).ok_or("no content-length")?;
            if self.answer.len() >= head + 4 + length {
                let status = text.get(9..12).unwrap_or_default().to_owned();
                self.head = head + 4;
                return Ok(status);
            }
        }
    }

    fn body(&self) -> &[u8] {
        &self.answer[self.head..]
    }
}

fn judge(status: &str, body: &[u8]) -> Result<Token, String> {
    if status != "200" {
        return Err(format!("{status} {}", String::from_utf8_lossy(body)));
    }
    let answer: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let part = answer["access_token"].as_str().and_then(|token| token.split('.').nth(1)).ok_or("no token")?;
    let claims = signet::jose::compact::decode(part).ok_or("no base64url")?;
    let claims: Value = serde_json::from_slice(&claims).map_err(|error| error.to_string())?;
    let version = claims["number"].as_u64().ok_or("no version")? as usize;
    let text = Value::from(format!("v{version}"));
    let seen = [&answer["expires_in"], &answer["scope"], &claims["scope"], &claims["text"], &claims["list"]];
    if seen != [&lifetime_of(version).into(), &text, &text, &text, &vec![version].into()] {
        return Err(format!("{MIXED}: {answer} {claims}"));
    }
    Ok(Token { version, jti: claims["jti"].as_str().ok_or("no jti")?.to_owned() })
}
