//! The seal keys over time: a pure function of the activations in the file names and of the clock.
//! Announced, so that every replica can open what the first one seals; sealing; opening only, for
//! as long as a registration may be valid; gone.

use std::fmt;

use super::{SealKey, SealKeyId};
use crate::clock::UnixTime;

/// Longest validity of a registration that a policy may give. The plan is made for it, whatever
/// the policies say, so that it depends on file names and clock alone.
pub const VALIDITY_SECONDS_MAX: u32 = 365 * 24 * 60 * 60;
/// Clocks of replicas, and a replica that got a file late.
const MARGIN_SECONDS: i64 = 3_600;

/// In the order of a key's life; it only moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SealState {
    /// Before its activation: opens, does not seal.
    Next,
    /// The latest activation that has passed: seals.
    Sealing,
    /// A later key took over, but registrations of this one may still be valid.
    Opening,
    /// No registration of it can be valid any more; the file may be deleted.
    Gone,
}

impl SealState {
    pub const ALL: &[Self] = &[Self::Next, Self::Sealing, Self::Opening, Self::Gone];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Sealing => "sealing",
            Self::Opening => "opening",
            Self::Gone => "gone",
        }
    }
}

impl fmt::Display for SealState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Everything about a seal key that is worth showing.
#[derive(Clone, Copy, Debug)]
pub struct SealStatus<'k> {
    pub file: &'k str,
    pub id: &'k SealKeyId,
    pub state: SealState,
    pub activation: UnixTime,
    /// When its successor takes over, once there is one.
    pub succeeded: Option<UnixTime>,
    /// When nothing of it can be valid any more, once there is a successor.
    pub gone: Option<UnixTime>,
}

impl SealStatus<'_> {
    /// Can the key have sealed something at `issued`? A key that has been replaced cannot go on:
    /// whoever got hold of an old one must not make registrations that outlive it.
    pub fn may_have_sealed(&self, issued: UnixTime) -> bool {
        let begins = self.activation.minus(MARGIN_SECONDS);
        issued >= begins && self.succeeded.is_none_or(|later| issued < later.plus(MARGIN_SECONDS))
    }
}

/// All seal keys, gone ones too, sorted by activation.
#[derive(Debug, Default)]
pub struct SealKeys(Vec<SealKey>);

impl SealKeys {
    /// No two of them have one activation: that is their file's name.
    pub fn new(mut keys: Vec<SealKey>) -> Self {
        keys.sort_by_key(|key| key.activation);
        Self(keys)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What registrations are sealed with at `now`.
    pub fn sealing(&self, now: UnixTime) -> Option<&SealKey> {
        self.0.iter().rev().find(|key| key.activation <= now)
    }

    /// The key of that name, unless it is gone.
    pub fn opening(&self, id: &[u8], now: UnixTime) -> Option<(&SealKey, SealStatus<'_>)> {
        let (at, key) = self.0.iter().enumerate().find(|(_, key)| key.id() == id)?;
        let status = self.status(at, key, now);
        (status.state != SealState::Gone).then_some((key, status))
    }

    pub fn states(&self, now: UnixTime) -> Vec<SealStatus<'_>> {
        self.0.iter().enumerate().map(|(at, key)| self.status(at, key, now)).collect()
    }

    fn status<'k>(&'k self, at: usize, key: &'k SealKey, now: UnixTime) -> SealStatus<'k> {
        let succeeded = self.0.get(at.saturating_add(1)).map(|later| later.activation);
        let gone = succeeded.map(|later| later.plus(i64::from(VALIDITY_SECONDS_MAX)).plus(MARGIN_SECONDS));
        let state = if now < key.activation {
            SealState::Next
        } else if succeeded.is_none_or(|later| now < later) {
            SealState::Sealing
        } else if gone.is_none_or(|gone| now < gone) {
            SealState::Opening
        } else {
            SealState::Gone
        };
        SealStatus { file: &key.file, id: key.id(), state, activation: key.activation, succeeded, gone }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 86_400;

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    fn keys(activations: &[i64]) -> SealKeys {
        let key = |(number, seconds): (usize, &i64)| {
            let secret = [u8::try_from(number + 1).unwrap_or_default(); 32];
            SealKey::new("file", at(*seconds), &secret).expect("a key")
        };
        SealKeys::new(activations.iter().enumerate().map(key).collect())
    }

    fn states(keys: &SealKeys, now: i64) -> Vec<SealState> {
        keys.states(at(now)).iter().map(|status| status.state).collect()
    }

    #[test]
    fn k8_a_seal_key_is_next_then_sealing_then_opening_then_gone() {
        use SealState::{Gone, Next, Opening, Sealing};
        let keys = keys(&[2 * DAY, DAY]);
        assert_eq!(states(&keys, DAY - 1), [Next, Next]);
        assert_eq!(states(&keys, DAY), [Sealing, Next]);
        assert_eq!(states(&keys, 2 * DAY), [Opening, Sealing]);
        assert_eq!(states(&keys, 367 * DAY), [Opening, Sealing], "an hour for clocks");
        assert_eq!(states(&keys, 367 * DAY + 3600), [Gone, Sealing]);
        let sealing = |now| keys.sealing(at(now)).map(|key| key.activation.seconds());
        assert_eq!((sealing(DAY - 1), sealing(DAY), sealing(2 * DAY)), (None, Some(DAY), Some(2 * DAY)));
    }

    #[test]
    fn k8_a_key_that_is_next_opens_already_and_one_that_is_gone_no_more() {
        let keys = keys(&[DAY, 2 * DAY]);
        let [first, second] = [0, 1].map(|at| *keys.0[at].id());
        let opens = |id: &SealKeyId, now: i64| keys.opening(id, at(now)).is_some();
        assert!(opens(&second, DAY) && opens(&first, 366 * DAY) && !opens(&first, 368 * DAY));
        assert!(!opens(&[0; 4], DAY));
    }

    #[test]
    fn k8_an_old_key_seals_nothing_new() {
        let keys = keys(&[DAY, 2 * DAY]);
        let states = keys.states(at(3 * DAY));
        let may = |number: usize, issued: i64| states[number].may_have_sealed(at(issued));
        assert!(may(0, DAY) && may(0, 2 * DAY) && !may(0, 2 * DAY + 3600));
        assert!(may(1, 2 * DAY - 3600) && !may(1, 2 * DAY - 3601) && may(1, 900 * DAY));
    }

    proptest! {
        #[test]
        fn k8_exactly_one_key_seals_from_the_first_activation_on(
            activations in proptest::collection::btree_set(0_i64..400_000, 1..8), now in 0_i64..900_000
        ) {
            let first = activations.first().copied().unwrap_or_default();
            let keys = keys(&activations.into_iter().collect::<Vec<_>>());
            let sealing = states(&keys, now).into_iter().filter(|state| *state == SealState::Sealing).count();
            prop_assert_eq!(sealing, usize::from(now >= first));
            prop_assert_eq!(keys.sealing(at(now)).is_some(), now >= first);
        }

        #[test]
        fn k8_a_key_opens_all_that_it_sealed_while_that_is_valid(
            activations in proptest::collection::btree_set(0_i64..40_000_000, 1..5),
            issued in 0_i64..40_000_000, age in 0_i64..i64::from(VALIDITY_SECONDS_MAX)
        ) {
            let keys = keys(&activations.into_iter().collect::<Vec<_>>());
            if let Some(sealing) = keys.sealing(at(issued)) {
                let (_, status) = keys.opening(sealing.id(), at(issued + age)).expect("still there");
                prop_assert!(status.may_have_sealed(at(issued)));
            }
        }
    }
}
