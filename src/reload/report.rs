//! What the log tells of a reload: findings as `check` prints them, and what changed in terms of
//! access. Both bounded, because a log line is no place for a million clients.

use crate::client::access_changes;
use crate::diagnostic::{Findings, human};
use crate::issuer::Issuer;

use super::guard::removed;

/// So many findings are printed; `signet check` shows all.
const FINDINGS_MAX: usize = 20;
/// So many lines tell of changed access.
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
    let gone = removed(before, after);
    let added = removed(after, before);
    let changes = access_changes(before, after);
    tracing::info!(
        config_revision = revision,
        clients_added = added.clients.len(),
        clients_removed = gone.clients.len(),
        changes = changes.len(),
        "{}",
        if changes.is_empty() { "nobody's access changed" } else { "access changed" }
    );
    for change in changes.iter().take(CHANGES_MAX) {
        tracing::info!(config_revision = revision, "access: {change}");
    }
    if let Some(more @ 1..) = changes.len().checked_sub(CHANGES_MAX) {
        tracing::info!(config_revision = revision, "access: and {more} changes more");
    }
}
