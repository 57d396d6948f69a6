//! One event for every decision of the token endpoint. Its fields are names, numbers and codes;
//! no type that reaches this file can hold a secret, and the token itself is not looked at.

use std::fmt::Write as _;

use super::logging::{AUDIT_TARGET, LogFormat};
use super::registrations::short;
use crate::issuer::{Decision, Delivery, Outcome, Record};

/// Longest text of one field; a longer scope list is cut, its token is not.
const FIELD_BYTES_MAX: usize = 1024;

/// Writes the event.
pub fn record(format: LogFormat, decision: &Decision, delivery: &Delivery) {
    match format {
        LogFormat::Json => machine(decision, delivery),
        LogFormat::Human => human(decision, delivery),
    }
}

fn machine(decision: &Decision, delivery: &Delivery) {
    let record = &decision.record;
    let (outcome, code, reason, error) = match &decision.outcome {
        Outcome::Issued(_) => ("issued", None, None, None),
        Outcome::Refused(refusal) => {
            let reason = refusal.reason;
            ("refused", Some(reason.code.id), Some(reason.code.name), Some(reason.error.as_str()))
        }
    };
    let token = match &decision.outcome {
        Outcome::Issued(token) => Some(token),
        Outcome::Refused(_) => None,
    };
    tracing::info!(
        target: AUDIT_TARGET,
        request_id = delivery.request_id,
        outcome,
        error,
        reason,
        code,
        throttled = record.throttled.map(|reason| reason.code.name),
        client_id = record.client_id.as_ref().map(|id| id.as_str()),
        registrar = record.registrar.as_ref().map(|id| id.as_str()),
        credential = record.credential,
        method = record.method,
        relaxation = relaxations(record),
        grant = record.grant,
        scope = token.map(|token| cut(&token.scope)),
        audience = cut(&record.audience),
        jti = token.map(|token| token.jti.as_str()),
        kid = token.map(|token| token.kid.as_str()),
        reused = token.map(|token| token.signing.is_none()),
        config_revision = &*record.revision,
        source_address = delivery.peer.map(tracing::field::display),
        duration_us = u64::try_from(delivery.duration.as_micros()).unwrap_or(u64::MAX),
        "token request"
    );
}

/// `issued billing-worker invoices:read -> https://invoices.example.com, 900 s … 0.4 ms, revision …`.
fn human(decision: &Decision, delivery: &Delivery) {
    let mut line = String::with_capacity(160);
    let client = decision.record.client_id.as_ref().map_or_else(|| "-".to_owned(), |id| short(id.as_str()));
    let revision = &decision.record.revision;
    let milliseconds = delivery.duration.as_secs_f64() * 1000.0;
    match &decision.outcome {
        Outcome::Issued(token) => {
            let reused = if token.signing.is_none() { ", reused" } else { "" };
            let scope = if token.scope.is_empty() { "(no scope)" } else { cut(&token.scope) };
            let audience = cut(&decision.record.audience);
            let _ = write!(
                line,
                "issued   {client}  {scope} -> {audience}, {} s{reused}  {}",
                token.lifetime_seconds,
                how(&decision.record)
            );
            tracing::info!(target: AUDIT_TARGET, "{line} {milliseconds:.1} ms, revision {revision}");
        }
        Outcome::Refused(refusal) => {
            let reason = refusal.reason;
            let _ = write!(
                line,
                "refused  {client}  {}: {} ({}, signet explain {})  {}",
                reason.error.as_str(),
                refusal.private_description(),
                reason.code.name,
                reason.code.id,
                how(&decision.record)
            );
            if let Some(throttled) = decision.record.throttled {
                let _ = write!(line, " because of {}", throttled.code.name);
            }
            tracing::warn!(target: AUDIT_TARGET, "{line} {milliseconds:.1} ms, revision {revision}");
        }
    }
}

fn how(record: &Record) -> String {
    let method = record.method.unwrap_or("-");
    match relaxations(record) {
        Some(relaxations) => format!("{method} ({relaxations})"),
        None => method.to_owned(),
    }
}

fn relaxations(record: &Record) -> Option<String> {
    (!record.relaxations.is_empty()).then(|| record.relaxations.join(" "))
}

fn cut(text: &str) -> &str {
    text.get(..FIELD_BYTES_MAX).unwrap_or(text)
}
