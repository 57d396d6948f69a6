//! How long a key set may be kept by others: the arithmetic behind `Cache-Control` (RFC 9111 §5.2,
//! RFC 5861 §4). It reads no clock and knows no HTTP.

use std::fmt;

use super::generate::{AHEAD_SECONDS, AHEAD_SECONDS_MIN};
use super::plan::Retention;
use crate::clock::UnixTime;

/// Longest freshness: new keys are published at least an hour ahead, and a verifier that asks
/// every five minutes sees them a dozen times before their first use.
pub const MAX_AGE_SECONDS_MAX: i64 = 300;
/// Longest use of one copy, fresh and then stale, while this server cannot be reached. A copy that
/// was taken just before a new key appeared must be out of use when that key signs: a day later,
/// less an hour in which the file reaches every replica.
pub const COPY_SECONDS_MAX: i64 = AHEAD_SECONDS - AHEAD_SECONDS_MIN;

/// The two numbers of the header, in seconds, never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caching {
    pub max_age: i64,
    pub stale_if_error: i64,
}

/// `next_change`: the next instant at which the key set changes. `next_departure`: the next one at
/// which a key leaves it, as far as the files tell.
///
/// A copy is fresh for at most half the time to the next change, so that copies are renewed ever
/// faster towards it and none taken before is fresh after, even behind a second cache that forgets
/// to say how old its copy is. A stale copy must not be used when a key has gone from the set; a
/// departure that is not planned yet cannot come before a whole retention has passed.
/// `tests/it/key_caching.rs` holds what follows from this, and under which conditions.
pub fn caching(
    now: UnixTime,
    next_change: Option<UnixTime>,
    next_departure: Option<UnixTime>,
    retention: Retention,
) -> Caching {
    let to_change = next_change.map_or(i64::MAX, |change| change.since(now));
    let max_age = to_change.div_euclid(2).clamp(0, MAX_AGE_SECONDS_MAX);
    let earliest = now.plus(retention.seconds());
    let departure = next_departure.map_or(earliest, |departure| departure.min(earliest));
    // One second before, not at the instant itself.
    let usable = departure.since(now).saturating_sub(1).min(COPY_SECONDS_MAX);
    Caching { max_age, stale_if_error: usable.saturating_sub(max_age).max(0) }
}

impl fmt::Display for Caching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "public, max-age={}, stale-if-error={}", self.max_age, self.stale_if_error)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    fn numbers(change: Option<i64>, departure: Option<i64>) -> (i64, i64) {
        let retention = Retention::for_lifetime(900, 5);
        let caching = caching(at(0), change.map(at), departure.map(at), retention);
        (caching.max_age, caching.stale_if_error)
    }

    #[test]
    fn c12_copies_are_renewed_faster_towards_a_change() {
        assert_eq!(numbers(None, None), (300, 82_500));
        assert_eq!(numbers(Some(86_400), None), (300, 82_500));
        assert_eq!(numbers(Some(600), None), (300, 82_500));
        assert_eq!(numbers(Some(599), None), (299, 82_501));
        assert_eq!(numbers(Some(1), None).0, 0);
        assert_eq!(numbers(Some(-5), Some(-5)), (0, 0));
    }

    #[test]
    fn c12_no_copy_is_used_once_a_key_has_gone() {
        assert_eq!(numbers(Some(1000), Some(1000)), (300, 699));
        assert_eq!(numbers(Some(10), Some(10)), (5, 4));
        assert_eq!(numbers(Some(1), Some(1)), (0, 0));
    }

    #[test]
    fn the_header_reads_as_the_contract_has_it() {
        let caching = Caching { max_age: 300, stale_if_error: 600 };
        assert_eq!(caching.to_string(), "public, max-age=300, stale-if-error=600");
    }

    proptest! {
        #[test]
        fn c12_a_copy_never_outlives_the_change_or_the_departure(
            change in 1_i64..1_000_000, departure in 1_i64..1_000_000
        ) {
            let (fresh, stale) = numbers(Some(change), Some(departure.max(change)));
            prop_assert!(fresh >= 0 && stale >= 0 && fresh < change);
            prop_assert!(fresh + stale < departure.max(change));
        }
    }
}
