//! The log: lines on standard error, written by a thread of its own. When the pipe stalls, lines
//! are dropped and counted; a request never waits for a reader.

use std::io::{BufWriter, stderr};

use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::audit_lines::AuditLines;

/// How log lines look: one short line an event for people, or one JSON object for machines. (The
/// members have no text of their own: one would switch `--help` to its long layout.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    Human,
    Json,
}

/// The target of audit events.
pub const AUDIT_TARGET: &str = "signet::audit";
/// Lines that may wait for the writer; above it they are dropped.
const BUFFERED_LINES_MAX: usize = 16_384;
/// Lines that wait together are written together, as many as a pipe takes in one piece (`PIPE_BUF` of
/// Linux, POSIX `write`): a line of somebody else never lands inside one of these.
const WRITTEN_BYTES_MAX: usize = 4_096;

/// Keeps the writer alive; dropping it flushes.
pub struct LogGuard {
    _writer: WorkerGuard,
    dropped: ErrorCounter,
}

impl LogGuard {
    /// Counter of lines that were dropped because nobody read.
    pub fn dropped(&self) -> ErrorCounter {
        self.dropped.clone()
    }
}

/// Installs the subscriber of this process. A second call changes nothing.
pub fn init(format: LogFormat, level: LevelFilter, colour: bool) -> LogGuard {
    // The thread that writes flushes as soon as no line waits.
    let output = BufWriter::with_capacity(WRITTEN_BYTES_MAX, stderr());
    let (writer, guard) =
        NonBlockingBuilder::default().buffered_lines_limit(BUFFERED_LINES_MAX).lossy(true).finish(output);
    let dropped = writer.error_counter();
    let layer = tracing_subscriber::fmt::layer().with_writer(writer.clone());
    let (layer, audit) = match format {
        LogFormat::Json => {
            let layer = layer.json().flatten_event(true).with_current_span(false).with_span_list(false);
            (layer.boxed(), Some(AuditLines::new(writer)))
        }
        LogFormat::Human => (layer.with_ansi(colour).with_target(false).compact().boxed(), None),
    };
    // The frameworks below speak only when something is wrong, or when everything is asked for.
    let others = if level == LevelFilter::TRACE { level } else { level.min(LevelFilter::WARN) };
    // The audit is no chatter: `--quiet` does not silence it.
    let audit_level = level.max(LevelFilter::INFO);
    let of_layer = if audit.is_some() { LevelFilter::OFF } else { audit_level };
    let targets =
        Targets::new().with_default(others).with_target("signet", level).with_target(AUDIT_TARGET, of_layer);
    let audit = audit.map(|audit| audit.with_filter(Targets::new().with_target(AUDIT_TARGET, audit_level)));
    let installed = tracing_subscriber::registry().with(layer.with_filter(targets)).with(audit).try_init();
    // An error here means that a subscriber is installed already: a test's, or an embedder's.
    drop(installed);
    LogGuard { _writer: guard, dropped }
}
