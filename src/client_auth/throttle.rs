//! Failed authentications are counted by source and client, so that whoever goes on failing is told
//! to wait (429) and not why. The right credential is never held up: only failures are counted, and
//! only a failure is answered so.
//!
//! A generic cell rate algorithm over tables of fixed size: no entry is made, none has to be
//! forgotten, and no flood makes the tables grow. Two that share a place share its failures; the
//! keyed hash lets nobody choose with whom.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicI64, Ordering};

use crate::clock::UnixTime;

crate::oauth::reasons! {
    TOO_MANY_FAILURES = TemporarilyUnavailable TOO_MANY_FAILURES;
}

/// Of one client from one source prefix, by default. Even: a client of Go's x/oauth2 that does not
/// know its method fails twice, once with the header and once with the form, so this is ten tries.
pub const FAILURES_PER_MINUTE: u32 = 20;
/// All clients of a prefix together; unknown ids share it with known ones, or the answer would tell
/// them apart.
const CLIENTS_OF_SOURCE: u32 = 10;
/// Places of the tables, 8 bytes each.
const CLIENT_PLACES: usize = 1 << 16;
const SOURCE_PLACES: usize = 1 << 14;
/// A clock that was set back must not send anybody away for long.
const RETRY_AFTER_SECONDS_MAX: i64 = 60;

pub struct Throttle {
    of_client: Table,
    of_source: Table,
    hasher: RandomState,
}

/// The name of a client as a throttle sees it: spellings of one id are one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThrottleName(u64);

impl Throttle {
    /// `0` counts nothing.
    pub fn new(failures_per_minute: u32) -> Self {
        let source = failures_per_minute.saturating_mul(CLIENTS_OF_SOURCE);
        Self {
            of_client: Table::new(failures_per_minute, CLIENT_PLACES),
            of_source: Table::new(source, SOURCE_PLACES),
            hasher: RandomState::new(),
        }
    }

    /// Case, space, control characters and one more percent-encoding make no other name, whatever
    /// they make of the client (CVE-2026-47203).
    pub fn name(&self, client_id: &str) -> ThrottleName {
        let mut hasher = self.hasher.build_hasher();
        // Byte for byte the hash would cost ten times as much; an id may have hundreds of them.
        let mut name = Vec::with_capacity(client_id.len());
        let mut rest = client_id.as_bytes();
        while let Some((byte, after)) = first_of(rest) {
            rest = after;
            if byte > b' ' && byte != 0x7f {
                name.push(byte.to_ascii_lowercase());
            }
        }
        hasher.write(&name);
        ThrottleName(hasher.finish())
    }

    /// Counts a failure; after too many, the seconds to wait.
    pub fn failed(&self, name: ThrottleName, source: Option<IpAddr>, now: UnixTime) -> Option<u32> {
        let (client, source) = self.places(name, source);
        // One client that fails for ever must not use up what is left to the others of its network.
        self.of_client.count(client, now).or_else(|| self.of_source.count(source, now))
    }

    /// Would a failure be one too many? The seconds to wait then.
    pub fn exhausted(&self, name: ThrottleName, source: Option<IpAddr>, now: UnixTime) -> Option<u32> {
        let (client, source) = self.places(name, source);
        self.of_client.wait(client, now).or_else(|| self.of_source.wait(source, now))
    }

    fn places(&self, name: ThrottleName, source: Option<IpAddr>) -> (u64, u64) {
        let prefix = source.map(prefix);
        (self.hasher.hash_one((name.0, prefix)), self.hasher.hash_one(prefix))
    }
}

/// The first byte of an id, percent-decoded, and what comes after it.
fn first_of(text: &[u8]) -> Option<(u8, &[u8])> {
    if let [b'%', high, low, rest @ ..] = text
        && let (Some(high), Some(low)) = (hexadecimal(*high), hexadecimal(*low))
    {
        return Some((high << 4 | low, rest));
    }
    text.split_first().map(|(byte, rest)| (*byte, rest))
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// What one party usually has to itself: 256 addresses of IPv4, a /56 of IPv6 (RFC 6177).
fn prefix(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() & (u32::MAX << 8)).into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 72)).into(),
    }
}

/// For each place the moment at which all its failures are forgotten, in milliseconds since 1970.
struct Table {
    forgotten_at: Box<[AtomicI64]>,
    /// What one failure adds to it.
    step_ms: i64,
    /// How far it may lie ahead.
    ahead_ms: i64,
}

impl Table {
    fn new(per_minute: u32, places: usize) -> Self {
        let places = if per_minute == 0 { 0 } else { places };
        let step_ms = 60_000 / i64::from(per_minute.max(1));
        let forgotten_at = (0..places).map(|_| AtomicI64::new(0)).collect();
        Self { forgotten_at, step_ms, ahead_ms: step_ms.saturating_mul(per_minute.into()) }
    }

