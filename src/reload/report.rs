//! What the log tells of a reload: findings as `check` prints them, and what changed in terms of
//! access. Both bounded, because a log line is no place for a million clients.

use crate::client::difference;
use crate::diagnostic::{Findings, human};
use crate::issuer::Issuer;

/// So many findings are printed; `signet check` shows all.
const FINDINGS_MAX: usize = 20;
/// So many lines tell of changed access; `signet diff` shows all.
const CHANGES_MAX: usize = 20;

/// Findings as one event, an error when one of them is.
pub fn report(findings: Findings) {
    match text_of(&findings) {
        None => {}
        Some(text) if findings.errors() > 0 => tracing::error!("{text}"),
        Some(text) => tracing::warn!("{text}"),
    }
}

pub(super) fn text_of(findings: &Findings) -> Option<String> {
    (!findings.is_empty()).then(|| human(&findings.clone().sorted().first(FINDINGS_MAX), false))
}

/// After a swap: what changed in who may reach what.
pub(super) fn access(old: &Issuer, new: &Issuer) {
    let (before, after) = (old.registry(), new.registry());
    let revision = new.revision();
    let difference = difference(before, after);
    let counts = difference.counts();
    let changes = difference.lines().count();
    tracing::info!(
        config_revision = revision,
        clients_added = counts.clients_added,
        clients_removed = counts.clients_removed,
        changes,
        "{}",
        if changes == 0 { "nobody's access changed" } else { "access changed" }
    );
    for change in difference.lines().take(CHANGES_MAX) {
        tracing::info!(config_revision = revision, "access: {change}");
    }
    if let Some(more @ 1..) = changes.checked_sub(CHANGES_MAX) {
        tracing::info!(config_revision = revision, "access: and {more} changes more");
    }
}
