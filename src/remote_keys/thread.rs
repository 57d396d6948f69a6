//! The fetching thread: which sources the list in force names, what is due, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::FetchSettings;
use super::fetch::{Failure, fetch};
use super::schedule::{Source, chance};
use crate::client_auth::{Fetched, Memory};
use crate::clock::Clock;
use crate::diagnostic::catalogue::client_keys as codes;
use crate::issuer::Issuer;
use crate::jose::key_set::VerificationKey;
use crate::jose::thumbprint;
use crate::telemetry::{ClientKeysReport, FetchOutcome};

/// Fetches at once; the others wait for their turn, the longest due first.
const RUNNING_MAX: usize = 16;

pub(super) struct Thread {
    settings: Arc<FetchSettings>,
    current: Arc<ArcSwap<Issuer>>,
    memory: Arc<Memory>,
    clock: Arc<dyn Clock>,
    report: Arc<ArcSwap<ClientKeysReport>>,
    /// Those of the list in force, and those that were until lately: a source that comes back
    /// within its pause is not asked again before the end of it.
    sources: BTreeMap<Arc<str>, Source>,
    wanted: BTreeSet<Arc<str>>,
    /// Of the list that `wanted` was taken from.
    revision: String,
    counts: ClientKeysReport,
}

type Done = (Arc<str>, Result<Fetched, Failure>);

impl Thread {
    pub(super) fn new(
        settings: FetchSettings,
        current: Arc<ArcSwap<Issuer>>,
        memory: Arc<Memory>,
        clock: Arc<dyn Clock>,
        report: Arc<ArcSwap<ClientKeysReport>>,
    ) -> Self {
        Self {
            settings: Arc::new(settings),
            current,
            memory,
            clock,
            report,
            sources: BTreeMap::new(),
            wanted: BTreeSet::new(),
            revision: String::new(),
            counts: ClientKeysReport::default(),
        }
    }

    pub(super) async fn run(mut self, mut stopped: oneshot::Receiver<()>) {
        let mut running: JoinSet<Done> = JoinSet::new();
        let mut tick = tokio::time::interval(self.settings.tick);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = &mut stopped => return,
                Some(done) = running.join_next() => {
                    if let Ok((source, result)) = done {
                        self.end(&source, result);
                    }
                }
                _ = tick.tick() => {}
            }
            self.look_at_list();
            self.begin_due(&mut running);
            self.publish();
        }
    }

    fn look_at_list(&mut self) {
        let now = self.clock.now();
        let issuer = self.current.load();
        if issuer.revision() != self.revision {
            issuer.revision().clone_into(&mut self.revision);
            self.wanted = issuer.registry().key_sources();
            for source in &self.wanted {
                self.sources.entry(Arc::clone(source)).or_insert_with(|| Source::new(now));
            }
        }
        let (wanted, refresh) = (&self.wanted, self.settings.refresh_seconds);
        self.sources.retain(|uri, source| wanted.contains(uri) || !source.is_due(now, refresh));
        self.memory.fetched_keys.retain(|uri| self.sources.contains_key(uri));
    }

    fn begin_due(&mut self, running: &mut JoinSet<Done>) {
        let now = self.clock.now();
        let refresh = self.settings.refresh_seconds;
        let mut due: Vec<(&Arc<str>, &mut Source)> = self
            .sources
            .iter_mut()
            .filter(|(uri, source)| self.wanted.contains(*uri) && source.is_due(now, refresh))
            .collect();
        due.sort_by_key(|(_, source)| source.due);
        for (uri, source) in due.into_iter().take(RUNNING_MAX.saturating_sub(running.len())) {
            source.begin(now);
            let (uri, settings) = (Arc::clone(uri), Arc::clone(&self.settings));
            running.spawn(async move {
                let result = fetch(&uri, &settings).await;
                (uri, result)
            });
        }
    }

    fn end(&mut self, uri: &Arc<str>, result: Result<Fetched, Failure>) {
        let now = self.clock.now();
        let outcome = result.as_ref().map_or_else(|failure| failure.outcome, |_| FetchOutcome::Fetched);
        self.counts.count(outcome);
        let Some(source) = self.sources.get_mut(uri) else { return };
        let is_back = source.last.is_some_and(|last| last != FetchOutcome::Fetched);
        source.end(outcome, self.settings.refresh_seconds, chance());
        match result {
            Ok(fetched) => {
                let before = self.memory.fetched_keys.in_use(uri, now);
                self.memory.fetched_keys.put(uri, Arc::clone(&fetched.keys), now);
                source.has_keys = true;
                let before = before.as_ref().map_or([].as_slice(), |(keys, _)| keys);
                tell_fetched(uri, before, &fetched, is_back, source);
            }
            Err(failure) => tell_failure(uri, failure, source),
        }
    }

    fn publish(&mut self) {
        let now = self.clock.now();
        let mut report = ClientKeysReport { outcomes: self.counts.outcomes, ..ClientKeysReport::default() };
        for uri in &self.wanted {
            let Some(source) = self.sources.get_mut(uri) else { continue };
            let state = match self.memory.fetched_keys.in_use(uri, now) {
                Some((_, age)) => {
                    report.oldest_seconds = report.oldest_seconds.max(age);
                    let is_fresh = source.last == Some(FetchOutcome::Fetched);
                    if is_fresh { &mut report.fresh } else { &mut report.stale }
                }
                None => {
                    if std::mem::take(&mut source.has_keys) {
                        tracing::error!(
                            code = codes::CLIENT_KEYS_EXPIRED.id,
                            jwks_uri = &**uri,
                            "the last good keys of a client are too old: it is refused until a fetch succeeds"
                        );
                    }
                    &mut report.missing
                }
            };
            *state = state.saturating_add(1);
        }
        self.report.store(Arc::new(report));
    }
}

/// What is new: that it works again, other keys, keys that are not used.
fn tell_fetched(
    uri: &str,
    before: &[VerificationKey],
    fetched: &Fetched,
    is_back: bool,
    source: &mut Source,
) {
    let names = |keys: &[VerificationKey]| -> BTreeSet<String> {
        keys.iter().map(|key| format!("{} {}", key.algorithm, thumbprint::sha256(&key.public_key))).collect()
    };
    let (old, new) = (names(before), names(&fetched.keys));
    if old != new || is_back {
        let listed =
            |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        tracing::info!(
            jwks_uri = uri,
            keys = new.len(),
            added = listed(new.difference(&old).collect()),
            removed = listed(old.difference(&new).collect()),
            "keys of a client fetched"
        );
    }
    let ignored = fetched.ignored.join("; ");
    if !ignored.is_empty() && source.told != ignored {
        tracing::warn!(
            code = codes::CLIENT_KEYS_IGNORED.id,
            jwks_uri = uri,
            "keys of a client are not used: {ignored}"
        );
    }
    source.told = ignored;
}

/// Once for as long as the reason is the same.
fn tell_failure(uri: &str, failure: Failure, source: &mut Source) {
    let Failure { outcome, detail } = failure;
    let told = format!("{}: {detail}", outcome.name());
    if source.told != told {
        tracing::warn!(
            code = codes::CLIENT_KEYS_FETCH_FAILED.id,
            jwks_uri = uri,
            outcome = outcome.name(),
            "the keys of a client cannot be fetched: {detail}"
        );
    }
    source.told = told;
}
