//! Requests of one worker that are ready to be signed. What became ready in the same poll round is
//! signed in one go: the code and tables of the signature stay in the caches, and so does the rest
//! of the server between two goes. There is no timer: a request that is alone is signed at once.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::clock::UnixTime;
use crate::keys::SigningKey;
use crate::oauth::Refusal;
use crate::token::{SIGNING_FAILED, SignedToken, UnsignedToken};

/// What one go may take, in which the worker answers nobody else; lanes are filled whatever it takes.
const GO_MAX: Duration = Duration::from_millis(2);
/// However fast the key: most signatures in one go.
const BATCH_MAX: usize = 8;

/// What a token may have to wait for its signature. Clients give up after seconds; whoever would wait
/// longer is told at once to come again, so that the work goes to those who still listen.
const WAIT_MAX: Duration = Duration::from_millis(250);
/// However fast the key: most tokens that wait, 2 KiB each.
const WAITING_MAX: usize = 4_096;
const RETRY_AFTER_SECONDS: u32 = 1;

crate::oauth::reasons! {
    SIGNING_QUEUE_FULL = TemporarilyUnavailable SIGNING_QUEUE_FULL;
}

/// One for each worker; lives on its thread.
#[derive(Default)]
pub struct SigningQueue {
    waiting: RefCell<VecDeque<Job>>,
    /// What a token that waits is delayed by each one before it, in the last two goes: the time of a
    /// signature, and of all that the worker did besides since the go before.
    shares: Cell<[Duration; 2]>,
    /// Of that, what a signature took in the last go.
    signature: Cell<Duration>,
}

struct Job {
    token: UnsignedToken,
    done: oneshot::Sender<Result<SignedToken, Refusal>>,
    /// Requests for which the same token will do.
    also: Vec<(UnixTime, oneshot::Sender<Result<SignedToken, Refusal>>)>,
}

impl Job {
    fn is_awaited(&self) -> bool {
        !self.done.is_closed() || self.also.iter().any(|(_, done)| !done.is_closed())
    }
}

impl SigningQueue {
    /// Is there room for one more token?
    ///
    /// # Errors
    /// `temporarily_unavailable` when too many wait for the time that the last signatures took.
    pub fn has_room(&self) -> Result<(), Refusal> {
        let waiting = self.waiting.borrow().len();
        // The lesser: when the whole machine paused once, nobody has to wait for that again.
        let [last, before] = self.shares.get();
        let wait = u32::try_from(waiting).ok().and_then(|waiting| last.min(before).checked_mul(waiting));
        match waiting < WAITING_MAX && wait.is_some_and(|wait| wait <= WAIT_MAX) {
            true => Ok(()),
            false => Err(Refusal::after(&SIGNING_QUEUE_FULL, RETRY_AFTER_SECONDS)),
        }
    }

    /// The token with its signature.
    ///
    /// # Errors
    /// `server_error` when the backend fails or withholds a signature.
    pub async fn sign(self: &Rc<Self>, token: UnsignedToken) -> Result<SignedToken, Refusal> {
        let (done, signed) = oneshot::channel();
        let is_first = {
            let mut waiting = self.waiting.borrow_mut();
            match waiting.iter_mut().find(|job| token.is_served_by(&job.token)) {
                Some(job) => job.also.push((token.issued_at(), done)),
                None => waiting.push_back(Job { token, done, also: Vec::new() }),
            }
            waiting.len() == 1 && waiting.front().is_some_and(|job| job.also.is_empty())
        };
        if is_first {
            // Runs after every task that is ready now, so these join the batch.
            actix_web::rt::spawn(Rc::clone(self).run());
        }
        signed.await.unwrap_or_else(|_| SIGNING_FAILED.refuse())
    }

