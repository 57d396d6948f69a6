//! What scrapes and pages learn of reloads. Written by the reloading thread alone, read without a lock.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};

use crate::clock::UnixTime;
use crate::telemetry::ReloadsReport;

/// Longest text of findings that is kept.
const FAILURE_BYTES_MAX: usize = 32 * 1024;

#[derive(Debug)]
pub struct ReloadStatus {
    report: ArcSwap<ReloadsReport>,
    /// When the last reload failed, and its findings as `check` prints them.
    failure: ArcSwapOption<(UnixTime, String)>,
}

impl ReloadStatus {
    /// The start of the program was a reading that succeeded.
    pub fn loaded_at(now: UnixTime) -> Self {
        let now = now.seconds();
        let report = ArcSwap::from_pointee(ReloadsReport {
            succeeded: true,
            succeeded_at_seconds: now,
            attempted_at_seconds: now,
            looked_at_seconds: now,
            ..ReloadsReport::default()
        });
        Self { report, failure: ArcSwapOption::empty() }
    }

    pub fn report(&self) -> ReloadsReport {
        **self.report.load()
    }

    /// Of the last reload that failed since the start, whatever came after it.
    pub fn failure(&self) -> Option<Arc<(UnixTime, String)>> {
        self.failure.load_full()
    }

    /// Keeps what was wrong for whoever asks later.
    pub(super) fn failed(&self, at: UnixTime, mut findings: String) {
        let end = (0..=FAILURE_BYTES_MAX).rev().find(|end| findings.is_char_boundary(*end));
        findings.truncate(end.unwrap_or_default());
        self.failure.store(Some(Arc::new((at, findings))));
    }

    /// One change, seen as a whole.
    pub(super) fn change(&self, change: impl FnOnce(&mut ReloadsReport)) {
        let mut report = self.report();
        change(&mut report);
        self.report.store(Arc::new(report));
    }
}
