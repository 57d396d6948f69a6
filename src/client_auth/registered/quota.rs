//! How many clients a registrar may register in a minute, at this replica. A generic cell rate
//! algorithm: one number for each registrar of the list, forgotten when it says nothing any more.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::UnixTime;
use crate::oauth::ClientId;

const MINUTE_MILLISECONDS: i64 = 60_000;
/// Registrars that are remembered at once; above it those whose minute is over are forgotten.
const ENTRIES_MAX: usize = 10_000;

/// When the next registration of each registrar would be on time.
#[derive(Debug, Default)]
pub struct Quota(Mutex<HashMap<ClientId, i64>>);

impl Quota {
    /// Counts a registration.
    ///
    /// # Errors
    /// The seconds to wait, when it is one too many.
    pub fn take(&self, registrar: &ClientId, per_minute: u32, now: UnixTime) -> Result<(), u32> {
        let now = now.seconds().saturating_mul(1_000);
        let end = now.saturating_add(MINUTE_MILLISECONDS);
        let mut due = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if due.len() >= ENTRIES_MAX && !due.contains_key(registrar) {
            due.retain(|_, due| *due > now);
            if due.len() >= ENTRIES_MAX {
                return Err(1);
            }
        }
        let due = due.entry(registrar.clone()).or_insert(now);
        // A clock that was set back must not send anybody away for long.
        *due = (*due).clamp(now, end);
        let next = due.saturating_add(MINUTE_MILLISECONDS / i64::from(per_minute.max(1)));
        if next > end {
            let wait = next.saturating_sub(end).saturating_add(999).div_euclid(1_000);
            return Err(u32::try_from(wait).unwrap_or(1).max(1));
        }
        *due = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ClientId {
        ClientId::parse(text).expect("an id")
    }

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    #[test]
    fn each_registrar_has_its_number_a_minute() {
        let quota = Quota::default();
        let granted =
            |who: &str, now: i64| (0..100).filter(|_| quota.take(&id(who), 3, at(now)).is_ok()).count();
        assert_eq!((granted("a", 1_000), granted("a", 1_000), granted("b", 1_000)), (3, 0, 3));
        assert_eq!(quota.take(&id("a"), 3, at(1_000)), Err(20));
        assert_eq!((granted("a", 1_019), granted("a", 1_020), granted("a", 1_080)), (0, 1, 3));
        assert_eq!(granted("a", 0), 0, "a clock that was set back");
        assert_eq!(granted("a", 20), 1, "for no longer than a share of a minute");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let quota = Quota::default();
        for number in 0..ENTRIES_MAX {
            assert_eq!(quota.take(&id(&format!("r{number}")), 1, at(0)), Ok(()));
        }
        assert_eq!(quota.take(&id("another"), 1, at(59)), Err(1));
        assert_eq!(quota.take(&id("another"), 1, at(60)), Ok(()));
        assert_eq!(quota.0.lock().expect("a map").len(), 1);
    }
}
