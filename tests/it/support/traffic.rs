//! Requests that run while a test does something else, and a count of those that failed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::http::{self, FORM, Response, basic};

/// Threads that ask for tokens, each request on a connection of its own.
pub struct Traffic {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<Vec<Response>>>,
}

const THREADS: usize = 2;
/// Between an answer and the next request: a server at work, not one at its limit.
const PAUSE: Duration = Duration::from_millis(2);

impl Traffic {
    /// `pair` is sent as it is by HTTP Basic.
    pub fn start(address: SocketAddr, pair: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let answered = Arc::new(AtomicUsize::new(0));
        let threads = (0..THREADS)
            .map(|_| {
                let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
                let header = basic(pair.as_bytes());
                std::thread::spawn(move || {
                    let mut answers = Vec::new();
                    while !stop.load(Ordering::Relaxed) {
                        let headers = [FORM, ("Authorization", header.as_str())];
                        let form = b"grant_type=client_credentials";
                        answers.push(http::send(address, "POST", "/oauth2/token", &headers, form));
                        answered.fetch_add(1, Ordering::Relaxed);
                        std::thread::park_timeout(PAUSE);
                    }
                    answers
                })
            })
            .collect();
        Self { stop, answered, threads }
    }

    /// How many answers have come so far.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// All answers.
    ///
    /// # Panics
    /// When a request failed: no answer, or no token.
    pub fn stop(self) -> Vec<Response> {
        self.stop.store(true, Ordering::Relaxed);
        let answers: Vec<Response> = self
            .threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("every request is answered"))
            .collect();
        for answer in &answers {
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        answers
    }
}
