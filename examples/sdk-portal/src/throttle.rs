//! Failed logins: after a few for one name from one address, or for many names from one address, the
//! next try has to wait, each time longer. The address belongs to the key, so that nobody locks out
//! somebody else. Knows nothing of passwords.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Clock;

/// Mistyped passwords happen.
const FREE_FOR_A_NAME: u32 = 5;
/// An address may be a whole office.
const FREE_FOR_AN_ADDRESS: u32 = 30;
const FIRST_WAIT_SECONDS: i64 = 30;
const LONGEST_WAIT_SECONDS: i64 = 15 * 60;
/// After this long without a failure all is forgotten.
const FORGOTTEN_AFTER_SECONDS: i64 = 60 * 60;
/// The oldest go when strangers fill the table.
const ENTRIES_MAX: usize = 10_000;

type Key = (Option<String>, IpAddr);

struct Failures {
    count: u32,
    last: i64,
    blocked_until: i64,
}

pub struct Throttle {
    failures: Mutex<HashMap<Key, Failures>>,
    clock: Clock,
}

impl Throttle {
    pub fn new(clock: Clock) -> Self {
        Self { failures: Mutex::default(), clock }
    }

    /// Counts a try before its password is looked at, so that many at once are not all free.
    ///
    /// # Errors
    /// With the seconds to wait, when there were too many failures; then the try is not made.
    pub fn try_once(&self, name: &str, address: IpAddr) -> Result<(), i64> {
        let now = self.clock.now();
        let mut failures = self.table();
        let waits =
            keys(name, address).map(|key| failures.get(&key).map_or(0, |entry| entry.blocked_until - now));
        if let Some(seconds) = waits.into_iter().max().filter(|seconds| *seconds > 0) {
            return Err(seconds);
        }
        for (key, free) in keys(name, address).into_iter().zip([FREE_FOR_A_NAME, FREE_FOR_AN_ADDRESS]) {
            if failures.len() >= ENTRIES_MAX && !failures.contains_key(&key) {
                make_room(&mut failures, now);
            }
            let entry = failures.entry(key).or_insert(Failures { count: 0, last: now, blocked_until: 0 });
            if now - entry.last > FORGOTTEN_AFTER_SECONDS {
                entry.count = 0;
            }
            entry.count = entry.count.saturating_add(1);
            entry.last = now;
            if let Some(doublings) = entry.count.checked_sub(free) {
                let wait = FIRST_WAIT_SECONDS << doublings.min(10);
                entry.blocked_until = now + wait.min(LONGEST_WAIT_SECONDS);
            }
        }
        Ok(())
    }

    /// The right password ends the count for the name, and was no failure of the address, which may
    /// still be trying others.
    pub fn succeeded(&self, name: &str, address: IpAddr) {
        let [of_name, of_address] = keys(name, address);
        let mut failures = self.table();
        failures.remove(&of_name);
        if let Some(entry) = failures.get_mut(&of_address) {
            entry.count = entry.count.saturating_sub(1);
            if entry.count < FREE_FOR_AN_ADDRESS {
                entry.blocked_until = 0;
            }
        }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<Key, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keys(name: &str, address: IpAddr) -> [Key; 2] {
    // One subscriber of IPv6 has a /64 of addresses.
    let source = match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    };
    [(Some(name.to_owned()), source), (None, source)]
}

fn make_room(failures: &mut HashMap<Key, Failures>, now: i64) {
    failures.retain(|_, entry| now - entry.last <= FORGOTTEN_AFTER_SECONDS);
    if failures.len() >= ENTRIES_MAX {
        let mut times: Vec<i64> = failures.values().map(|entry| entry.last).collect();
        let (_, middle, _) = times.select_nth_unstable(ENTRIES_MAX / 2);
        let middle = *middle;
        failures.retain(|_, entry| entry.last > middle);
    }
}
