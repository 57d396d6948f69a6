//! Plays a plan of keys against the models of `verifiers.rs`: who would refuse what, from when
//! until when. Pure: instants in, instants out.
//!
//! A verifier sees traffic all the time: at every second a token of every key that may have
//! tokens. A fetch at the very second at which a key appears comes too early for it. That is the
//! worst phase: the next look is a whole poll away.

use super::caching::{MAX_AGE_SECONDS_MAX, caching};
use super::plan::{Life, Plan, Retention};
use super::verifiers::{Renewal, Verifier};
use crate::clock::UnixTime;
use crate::jose::Algorithm;

/// A key as a plan has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedKey {
    pub algorithm: Algorithm,
    /// When the last replica got the file. `None` for a key that everybody knew from the start.
    pub appears: Option<UnixTime>,
    pub activation: UnixTime,
}

/// A key with what follows for it from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    pub key: PlannedKey,
    /// The first token: not before the file is there.
    pub starts: UnixTime,
    /// The first token of the successor, when there is one.
    pub succeeded: Option<UnixTime>,
    /// When the last token has expired.
    pub expired: Option<UnixTime>,
    pub gone: Option<UnixTime>,
}

impl Turn {
    /// Is it in what a fetch got?
    fn is_in(&self, fetch: Fetch) -> bool {
        let there = self.key.appears.is_none_or(|appears| match fetch.asked {
            // Somebody has a token of it, so it is there.
            true => appears <= fetch.at,
            false => appears < fetch.at,
        });
        there && self.gone.is_none_or(|gone| fetch.at < gone)
    }

    /// From when on somebody who works from `from` on with what `fetch` got refuses its tokens.
    fn missed(&self, fetch: Fetch, from: UnixTime) -> Option<UnixTime> {
        let first = self.starts.max(from);
        let used = self.expired.is_none_or(|expired| first < expired);
        (used && !self.is_in(fetch)).then_some(first)
    }
}

/// Tokens of one key are refused from `from` until `until`, where the key is known or its last
/// token has expired; `None`: for as long as nobody uploads the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Place in `Rotation::turns`.
    pub key: usize,
    pub from: UnixTime,
    pub until: Option<UnixTime>,
}

impl Refusal {
    pub fn seconds(&self) -> Option<i64> {
        self.until.map(|until| until.since(self.from))
    }
}

#[derive(Clone, Copy, Debug)]
struct Fetch {
    at: UnixTime,
    /// Was it made because of an unknown `kid`?
    asked: bool,
}

/// What a verifier works with from `from` until `until`.
#[derive(Clone, Copy, Debug)]
struct Copy {
    fetch: Fetch,
    from: UnixTime,
    until: Option<UnixTime>,
    /// The fetch that replaces it: with some verifiers a moment before `until`.
    next: Option<Fetch>,
}

/// Keys over time.
#[derive(Clone, Debug)]
pub struct Rotation {
    turns: Vec<Turn>,
    retention: Retention,
    lifetime_seconds: i64,
}

impl Rotation {
    /// Keys in any order; of two that share algorithm and instant one counts, as one signs. The
    /// very first key needs no announcement: nobody had a set before it.
    pub fn new(mut keys: Vec<PlannedKey>, retention: Retention, lifetime_seconds: i64) -> Self {
        keys.sort_by_key(|key| (key.algorithm, key.activation));
        keys.dedup_by_key(|key| (key.algorithm, key.activation));
        if let Some(first) = keys.iter_mut().min_by_key(|key| key.activation) {
            first.appears = None;
        }
        let plan = Plan::new(keys.iter().map(|key| (key.algorithm, key.activation)), retention);
        let plan = plan.unwrap_or_default();
        let starts = |key: &PlannedKey| key.appears.map_or(key.activation, |at| at.max(key.activation));
        let followers = keys.iter().skip(1).map(Some).chain([None]);
        let turn = |((key, life), follower): ((&PlannedKey, &Life), Option<&PlannedKey>)| {
            let succeeded = follower.filter(|other| other.algorithm == key.algorithm).map(starts);
            let expired = succeeded.map(|at| at.plus(lifetime_seconds));
            Turn { key: *key, starts: starts(key), succeeded, expired, gone: life.gone }
        };
        let turns = keys.iter().zip(plan.lives()).zip(followers).map(turn).collect();
        Self { turns, retention, lifetime_seconds }
    }

    /// A key every `every_seconds` from `start` on, before `end`, the file of each `lead_seconds`
    /// ahead. The key that signs at `start` was known before.
    pub fn regular(
        algorithm: Algorithm,
        (start, end): (UnixTime, UnixTime),
        every_seconds: i64,
        lead_seconds: i64,
        retention: Retention,
        lifetime_seconds: i64,
    ) -> Self {
        let activations = std::iter::successors(Some(start), |at| {
            Some(at.plus(every_seconds)).filter(|next| *next > *at && *next < end)
        });
        let key = |activation: UnixTime| {
            let appears = Some(activation.minus(lead_seconds));
            PlannedKey { algorithm, appears, activation }
        };
        Self::new(activations.map(key).collect(), retention, lifetime_seconds)
    }

