//! The server as a stranger sees it: one connection, one request after the other.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::in_process::{REFUSED, Refused};
use crate::shared::http::{Connection, basic, token_request};
use crate::statistics::median_difference;

/// Status of the answer, and the time to its end.
fn ask(connection: &mut Connection, request: &[u8]) -> (u16, Duration) {
    let sent = Instant::now();
    let status = connection.ask(request).expect("an answer");
    (status, sent.elapsed())
}

fn request(pair: &str) -> Vec<u8> {
    token_request(Some(&basic(pair)), "grant_type=client_credentials")
}

/// The 95 % interval, in microseconds, of the median of a kind less that of the first, over so many
/// requests of each in random order.
pub fn interval(address: SocketAddr, kind: &Refused, samples: usize) -> (f64, f64) {
    let mut connection = Connection::open(address);
    let requests: [Vec<Vec<u8>>; 2] =
        [&REFUSED[0], kind].map(|kind| (0..16).map(|n| request(&kind.pair(n))).collect());
    let mut random = crate::Random::new();
    let mut times = [const { Vec::new() }; 2];
    while times.iter().any(|of_kind| of_kind.len() < samples) {
        let draw = random.next();
        let (which, n) = (draw as usize & 1, (draw >> 1) as usize % 16);
        let (status, time) = ask(&mut connection, &requests[which][n]);
        assert_eq!(status, 401, "{}", [&REFUSED[0], kind][which].name);
        times[which].push(u32::try_from(time.as_nanos()).unwrap_or(u32::MAX));
    }
    let [one, other] = &mut times;
    let (low, high) = median_difference(other, one);
    (low / 1000.0, high / 1000.0)
}

/// Median microseconds to a token, of two clients in turns.
pub fn tokens(address: SocketAddr, pairs: [&str; 2], samples: usize) -> [f64; 2] {
    let mut connection = Connection::open(address);
    let requests = pairs.map(request);
    let mut times = [const { Vec::new() }; 2];
    for round in 0..samples {
        for (which, request) in requests.iter().enumerate() {
            let (status, time) = ask(&mut connection, request);
            assert_eq!(status, 200, "{}", pairs[which].split(':').next().unwrap_or_default());
            // The first one of an imported hash is the slow one.
            if round > 0 {
                times[which].push(u32::try_from(time.as_nanos()).unwrap_or(u32::MAX));
            }
        }
    }
    times.map(|mut times| crate::statistics::median(&mut times).0 / 1000.0)
}

/// The 99th percentile in milliseconds of an open loop of `pair`, 200 requests a second from the
/// moment at which each was due, while `guesses` a second go wrong at another client.
pub fn p99_under_guesses(address: SocketAddr, pair: &str, guessed: &str, guesses: u32, seconds: u64) -> f64 {
    const RATE: u32 = 200;
    /// Each waits for its answer, so there are enough of them to keep up the rate.
    const GUESSERS: u32 = 16;
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..if guesses > 0 { GUESSERS } else { 0 } {
            scope.spawn(|| {
                let mut connection = Connection::open(address);
                let request = request(guessed);
                let pause = Duration::from_secs(1) * GUESSERS / guesses;
                while !stop.load(Ordering::Relaxed) {
                    let due = Instant::now() + pause;
                    let (status, _) = ask(&mut connection, &request);
                    assert!(matches!(status, 401 | 429 | 503), "{status}");
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                }
            });
        }
        let mut connection = Connection::open(address);
        let request = request(pair);
        let (mut due, mut times) = (Instant::now(), Vec::new());
        let end = due + Duration::from_secs(seconds);
        while due < end {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            assert_eq!(ask(&mut connection, &request).0, 200);
            times.push(due.elapsed());
            due += Duration::from_secs(1) / RATE;
        }
        stop.store(true, Ordering::Relaxed);
        times.sort();
        times[times.len() * 99 / 100].as_secs_f64() * 1000.0
    })
}
