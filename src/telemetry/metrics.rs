//! Prometheus metrics (OpenMetrics text). Label values come from closed sets, so that no request
//! can make a new series.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::client_keys::{ClientKeys, ClientKeysReport};
use super::keys::KeyMetrics;
use super::registrations::RegistrationMetrics;
use super::reloads::{Reloads, ReloadsReport};
use super::replay_store::ReplayStoreMetrics;
use crate::clock::UnixTime;
use crate::issuer::{Decision, Delivery, Issuer, Outcome, RegistrationDecision};
use crate::oauth::Reason;
use crate::replay_store;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    grant: &'static str,
    method: &'static str,
    outcome: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct FeatureLabels {
    feature: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RevisionLabels {
    revision: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct VersionLabels {
    version: &'static str,
}

/// Values that others count and a scrape reads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gauges {
    pub open_connections: i64,
    pub refused_connections: u64,
    pub rejected_requests: u64,
    pub dropped_log_lines: u64,
    /// Checks of imported password hashes: made, and refused because too many were.
    pub slow_checks: (u64, u64),
    /// Client assertions that are remembered, and how many can be.
    pub replay_entries: i64,
    pub replay_entries_max: i64,
    /// Of a store that a fleet shares, where there is one.
    pub replay_store: Option<replay_store::Report>,
    pub reloads: ReloadsReport,
    pub client_keys: ClientKeysReport,
}

pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Histogram,
    signing_seconds: Histogram,
    legacy: Family<FeatureLabels, Counter>,
    keys: KeyMetrics,
    revision: Family<RevisionLabels, Gauge>,
    clients: Gauge,
    reloads: Reloads,
    open_connections: Gauge,
    refused_connections: Counter,
    rejected_requests: Counter,
    dropped_log_lines: Counter,
    reused_tokens: Counter,
    slow_checks: Counter,
    slow_checks_refused: Counter,
    replay_entries: Gauge,
    replay_entries_max: Gauge,
    client_keys: ClientKeys,
    replay_store: ReplayStoreMetrics,
    registrations: RegistrationMetrics,
}

/// Seconds; a signature takes 0.1 to 5 ms depending on key size and machine.
const SECONDS_BUCKETS: [f64; 12] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

impl Default for Metrics {
    fn default() -> Self {
        let mut this = Self {
            registry: Registry::with_prefix("signet"),
            requests: Family::default(),
            request_seconds: Histogram::new(SECONDS_BUCKETS),
            signing_seconds: Histogram::new(SECONDS_BUCKETS),
            legacy: Family::default(),
            keys: KeyMetrics::default(),
            revision: Family::default(),
            clients: Gauge::default(),
            reloads: Reloads::default(),
            open_connections: Gauge::default(),
            refused_connections: Counter::default(),
            rejected_requests: Counter::default(),
            dropped_log_lines: Counter::default(),
            reused_tokens: Counter::default(),
            slow_checks: Counter::default(),
            slow_checks_refused: Counter::default(),
            replay_entries: Gauge::default(),
            replay_entries_max: Gauge::default(),
            client_keys: ClientKeys::default(),
            replay_store: ReplayStoreMetrics::default(),
            registrations: RegistrationMetrics::default(),
        };
        this.register();
        this
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("token_requests", "Decisions of the token endpoint", self.requests.clone());
        registry.register("token_request_seconds", "Time to a decision", self.request_seconds.clone());
        registry.register(
            "signing_seconds",
            "Time in the signature of a token",
            self.signing_seconds.clone(),
        );
        registry.register("legacy", "Requests that needed a tolerance", self.legacy.clone());
        self.keys.register(registry);
        registry.register("config_info", "Revision of the client list in force", self.revision.clone());
        registry.register("clients", "Clients in the list in force", self.clients.clone());
        self.reloads.register(registry);
        registry.register("open_connections", "Connections that are open now", self.open_connections.clone());
        let help = "Connections closed at once because of the limit";
        registry.register("refused_connections", help, self.refused_connections.clone());
        let help = "Requests that broke HTTP or a limit and reached no endpoint";
        registry.register("rejected_requests", help, self.rejected_requests.clone());
        registry.register(
            "dropped_log_lines",
            "Log lines dropped on a stalled pipe",
            self.dropped_log_lines.clone(),
        );
        let help = "Tokens that were made for an earlier request (`reuse` of a client)";
        registry.register("reused_tokens", help, self.reused_tokens.clone());
        let help = "Checks of imported password hashes";
        registry.register("slow_checks", help, self.slow_checks.clone());
        let help = "Checks of imported password hashes refused because too many were waiting";
        registry.register("slow_checks_refused", help, self.slow_checks_refused.clone());
        let help = "Client assertions that are remembered so that none is used twice";
        registry.register("replay_entries", help, self.replay_entries.clone());
        let help = "Client assertions that can be remembered; above it new ones are refused";
        registry.register("replay_entries_max", help, self.replay_entries_max.clone());
        self.client_keys.register(registry);
        self.replay_store.register(registry);
        self.registrations.register(registry);
        let build = Family::<VersionLabels, Gauge>::default();
        build.get_or_create(&VersionLabels { version: env!("CARGO_PKG_VERSION") }).set(1);
        registry.register("build_info", "Version of the program", build);
    }

