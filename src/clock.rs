//! Time as an input. Nothing in layers 0 to 3 reads the system's clock: they are told the time,
//! so every rule about dates can be tested without waiting.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970-01-01T00:00:00Z without leap seconds: a `NumericDate` (RFC 7519 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

impl UnixTime {
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    pub const fn seconds(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    #[must_use]
    pub const fn minus(self, seconds: i64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// Seconds from `earlier` to `self`; negative when `earlier` lies ahead.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// RFC 3339 in UTC, or the bare number for times that no calendar holds.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(timestamp) => timestamp.fmt(f),
            Err(_) => self.0.fmt(f),
        }
    }
}

/// A day where a time is its beginning, as files have it: `2027-03-01`.
pub fn date_text(time: UnixTime) -> String {
    let text = time.to_string();
    text.strip_suffix("T00:00:00Z").map_or_else(|| text.clone(), str::to_owned)
}

/// `15m`, `1h 30m`, `10d`: a duration as files and flags take it.
pub fn duration_text(seconds: u32) -> String {
    const DAY: u32 = 86_400;
    match seconds {
        // The cap of lifetimes is `24h` everywhere, and so is one day.
        _ if seconds > DAY && seconds.is_multiple_of(DAY) => format!("{}d", seconds / DAY),
        _ => format!("{:#}", jiff::SignedDuration::from_secs(seconds.into())),
    }
}

pub trait Clock: Send + Sync {
    fn now(&self) -> UnixTime;
}

/// The machine's clock. A clock before 1970 reads as 1970: tokens are then expired everywhere,
/// which is the safe failure.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX));
        UnixTime(seconds)
    }
}

/// A clock that stands still until it is told otherwise; for tests of anything with dates.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    pub const fn at(time: UnixTime) -> Self {
        Self(AtomicI64::new(time.0))
    }

    pub fn set(&self, time: UnixTime) {
        self.0.store(time.0, Ordering::SeqCst);
    }

    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> UnixTime {
        UnixTime(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::duration_text;

    #[test]
    fn durations_read_as_people_write_them() {
        let texts = [60, 5_400, 86_400, 90_000, 172_800, 2_592_000].map(duration_text);
        assert_eq!(texts, ["1m", "1h 30m", "24h", "25h", "2d", "30d"]);
    }
}
