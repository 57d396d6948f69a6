//! What scrapes learn of reloads. Written by the reloading thread alone, read without a lock.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::clock::UnixTime;
use crate::telemetry::ReloadsReport;

#[derive(Debug)]
pub struct ReloadStatus(ArcSwap<ReloadsReport>);

impl ReloadStatus {
    /// The start of the program was a reading that succeeded.
    pub fn loaded_at(now: UnixTime) -> Self {
        let now = now.seconds();
        Self(ArcSwap::from_pointee(ReloadsReport {
            succeeded: true,
            succeeded_at_seconds: now,
            attempted_at_seconds: now,
            looked_at_seconds: now,
            ..ReloadsReport::default()
        }))
    }

    pub fn report(&self) -> ReloadsReport {
        **self.0.load()
    }

    /// One change, seen as a whole.
    pub(super) fn change(&self, change: impl FnOnce(&mut ReloadsReport)) {
        let mut report = self.report();
        change(&mut report);
        self.0.store(Arc::new(report));
    }
}
