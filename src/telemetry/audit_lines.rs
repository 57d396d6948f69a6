//! Audit events as JSON lines. There is one for every request, so they are written straight into one
//! buffer, without the maps and adapters that serve events of any kind.

use std::cell::RefCell;
use std::fmt::Debug;
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
        member(self.0, field.name());
        self.0.push(b'"');
        let from = self.0.len();
        let _ = write!(self.0, "{value:?}");
        self.0.push(b'"');
        let text = self.0.get(from..self.0.len().saturating_sub(1)).unwrap_or_default();
        if needs_escapes(text) {
            let text = String::from_utf8_lossy(text).into_owned();
            self.0.truncate(from.saturating_sub(1));
            string(self.0, &text);
        }
    }
}

/// Names of fields are ours: nothing in them needs an escape.
fn member(line: &mut Vec<u8>, name: &str) {
    line.extend_from_slice(b",\"");
    line.extend_from_slice(name.as_bytes());
    line.extend_from_slice(b"\":");
}

fn string(line: &mut Vec<u8>, text: &str) {
    if needs_escapes(text.as_bytes()) {
        let _ = serde_json::to_writer(line, text);
        return;
    }
    line.push(b'"');
    line.extend_from_slice(text.as_bytes());
    line.push(b'"');
}

/// RFC 8259 §7. Without a branch, so that the compiler can look at many bytes at once: next to no
/// text needs any.
fn needs_escapes(text: &[u8]) -> bool {
    text.iter().fold(false, |found, byte| found | (*byte < b' ') | (*byte == b'"') | (*byte == b'\\'))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    fn read_back(line: &[u8]) -> String {
        serde_json::from_slice(line).expect("JSON")
    }

    #[test]
    fn every_text_is_one_json_string_and_reads_back_as_it_was() {
        let all: String = (0..=0x2FF).filter_map(char::from_u32).collect();
        for text in ["", "plain", "\"", "\\", "\u{0}", "\u{1f}", "line\nline", "\u{7f}é😀", &all] {
            let mut line = Vec::new();
            string(&mut line, text);
            assert_eq!(read_back(&line), text);
        }
    }

    #[test]
    fn what_is_only_shown_is_escaped_as_well() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let writer = Arc::new(file.reopen().expect("the file"));
        let subscriber = tracing_subscriber::registry().with(AuditLines::new(writer));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(shown = ?"a \"quoted\" word", plain = %"1.2.3.4", "two\nlines");
        });
        let line = std::fs::read(file.path()).expect("a line");
        let line: serde_json::Value = serde_json::from_slice(&line).expect("JSON");
        assert_eq!(line["shown"], "\"a \\\"quoted\\\" word\"");
        assert_eq!((&line["plain"], &line["message"]), (&"1.2.3.4".into(), &"two\nlines".into()));
    }
}
