//! One timer for all deadlines of a connection. It is moved forward when it rings too early
//! instead of with every deadline that is set, so a busy connection hardly touches it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::Sleep;

#[derive(Debug)]
pub struct Alarm(Pin<Box<Sleep>>);

impl Alarm {
    /// Rings after `first` or earlier.
    pub fn new(first: Duration) -> Self {
        Self(Box::pin(tokio::time::sleep(first)))
    }

    /// Ready when `patience` has passed since `start`. Otherwise the task is woken then, or
    /// earlier: what is still waited for has to be asked again after each wake.
    pub fn poll_after(&mut self, cx: &mut Context<'_>, start: Instant, patience: Duration) -> Poll<()> {
        let Some(deadline) = start.checked_add(patience) else { return Poll::Pending };
        if self.0.deadline().into_std() > deadline {
            self.0.as_mut().reset(deadline.into());
        }
        while self.0.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            self.0.as_mut().reset(deadline.into());
        }
        Poll::Pending
    }
}