    pub fn count(&self, decision: &Decision, delivery: &Delivery) {
        let record = &decision.record;
        let (outcome, reason) = match &decision.outcome {
            Outcome::Issued(token) => {
                match token.signing {
                    Some(signing) => self.signing_seconds.observe(signing.as_secs_f64()),
                    None => _ = self.reused_tokens.inc(),
                }
                ("issued", "none")
            }
            Outcome::Refused(refusal) => ("refused", refusal.reason.code.name),
        };
        let labels = RequestLabels {
            grant: record.grant.unwrap_or("none"),
            method: record.method.unwrap_or("none"),
            outcome,
            reason,
        };
        self.requests.get_or_create(&labels).inc();
        self.registrations.count_request(decision);
        self.request_seconds.observe(delivery.duration.as_secs_f64());
        for feature in record.relaxations.iter().copied() {
            self.legacy.get_or_create(&FeatureLabels { feature }).inc();
        }
    }

    pub fn count_registration(&self, decision: &RegistrationDecision) {
        self.registrations.count(decision);
    }

    /// Requests that were refused without a look at them.
    pub fn count_shed(&self, reason: &'static Reason, requests: u64) {
        let labels =
            RequestLabels { grant: "none", method: "none", outcome: "refused", reason: reason.code.name };
        self.requests.get_or_create(&labels).inc_by(requests);
    }

    /// The text of a scrape.
    pub fn render(&self, issuer: &Issuer, gauges: Gauges, now: UnixTime) -> String {
        self.keys.set(issuer.keyring(), now);
        self.registrations.set(issuer.keyring().seals(), now);
        self.revision.clear();
        self.revision.get_or_create(&RevisionLabels { revision: issuer.revision().to_owned() }).set(1);
        self.clients.set(i64::try_from(issuer.registry().client_count()).unwrap_or(i64::MAX));
        self.reloads.set(&gauges.reloads);
        self.open_connections.set(gauges.open_connections);
        raise(&self.refused_connections, gauges.refused_connections);
        raise(&self.rejected_requests, gauges.rejected_requests);
        raise(&self.slow_checks, gauges.slow_checks.0);
        raise(&self.slow_checks_refused, gauges.slow_checks.1);
        self.replay_entries.set(gauges.replay_entries);
        self.replay_entries_max.set(gauges.replay_entries_max);
        self.client_keys.set(&gauges.client_keys);
        self.replay_store.set(gauges.replay_store);
        raise(&self.dropped_log_lines, gauges.dropped_log_lines);
        let mut text = String::with_capacity(4096);
        // Writing to a String cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}

pub(super) fn raise(counter: &Counter, to: u64) {
    counter.inc_by(to.saturating_sub(counter.get()));
}
