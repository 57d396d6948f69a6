//! The state of every key: a pure function of the activations in the file names and of the clock.
//! No replica asks another and none writes, so replicas with the same files and clocks agree.
//!
//! Before the first activation of an algorithm it has no signing key: keys are published as next,
//! and nothing is signed with it. A clock that is far behind shows itself like this.

use std::fmt;

use crate::clock::UnixTime;
use crate::jose::Algorithm;

/// In the order of a key's life; it only moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Before its activation: published, does not sign.
    Next,
    /// The latest activation that has passed, per algorithm: published, signs.
    Signing,
    /// A later key took over, but tokens of this one may still live: published, does not sign.
    Retiring,
    /// No token of it can be valid any more: not published; the file may be deleted.
    Gone,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Signing => "signing",
            Self::Retiring => "retiring",
            Self::Gone => "gone",
        }
    }

    pub const fn is_published(self) -> bool {
        !matches!(self, Self::Gone)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How long a key stays published after its successor's activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    seconds: i64,
}

impl Retention {
    /// Added to the longest lifetime: replicas and verifiers whose clocks disagree, and caches.
    const MARGIN_SECONDS: i64 = 3_600;
    /// Never less than a day, so that a changed lifetime in the client list cannot cut off tokens
    /// that were issued under the old one (a lifetime is at most a day).
    pub const SECONDS_MIN: i64 = 86_400;

    /// For tokens that live at most `longest_lifetime_seconds` among clocks that are at most
    /// `clock_allowance_seconds` apart.
    pub fn for_lifetime(longest_lifetime_seconds: i64, clock_allowance_seconds: i64) -> Self {
        let seconds = longest_lifetime_seconds
            .max(0)
            .saturating_add(clock_allowance_seconds.max(0))
            .saturating_add(Self::MARGIN_SECONDS);
        Self { seconds: seconds.max(Self::SECONDS_MIN) }
    }

    pub const fn seconds(self) -> i64 {
        self.seconds
    }
}

/// Two keys of one algorithm want to become active at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SameInstant {
    pub algorithm: Algorithm,
    pub activation: UnixTime,
}

/// The life of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    pub algorithm: Algorithm,
    pub activation: UnixTime,
    /// The activation of the next key of the algorithm, when there is one.
    pub succeeded: Option<UnixTime>,
    /// When it stops being published, once a successor is known.
    pub gone: Option<UnixTime>,
}

impl Life {
    pub fn state(&self, now: UnixTime) -> State {
        if now < self.activation {
            State::Next
        } else if self.succeeded.is_none_or(|successor| now < successor) {
            State::Signing
        } else if self.gone.is_none_or(|gone| now < gone) {
            State::Retiring
        } else {
            State::Gone
        }
    }
}

/// The lives of all keys, sorted by algorithm, then activation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    lives: Vec<Life>,
}

impl Plan {
    /// In any order; refused when two keys of an algorithm share an instant, because then the
    /// names do not say which of them signs.
    pub fn new(
        keys: impl IntoIterator<Item = (Algorithm, UnixTime)>,
        retention: Retention,
    ) -> Result<Self, SameInstant> {
        let mut keys: Vec<_> = keys.into_iter().collect();
        keys.sort_unstable();
        let followers = keys.iter().skip(1).map(Some).chain([None]);
        let mut lives = Vec::with_capacity(keys.len());
        for (&(algorithm, activation), follower) in keys.iter().zip(followers) {
            let succeeded = follower.filter(|(other, _)| *other == algorithm).map(|(_, later)| *later);
            if succeeded == Some(activation) {
                return Err(SameInstant { algorithm, activation });
            }
            let gone = succeeded.map(|successor| successor.plus(retention.seconds));
            lives.push(Life { algorithm, activation, succeeded, gone });
        }
        Ok(Self { lives })
    }

    /// Sorted by algorithm, then activation.
    pub fn lives(&self) -> &[Life] {
        &self.lives
    }

