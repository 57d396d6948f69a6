//! What operators ask of a running server: metrics, audit, readiness.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;

use crate::client_auth::Memory;
use crate::clock::{Clock, UnixTime};
use crate::http::{Connections, LastReload, SlowChecks, Status};
use crate::issuer::{Decision, Delivery, Issuer, Observer, RegistrationDecision};
use crate::oauth::Refusal;
use crate::reload::ReloadStatus;
use crate::remote_keys::RemoteKeys;
use crate::replay_store::ReplayStore;
use crate::telemetry::{Gauges, LogFormat, Metrics, ShedRequests, audit, registrations};

/// Counts decisions, writes the audit log, answers probes and scrapes.
pub struct Operator {
    current: Arc<ArcSwap<Issuer>>,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    shed: ShedRequests,
    log_format: LogFormat,
    ready: AtomicBool,
    reload: Arc<ReloadStatus>,
    counted: Counted,
}

/// Parts of the server that a scrape asks for their numbers.
pub struct Counted {
    pub connections: Arc<Connections>,
    pub memory: Arc<Memory>,
    pub slow_checks: Arc<SlowChecks>,
    pub remote_keys: RemoteKeys,
    pub replay_store: Option<Arc<ReplayStore>>,
    pub dropped_log_lines: Box<dyn Fn() -> u64 + Send + Sync>,
}

impl Operator {
    pub fn new(
        current: Arc<ArcSwap<Issuer>>,
        clock: Arc<dyn Clock>,
        counted: Counted,
        log_format: LogFormat,
    ) -> Self {
        let reload = Arc::new(ReloadStatus::loaded_at(clock.now()));
        let ready = AtomicBool::new(true);
        let (metrics, shed) = (Metrics::default(), ShedRequests::default());
        Self { current, clock, metrics, shed, log_format, ready, reload, counted }
    }

    pub fn reload_status(&self) -> Arc<ReloadStatus> {
        Arc::clone(&self.reload)
    }

    /// From now on not ready.
    pub fn shut_down(&self) {
        self.ready.store(false, Ordering::Relaxed);
    }
}

impl Observer for Operator {
    fn decided(&self, decision: &Decision, delivery: &Delivery) {
        self.metrics.count(decision, delivery);
        audit::record(self.log_format, decision, delivery);
        self.shed.record(self.log_format, &*self.clock);
    }

    fn shed(&self, refusal: &Refusal) {
        self.shed.count(refusal.reason);
        self.shed.record(self.log_format, &*self.clock);
    }

    fn registered(&self, decision: &RegistrationDecision, delivery: &Delivery) {
        self.metrics.count_registration(decision);
        registrations::record(self.log_format, decision, delivery);
    }
}

impl Status for Operator {
    fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    fn last_reload(&self) -> LastReload {
        let report = self.reload.report();
        let parts = [
            ("clients", report.clients_failed),
            ("keys", report.keys_failed),
            ("certificate", report.certificate_failed),
        ];
        LastReload {
            loaded_at: UnixTime::from_seconds(report.succeeded_at_seconds),
            attempted_at: UnixTime::from_seconds(report.attempted_at_seconds),
            attempts: report.successes.saturating_add(report.failures).saturating_add(report.refusals),
            is_in_force: report.succeeded,
            kept_out: parts.into_iter().filter_map(|(part, failed)| failed.then_some(part)).collect(),
            failure: self.reload.failure(),
        }
    }

    fn metrics(&self) -> String {
        // What was refused last, when nothing was asked for since.
        self.shed.record(self.log_format, &*self.clock);
        if let Some((reason, requests)) = self.shed.take_uncounted() {
            self.metrics.count_shed(reason, requests);
        }
        let of = &self.counted;
        let gauges = Gauges {
            open_connections: i64::try_from(of.connections.open()).unwrap_or(i64::MAX),
            refused_connections: of.connections.refused(),
            rejected_requests: of.connections.rejections(),
            slow_checks: of.slow_checks.counts(),
            replay_entries: i64::try_from(of.memory.replay.entries()).unwrap_or(i64::MAX),
            replay_entries_max: i64::try_from(of.memory.replay.entries_max()).unwrap_or(i64::MAX),
            dropped_log_lines: (of.dropped_log_lines)(),
            reloads: self.reload.report(),
            client_keys: of.remote_keys.report(),
            replay_store: of.replay_store.as_ref().map(|store| store.report()),
        };
        self.metrics.render(&self.current.load(), gauges, self.clock.now())
    }
}
