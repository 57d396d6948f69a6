//! The stream between the socket and the framework's dispatcher. What it lets through:
//!
//! - only whole heads that [`framing`](super::framing) has proved, and only the bytes of one
//!   request until its response is out;
//! - only in time: each head, body, answer and pause has its deadline ([`Limits`]);
//! - only what the [`Shedder`] does not answer by itself.
//!
//! A request that fails is never seen by the dispatcher. The guard answers it itself, after the
//! responses of the requests before it, and ends the connection. A body that turns out bad
//! while its handler runs ends the handler; if the response has begun, that one goes out.

mod ending;
mod reading;

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::alarm::Alarm;
use super::connections::Connections;
use super::drain::Drain;
use super::flight::Flight;
use super::framing::Scanner;
use super::limits::Limits;
use super::shedder::Shedder;
use ending::Ending;

/// What all connections of a server share.
#[derive(Clone, Debug)]
pub struct Common {
    pub limits: Arc<Limits>,
    pub connections: Arc<Connections>,
    pub drain: Drain,
}

pub struct Guard<IO> {
    io: IO,
    common: Common,
    shedder: Option<Rc<dyn Shedder>>,
    scanner: Scanner,
    flight: Rc<Flight>,
    alarm: Alarm,
    /// Bytes that were read and may not be handed over yet. Empty for requests that arrive in
    /// one piece.
    held: Vec<u8>,
    /// So many bytes of `held` are proved and wait for room.
    proved: usize,
    phase: Phase,
    /// When the phase began; while idle, when the last response byte went out.
    since: Instant,
    /// False while the dispatcher still has response bytes that the socket did not take.
    is_flushed: bool,
    /// When the socket first refused to take bytes, since it last took some.
    stalled_since: Option<Instant>,
    ending: Ending,
}

/// What the client is sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Head,
    Body,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Guard<IO> {
    pub fn new(io: IO, common: Common, shedder: Option<Rc<dyn Shedder>>) -> Self {
        let alarm = Alarm::new(common.limits.idle_deadline);
        Self {
            io,
            common,
            shedder,
            scanner: Scanner::default(),
            flight: Rc::default(),
            alarm,
            held: Vec::new(),
            proved: 0,
            phase: Phase::Idle,
            since: Instant::now(),
            is_flushed: true,
            stalled_since: None,
            ending: Ending::None,
        }
    }

    pub fn flight(&self) -> &Rc<Flight> {
        &self.flight
    }

    /// Watches for a client that does not read.
    fn poll_progress<T>(
        &mut self,
        cx: &mut Context<'_>,
        progress: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            self.stalled_since = None;
            return progress;
        }
        let since = *self.stalled_since.get_or_insert_with(Instant::now);
        ready!(self.alarm.poll_after(cx, since, self.common.limits.write_stall_deadline));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for Guard<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if matches!(this.ending, Ending::None) {
            match ready!(this.poll_proved(cx, buf)) {
                Ok(Some(result)) => return Poll::Ready(result),
                Ok(None) if matches!(this.ending, Ending::None) => this.ending = Ending::Input,
                Ok(None) => {}
                Err(rejection) => this.reject(rejection),
            }
        }
        if ready!(this.poll_farewell(cx)) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guard<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.answers_itself() {
            return Poll::Ready(Ok(bytes.len()));
        }
        let taken = Pin::new(&mut this.io).poll_write(cx, bytes);
        this.is_flushed = matches!(&taken, Poll::Ready(Ok(taken)) if *taken == bytes.len());
        if this.phase == Phase::Idle && taken.is_ready() {
            this.since = Instant::now();
        }
        if this.is_flushed && this.flight.is_free() && !this.held.is_empty() {
            // The dispatcher reads before it writes: without this it would not read again.
            cx.waker().wake_by_ref();
        }
        this.poll_progress(cx, taken)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.answers_itself() {
            return Poll::Ready(Ok(()));
        }
        let flushed = Pin::new(&mut this.io).poll_flush(cx);
        this.poll_progress(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if matches!(this.ending, Ending::None | Ending::Input) {
            // The client may still be sending when a request was not read to its end.
            let linger = this.phase != Phase::Idle || !this.held.is_empty();
            this.part(Vec::new(), linger);
        }
        this.poll_farewell(cx).map(|_| Ok(()))
    }
}
