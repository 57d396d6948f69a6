//! The end of a connection: a last answer if there is one, the end of our side, and a bounded
//! wait in which the client can read that answer. Closing a socket with unread bytes in it
//! resets the connection, and a reset destroys answers on their way (RFC 9112 §9.6).

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::alarm::Alarm;
use super::limits::Limits;

#[derive(Debug)]
pub struct Farewell {
    step: Step,
    answer: Vec<u8>,
    written: usize,
    /// Since when the step makes no progress.
    waiting_since: Option<Instant>,
    linger: bool,
    linger_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Write,
    Flush,
    Shutdown,
    Linger,
    Done,
}

impl Farewell {
    /// An empty `answer` only closes. `linger` when the client may still be sending.
    pub const fn new(answer: Vec<u8>, linger: bool) -> Self {
        Self { step: Step::Write, answer, written: 0, waiting_since: None, linger, linger_bytes: 0 }
    }

    pub const fn has_answer(&self) -> bool {
        !self.answer.is_empty()
    }

    /// Ready when nothing is left to do. Errors of the connection end it as well.
    pub fn poll<IO: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        io: &mut IO,
        alarm: &mut Alarm,
        limits: &Limits,
    ) -> Poll<()> {
        while self.step != Step::Done {
            let progress = match self.step {
                Step::Write => self.poll_write(cx, io),
                Step::Flush => Pin::new(&mut *io).poll_flush(cx).map_ok(|()| Step::Shutdown),
                Step::Shutdown => Pin::new(&mut *io).poll_shutdown(cx).map_ok(|()| self.after_shutdown()),
                Step::Linger | Step::Done => self.poll_linger(cx, io, limits),
            };
            let patience =
                if self.step == Step::Linger { limits.linger_deadline } else { limits.write_stall_deadline };
            match progress {
                Poll::Ready(Ok(next)) => {
                    self.waiting_since = None;
                    self.step = next;
                }
                Poll::Ready(Err(_)) => self.step = Step::Done,
                Poll::Pending => {
                    let since = *self.waiting_since.get_or_insert_with(Instant::now);
                    ready!(alarm.poll_after(cx, since, patience));
                    self.step = Step::Done;
                }
            }
        }
        Poll::Ready(())
    }

    fn poll_write<IO: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        io: &mut IO,
    ) -> Poll<std::io::Result<Step>> {
        while let Some(rest @ [_, ..]) = self.answer.get(self.written..) {
            match ready!(Pin::new(&mut *io).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(std::io::ErrorKind::WriteZero.into())),
                taken => self.written = self.written.saturating_add(taken),
            }
            self.waiting_since = None;
        }
        Poll::Ready(Ok(Step::Flush))
    }

    const fn after_shutdown(&self) -> Step {
        if self.linger { Step::Linger } else { Step::Done }
    }

    /// Behind the byte limit the socket is left alone until the deadline: its buffers fill, the
    /// client has to stop sending, and the answer stays readable.
    fn poll_linger<IO: AsyncRead + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        io: &mut IO,
        limits: &Limits,
    ) -> Poll<std::io::Result<Step>> {
        let mut scratch = [0; 4096];
        while self.linger_bytes < limits.linger_bytes_max {
            let mut dropped = ReadBuf::new(&mut scratch);
            ready!(Pin::new(&mut *io).poll_read(cx, &mut dropped))?;
            if dropped.filled().is_empty() {
                return Poll::Ready(Ok(Step::Done));
            }
            self.linger_bytes = self.linger_bytes.saturating_add(dropped.filled().len());
        }
        Poll::Pending
    }
}
