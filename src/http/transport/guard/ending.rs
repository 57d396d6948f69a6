//! The end of a connection: a request that is refused, and the last answer.

use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Guard, Phase};
use crate::http::transport::farewell::Farewell;
use crate::http::transport::flight::State;
use crate::http::transport::rejection::Rejection;

#[derive(Debug)]
pub enum Ending {
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
    /// Answers if no response to the request can have begun, and ends the connection.
    pub(super) fn reject(&mut self, rejection: &'static Rejection) {
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

    /// Ends the connection after `answer`, while no handler is at work.
    pub(super) fn part(&mut self, answer: Vec<u8>, linger: bool) {
        self.ending = Ending::Farewell { farewell: Farewell::new(answer, linger), is_handler_waiting: false };
    }

    /// Drives the farewell. True in the end when a handler was cut off.
    pub(super) fn poll_farewell(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let Ending::Farewell { farewell, is_handler_waiting } = &mut self.ending else {
            return Poll::Ready(false);
        };
        ready!(farewell.poll(cx, &mut self.io, &mut self.alarm, &self.common.limits));
        let is_handler_waiting = *is_handler_waiting;
        self.ending = Ending::Done;
        Poll::Ready(is_handler_waiting)
    }

    /// The guard is answering: what the dispatcher writes now is for nobody.
    pub(super) fn answers_itself(&self) -> bool {
        match &self.ending {
            Ending::None | Ending::Input => false,
            Ending::Farewell { farewell, .. } => farewell.has_answer(),
            Ending::Done => true,
        }
    }
}
