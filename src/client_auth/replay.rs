//! One-time use: which `(client, jti)` were used at this replica (RFC 7523 §3 item 7). Finding and
//! noting are one step under one lock, so of any number of copies exactly one passes.
//!
//! Nothing that could be used again is forgotten: an entry stays until its proof has ended. Above
//! the limit new proofs are refused, never let through unseen.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ring::digest::{Context, SHA256};

use crate::client::Once;
use crate::clock::UnixTime;

/// Locks, so that workers seldom wait for each other.
const SHARDS: usize = 16;
/// Kept beyond the end of a proof, for a clock that is set back by as much, or that of another
/// replica that is as much behind.
const MARGIN_SECONDS: i64 = 60;
/// 6 minutes (5 of lifetime, 1 of margin) at 2,700 assertions a second; about 50 MB when full.
pub const ENTRIES_MAX: usize = 1_000_000;

/// The start of SHA-256: who wants two of 128 bits to be equal can only lock out themselves,
/// because the client is part of the text.
pub type Name = [u8; 16];

/// One use of a proof, under a name that is the same at every replica of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    pub name: Name,
    /// From then on nobody takes the proof any more, with a margin for clocks that differ.
    pub ends: UnixTime,
}

impl Use {
    /// The lengths in front keep `ab`+`c` apart from `a`+`bc`.
    pub fn new(issuer: &str, client_id: &str, once: &Once) -> Self {
        let mut digest = Context::new(&SHA256);
        for part in [issuer, client_id] {
            digest.update(&(part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        digest.update(once.jti.as_bytes());
        let mut name = Name::default();
        name.iter_mut().zip(digest.finish().as_ref()).for_each(|(to, from)| *to = *from);
        Self { name, ends: once.expires.plus(MARGIN_SECONDS) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    First,
    Before,
    /// There is room again after so many seconds, when the first entries end.
    Full {
        retry_after_seconds: u32,
    },
}

pub struct Replay {
    shards: [Mutex<Shard>; SHARDS],
    entries_of_shard_max: usize,
}

#[derive(Default)]
struct Shard {
    seen: HashSet<Name>,
    /// The same names by the second at which each is forgotten.
    by_end: BTreeMap<i64, Vec<Name>>,
}

impl Replay {
    pub fn new(entries_max: usize) -> Self {
        Self { shards: Default::default(), entries_of_shard_max: entries_max.div_ceil(SHARDS) }
    }

    /// Notes a use.
    pub fn note(&self, used: &Use, now: UnixTime) -> Seen {
        let Some(mut shard) = self.shard(&used.name) else { return Seen::Full { retry_after_seconds: 1 } };
        shard.forget_ended(now);
        if shard.seen.contains(&used.name) {
            return Seen::Before;
        }
        if shard.seen.len() >= self.entries_of_shard_max {
            let first_end = shard.by_end.first_key_value().map_or(now.seconds(), |(end, _)| *end);
            let seconds = first_end.saturating_sub(now.seconds()).max(1);
            return Seen::Full { retry_after_seconds: u32::try_from(seconds).unwrap_or(u32::MAX) };
        }
        shard.seen.insert(used.name);
        shard.by_end.entry(used.ends.seconds()).or_default().push(used.name);
        Seen::First
    }

    /// Takes back a noted use that came to nothing: the proof got nobody a token.
    pub fn forget(&self, used: &Use) {
        let Some(mut shard) = self.shard(&used.name) else { return };
        if let Some(names) = shard.by_end.get_mut(&used.ends.seconds()) {
            names.retain(|name| *name != used.name);
            shard.seen.remove(&used.name);
        }
    }

    fn shard(&self, name: &Name) -> Option<MutexGuard<'_, Shard>> {
        let last = name.last().copied().unwrap_or_default();
        let shard = self.shards.get(usize::from(last) % SHARDS)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many are kept now.
    pub fn entries(&self) -> usize {
        let count = |shard: &Mutex<Shard>| shard.lock().unwrap_or_else(PoisonError::into_inner).seen.len();
        self.shards.iter().map(count).sum()
    }

    pub const fn entries_max(&self) -> usize {
        self.entries_of_shard_max.saturating_mul(SHARDS)
    }
}

impl Shard {
    fn forget_ended(&mut self, now: UnixTime) {
        while let Some(first) = self.by_end.first_entry().filter(|first| *first.key() <= now.seconds()) {
            for name in first.remove() {
                self.seen.remove(&name);
            }
        }
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Replay({} of {})", self.entries(), self.entries_max())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(client_id: &str, jti: &str, expires: i64) -> Use {
        let once = Once { jti: jti.to_owned(), expires: UnixTime::from_seconds(expires) };
        Use::new("https://auth.example.com", client_id, &once)
    }

    #[test]
    fn b14_b15_a_jti_is_used_once_by_each_client() {
        let replay = Replay::new(1_000);
        let now = UnixTime::from_seconds(0);
        assert_eq!(replay.note(&used("a", "1", 300), now), Seen::First);
        assert_eq!(replay.note(&used("a", "1", 300), now), Seen::Before);
        assert_eq!(replay.note(&used("b", "1", 300), now), Seen::First);
        assert_eq!(replay.note(&used("a", "b1", 300), now), Seen::First);
        assert_eq!(replay.note(&used("ab", "1", 300), now), Seen::First);
    }

    #[test]
    fn an_entry_outlives_its_proof_and_is_then_forgotten() {
        let replay = Replay::new(1_000);
        let at = UnixTime::from_seconds;
        assert_eq!(replay.note(&used("a", "1", 300), at(0)), Seen::First);
        assert_eq!(replay.note(&used("a", "1", 300), at(359)), Seen::Before);
        assert_eq!(replay.entries(), 1);
        assert_eq!(replay.note(&used("a", "1", 900), at(360)), Seen::First);
        assert_eq!(replay.entries(), 1);
    }

    #[test]
    fn a_use_that_came_to_nothing_is_taken_back_and_can_be_noted_again() {
        let replay = Replay::new(1_000);
        let at = UnixTime::from_seconds;
        assert_eq!(replay.note(&used("a", "1", 300), at(0)), Seen::First);
        // Not noted with this end: nothing to take back.
        replay.forget(&used("a", "1", 301));
        assert_eq!(replay.note(&used("a", "1", 300), at(0)), Seen::Before);
        replay.forget(&used("a", "1", 300));
        assert_eq!(replay.entries(), 0);
        assert_eq!(replay.note(&used("a", "1", 900), at(0)), Seen::First);
        assert_eq!(
            replay.note(&used("a", "1", 900), at(400)),
            Seen::Before,
            "the first end is forgotten too"
        );
    }

    #[test]
    fn issuer_client_and_jti_are_all_part_of_the_name() {
        let of = |issuer, client_id, jti: &str| {
            let once = Once { jti: jti.to_owned(), expires: UnixTime::from_seconds(0) };
            Use::new(issuer, client_id, &once).name
        };
        let names =
            [of("i", "a", "1"), of("ia", "", "1"), of("j", "a", "1"), of("i", "a1", ""), of("i", "", "a1")];
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        assert_eq!(of("i", "a", "1"), of("i", "a", "1"));
    }

    #[test]
    fn above_the_limit_new_ones_are_refused_until_old_ones_end() {
        let replay = Replay::new(SHARDS);
        let at = UnixTime::from_seconds;
        let mut full = 0;
        for number in 0..1_000 {
            match replay.note(&used("a", &number.to_string(), 300), at(0)) {
                Seen::First => {}
                Seen::Before => panic!("{number} was never used"),
                Seen::Full { retry_after_seconds } => {
                    assert_eq!(retry_after_seconds, 360);
                    full += 1;
                }
            }
        }
        assert_eq!((replay.entries(), full), (SHARDS, 1_000 - SHARDS));
        assert_eq!(replay.note(&used("a", "999", 700), at(360)), Seen::First);
    }

    #[test]
    fn b14_of_a_hundred_copies_at_once_one_passes() {
        let replay = Replay::new(100_000);
        for round in 0..100 {
            let jti = round.to_string();
            let pass = || {
                (0..25)
                    .filter(|_| replay.note(&used("a", &jti, 300), UnixTime::from_seconds(0)) == Seen::First)
                    .count()
            };
            let passed: usize = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(pass)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap_or_default()).sum()
            });
            assert_eq!(passed, 1, "round {round}");
        }
    }
}
