//! Load shedding: under overload the cheapest answer is one for which nobody has to read the request.
//! The guard asks about each request that arrived whole; what is answered here costs the system's
//! calls and little else, and what the server can do besides goes to those who get something.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use tokio::io::AsyncWrite;

/// Knows when there is too much to do, and what to say then. One for each worker and listener.
pub trait Shedder {
    /// The whole response to these bytes, which are one request and no more; `None` to let it through.
    /// After the response the connection goes on.
    fn shed(&self, request: &[u8]) -> Option<Bytes>;
}

/// Writes an answer that is expected to fit into the buffers of the socket.
///
/// # Errors
/// What the socket did not take, which is nothing when only TLS has some of it left.
pub fn answer_at_once<IO: AsyncWrite + Unpin>(
    cx: &mut Context<'_>,
    io: &mut IO,
    mut answer: Bytes,
) -> Result<(), Vec<u8>> {
    let taken = match Pin::new(&mut *io).poll_write(cx, &answer) {
        Poll::Ready(Ok(taken)) => taken.min(answer.len()),
        // An error is met again by whoever reads or writes next.
        Poll::Ready(Err(_)) | Poll::Pending => 0,
    };
    answer.advance(taken);
    match Pin::new(io).poll_flush(cx) {
        Poll::Ready(Ok(())) if answer.is_empty() => Ok(()),
        _ => Err(answer.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::super::connections::Connections;
    use super::super::drain::DrainStarter;
    use super::super::guard::{Common, Guard};
    use super::super::limits::Limits;
    use super::*;

    struct Always;

    impl Shedder for Always {
        fn shed(&self, _: &[u8]) -> Option<Bytes> {
            Some(Bytes::from_static(b"no"))
        }
    }

    #[test]
    fn who_is_leaving_lets_requests_through_so_that_their_answers_say_so() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let _context = runtime.enter();
        for is_leaving in [false, true] {
            let drain = DrainStarter::default();
            let (limits, connections) = (Arc::new(Limits::default()), Connections::at_most(1));
            let common = Common { limits, connections, drain: drain.listener() };
            let (mut client, server) = duplex(1_024);
            let mut guard = Guard::new(server, common, Some(Rc::new(Always)));
            let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
            let read = runtime.block_on(async {
                client.write_all(request).await.expect("room");
                client.shutdown().await.expect("room");
                if is_leaving {
                    drain.start();
                }
                let mut read = [0; 1_024];
                guard.read(&mut read).await.expect("a stream")
            });
            assert_eq!(read, if is_leaving { request.len() } else { 0 });
        }
    }
}
