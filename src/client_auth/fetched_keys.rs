//! Key sets that were fetched from the addresses of clients (`jwks_uri`). They belong to this
//! replica and not to the snapshot: a reload keeps what it fetched, and the revision of the list
//! says nothing about them. Written by whoever fetches, read by requests without a lock.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::client::KeySets;
use crate::clock::UnixTime;
use crate::jose::key_set::VerificationKey;

/// How long the last good set is used while its source gives none. After a day somebody is meant to
/// have noticed; longer, and whoever keeps a source from answering keeps a withdrawn key alive.
const MAX_AGE_SECONDS_DEFAULT: u32 = 24 * 60 * 60;

type Sets = HashMap<Arc<str>, FetchedSet>;

/// By the address that they came from.
pub struct FetchedKeys {
    sets: ArcSwap<Sets>,
    max_age_seconds: i64,
}

#[derive(Clone)]
struct FetchedSet {
    keys: Arc<[VerificationKey]>,
    fetched_at: UnixTime,
}

impl FetchedKeys {
    pub fn with_max_age(seconds: u32) -> Self {
        Self { sets: ArcSwap::default(), max_age_seconds: seconds.into() }
    }

    /// From now on these keys, and no others.
    pub fn put(&self, source: &Arc<str>, keys: Arc<[VerificationKey]>, now: UnixTime) {
        let mut sets = Sets::clone(&self.sets.load());
        sets.insert(Arc::clone(source), FetchedSet { keys, fetched_at: now });
        self.sets.store(Arc::new(sets));
    }

    /// Forgets the sets of sources that nobody names any more.
    pub fn retain(&self, is_wanted: impl Fn(&str) -> bool) {
        if self.sets.load().keys().any(|source| !is_wanted(source)) {
            let mut sets = Sets::clone(&self.sets.load());
            sets.retain(|source, _| is_wanted(source));
            self.sets.store(Arc::new(sets));
        }
    }

    /// The keys that are in use for a source, and how many seconds ago they were fetched.
    pub fn in_use(&self, source: &str, now: UnixTime) -> Option<(Arc<[VerificationKey]>, i64)> {
        let sets = self.sets.load();
        let set = sets.get(source)?;
        let age = now.since(set.fetched_at);
        (age <= self.max_age_seconds).then(|| (Arc::clone(&set.keys), age))
    }
}

impl KeySets for FetchedKeys {
    fn of(&self, source: &str, now: UnixTime) -> Option<Arc<[VerificationKey]>> {
        self.in_use(source, now).map(|(keys, _)| keys)
    }
}

impl Default for FetchedKeys {
    fn default() -> Self {
        Self::with_max_age(MAX_AGE_SECONDS_DEFAULT)
    }
}

impl fmt::Debug for FetchedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FetchedKeys({})", self.sets.load().len())
    }
}
