//! The key set for every instant: the bytes of each period between two changes of the key plan
//! are prepared at load, so the set moves on time with no reload and no work in a request.

use super::Document;
use crate::clock::UnixTime;
use crate::keys::{Keyring, key_set_json};

/// What is served at one instant.
pub struct Published<'a> {
    pub document: &'a Document,
    /// Value of `Cache-Control`.
    pub cache_control: String,
}

/// The documents by the instant from which each holds; sorted, never empty.
#[derive(Debug)]
pub struct KeySets {
    first: Document,
    later: Vec<(UnixTime, Document)>,
}

impl KeySets {
    pub fn prepare(keyring: &Keyring) -> Self {
        let document = |instant| Document::new(key_set_json(&keyring.published(instant)));
        let later =
            keyring.change_instants().into_iter().map(|instant| (instant, document(instant))).collect();
        Self { first: document(UnixTime::from_seconds(i64::MIN)), later }
    }

    pub fn at(&self, keyring: &Keyring, now: UnixTime) -> Published<'_> {
        let passed = self.later.partition_point(|(from, _)| *from <= now);
        let document = match passed.checked_sub(1).and_then(|index| self.later.get(index)) {
            Some((_, document)) => document,
            None => &self.first,
        };
        Published { document, cache_control: keyring.caching(now).to_string() }
    }
}
