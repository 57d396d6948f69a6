//! One-time use: which `(client, jti)` were used at this replica (RFC 7523 §3 item 7). Finding and
//! noting are one step under one lock, so of any number of copies exactly one passes.
//!
//! Nothing that could be used again is forgotten: an entry stays until its proof has ended. Above
//! the limit new proofs are refused, never let through unseen.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use ring::digest::{Context, SHA256};

use crate::client::Once;
use crate::clock::UnixTime;

/// Locks, so that workers seldom wait for each other.
const SHARDS: usize = 16;
/// Kept beyond the end of a proof, for a clock that is set back by as much.
const MARGIN_SECONDS: i64 = 60;
/// 6 minutes (5 of lifetime, 1 of margin) at 2,700 assertions a second; about 50 MB when full.
pub const ENTRIES_MAX: usize = 1_000_000;

/// The start of SHA-256: who wants two of 128 bits to be equal can only lock out themselves,
/// because the client is part of the text.
type Name = [u8; 16];

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
    pub fn note(&self, client_id: &str, once: &Once, now: UnixTime) -> Seen {
        let (shard, name) = name(client_id, &once.jti);
        let Some(shard) = self.shards.get(shard) else { return Seen::Full { retry_after_seconds: 1 } };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.forget_ended(now);
        if shard.seen.contains(&name) {
            return Seen::Before;
        }
        if shard.seen.len() >= self.entries_of_shard_max {
            let first_end = shard.by_end.first_key_value().map_or(now.seconds(), |(end, _)| *end);
            let seconds = first_end.saturating_sub(now.seconds()).max(1);
            return Seen::Full { retry_after_seconds: u32::try_from(seconds).unwrap_or(u32::MAX) };
        }
        shard.seen.insert(name);
        shard.by_end.entry(once.expires.plus(MARGIN_SECONDS).seconds()).or_default().push(name);
        Seen::First
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

/// Shard and name. The length in front keeps `ab`+`c` apart from `a`+`bc`.
fn name(client_id: &str, jti: &str) -> (usize, Name) {
    let mut digest = Context::new(&SHA256);
    digest.update(&(client_id.len() as u64).to_be_bytes());
    digest.update(client_id.as_bytes());
    digest.update(jti.as_bytes());
    let digest = digest.finish();
    let mut name = Name::default();
    name.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    let last = digest.as_ref().last().copied().unwrap_or_default();
    (usize::from(last) % SHARDS, name)
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Replay({} of {})", self.entries(), self.entries_max())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn once(jti: &str, expires: i64) -> Once {
        Once { jti: jti.to_owned(), expires: UnixTime::from_seconds(expires) }
    }

    #[test]
    fn b14_b15_a_jti_is_used_once_by_each_client() {
        let replay = Replay::new(1_000);
        let now = UnixTime::from_seconds(0);
        assert_eq!(replay.note("a", &once("1", 300), now), Seen::First);
        assert_eq!(replay.note("a", &once("1", 300), now), Seen::Before);
        assert_eq!(replay.note("b", &once("1", 300), now), Seen::First);
        assert_eq!(replay.note("a", &once("b1", 300), now), Seen::First);
        assert_eq!(replay.note("ab", &once("1", 300), now), Seen::First);
    }

    #[test]
    fn an_entry_outlives_its_proof_and_is_then_forgotten() {
        let replay = Replay::new(1_000);
        let at = UnixTime::from_seconds;
        assert_eq!(replay.note("a", &once("1", 300), at(0)), Seen::First);
        assert_eq!(replay.note("a", &once("1", 300), at(359)), Seen::Before);
        assert_eq!(replay.entries(), 1);
        assert_eq!(replay.note("a", &once("1", 900), at(360)), Seen::First);
        assert_eq!(replay.entries(), 1);
    }

    #[test]
    fn above_the_limit_new_ones_are_refused_until_old_ones_end() {
        let replay = Replay::new(SHARDS);
        let at = UnixTime::from_seconds;
        let mut full = 0;
        for number in 0..1_000 {
            match replay.note("a", &once(&number.to_string(), 300), at(0)) {
                Seen::First => {}
                Seen::Before => panic!("{number} was never used"),
                Seen::Full { retry_after_seconds } => {
                    assert_eq!(retry_after_seconds, 360);
                    full += 1;
                }
            }
        }
        assert_eq!((replay.entries(), full), (SHARDS, 1_000 - SHARDS));
        assert_eq!(replay.note("a", &once("999", 700), at(360)), Seen::First);
    }

    #[test]
    fn b14_of_a_hundred_copies_at_once_one_passes() {
        let replay = Replay::new(100_000);
        for round in 0..100 {
            let jti = round.to_string();
            let pass = || {
                (0..25)
                    .filter(|_| replay.note("a", &once(&jti, 300), UnixTime::from_seconds(0)) == Seen::First)
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
