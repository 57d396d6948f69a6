//! Requests of one worker that are ready to be signed. What became ready in the same poll round is
//! signed in one go: the code and tables of the signature stay in the caches, and so does the rest
//! of the server between two goes. There is no timer: a request that is alone is signed at once.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::keys::SigningKey;
use crate::oauth::Refusal;
use crate::token::{SIGNING_FAILED, SignedToken, UnsignedToken};

/// Most signatures in one go: with 2048 bits about 4 ms, in which the worker answers nobody else.
const BATCH_MAX: usize = 16;

/// One for each worker; lives on its thread.
#[derive(Default)]
pub struct SigningQueue {
    waiting: RefCell<Vec<Job>>,
}

struct Job {
    token: UnsignedToken,
    done: oneshot::Sender<Result<SignedToken, Refusal>>,
}

impl SigningQueue {
    /// The token with its signature.
    ///
    /// # Errors
    /// `server_error` when the backend fails or withholds a signature.
    pub async fn sign(self: &Rc<Self>, token: UnsignedToken) -> Result<SignedToken, Refusal> {
        let (done, signed) = oneshot::channel();
        let is_first = {
            let mut waiting = self.waiting.borrow_mut();
            waiting.push(Job { token, done });
            waiting.len() == 1
        };
        if is_first {
            // Runs after every task that is ready now, so these join the batch.
            actix_web::rt::spawn(Rc::clone(self).run());
        }
        signed.await.unwrap_or_else(|_| SIGNING_FAILED.refuse())
    }

    async fn run(self: Rc<Self>) {
        loop {
            let batch = {
                let mut waiting = self.waiting.borrow_mut();
                let count = waiting.len().min(BATCH_MAX);
                waiting.drain(..count).filter(|job| !job.done.is_closed()).collect::<Vec<_>>()
            };
            sign_all(batch);
            if self.waiting.borrow().is_empty() {
                return;
            }
            // The answers go out before the next go.
            tokio::task::yield_now().await;
        }
    }
}

/// Signs the jobs of each key together.
fn sign_all(mut jobs: Vec<Job>) {
    while let Some(first) = jobs.first() {
        let key = Arc::clone(first.token.key());
        let (same, others) = jobs.into_iter().partition(|job: &Job| Arc::ptr_eq(job.token.key(), &key));
        sign_with(&*key, same);
        jobs = others;
    }
}

fn sign_with(key: &dyn SigningKey, jobs: Vec<Job>) {
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
        let _ = job.done.send(signed);
    }
}
