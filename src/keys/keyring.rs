//! The loaded keys and their plan: which one signs, which are published. Every answer is a pure
//! function of the time, so the change from one key to the next needs no reload and happens at the
//! same moment in every replica.

use std::sync::Arc;

use super::SigningKey;
use super::caching::{Caching, caching};
use super::plan::{Life, Plan, Retention, SameInstant, State};
use super::seal::SealKeys;
use crate::clock::UnixTime;
use crate::jose::{Algorithm, Jwk};

/// A key that is ready to be planned.
#[derive(Clone, Debug)]
pub struct Key {
    /// The file it came from, as a name to show.
    pub file: String,
    pub activation: UnixTime,
    pub jwk: Jwk,
    /// Absent when only the public half is there.
    pub signer: Option<Arc<dyn SigningKey>>,
}

impl Key {
    /// A key with both halves.
    pub fn private(file: impl Into<String>, activation: UnixTime, signer: Arc<dyn SigningKey>) -> Self {
        Self { file: file.into(), activation, jwk: signer.public_jwk().clone(), signer: Some(signer) }
    }
}

/// Immutable; a reload makes another one.
#[derive(Clone, Debug)]
pub struct Keyring {
    /// In the order of the plan's lives.
    keys: Vec<Key>,
    plan: Plan,
    retention: Retention,
    revoked: Vec<RevokedKey>,
    seals: Arc<SealKeys>,
    digest: [u8; 32],
}

/// A key that is withdrawn; it has no part in any answer.
#[derive(Clone, Debug)]
pub struct RevokedKey {
    /// The file that withdraws it, as a name to show.
    pub file: String,
    pub algorithm: Algorithm,
    pub activation: UnixTime,
    /// Not known when the file holds no key that can be read.
    pub kid: Option<String>,
}

/// A key of the published set.
#[derive(Clone, Copy, Debug)]
pub struct PublishedKey<'k> {
    pub jwk: &'k Jwk,
    pub state: State,
}

/// Everything about a key that is worth showing.
#[derive(Clone, Copy, Debug)]
pub struct KeyStatus<'k> {
    pub file: &'k str,
    pub jwk: &'k Jwk,
    pub kid: &'k str,
    pub algorithm: Algorithm,
    pub bits: usize,
    pub state: State,
    pub activation: UnixTime,
    /// When the successor takes over, once there is one.
    pub succeeded: Option<UnixTime>,
    /// When it stops being published, once there is a successor.
    pub gone: Option<UnixTime>,
    pub has_private_half: bool,
    /// What signs with it, where it has its private half.
    pub backend: Option<&'static str>,
}

impl Keyring {
    /// Keys in any order. Refused when two of one algorithm share an instant.
    pub fn new(mut keys: Vec<Key>, retention: Retention) -> Result<Self, SameInstant> {
        let place = |key: &Key| (key.jwk.algorithm(), key.activation);
        let plan = Plan::new(keys.iter().map(place), retention)?;
        keys.sort_by_key(place);
        let (revoked, seals) = (Vec::new(), Arc::default());
        Ok(Self { keys, plan, retention, revoked, seals, digest: [0; 32] })
    }

    #[must_use]
    pub(super) fn with_revoked(mut self, revoked: Vec<RevokedKey>) -> Self {
        self.revoked = revoked;
        self
    }

    /// The same keys without those that `found` withdraws. Each is active from when it is there: a
    /// revocation may have brought the successor forward. `None` when none of them is withdrawn.
    pub fn withdrawing(&self, found: &Self) -> Option<Self> {
        let is_withdrawn = |key: &Key| {
            found.revoked.iter().any(|revoked| {
                let name = (revoked.algorithm, revoked.activation);
                revoked.kid.as_deref() == Some(key.jwk.kid()) || name == (key.jwk.algorithm(), key.activation)
            })
        };
        let left: Vec<Key> = self.keys.iter().filter(|key| !is_withdrawn(key)).cloned().collect();
        if left.len() == self.keys.len() {
            return None;
        }
        let moved = left.iter().map(|key| {
            let there = found.keys.iter().find(|other| other.jwk == key.jwk);
            Key { activation: there.map_or(key.activation, |there| there.activation), ..key.clone() }
        });
        // Where the names found leave open which key signs, those in force do not.
        let keyring =
            Self::new(moved.collect(), self.retention).or_else(|_| Self::new(left, self.retention)).ok()?;
        let keyring = keyring.with_revoked(found.revoked.clone()).with_seals(Arc::clone(&self.seals));
        Some(keyring.with_digest(self.digest))
    }

