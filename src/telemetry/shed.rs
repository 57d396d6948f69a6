//! Token requests that were refused unread. Thousands a second are: a line for each would cost more
//! than the refusal and hide the decisions, so the audit has one line a second that counts them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::logging::{AUDIT_TARGET, LogFormat};
use crate::clock::Clock;
use crate::oauth::Reason;

#[derive(Default)]
pub struct ShedRequests {
    /// Not in the metrics yet.
    uncounted: AtomicU64,
    /// Not in the audit yet.
    untold: AtomicU64,
    told_at: AtomicI64,
    /// There is one only: what is said unread cannot depend on the request.
    reason: OnceLock<&'static Reason>,
}

impl ShedRequests {
    pub fn count(&self, reason: &'static Reason) {
        self.reason.get_or_init(|| reason);
        self.uncounted.fetch_add(1, Ordering::Relaxed);
        self.untold.fetch_add(1, Ordering::Relaxed);
    }

    /// How many since this was last asked, and why they were refused.
    pub fn take_uncounted(&self) -> Option<(&'static Reason, u64)> {
        self.reason.get().map(|reason| (*reason, self.uncounted.swap(0, Ordering::Relaxed)))
    }

    /// Writes what is to be told, unless the line of this second is written.
    pub fn record(&self, format: LogFormat, clock: &dyn Clock) {
        if self.untold.load(Ordering::Relaxed) == 0 {
            return;
        }
        let now = clock.now().seconds();
        if self.told_at.swap(now, Ordering::Relaxed) == now {
            return;
        }
        let (requests, Some(reason)) = (self.untold.swap(0, Ordering::Relaxed), self.reason.get()) else {
            return;
        };
        let (error, code) = (reason.error.as_str(), reason.code);
        match format {
            LogFormat::Json => tracing::info!(
                target: AUDIT_TARGET,
                outcome = "refused",
                error,
                reason = code.name,
                code = code.id,
                requests,
                "token requests refused unread"
            ),
            LogFormat::Human => tracing::warn!(
                target: AUDIT_TARGET,
                "refused  {requests} unread  {error}: {} ({}, signet explain {})",
                code.title, code.name, code.id
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::clock::{FixedClock, UnixTime};
    use crate::diagnostic::catalogue::requests;
    use crate::oauth::ErrorCode;
    use crate::telemetry::audit_lines::AuditLines;

    static FULL: Reason = Reason::new(ErrorCode::TemporarilyUnavailable, &requests::SIGNING_QUEUE_FULL);

    #[test]
    fn every_request_is_counted_in_one_line_a_second() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let writer = Arc::new(file.reopen().expect("the file"));
        let clock = FixedClock::at(UnixTime::from_seconds(1_000));
        let shed = ShedRequests::default();
        let subscriber = tracing_subscriber::registry().with(AuditLines::new(writer));
        tracing::subscriber::with_default(subscriber, || {
            shed.record(LogFormat::Json, &clock);
            for _ in 0..5 {
                shed.count(&FULL);
                shed.record(LogFormat::Json, &clock);
            }
            clock.advance(1);
            shed.record(LogFormat::Json, &clock);
            clock.advance(1);
            shed.record(LogFormat::Json, &clock);
        });
        let lines = std::fs::read_to_string(file.path()).expect("lines");
        let lines: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let requests: Vec<_> = lines.iter().map(|line| line["requests"].as_u64()).collect();
        assert_eq!(requests, [Some(1), Some(4)]);
        assert_eq!(
            (&lines[0]["reason"], &lines[0]["outcome"]),
            (&"signing_queue_full".into(), &"refused".into())
        );
    }
}
