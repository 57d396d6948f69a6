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

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Instant, SystemTime};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::alarm::Alarm;
use super::connections::Connections;
use super::drain::Drain;
use super::farewell::Farewell;
use super::flight::{Flight, State};
use super::framing::{Progress, Scanner, Verdict};
use super::limits::Limits;
use super::rejection::Rejection;
use super::shedder::{Shedder, answer_at_once};

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

/// What new bytes brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Nothing,
    /// Bytes for the dispatcher.
    Proved,
    /// One request and nothing else, after which the connection goes on.
    WholeRequest,
}

/// What the client is sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Head,
    Body,
}

#[derive(Debug)]
enum Ending {
    None,
    /// No more input; the dispatcher closes after what it has to say.
    Input,
    Farewell {
        farewell: Farewell,
        is_handler_waiting: bool,
    },
    Done,
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

    /// A body may go on at any time, a new head only when nothing is left of what came before.
    fn may_scan(&self) -> bool {
        self.scanner.in_body() || (self.flight.is_free() && self.is_flushed)
    }

    /// Scans bytes that were not proved before.
    fn scan(&mut self, held: bool, fresh: &mut [u8]) -> Verdict<Progress> {
        let was_in_body = self.scanner.in_body();
        let bytes = if held { self.held.as_mut_slice() } else { fresh };
        let progress = self.scanner.advance(bytes, &self.common.limits)?;
        if progress.proved > 0 && !was_in_body {
            self.flight.begin();
        }
        let phase = match (progress.complete, self.scanner.in_body()) {
            (true, _) => Phase::Idle,
            (false, true) => Phase::Body,
            (false, false) => Phase::Head,
        };
        if self.phase != phase {
            self.phase = phase;
            self.since = Instant::now();
        }
        Ok(progress)
    }

    /// Reads until there is something for the dispatcher. `None` is the end of the input.
    fn poll_proved(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Verdict<Option<io::Result<()>>>> {
        loop {
            if self.proved > 0 {
                self.hand_over(buf);
                return Poll::Ready(Ok(Some(Ok(()))));
            }
            if !self.held.is_empty() {
                if !self.may_scan() {
                    self.flight.wake_when_free(cx.waker());
                    return Poll::Pending;
                }
                self.proved = self.scan(true, &mut [])?.proved;
                if self.proved > 0 {
                    continue;
                }
            }
            let before = buf.filled().len();
            match Pin::new(&mut self.io).poll_read(cx, buf) {
                Poll::Ready(Ok(())) if buf.filled().len() == before => return Poll::Ready(Ok(None)),
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Ok(Some(Err(error)))),
                Poll::Pending => return self.poll_quiet(cx),
            }
            match self.take_in(buf, before)? {
                Taken::Nothing => {}
                Taken::WholeRequest if self.shed(cx, buf, before) => match self.ending {
                    Ending::None => {}
                    _ => return Poll::Ready(Ok(None)),
                },
                Taken::Proved | Taken::WholeRequest => return Poll::Ready(Ok(Some(Ok(())))),
            }
        }
    }

    /// Leaves what is proved of the new bytes in `buf` and holds the rest.
    fn take_in(&mut self, buf: &mut ReadBuf<'_>, before: usize) -> Verdict<Taken> {
        let mut progress = Progress::default();
        if self.held.is_empty() && self.may_scan() {
            let fresh = buf.filled_mut().get_mut(before..).unwrap_or_default();
            progress = self.scan(false, fresh).inspect_err(|_| buf.set_filled(before))?;
        }
        let kept = before.saturating_add(progress.proved).min(buf.filled().len());
        self.held.extend_from_slice(buf.filled().get(kept..).unwrap_or_default());
        buf.set_filled(kept);
        Ok(match progress.proved {
            0 => Taken::Nothing,
            _ if progress.stands_alone && self.held.is_empty() => Taken::WholeRequest,
            _ => Taken::Proved,
        })
    }

