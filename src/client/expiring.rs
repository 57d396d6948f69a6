//! Credentials that end soon: whose client stops working unless somebody does something.

use std::collections::BTreeMap;

use super::{Client, Phase, Registry};
use crate::clock::UnixTime;

/// A credential of an enabled client, live or waiting, and its end.
#[derive(Clone, Copy, Debug)]
pub struct Expiring<'r> {
    pub client: &'r Client,
    /// From 1, in the order of the file.
    pub position: usize,
    pub kind: &'static str,
    pub expires: UnixTime,
    /// Is no other credential of the client valid at that moment?
    pub is_last: bool,
}

/// Those that expire within `within_seconds` from `now`: the `most` soonest, and how many there are.
pub fn expiring(
    registry: &Registry,
    now: UnixTime,
    within_seconds: i64,
    most: usize,
) -> (Vec<Expiring<'_>>, usize) {
    let until = now.plus(within_seconds);
    let mut soonest = BTreeMap::new();
    let mut count = 0_usize;
    for client in registry.clients().filter(|client| !client.disabled) {
        for (index, credential) in client.credentials.iter().enumerate() {
            let Some(expires) = credential.validity.expires.filter(|at| now < *at && *at <= until) else {
                continue;
            };
            count = count.saturating_add(1);
            let is_last =
                !client.credentials.iter().any(|other| other.validity.phase(expires) == Phase::Live);
            let position = index.saturating_add(1);
            let found = Expiring { client, position, kind: credential.kind, expires, is_last };
            soonest.insert((expires, client.id.as_str(), position), found);
            if soonest.len() > most {
                soonest.pop_last();
            }
        }
    }
    (soonest.into_values().collect(), count)
}
