//! When a source is due. Nobody is asked twice in a minute, whatever fails or is reloaded; replicas
//! and sources spread by chance, so that they do not all ask at one moment.

use ring::rand::{SecureRandom as _, SystemRandom};

use crate::clock::UnixTime;
use crate::telemetry::FetchOutcome;

pub const REFRESH_SECONDS_DEFAULT: u32 = 5 * 60;
/// From the beginning of one fetch to the next.
pub const PAUSE_SECONDS_MIN: u32 = 60;
/// Chance adds at most this part of a pause.
const SPREAD: u32 = 10;

/// One source and what came of it.
#[derive(Debug)]
pub(super) struct Source {
    pub due: UnixTime,
    pub is_running: bool,
    /// In a row.
    failures: u32,
    pub last: Option<FetchOutcome>,
    /// What the log had against it last.
    pub told: String,
    /// Keys of it are in use, as far as the log knows.
    pub has_keys: bool,
}

impl Source {
    /// At once.
    pub(super) fn new(now: UnixTime) -> Self {
        Self { due: now, is_running: false, failures: 0, last: None, told: String::new(), has_keys: false }
    }

    /// A clock that was set back must not keep it waiting for longer than any pause.
    pub(super) fn is_due(&self, now: UnixTime, refresh_seconds: u32) -> bool {
        let longest = i64::from(refresh_seconds.max(PAUSE_SECONDS_MIN)).saturating_mul(2);
        !self.is_running && (now >= self.due || self.due.since(now) > longest)
    }

    /// A fetch begins now. Until it ends, the next one is as far away as after a failure.
    pub(super) fn begin(&mut self, now: UnixTime) {
        self.is_running = true;
        self.due = now.plus(PAUSE_SECONDS_MIN.into());
    }

    /// It ended like this; the pause counts from its beginning.
    pub(super) fn end(&mut self, outcome: FetchOutcome, refresh_seconds: u32, chance: u32) {
        self.is_running = false;
        self.last = Some(outcome);
        self.failures = match outcome {
            FetchOutcome::Fetched => 0,
            _ => self.failures.saturating_add(1),
        };
        let pause = pause_seconds(self.failures, refresh_seconds);
        let spread = chance.checked_rem((pause / SPREAD).saturating_add(1)).unwrap_or_default();
        let more = pause.saturating_sub(PAUSE_SECONDS_MIN).saturating_add(spread);
        self.due = self.due.plus(more.into());
    }
}

/// After a failure a minute, then twice as long each time up to the usual pause.
fn pause_seconds(failures: u32, refresh_seconds: u32) -> u32 {
    let usual = refresh_seconds.max(PAUSE_SECONDS_MIN);
    match failures.checked_sub(1) {
        None => usual,
        Some(before) => {
            PAUSE_SECONDS_MIN.saturating_mul(1_u32.checked_shl(before).unwrap_or(u32::MAX)).min(usual)
        }
    }
}

/// No secret: without the system's randomness nothing is spread.
pub(super) fn chance() -> u32 {
    let mut bytes = [0; 4];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_or(0, |()| u32::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(outcomes: &[FetchOutcome], refresh_seconds: u32, chance: u32) -> i64 {
        let mut source = Source::new(UnixTime::from_seconds(0));
        let mut begun = UnixTime::from_seconds(0);
        for outcome in outcomes {
            begun = source.due;
            assert!(source.is_due(begun, refresh_seconds));
            source.begin(begun);
            assert!(!source.is_due(begun.plus(1_000_000), refresh_seconds), "it runs");
            source.end(*outcome, refresh_seconds, chance);
        }
        source.due.since(begun)
    }

    #[test]
    fn nobody_is_asked_twice_in_a_minute() {
        use FetchOutcome::{Fetched, Timeout};
        assert_eq!(after(&[Fetched], 300, 0), 300);
        assert_eq!(after(&[Fetched], 1, 0), 60);
        assert_eq!(after(&[Timeout], 300, 0), 60);
        assert_eq!(after(&[Timeout; 2], 300, 0), 120);
        assert_eq!(after(&[Timeout; 3], 300, 0), 240);
        assert_eq!(after(&[Timeout; 4], 300, 0), 300);
        assert_eq!(after(&[Timeout; 40], 300, 0), 300);
        assert_eq!(after(&[Timeout, Fetched], 300, 0), 300);
        for chance in [0, 1, 29, 30, 31, 1_000_003, u32::MAX] {
            assert!((300..=330).contains(&after(&[Fetched], 300, chance)), "{chance}");
            assert!((60..=66).contains(&after(&[Timeout], 300, chance)), "{chance}");
        }
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_waiting() {
        let mut source = Source::new(UnixTime::from_seconds(1_000_000));
        source.begin(UnixTime::from_seconds(1_000_000));
        source.end(FetchOutcome::Fetched, 300, 0);
        assert!(!source.is_due(UnixTime::from_seconds(1_000_299), 300));
        assert!(!source.is_due(UnixTime::from_seconds(999_900), 300));
        assert!(source.is_due(UnixTime::from_seconds(500_000), 300));
    }
}
