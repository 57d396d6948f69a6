//! Registrations and registered clients: the audit event of each registration, and their metrics.
//! As in `audit`, no type that reaches this file can hold a secret but the answer, which is not
//! looked at.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::logging::{AUDIT_TARGET, LogFormat};
use crate::clock::UnixTime;
use crate::issuer::{Decision, Delivery, Outcome, RegistrationDecision};
use crate::keys::seal::{SealKeys, SealState};
use crate::oauth::ClientId;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RegistrationLabels {
    outcome: &'static str,
    reason: &'static str,
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
pub struct RegistrationMetrics {
    registrations: Family<RegistrationLabels, Counter>,
    requests: Family<OutcomeLabels, Counter>,
    seal_keys: Family<StateLabels, Gauge>,
}

impl RegistrationMetrics {
    pub fn register(&self, registry: &mut Registry) {
        let help = "Decisions of the registration endpoint";
        registry.register("registrations", help, self.registrations.clone());
        let help = "Token requests that named a registered client of this deployment";
        registry.register("registered_client_requests", help, self.requests.clone());
        registry.register("seal_keys", "Seal keys by state", self.seal_keys.clone());
    }

    pub fn count(&self, decision: &RegistrationDecision) {
        let (outcome, reason) = match &decision.outcome {
            Ok(_) => ("registered", "none"),
            Err(refusal) => ("refused", refusal.reason.code.name),
        };
        self.registrations.get_or_create(&RegistrationLabels { outcome, reason }).inc();
    }

    /// A token request, when a registered client made it.
    pub fn count_request(&self, decision: &Decision) {
        if decision.record.registrar.is_some() {
            let outcome = match decision.outcome {
                Outcome::Issued(_) => "issued",
                Outcome::Refused(_) => "refused",
            };
            self.requests.get_or_create(&OutcomeLabels { outcome }).inc();
        }
    }

    pub fn set(&self, seals: &SealKeys, now: UnixTime) {
        self.seal_keys.clear();
        let states = seals.states(now);
        if states.is_empty() {
            return;
        }
        for state in SealState::ALL {
            let count = states.iter().filter(|status| status.state == *state).count();
            let gauge = self.seal_keys.get_or_create(&StateLabels { state: state.name() });
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
}

/// Writes the audit event of a registration.
pub fn record(format: LogFormat, decision: &RegistrationDecision, delivery: &Delivery) {
    match format {
        LogFormat::Json => machine(decision, delivery),
        LogFormat::Human => human(decision, delivery),
    }
}

fn machine(decision: &RegistrationDecision, delivery: &Delivery) {
    let record = &decision.record;
    let new = decision.outcome.as_ref().ok().map(|new| &*new.client);
    let reason = decision.outcome.as_ref().err().map(|refusal| refusal.reason);
    let expires = new.and_then(|client| client.registered.as_ref()).map(|registered| registered.expires);
    tracing::info!(
        target: AUDIT_TARGET,
        request_id = delivery.request_id,
        outcome = if new.is_some() { "registered" } else { "refused" },
        error = reason.map(|reason| reason.error.as_str()),
        reason = reason.map(|reason| reason.code.name),
        code = reason.map(|reason| reason.code.id),
        throttled = record.throttled.map(|reason| reason.code.name),
        registrar = record.client_id.as_ref().map(ClientId::as_str),
        method = record.method,
        client_id = new.map(|client| client.id.as_str()),
        client_name = new.and_then(|client| client.name.as_deref()),
        scope = new.map(crate::registration::scope_of),
        expires = expires.map(tracing::field::display),
        config_revision = &*record.revision,
        source_address = delivery.peer.map(tracing::field::display),
        duration_us = u64::try_from(delivery.duration.as_micros()).unwrap_or(u64::MAX),
        "client registration"
    );
}

/// `registered sdk-portal  sgc_AZ3f… catalog:read, until 2026-12-23 …`.
fn human(decision: &RegistrationDecision, delivery: &Delivery) {
    let record = &decision.record;
    let registrar = record.client_id.as_ref().map_or("-", ClientId::as_str);
    let (method, revision) = (record.method.unwrap_or("-"), &record.revision);
    let milliseconds = delivery.duration.as_secs_f64() * 1000.0;
    match &decision.outcome {
        Ok(new) => {
            let (id, scope) = (short(new.client.id.as_str()), crate::registration::scope_of(&new.client));
            let expires = new.client.registered.as_ref().map_or(UnixTime::from_seconds(0), |of| of.expires);
            tracing::info!(
                target: AUDIT_TARGET,
                "registered by {registrar}  {id}  {scope}, until {expires}  {method} {milliseconds:.1} ms, revision {revision}"
            );
        }
        Err(refusal) => {
            let reason = refusal.reason;
            tracing::warn!(
                target: AUDIT_TARGET,
                "refused  {registrar}  registration  {}: {} ({}, signet explain {})  {method} {milliseconds:.1} ms, revision {revision}",
                reason.error.as_str(),
                refusal.private_description(),
                reason.code.name,
                reason.code.id
            );
        }
    }
}

/// An id as people compare it: whole, or its beginning and its end.
pub fn short(id: &str) -> String {
    const WHOLE_MAX: usize = 128;
    const BEGIN: usize = 16;
    const END: usize = 8;
    let cut =
        (id.len() > WHOLE_MAX).then(|| id.get(..BEGIN).zip(id.get(id.len().saturating_sub(END)..))).flatten();
    cut.map_or_else(|| id.to_owned(), |(begin, end)| format!("{begin}…{end}"))
}
