//! HTTP/1.1 (RFC 9110, RFC 9112) below the handlers: listeners, TLS, and a guard around every
//! connection that the framework's parser and timers are too lenient for.
//!
//! ```text
//!  server ─▶ connection ─▶ tls ─▶ guard ─▶ the framework's dispatcher ─▶ handlers
//!                                   │ framing   strict borders of requests
//!                                   │ flight    one request at a time
//!                                   │ alarm     deadlines
//!                                   │ drain     the graceful stop
//!                                   │ shedder   too much to do
//!                                   └ farewell  last answers, lingering close
//! ```

mod alarm;
mod connection;
mod connections;
mod drain;
mod farewell;
mod flight;
mod framing;
mod guard;
mod limits;
mod rejection;
mod server;
mod shedder;
mod stream;
mod tls;

pub use connections::Connections;
pub use limits::Limits;
pub use server::{Listener, RunningServer, start};
pub use shedder::Shedder;
pub use tls::{Identity, TLS_FILE_BYTES_MAX, TlsAcceptorSource, TlsError};
