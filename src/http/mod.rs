//! HTTP/1.1 (RFC 9110, RFC 9112): the only place that knows the web framework.
//!
//! ```text
//!  server ─▶ connection ─▶ [tls] ─▶ guard ─▶ the framework's dispatcher ─▶ handlers
//!                                     │ framing: strict borders of requests
//!                                     │ alarm:   deadlines
//!                                     └ flight:  one request at a time
//! ```

pub mod framing;
pub mod limits;
pub mod rejection;
