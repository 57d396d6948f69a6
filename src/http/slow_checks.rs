//! The threads that check imported password hashes. A queue of its own, with a limit, and few
//! places for each client: whoever guesses at one client's secret keeps nobody else waiting, and
//! no thread that answers requests ever waits.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::client_auth::{Outcomes, SlowCheck};
use crate::clock::UnixTime;
use crate::issuer::Issuer;
use crate::oauth::{ClientId, Refusal};
use crate::priority;

crate::oauth::reasons! {
    SLOW_CHECKS_BUSY = TemporarilyUnavailable SLOW_CHECKS_BUSY;
}

/// Checks that wait; at 100 ms each the last one waits for some seconds.
const QUEUE_MAX: usize = 64;
/// Of one client, waiting or running.
const OF_CLIENT_MAX: u32 = 4;
const RETRY_AFTER_SECONDS: u32 = 1;

pub struct SlowChecks {
    jobs: SyncSender<Job>,
    of_client: Arc<Mutex<HashMap<ClientId, u32>>>,
    made: AtomicU64,
    refused: AtomicU64,
}

struct Job {
    issuer: Arc<Issuer>,
    check: Box<SlowCheck>,
    now: UnixTime,
    done: oneshot::Sender<Outcomes>,
    place: Place,
}

/// One of a client's places; given back when dropped.
struct Place {
    of_client: Arc<Mutex<HashMap<ClientId, u32>>>,
    client_id: ClientId,
}

impl SlowChecks {
    /// # Errors
    /// When the system gives no thread.
    pub fn start(threads: usize) -> std::io::Result<Self> {
        let (jobs, received) = sync_channel(QUEUE_MAX);
        let received = Arc::new(Mutex::new(received));
        for _ in 0..threads.max(1) {
            let received = Arc::clone(&received);
            std::thread::Builder::new().name("slow-check".to_owned()).spawn(move || {
                priority::lower();
                work(&received);
            })?;
        }
        Ok(Self { jobs, of_client: Arc::default(), made: AtomicU64::new(0), refused: AtomicU64::new(0) })
    }

    /// The outcomes of a check. With `alone` it is made only while no other of its client waits or
    /// runs: guesses at a secret then pass one at a time, and so does the right one.
    ///
    /// # Errors
    /// `temporarily_unavailable` when too many wait, in all or for this client.
    pub async fn run(
        &self,
        issuer: &Arc<Issuer>,
        check: Box<SlowCheck>,
        alone: bool,
        now: UnixTime,
    ) -> Result<Outcomes, Refusal> {
        let busy = || {
            self.refused.fetch_add(1, Ordering::Relaxed);
            Refusal::after(&SLOW_CHECKS_BUSY, RETRY_AFTER_SECONDS)
        };
        let places = if alone { 1 } else { OF_CLIENT_MAX };
        let place = self.place(check.client_id(), places).ok_or_else(busy)?;
        let (done, outcomes) = oneshot::channel();
        let job = Job { issuer: Arc::clone(issuer), check, now, done, place };
        match self.jobs.try_send(job) {
            Ok(()) => {
                self.made.fetch_add(1, Ordering::Relaxed);
                outcomes.await.map_err(|_| busy())
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(busy()),
        }
    }

    /// Checks made or waiting, and those refused because too many were.
    pub fn counts(&self) -> (u64, u64) {
        (self.made.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }

    fn place(&self, client_id: &ClientId, places: u32) -> Option<Place> {
        let mut of_client = self.of_client.lock().unwrap_or_else(PoisonError::into_inner);
        let count = of_client.entry(client_id.clone()).or_default();
        if *count >= places {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Place { of_client: Arc::clone(&self.of_client), client_id: client_id.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut of_client = self.of_client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = of_client.get_mut(&self.client_id) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                of_client.remove(&self.client_id);
            }
        }
    }
}

/// Ends when the queue is dropped.
fn work(received: &Mutex<Receiver<Job>>) {
    loop {
        let job = received.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { issuer, check, now, done, place }) = job else { return };
        // Whoever has gone meanwhile costs nothing more.
        if !done.is_closed() {
            let outcomes = issuer.settle(&check, now);
            // Free before the answer is known, for whoever asks again at once.
            drop(place);
            // A receiver that has gone needs no answer.
            let _ = done.send(outcomes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_few_places_and_keeps_none_from_others() {
        let checks = SlowChecks::start(1).expect("a thread");
        let id = |text| ClientId::parse(text).expect("an id");
        let mut held: Vec<_> =
            (0..OF_CLIENT_MAX).map(|_| checks.place(&id("a"), OF_CLIENT_MAX).expect("a place")).collect();
        assert!(checks.place(&id("a"), OF_CLIENT_MAX).is_none());
        let alone = checks.place(&id("b"), 1);
        assert!(alone.is_some() && checks.place(&id("b"), 1).is_none());
        drop(alone);
        held.pop();
        assert!(checks.place(&id("a"), OF_CLIENT_MAX).is_some());
        held.clear();
        assert!(checks.of_client.lock().expect("a map").is_empty());
    }
}