    /// The same without the keys after the first so many.
    #[must_use]
    pub fn beginning(&self, keys: usize) -> Self {
        let first = self.turns.iter().take(keys).map(|turn| turn.key);
        Self::new(first.collect(), self.retention, self.lifetime_seconds)
    }

    /// Sorted by algorithm, then activation.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// What a verifier refuses that makes its first fetch at `first_fetch`, until `end`; sorted.
    pub fn refusals(&self, verifier: &Verifier, first_fetch: UnixTime, end: UnixTime) -> Vec<Refusal> {
        let mut found: Vec<Refusal> = Vec::new();
        for copy in self.copies(verifier, first_fetch).take_while(|copy| copy.from < end) {
            let missed = self.turns.iter().enumerate().filter_map(|turn| refused(turn, &copy));
            missed.filter(|refusal| refusal.from < end).for_each(|refusal| extend(&mut found, refusal));
        }
        found.sort_by_key(|refusal| (refusal.from, refusal.key));
        found
    }

    /// What a verifier refuses of each key at the worst: its last fetch before the key's first
    /// token comes just too early, or as late as the lead makes it. Sorted.
    pub fn worst_refusals(&self, verifier: &Verifier) -> Vec<Refusal> {
        let worst = |(key, turn): (usize, &Turn)| {
            let mut found = Vec::new();
            self.copies(verifier, turn.key.appears?)
                .take_while(|copy| !turn.is_in(copy.fetch))
                .filter_map(|copy| refused((key, turn), &copy))
                .for_each(|refusal| extend(&mut found, refusal));
            found.pop()
        };
        let mut found: Vec<Refusal> = self.turns.iter().enumerate().filter_map(worst).collect();
        found.sort_by_key(|refusal| (refusal.from, refusal.key));
        found
    }

    /// The copies that a verifier works with one after the other; those that change nothing are
    /// left out.
    fn copies(&self, verifier: &Verifier, first_fetch: UnixTime) -> impl Iterator<Item = Copy> {
        let verifier = *verifier;
        let first = self.copy(&verifier, Fetch { at: first_fetch, asked: false }, first_fetch);
        std::iter::successors(Some(first), move |copy| Some(self.copy(&verifier, copy.next?, copy.until?)))
    }

    fn copy(&self, verifier: &Verifier, fetch: Fetch, from: UnixTime) -> Copy {
        let missed = self.turns.iter().filter_map(|turn| turn.missed(fetch, from)).min();
        let renewed = self.renewed(verifier, fetch.at, missed);
        let asked = verifier.on_unknown.zip(missed).map(|(refetch, missed)| {
            // To ask again within a second would get the same.
            let pause = refetch.cooldown_seconds.max(i64::from(fetch.asked));
            (missed.max(fetch.at.plus(pause)), i64::from(refetch.first_fails))
        });
        match asked.filter(|(asked, _)| renewed.is_none_or(|renewed| *asked < renewed)) {
            Some((at, late)) => {
                Copy { fetch, from, until: Some(at.plus(late)), next: Some(Fetch { at, asked: true }) }
            }
            None => Copy { fetch, from, until: renewed, next: renewed.map(|at| Fetch { at, asked: false }) },
        }
    }

    /// When the copy is replaced whatever happens. Polls between which nothing is missed are
    /// stepped over: a later copy knows all that an earlier one knows of keys with tokens.
    fn renewed(&self, verifier: &Verifier, fetched: UnixTime, missed: Option<UnixTime>) -> Option<UnixTime> {
        let missed = missed?;
        let (after, steps) = match verifier.renewal {
            Renewal::Headers { floor_seconds } if floor_seconds < MAX_AGE_SECONDS_MAX => {
                (self.max_age(fetched).max(floor_seconds).max(1), 1)
            }
            _ => {
                let poll = verifier.poll_seconds()?.max(1);
                (poll, missed.since(fetched).div_euclid(poll).max(1))
            }
        };
        Some(fetched.plus(after.saturating_mul(steps)))
    }

    /// What `Cache-Control` says to a fetch, from the files that are there.
    fn max_age(&self, fetched: UnixTime) -> i64 {
        let there = |at: Option<UnixTime>| at.is_none_or(|appears| appears < fetched);
        let known = self.turns.iter().filter(|turn| there(turn.key.appears));
        let keys = known.map(|turn| (turn.key.algorithm, turn.key.activation));
        // Distinct instants, as `new` has made sure.
        let plan = Plan::new(keys, self.retention).unwrap_or_default();
        caching(fetched, plan.next_change(fetched), plan.next_departure(fetched), self.retention).max_age
    }
}

/// What of a key is refused by somebody who works with a copy.
fn refused((key, turn): (usize, &Turn), copy: &Copy) -> Option<Refusal> {
    let from = turn.missed(copy.fetch, copy.from)?;
    let until = copy.until.map(|until| turn.expired.map_or(until, |expired| until.min(expired)));
    until.is_none_or(|until| from < until).then_some(Refusal { key, from, until })
}

/// One refusal where two touch.
fn extend(found: &mut Vec<Refusal>, next: Refusal) {
    let before = found.iter_mut().rev().find(|refusal| refusal.key == next.key);
    match before {
        Some(before) if before.until == Some(next.from) => before.until = next.until,
        _ => found.push(next),
    }
}
