//! The metrics of reloads: is what the files say in force, since when, and what is wrong.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::metrics::raise;

/// What is known of reloads at one moment. Times are Unix times in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReloadsReport {
    /// Is what the last attempt read in force?
    pub succeeded: bool,
    pub succeeded_at_seconds: i64,
    pub attempted_at_seconds: i64,
    /// The last look at the files, with or without a reload.
    pub looked_at_seconds: i64,
    /// Of the last attempt.
    pub duration: Duration,
    pub successes: u64,
    pub failures: u64,
    /// Attempts whose files are right, held back by a guard.
    pub refusals: u64,
    pub clients_failed: bool,
    pub keys_failed: bool,
    pub certificate_failed: bool,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PartLabels {
    part: &'static str,
}

#[derive(Default)]
pub struct Reloads {
    success: Gauge,
    succeeded_at: Gauge,
    attempted_at: Gauge,
    looked_at: Gauge,
    seconds: Gauge<f64, AtomicU64>,
    outcomes: Family<OutcomeLabels, Counter>,
    failed: Family<PartLabels, Gauge>,
}

impl Reloads {
    pub fn register(&self, registry: &mut Registry) {
        let help = "Whether the last reading of clients, keys and certificate is in force: 1 or 0";
        registry.register("config_last_reload_success", help, self.success.clone());
        let help = "Unix time at which the snapshot in force was read";
        registry.register("config_last_reload_success_timestamp_seconds", help, self.succeeded_at.clone());
        let help = "Unix time of the last attempt to reload";
        registry.register("config_last_reload_attempt_timestamp_seconds", help, self.attempted_at.clone());
        let help = "Unix time of the last look at the files";
        registry.register("config_last_look_timestamp_seconds", help, self.looked_at.clone());
        let help = "Time that the last reload took";
        registry.register("config_last_reload_seconds", help, self.seconds.clone());
        registry.register("config_reloads", "Reloads since the start", self.outcomes.clone());
        let help = "Whether this part kept the last reload from taking effect: 1 or 0";
        registry.register("config_last_reload_failed", help, self.failed.clone());
    }

    /// Before a scrape is rendered. Every series is there from the start, so that an alert on a
    /// rise sees the first one.
    pub fn set(&self, report: &ReloadsReport) {
        self.success.set(i64::from(report.succeeded));
        self.succeeded_at.set(report.succeeded_at_seconds);
        self.attempted_at.set(report.attempted_at_seconds);
        self.looked_at.set(report.looked_at_seconds);
        self.seconds.set(report.duration.as_secs_f64());
        for (outcome, count) in
            [("success", report.successes), ("failure", report.failures), ("refused", report.refusals)]
        {
            raise(&self.outcomes.get_or_create(&OutcomeLabels { outcome }), count);
        }
        for (part, failed) in [
            ("clients", report.clients_failed),
            ("keys", report.keys_failed),
            ("certificate", report.certificate_failed),
        ] {
            self.failed.get_or_create(&PartLabels { part }).set(i64::from(failed));
        }
    }
}
