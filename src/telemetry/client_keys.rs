//! The metrics of keys that clients publish (`jwks_uri`): how fetches end, and how old what is in
//! use may be. No label names a source: a list decides how many there are.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::metrics::raise;

/// How a fetch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchOutcome {
    Fetched,
    /// The address is not public and in no network that was allowed.
    Forbidden,
    /// The name has no address.
    Unresolved,
    /// No connection, or no TLS that can be trusted.
    Unreachable,
    Timeout,
    Redirect,
    /// Another status than 200.
    Status,
    TooLarge,
    /// What came is no key set that can be used.
    Malformed,
}

impl FetchOutcome {
    pub const ALL: [Self; 9] = [
        Self::Fetched,
        Self::Forbidden,
        Self::Unresolved,
        Self::Unreachable,
        Self::Timeout,
        Self::Redirect,
        Self::Status,
        Self::TooLarge,
        Self::Malformed,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Fetched => "fetched",
            Self::Forbidden => "forbidden",
            Self::Unresolved => "unresolved",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Redirect => "redirect",
            Self::Status => "status",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
        }
    }
}

/// What is known of fetches at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientKeysReport {
    /// In the order of [`FetchOutcome::ALL`].
    pub outcomes: [u64; FetchOutcome::ALL.len()],
    /// Sources whose last fetch succeeded.
    pub fresh: i64,
    /// Sources whose last good set is in use because a fetch failed.
    pub stale: i64,
    /// Sources without keys that may be used: their clients are refused.
    pub missing: i64,
    /// Age of the oldest set in use.
    pub oldest_seconds: i64,
}

impl ClientKeysReport {
    pub fn count(&mut self, outcome: FetchOutcome) {
        let counts = self.outcomes.iter_mut().zip(FetchOutcome::ALL);
        for (count, _) in counts.filter(|(_, one)| *one == outcome) {
            *count = count.saturating_add(1);
        }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

#[derive(Default)]
pub(super) struct ClientKeys {
    fetches: Family<OutcomeLabels, Counter>,
    sources: Family<StateLabels, Gauge>,
    oldest: Gauge,
}

impl ClientKeys {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Fetches of keys that clients publish";
        registry.register("client_key_fetches", help, self.fetches.clone());
        let help = "Addresses of client keys: fresh, stale (the last good set is in use) or missing";
        registry.register("client_key_sources", help, self.sources.clone());
        let help = "Age of the oldest fetched key set in use";
        registry.register("client_key_oldest_seconds", help, self.oldest.clone());
    }

    /// Every series is there from the start, so that an alert on a rise sees the first one.
    pub(super) fn set(&self, report: &ClientKeysReport) {
        for (outcome, count) in FetchOutcome::ALL.into_iter().zip(report.outcomes) {
            raise(&self.fetches.get_or_create(&OutcomeLabels { outcome: outcome.name() }), count);
        }
        for (state, count) in [("fresh", report.fresh), ("stale", report.stale), ("missing", report.missing)]
        {
            self.sources.get_or_create(&StateLabels { state }).set(count);
        }
        self.oldest.set(report.oldest_seconds);
    }
}