    fn count(&self, hash: u64, now: UnixTime) -> Option<u32> {
        let place = self.place(hash)?;
        let now = milliseconds(now);
        let counted = place.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |forgotten_at| {
            let next = forgotten_at.max(now).saturating_add(self.step_ms);
            (next.saturating_sub(now) <= self.ahead_ms).then_some(next)
        });
        counted.err().map(|forgotten_at| self.seconds(forgotten_at, now))
    }

    fn wait(&self, hash: u64, now: UnixTime) -> Option<u32> {
        let forgotten_at = self.place(hash)?.load(Ordering::Relaxed);
        let now = milliseconds(now);
        let next = forgotten_at.max(now).saturating_add(self.step_ms);
        (next.saturating_sub(now) > self.ahead_ms).then(|| self.seconds(forgotten_at, now))
    }

    /// Until one more failure has room.
    fn seconds(&self, forgotten_at: i64, now: i64) -> u32 {
        let ms = forgotten_at.saturating_add(self.step_ms).saturating_sub(now).saturating_sub(self.ahead_ms);
        let seconds = ms.saturating_add(999) / 1000;
        u32::try_from(seconds.clamp(1, RETRY_AFTER_SECONDS_MAX)).unwrap_or(1)
    }

    fn place(&self, hash: u64) -> Option<&AtomicI64> {
        let count = self.forgotten_at.len() as u64;
        let index = hash.checked_rem(count)?;
        self.forgotten_at.get(usize::try_from(index).ok()?)
    }
}

fn milliseconds(time: UnixTime) -> i64 {
    time.seconds().saturating_mul(1000)
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Throttle")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(1_000_000_000 + seconds)
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn failures_above_the_rate_wait_until_there_is_room_again() {
        let throttle = Throttle::new(20);
        let (name, source) = (throttle.name("a"), address("192.0.2.1"));
        for n in 0..20 {
            assert_eq!(throttle.exhausted(name, source, at(0)), None, "before failure {n}");
            assert_eq!(throttle.failed(name, source, at(0)), None, "failure {n}");
        }
        assert_eq!(throttle.exhausted(name, source, at(0)), Some(3));
        assert_eq!(throttle.failed(name, source, at(0)), Some(3));
        // A refused one does not count, so waiting as told is enough.
        assert_eq!(throttle.failed(name, source, at(3)), None);
        assert_eq!(throttle.failed(name, source, at(3)), Some(3));
        assert_eq!(throttle.failed(name, source, at(3_600)), None);
    }

    #[test]
    fn another_client_and_another_source_have_failures_of_their_own() {
        let throttle = Throttle::new(20);
        let source = address("192.0.2.1");
        while throttle.failed(throttle.name("a"), source, at(0)).is_none() {}
        assert_eq!(throttle.failed(throttle.name("b"), source, at(0)), None);
        assert_eq!(throttle.failed(throttle.name("a"), address("192.0.3.1"), at(0)), None);
        for same in ["192.0.2.255", "::ffff:192.0.2.7"] {
            assert_eq!(throttle.failed(throttle.name("a"), address(same), at(0)), Some(3), "{same}");
        }
        while throttle.failed(throttle.name("a"), address("2001:db8::1"), at(0)).is_none() {}
        assert_eq!(throttle.failed(throttle.name("a"), address("2001:db8:0:ff::2"), at(0)), Some(3));
        assert_eq!(throttle.failed(throttle.name("a"), address("2001:db8:0:100::1"), at(0)), None);
    }

    #[test]
    fn many_names_from_one_source_share_its_failures() {
        let throttle = Throttle::new(20);
        let source = address("192.0.2.1");
        let failed = |n: i32| throttle.failed(throttle.name(&n.to_string()), source, at(0));
        assert_eq!((0..1_000).filter(|n| failed(*n).is_none()).count(), 200);
    }

    #[test]
    fn a32_spellings_of_one_id_are_one_name() {
        let throttle = Throttle::new(20);
        let name = throttle.name("worker-1");
        for same in ["Worker-1", " worker-1", "worker-1\0", "worker%2D1", "worker-1 ", "%77ORKER-1"] {
            assert_eq!(throttle.name(same), name, "{same:?}");
        }
        for other in ["worker-2", "worker1", "worker%2", "worker-%31%31", ""] {
            assert_ne!(throttle.name(other), name, "{other:?}");
        }
    }

    #[test]
    fn nothing_is_counted_when_the_rate_is_zero() {
        let throttle = Throttle::new(0);
        let name = throttle.name("a");
        for _ in 0..1_000 {
            assert_eq!(throttle.failed(name, None, at(0)), None);
        }
        assert_eq!(throttle.exhausted(name, None, at(0)), None);
    }

    #[test]
    fn a_clock_that_is_set_back_sends_nobody_away_for_long() {
        let throttle = Throttle::new(20);
        let name = throttle.name("a");
        while throttle.failed(name, None, at(0)).is_none() {}
        assert_eq!(throttle.failed(name, None, at(-3_600)), Some(60));
    }
}