    async fn run(self: Rc<Self>) {
        let mut before = Instant::now();
        loop {
            let batch = {
                let mut waiting = self.waiting.borrow_mut();
                let lanes = waiting.front().map_or(1, |job| job.token.key().lanes());
                let count =
                    in_full_lanes(waiting.len().min(most_in_a_go(self.signature.get(), lanes)), lanes);
                waiting.drain(..count).filter(Job::is_awaited).collect::<Vec<_>>()
            };
            let signed = u32::try_from(batch.len()).unwrap_or(u32::MAX);
            let signature = sign_all(batch);
            if let Some(share) = before.elapsed().checked_div(signed) {
                let [last, _] = self.shares.get();
                self.shares.set([share, last]);
                self.signature.set(signature);
            }
            before = Instant::now();
            if self.waiting.borrow().is_empty() {
                return;
            }
            // The answers go out before the next go.
            tokio::task::yield_now().await;
        }
    }
}

/// `signature` is zero before the first go.
fn most_in_a_go(signature: Duration, lanes: usize) -> usize {
    let in_time = GO_MAX.as_nanos().checked_div(signature.as_nanos());
    in_time
        .map_or(BATCH_MAX, |count| usize::try_from(count).unwrap_or(BATCH_MAX).min(BATCH_MAX))
        .max(lanes)
        .max(1)
}

/// What would leave lanes empty waits for the next go, which begins as soon as requests that arrived
/// meanwhile have been read and may fill them.
fn in_full_lanes(count: usize, lanes: usize) -> usize {
    if count > lanes { count - count.checked_rem(lanes).unwrap_or(0) } else { count }
}

/// Signs the jobs of each key together. What a signature of the slowest took.
fn sign_all(mut jobs: Vec<Job>) -> Duration {
    let mut slowest = Duration::ZERO;
    while let Some(first) = jobs.first() {
        let key = Arc::clone(first.token.key());
        let (same, others) = jobs.into_iter().partition(|job: &Job| Arc::ptr_eq(job.token.key(), &key));
        slowest = slowest.max(sign_with(&*key, same));
        jobs = others;
    }
    slowest
}

/// What one signature took.
fn sign_with(key: &dyn SigningKey, jobs: Vec<Job>) -> Duration {
    let before = Instant::now();
    let length = key.signature_bytes();
    let mut signatures = vec![0; length.saturating_mul(jobs.len())];
    let inputs: Vec<&[u8]> = jobs.iter().map(|job| job.token.signing_input()).collect();
    let outcome = key.sign(&inputs, &mut signatures);
    let share = u32::try_from(jobs.len()).map_or(Duration::ZERO, |count| before.elapsed() / count.max(1));
    for (job, signature) in jobs.into_iter().zip(signatures.chunks_exact(length.max(1))) {
        let signed = match outcome {
            Ok(()) => Ok(job.token.with_signature(signature, share)),
            Err(_) => SIGNING_FAILED.refuse(),
        };
        // A client that has gone meanwhile needs no answer.
        for (now, done) in job.also {
            let again = signed.as_ref().map_err(Refusal::clone).map(|token| token.again(now));
            let _ = done.send(again.and_then(|token| token.ok_or_else(|| (&SIGNING_FAILED).into())));
        }
        let _ = job.done.send(signed);
    }
    share
}

#[cfg(test)]
mod tests {
    use super::{Duration, in_full_lanes, most_in_a_go};

    #[test]
    fn a_go_is_short_but_fills_its_lanes() {
        let us = Duration::from_micros;
        for (signature, lanes, most) in [
            (us(0), 1, 8),
            (us(100), 4, 8),
            (us(250), 1, 8),
            (us(251), 1, 7),
            (us(1_000), 1, 2),
            (us(1_000), 4, 4),
            (us(5_000), 1, 1),
            (us(5_000), 0, 1),
        ] {
            assert_eq!(most_in_a_go(signature, lanes), most, "{signature:?} in {lanes} lanes");
        }
    }

    #[test]
    fn a_go_fills_its_lanes_and_a_short_one_is_not_kept_waiting() {
        for (waiting, lanes, signed) in [(1, 4, 1), (3, 4, 3), (4, 4, 4), (5, 4, 4), (15, 4, 12), (16, 4, 16)]
        {
            assert_eq!(in_full_lanes(waiting, lanes), signed, "{waiting} wait");
        }
        assert_eq!(in_full_lanes(7, 1), 7);
        assert_eq!(in_full_lanes(7, 0), 7);
    }
}