    /// The keys that are withdrawn, in the order of their files.
    pub const fn retention(&self) -> Retention {
        self.retention
    }

    pub fn revoked(&self) -> &[RevokedKey] {
        &self.revoked
    }

    /// Was a key of the algorithm withdrawn that would be active at `now`, and later than `since`?
    pub fn is_revoked(&self, algorithm: Algorithm, since: UnixTime, now: UnixTime) -> bool {
        let would_be_active = |key: &RevokedKey| key.activation > since && key.activation <= now;
        self.revoked.iter().any(|key| key.algorithm == algorithm && would_be_active(key))
    }

    /// The keys that registrations are sealed with: another purpose, another kind, the same directory.
    #[must_use]
    pub fn with_seals(mut self, seals: Arc<SealKeys>) -> Self {
        self.seals = seals;
        self
    }

    pub const fn seals(&self) -> &Arc<SealKeys> {
        &self.seals
    }

    #[must_use]
    pub(super) fn with_digest(mut self, digest: [u8; 32]) -> Self {
        self.digest = digest;
        self
    }

    /// What `directory::digest` said of the files that were loaded; zeros for keys in memory.
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The key that signs with `algorithm` at `now`: none before the first activation.
    pub fn signing(&self, algorithm: Algorithm, now: UnixTime) -> Option<&Arc<dyn SigningKey>> {
        let active = |key: &&Key| key.jwk.algorithm() == algorithm && key.activation <= now;
        // Sorted by activation within the algorithm: the last active one is the latest.
        self.keys.iter().rev().find(active)?.signer.as_ref()
    }

    /// The algorithms with a private key, whenever it signs; in the order of the metadata.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let held = |algorithm: &Algorithm| {
            self.keys.iter().any(|key| key.jwk.algorithm() == *algorithm && key.signer.is_some())
        };
        Algorithm::ALL.iter().copied().filter(held).collect()
    }

    /// The key set at `now`: signing, next (the soonest first), retiring (the latest first).
    pub fn published(&self, now: UnixTime) -> Vec<PublishedKey<'_>> {
        let mut keys: Vec<_> = self
            .lives()
            .map(|(key, life)| (life.state(now), key))
            .filter(|(state, _)| state.is_published())
            .collect();
        keys.sort_by_key(|(state, key)| {
            let seconds = key.activation.seconds();
            match state {
                State::Signing => (0, 0),
                State::Next => (1, seconds),
                State::Retiring | State::Gone => (2, seconds.saturating_neg()),
            }
        });
        keys.into_iter().map(|(state, key)| PublishedKey { jwk: &key.jwk, state }).collect()
    }

    /// All keys, gone ones too, sorted by algorithm, then activation.
    pub fn states(&self, now: UnixTime) -> Vec<KeyStatus<'_>> {
        self.lives()
            .map(|(key, life)| KeyStatus {
                file: &key.file,
                jwk: &key.jwk,
                kid: key.jwk.kid(),
                algorithm: key.jwk.algorithm(),
                bits: key.jwk.public_key().bits(),
                state: life.state(now),
                activation: key.activation,
                succeeded: life.succeeded,
                gone: life.gone,
                has_private_half: key.signer.is_some(),
                backend: key.signer.as_ref().map(|signer| signer.backend()),
            })
            .collect()
    }

    /// Every instant at which the key set changes, sorted.
    pub fn change_instants(&self) -> Vec<UnixTime> {
        self.plan.change_instants()
    }

    /// The next instant after `now` at which the key set changes.
    pub fn next_change(&self, now: UnixTime) -> Option<UnixTime> {
        self.plan.next_change(now)
    }

    /// How long others may keep the key set of `now`.
    pub fn caching(&self, now: UnixTime) -> Caching {
        caching(now, self.plan.next_change(now), self.plan.next_departure(now), self.retention)
    }

    fn lives(&self) -> impl Iterator<Item = (&Key, &Life)> {
        self.keys.iter().zip(self.plan.lives())
    }
}
