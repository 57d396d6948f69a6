//! Audit events as JSON lines. There is one for every request, so they are written straight into one
//! buffer, without the maps and adapters that serve events of any kind.

use std::cell::RefCell;
use std::fmt::{Debug, Write as _};
use std::io::Write as _;

use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;

/// Most lines are shorter.
const LINE_BYTES: usize = 1_024;

thread_local! {
    static LINE: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(LINE_BYTES));
}

/// Writes each event that it is given; a filter in front of it lets those of the audit through.
pub struct AuditLines<W> {
    writer: W,
}

impl<W> AuditLines<W> {
    pub fn new(writer: W) -> Self {
        Self { writer }
    }
}

impl<S: Subscriber, W: for<'w> MakeWriter<'w> + 'static> Layer<S> for AuditLines<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        LINE.with_borrow_mut(|line| {
            line.clear();
            // Writing to memory does not fail; a line that the pipe has no room for is counted there.
            let _ = write!(line, "{{\"timestamp\":\"{:.6}\",\"level\":\"", Timestamp::now());
            line.extend_from_slice(event.metadata().level().as_str().as_bytes());
            line.push(b'"');
            event.record(&mut Members(line));
            member(line, "target");
            string(line, event.metadata().target());
            line.extend_from_slice(b"}\n");
            let _ = self.writer.make_writer().write_all(line);
        });
    }
}

struct Members<'a>(&'a mut Vec<u8>);

impl Visit for Members<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        member(self.0, field.name());
        string(self.0, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        member(self.0, field.name());
        let _ = write!(self.0, "{value}");
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        member(self.0, field.name());
        let _ = write!(self.0, "{value}");
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        let _ = write!(text, "{value:?}");
        self.record_str(field, &text);
    }
}

/// Names of fields are ours: nothing in them needs an escape.
fn member(line: &mut Vec<u8>, name: &str) {
    line.extend_from_slice(b",\"");
    line.extend_from_slice(name.as_bytes());
    line.extend_from_slice(b"\":");
}

fn string(line: &mut Vec<u8>, text: &str) {
    let _ = serde_json::to_writer(line, text);
}
