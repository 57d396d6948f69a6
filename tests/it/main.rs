//! One integration binary: files are named after the specification whose rules they hold.

mod deadlines;
mod raw_http;
mod rfc9112_framing;
