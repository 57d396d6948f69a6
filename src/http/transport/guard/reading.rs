//! The way in: bytes of the socket become requests that are proved, shed or refused.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Ending, Guard, Phase};
use crate::http::transport::framing::{Progress, Verdict};
use crate::http::transport::rejection::Rejection;
use crate::http::transport::shedder::answer_at_once;

/// What new bytes brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Nothing,
    /// Bytes for the dispatcher.
    Proved,
    /// One request and nothing else, after which the connection goes on.
    WholeRequest,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Guard<IO> {
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
    pub(super) fn poll_proved(
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
            self.part(rest, true);
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
}

static HEAD_TOO_SLOW: Rejection =
    Rejection::new(408, "Request Timeout", "head_too_slow", "the request head took too long to arrive");
static BODY_TOO_SLOW: Rejection =
    Rejection::new(408, "Request Timeout", "body_too_slow", "the body took too long to arrive");
