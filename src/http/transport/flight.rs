//! Whether a request is being answered. Shared by the guard, which hands requests over one at a
//! time, and the service behind the dispatcher, which knows when a response is done. Without it
//! a pipelined second request would change how the first response is encoded: the dispatcher
//! keeps the version, method and persistence of the request that it read last.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

#[derive(Default)]
pub struct Flight {
    state: Cell<State>,
    waker: Cell<Option<Waker>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Free,
    /// A request was handed over; the handler has not decided yet.
    Waiting,
    /// The response is known, and parts of it may be on their way.
    Answering,
}

impl Flight {
    pub fn state(&self) -> State {
        self.state.get()
    }

    pub fn is_free(&self) -> bool {
        self.state() == State::Free
    }

    pub fn begin(&self) {
        self.state.set(State::Waiting);
    }

    pub fn wake_when_free(&self, waker: &Waker) {
        self.waker.set(Some(waker.clone()));
    }

    pub fn finish(&self) {
        self.state.set(State::Free);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// A response body that reports its end, however it ends.
pub struct Tracked {
    body: BoxBody,
    flight: Option<Rc<Flight>>,
}

impl Tracked {
    pub fn new(body: BoxBody, flight: Option<Rc<Flight>>) -> Self {
        if let Some(flight) = &flight {
            flight.state.set(State::Answering);
        }
        Self { body, flight }
    }
}

impl MessageBody for Tracked {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        if let Some(flight) = &self.flight {
            flight.finish();
        }
    }
}
