//! The picture of the keys that a server holds.

use super::Timeline;
use crate::clock::UnixTime;
use crate::keys::simulate::{PlannedKey, Rotation};
use crate::keys::{Keyring, lead};

/// The keys of a snapshot around `now`. When their files appeared is not known here: the next one is
/// published now at the latest.
pub fn of_keyring(keyring: &Keyring, lifetime_seconds: u32, now: UnixTime) -> String {
    let states = keyring.states(now);
    let planned = states.iter().map(|key| PlannedKey {
        algorithm: key.algorithm,
        appears: lead::appeared(key, None, now),
        activation: key.activation,
    });
    let rotation = Rotation::new(planned.collect(), keyring.retention(), lifetime_seconds.into());
    let short = |kid: &str| kid.chars().take(12).collect::<String>();
    let names: Vec<String> =
        states.iter().map(|key| format!("{} {}", key.algorithm, short(key.kid))).collect();
    Timeline { title: "Signing keys", rotation: &rotation, keys: &names, verifiers: &[], now: Some(now) }
        .svg()
}