    /// Every instant at which the state of a key changes, sorted, each once.
    pub fn change_instants(&self) -> Vec<UnixTime> {
        let mut instants: Vec<_> = self.lives.iter().flat_map(changes).collect();
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    /// The next instant after `now` at which the state of a key changes.
    pub fn next_change(&self, now: UnixTime) -> Option<UnixTime> {
        self.lives.iter().flat_map(changes).filter(|instant| *instant > now).min()
    }

    /// The next instant after `now` at which a key stops being published.
    pub fn next_departure(&self, now: UnixTime) -> Option<UnixTime> {
        self.lives.iter().filter_map(|life| life.gone).filter(|gone| *gone > now).min()
    }
}

/// The start of the successor is its own activation, so it is not named twice.
fn changes(life: &Life) -> impl Iterator<Item = UnixTime> {
    [Some(life.activation), life.gone].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 86_400;
    const HOUR: i64 = 3_600;

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    fn plan(activations: &[i64]) -> Plan {
        let keys = activations.iter().map(|seconds| (Algorithm::Rs256, at(*seconds)));
        Plan::new(keys, Retention::for_lifetime(HOUR, 5)).expect("distinct instants")
    }

    fn states(plan: &Plan, now: i64) -> Vec<State> {
        plan.lives().iter().map(|life| life.state(at(now))).collect()
    }

    #[test]
    fn c13_a_key_is_next_then_signing_then_retiring_then_gone() {
        use State::{Gone, Next, Retiring, Signing};
        let plan = plan(&[2 * DAY, DAY]);
        assert_eq!(states(&plan, DAY - 1), [Next, Next]);
        assert_eq!(states(&plan, DAY), [Signing, Next]);
        assert_eq!(states(&plan, 2 * DAY - 1), [Signing, Next]);
        assert_eq!(states(&plan, 2 * DAY), [Retiring, Signing]);
        assert_eq!(states(&plan, 3 * DAY - 1), [Retiring, Signing]);
        assert_eq!(states(&plan, 3 * DAY), [Gone, Signing]);
        assert_eq!(states(&plan, 500 * DAY), [Gone, Signing]);
        assert_eq!(plan.change_instants(), [at(DAY), at(2 * DAY), at(3 * DAY)]);
        assert_eq!((plan.next_change(at(DAY)), plan.next_change(at(3 * DAY))), (Some(at(2 * DAY)), None));
    }

    #[test]
    fn c13_retention_covers_the_longest_lifetime_and_is_a_day_at_least() {
        let seconds = |lifetime, allowance| Retention::for_lifetime(lifetime, allowance).seconds();
        assert_eq!(seconds(900, 5), DAY);
        assert_eq!(seconds(DAY, 5), DAY + 5 + HOUR);
        assert_eq!(seconds(i64::MAX, i64::MAX), i64::MAX);
        assert_eq!(seconds(-1, -1), DAY);
    }

    #[test]
    fn algorithms_are_planned_apart() {
        let keys = [(Algorithm::Rs256, at(10)), (Algorithm::Es256, at(10)), (Algorithm::Es256, at(20))];
        let plan = Plan::new(keys, Retention::for_lifetime(0, 0)).expect("distinct per algorithm");
        assert_eq!(states(&plan, 30), [State::Signing, State::Retiring, State::Signing]);
    }

    #[test]
    fn two_keys_with_one_instant_are_refused() {
        let keys = [(Algorithm::Rs256, at(20)), (Algorithm::Rs256, at(10)), (Algorithm::Rs256, at(20))];
        let error = SameInstant { algorithm: Algorithm::Rs256, activation: at(20) };
        assert_eq!(Plan::new(keys, Retention::for_lifetime(0, 0)), Err(error));
    }

    proptest! {
        #[test]
        fn exactly_one_key_signs_from_the_first_activation_on(
            activations in proptest::collection::btree_set(0_i64..400_000, 1..8), now in 0_i64..900_000
        ) {
            let first = activations.first().copied().unwrap_or_default();
            let plan = plan(&activations.into_iter().collect::<Vec<_>>());
            let signing = states(&plan, now).iter().filter(|state| **state == State::Signing).count();
            prop_assert_eq!(signing, usize::from(now >= first));
        }

        #[test]
        fn states_move_forward_and_change_only_at_change_instants(
            activations in proptest::collection::btree_set(0_i64..400_000, 1..8),
            now in 0_i64..900_000, later in 0_i64..100_000
        ) {
            let plan = plan(&activations.into_iter().collect::<Vec<_>>());
            let (before, after) = (states(&plan, now), states(&plan, now + later));
            prop_assert!(before.iter().zip(&after).all(|(before, after)| before <= after));
            let change = plan.next_change(at(now));
            prop_assert_eq!(before != after, change.is_some_and(|change| change <= at(now + later)));
        }

        /// The order in the directory does not matter, and a key that comes later does not change
        /// what was signed with before its activation: replicas that see it at different moments
        /// agree until then.
        #[test]
        fn c14_replicas_agree_whatever_they_have_seen_of_the_future(
            activations in proptest::collection::btree_set(0_i64..400_000, 2..8), before in 1_i64..100_000
        ) {
            let all: Vec<_> = activations.into_iter().collect();
            let (last, known) = all.split_last().expect("two at least");
            let now = last - before;
            let with: Vec<_> = states(&plan(&all), now).into_iter().take(known.len()).collect();
            prop_assert_eq!(states(&plan(known), now), with);
            let reversed: Vec<_> = all.iter().rev().copied().collect();
            prop_assert_eq!(plan(&all), plan(&reversed));
        }

        #[test]
        fn c13_a_key_outlives_every_token_that_it_signed(
            activations in proptest::collection::btree_set(0_i64..400_000, 2..8),
            lifetime in 60_i64..=86_400, issued in 0_i64..900_000, age in 0_i64..=86_405
        ) {
            let keys = activations.iter().map(|seconds| (Algorithm::Rs256, at(*seconds)));
            let plan = Plan::new(keys, Retention::for_lifetime(lifetime, 5)).expect("distinct");
            for life in plan.lives() {
                if life.state(at(issued)) == State::Signing && age <= lifetime + 5 {
                    prop_assert!(life.state(at(issued + age)).is_published());
                }
            }
        }
    }
}
