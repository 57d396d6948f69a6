//! Where a request begins and ends (RFC 9112), read so strictly that no other reader of the same
//! bytes can see another border. Pure: no I/O, no clock. However the bytes are cut into pieces,
//! the verdict is the same. It knows nothing of paths, forms or tokens.
//!
//! ```text
//!  Head ──▶ Length ──▶ Head …        Content-Length
//!    ├────▶ Chunked ─▶ Head …        Transfer-Encoding: chunked
//!    └────▶ Head …                   no body
//! ```

mod characters;
mod chunked;
mod head;
mod host;
mod request_line;

use super::limits::Limits;
use super::rejection::Rejection;
use chunked::Chunked;
use head::{Body, Head};

pub type Verdict<T> = Result<T, &'static Rejection>;

/// Follows the requests of one connection.
#[derive(Debug, Default)]
pub struct Scanner(State);

#[derive(Debug)]
enum State {
    Head(Head),
    Length { left: u64 },
    Chunked(Chunked),
}

impl Default for State {
    fn default() -> Self {
        Self::Head(Head::default())
    }
}

/// What the bytes shown so far amount to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes from the start of the piece that are proved to belong to the request in progress.
    /// 0 while its head is incomplete: nothing of a head counts before all of it does.
    pub proved: usize,
    /// The last of the proved bytes ends the request.
    pub complete: bool,
    /// The request stands whole in this piece, and the connection goes on after it (RFC 9112 §9.3):
    /// it can be answered with nothing known of what came before.
    pub stands_alone: bool,
}

impl Scanner {
    /// True between the end of a head and the end of its body.
    pub const fn in_body(&self) -> bool {
        !matches!(self.0, State::Head(_))
    }

    /// `bytes` starts with the first byte that was not proved yet: an incomplete head is shown
    /// again, longer. Stops at the end of the request. Upgrade offers are blanked in place,
    /// which is the answer "ignored" of RFC 9110 §7.8 given to every later reader.
    ///
    /// # Errors
    /// The bytes are no request that everybody would read alike, or it passes a limit. The
    /// connection cannot be used any further.
    pub fn advance(&mut self, bytes: &mut [u8], limits: &Limits) -> Verdict<Progress> {
        let (mut proved, mut persists) = (0, false);
        if let State::Head(head) = &mut self.0 {
            let Some((length, body)) = head.advance(bytes, limits)? else {
                return Ok(Progress::default());
            };
            (proved, persists) = (length, head.persists());
            self.0 = match body {
                Body::Length(left) => State::Length { left },
                Body::Chunked => State::Chunked(Chunked::default()),
            };
        }
        let rest = bytes.get(proved..).unwrap_or_default();
        let (taken, complete) = match &mut self.0 {
            State::Head(_) => (0, false),
            State::Length { left } => {
                let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                *left = left.saturating_sub(taken as u64);
                (taken, *left == 0)
            }
            State::Chunked(chunked) => chunked.advance(rest, limits)?,
        };
        if complete {
            self.0 = State::default();
        }
        let proved = proved.saturating_add(taken);
        Ok(Progress { proved, complete, stands_alone: complete && persists })
    }
}

#[cfg(test)]
mod tests;
