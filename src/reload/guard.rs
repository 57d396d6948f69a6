//! What a reload may not do without being told twice: take a file that lost its end marker, or
//! take their access from many clients at once. Both look like a file that was cut off.

use std::collections::BTreeMap;

use crate::client::Registry;
use crate::clock::UnixTime;
use crate::diagnostic::catalogue::reload as codes;
use crate::diagnostic::{Finding, Findings};
use crate::inputs::{Contents, Snapshot};
use crate::issuer::Issuer;

/// Lists of at most so many clients change as they like: two of five is an ordinary edit.
const SMALL_LIST_CLIENTS: usize = 20;
/// Two SIGHUPs belong together when they come within this time.
const CONFIRMATION_SECONDS: i64 = 60;
/// So many removed clients are named.
const NAMED_MAX: usize = 5;

/// What the settings say about it.
#[derive(Clone, Copy, Debug)]
pub struct GuardSettings {
    /// Percent of the clients; 100 switches the rule off.
    pub max_removed_percent: u8,
    pub require_end_marker: bool,
}

/// What becomes of a snapshot that is right in itself.
#[derive(Debug)]
pub(super) enum Verdict {
    Accepted,
    /// The second SIGHUP for it.
    Confirmed,
    Refused(Findings),
}

pub(super) struct Guard {
    settings: GuardSettings,
    /// What the last SIGHUP found and was refused.
    refused: Option<(Contents, UnixTime)>,
}

impl Guard {
    pub(super) fn new(settings: GuardSettings) -> Self {
        Self { settings, refused: None }
    }

    /// `asked`: by SIGHUP. Only the same contents can be confirmed: a file that was cut off again
    /// between two SIGHUPs is another one.
    pub(super) fn judge(
        &mut self,
        old: &Issuer,
        old_markers: &BTreeMap<String, bool>,
        new: &Snapshot,
        asked: bool,
        now: UnixTime,
    ) -> Verdict {
        let refused = self.refused;
        let is_second = asked
            && refused.is_some_and(|(contents, first)| {
                contents == new.contents && (0..=CONFIRMATION_SECONDS).contains(&now.since(first))
            });
        let mut findings = Findings::default();
        if self.settings.require_end_marker {
            missing_end_markers(old_markers, &new.end_markers, advice(asked), &mut findings);
        }
        self.removed(old.registry(), new.issuer.registry(), advice(asked), &mut findings);
        if asked {
            self.refused = (!findings.is_empty() && !is_second).then_some((new.contents, now));
        }
        match (findings.is_empty(), is_second) {
            (true, _) => Verdict::Accepted,
            (false, true) => Verdict::Confirmed,
            (false, false) => Verdict::Refused(findings),
        }
    }

    fn removed(&self, old: &Registry, new: &Registry, advice: &str, findings: &mut Findings) {
        let Removed { clients, of } = removed(old, new);
        let percent = usize::from(self.settings.max_removed_percent);
        if of <= SMALL_LIST_CLIENTS || clients.len().saturating_mul(100) <= percent.saturating_mul(of) {
            return;
        }
        let named: Vec<&str> = clients.iter().copied().take(NAMED_MAX).collect();
        let more = match clients.len().saturating_sub(named.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!(
            "the new files remove or disable {} of {of} clients, and at most {percent} percent may go at once: \
             {}{more}",
            clients.len(),
            named.join(", ")
        );
        findings.push(Finding::new(&codes::REMOVES_MANY, message).help(format!(
            "restore the clients; or, if this is meant, {advice}, or restart (`max-removed` sets the limit)"
        )));
    }
}

fn advice(asked: bool) -> &'static str {
    if asked { "send SIGHUP once more within 60 s" } else { "send SIGHUP twice within 60 s" }
}

/// File by file, by name. A file that is gone altogether is the other rule's matter.
fn missing_end_markers(
    old: &BTreeMap<String, bool>,
    new: &BTreeMap<String, bool>,
    advice: &str,
    findings: &mut Findings,
) {
    for (file, _) in old.iter().filter(|(name, is_marked)| **is_marked && new.get(*name) == Some(&false)) {
        let message = format!("{file} does not end with `...` as the file in force did: it may be cut off");
        findings.push(Finding::new(&codes::END_MARKER_GONE, message).in_file(file).help(format!(
            "write the whole file again; or, if this is meant, {advice}, or restart \
             (`require-end-marker: false` switches the rule off)"
        )));
    }
}

/// Clients that could get tokens, and cannot any more.
struct Removed<'r> {
    /// Sorted.
    clients: Vec<&'r str>,
    /// How many could.
    of: usize,
}

/// To disable a client takes the same from it as to remove it.
fn removed<'r>(old: &'r Registry, new: &Registry) -> Removed<'r> {
    let is_enabled = |id: &str| new.find(id).is_some_and(|client| !client.disabled);
    let mut of: usize = 0;
    let mut clients = Vec::new();
    for client in old.clients().filter(|client| !client.disabled) {
        of = of.saturating_add(1);
        if !is_enabled(client.id.as_str()) {
            clients.push(client.id.as_str());
        }
    }
    clients.sort_unstable();
    Removed { clients, of }
}