    /// Answers the request behind `before` if the shedder does, so that nobody else sees it.
    fn shed(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>, before: usize) -> bool {
        // Who leaves says so in its answers, and that is not for the shedder to know.
        let shedder = self.shedder.as_ref().filter(|_| !self.common.drain.has_begun());
        let request = buf.filled().get(before..).unwrap_or_default();
        let Some(answer) = shedder.and_then(|shedder| shedder.shed(request)) else { return false };
        buf.set_filled(before);
        self.flight.finish();
        self.since = Instant::now();
        if let Err(rest) = answer_at_once(cx, &mut self.io, answer) {
            // A client that has no room for so little does not read: its connection ends with it.
            let farewell = Farewell::new(rest, true);
            self.ending = Ending::Farewell { farewell, is_handler_waiting: false };
        }
        true
    }

    fn hand_over(&mut self, buf: &mut ReadBuf<'_>) {
        let count = self.proved.min(buf.remaining()).min(self.held.len());
        buf.put_slice(self.held.get(..count).unwrap_or_default());
        self.held.drain(..count);
        self.proved = self.proved.saturating_sub(count);
        if self.held.is_empty() {
            // Rare enough that memory matters more than the next allocation.
            self.held = Vec::new();
        }
    }

    /// The client sends nothing: the deadlines of what it owes, or the end of a drained pause.
    fn poll_quiet(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<Option<io::Result<()>>>> {
        let limits = &self.common.limits;
        let is_resting = self.phase == Phase::Idle && self.flight.is_free() && self.is_flushed;
        if is_resting && self.common.drain.has_begun() {
            return Poll::Ready(Ok(None));
        }
        let (since, patience) = match self.phase {
            Phase::Head => (self.since, limits.head_deadline),
            Phase::Body => (self.since, limits.body_deadline),
            Phase::Idle if is_resting => (self.since, limits.idle_deadline),
            // Nothing is owed; but nobody will call when the response is out, so look again then.
            Phase::Idle => (Instant::now(), limits.idle_deadline),
        };
        ready!(self.alarm.poll_after(cx, since, patience));
        Poll::Ready(match self.phase {
            Phase::Head => Err(&HEAD_TOO_SLOW),
            Phase::Body => Err(&BODY_TOO_SLOW),
            Phase::Idle => Ok(None),
        })
    }

    /// Answers if no response to the request can have begun, and ends the connection.
    fn reject(&mut self, rejection: &'static Rejection) {
        let may_answer = match self.flight.state() {
            // Free within a body: that request has its answer already.
            State::Free => self.phase != Phase::Body,
            State::Waiting => true,
            State::Answering => false,
        };
        tracing::debug!(status = rejection.status, label = rejection.label, "request refused by the guard");
        self.common.connections.count_rejection();
        if !may_answer || !self.is_flushed {
            self.ending = Ending::Input;
            return;
        }
        self.ending = Ending::Farewell {
            farewell: Farewell::new(rejection.response(SystemTime::now()), true),
            is_handler_waiting: !self.flight.is_free(),
        };
    }

    /// Drives the farewell. True in the end when a handler was cut off.
    fn poll_farewell(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let Ending::Farewell { farewell, is_handler_waiting } = &mut self.ending else {
            return Poll::Ready(false);
        };
        ready!(farewell.poll(cx, &mut self.io, &mut self.alarm, &self.common.limits));
        let is_handler_waiting = *is_handler_waiting;
        self.ending = Ending::Done;
        Poll::Ready(is_handler_waiting)
    }

    /// The guard is answering: what the dispatcher writes now is for nobody.
    fn answers_itself(&self) -> bool {
        match &self.ending {
            Ending::None | Ending::Input => false,
            Ending::Farewell { farewell, .. } => farewell.has_answer(),
            Ending::Done => true,
        }
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
            let farewell = Farewell::new(Vec::new(), linger);
            this.ending = Ending::Farewell { farewell, is_handler_waiting: false };
        }
        this.poll_farewell(cx).map(|_| Ok(()))
    }
}

static HEAD_TOO_SLOW: Rejection =
    Rejection::new(408, "Request Timeout", "head_too_slow", "the request head took too long to arrive");
static BODY_TOO_SLOW: Rejection =
    Rejection::new(408, "Request Timeout", "body_too_slow", "the body took too long to arrive");
