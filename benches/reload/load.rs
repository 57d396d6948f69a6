//! An open loop: requests are due at fixed moments, whatever became of those before. Each answer is
//! judged as it comes: does everything in it belong to one version of the list?

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::list::{CLIENT, lifetime_of, secret_of};
use crate::shared::http::{Connection, basic, token_request};

/// Connections that are kept open; one thread each.
const CONNECTIONS: u32 = 8;
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
    let request = request(CLIENT);
    let mut connection = Connection::open(address);
    let mut samples = Vec::new();
    let mut due = first;
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let status = connection.ask(&request);
        let latency = due.elapsed();
        let status = status.map_err(|error| error.to_string());
        let answer = status.and_then(|status| judge(status, connection.body()));
        if answer.is_err() {
            connection = Connection::open(address);
        }
        samples.push(Sample { due, latency, answer });
        due += interval;
    }
    samples
}

/// The request of a client.
pub fn request(client: &str) -> Vec<u8> {
    token_request(Some(&basic(&format!("{client}:{}", secret_of(client)))), "grant_type=client_credentials")
}

fn judge(status: u16, body: &[u8]) -> Result<Token, String> {
    if status != 200 {
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
