//! The word "stop after this answer", from the server's handle to every connection.

use std::task::{Context, Poll};

use tokio::sync::watch;

#[derive(Debug, Default)]
pub struct DrainStarter(watch::Sender<()>);

impl DrainStarter {
    pub fn start(&self) {
        self.0.send_replace(());
    }

    pub fn listener(&self) -> Drain {
        Drain(self.0.subscribe())
    }
}

#[derive(Clone, Debug)]
pub struct Drain(watch::Receiver<()>);

impl Drain {
    /// Costs one atomic read. A server whose handle is gone is stopping too.
    pub fn has_begun(&self) -> bool {
        self.0.has_changed().unwrap_or(true)
    }

    pub async fn begun(&self) {
        // An error means that the handle is gone.
        let _ = self.0.clone().changed().await;
    }

    /// The outcome of `work`, or `None` when the drain begins first.
    pub async fn unless_begun<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        let mut begun = std::pin::pin!(self.begun());
        std::future::poll_fn(|cx: &mut Context<'_>| match work.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => begun.as_mut().poll(cx).map(|()| None),
        })
        .await
    }
}

/// Polls `work`, and makes sure that its task is woken once more when `drain` begins. The drain
/// is polled only once: a connection stays in one task, whose waker does not change.
pub async fn woken_by_drain<T>(work: impl Future<Output = T>, drain: &Drain) -> T {
    let mut work = std::pin::pin!(work);
    let mut begun = std::pin::pin!(drain.begun());
    let mut is_armed = false;
    std::future::poll_fn(|cx: &mut Context<'_>| {
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(done);
        }
        if !is_armed {
            is_armed = true;
            if begun.as_mut().poll(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
        }
        Poll::Pending
    })
    .await
}
