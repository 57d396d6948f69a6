//! The metrics of the replay store that a fleet shares; without one they have no series.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::metrics::raise;
use crate::replay_store::Report;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

/// An outage that refuses is another alert than one that is bridged.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct UpLabels {
    when_down: &'static str,
}

#[derive(Default)]
pub struct ReplayStoreMetrics {
    up: Family<UpLabels, Gauge>,
    operations: Family<OutcomeLabels, Counter>,
}

impl ReplayStoreMetrics {
    pub fn register(&self, registry: &mut Registry) {
        let help = "Whether the replay store can be used: 1 or 0";
        registry.register("replay_store_up", help, self.up.clone());
        let help = "Questions to the replay store: first uses, uses before, and those without an answer";
        registry.register("replay_store_operations", help, self.operations.clone());
    }

    pub fn set(&self, report: Option<Report>) {
        let Some(report) = report else { return };
        self.up.get_or_create(&UpLabels { when_down: report.when_down.as_str() }).set(report.up.into());
        for (outcome, count) in
            [("first", report.first), ("before", report.before), ("failed", report.failed)]
        {
            raise(&self.operations.get_or_create(&OutcomeLabels { outcome }), count);
        }
    }
}
