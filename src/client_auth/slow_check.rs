//! Password hashes of other issuers take milliseconds by design. They are checked away from the
//! threads that answer, and a success is remembered for a while, so that it does not cost every
//! token. What is remembered is a keyed digest: nothing can be read out of it, and the key dies
//! with the snapshot.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use ring::hmac;
use ring::rand::SystemRandom;

use crate::client::{Presented, Proof, Reading, Registry, Settled};
use crate::clock::UnixTime;
use crate::oauth::ClientId;

/// How long a success is remembered.
const SECONDS_MAX: i64 = 10 * 60;
/// Most successes that are remembered: one for each secret in use; about 10 MB when full.
const ENTRIES_MAX: usize = 100_000;

/// A check to be made: the credentials of one client against what a request presents.
#[derive(Debug)]
pub struct SlowCheck {
    client_id: ClientId,
    presented: Presented,
}

impl SlowCheck {
    pub(super) fn new(client_id: &ClientId, presented: Presented) -> Self {
        Self { client_id: client_id.clone(), presented }
    }

    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Makes the check; up to a second for each credential and reading. All credentials are asked:
    /// one that fits may be out of date while the next is not.
    pub fn run(&self, registry: &Registry) -> Outcomes {
        let mut outcomes = Outcomes::default();
        let client = registry.find(self.client_id.as_str());
        let credentials = client.iter().flat_map(|client| client.credentials.iter());
        let Proof::Secret { reading, raw } = &self.presented.proof else { return outcomes };
        for credential in credentials.filter(|credential| credential.kind == self.presented.kind) {
            for reading in [Some(reading), raw.as_ref()].into_iter().flatten() {
                let fits = credential.verifier.verify_slowly(reading);
                outcomes.0.push((credential.verifier.fingerprint(), *reading.sha256(), fits));
                if fits {
                    break;
                }
            }
        }
        outcomes
    }
}

/// What checks showed: fingerprint of the credential, SHA-256 of the secret, whether it fits.
#[derive(Default)]
pub struct Outcomes(Vec<([u8; 32], [u8; 32], bool)>);

impl Outcomes {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The digest of a secret is not printed.
impl fmt::Debug for Outcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outcomes({})", self.0.len())
    }
}

/// Successes of one snapshot.
pub struct Remembered {
    /// `None` when the system gives no random numbers: then nothing is remembered.
    key: Option<hmac::Key>,
    until: Mutex<HashMap<[u8; 32], UnixTime>>,
}

impl Default for Remembered {
    fn default() -> Self {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok();
        Self { key, until: Mutex::default() }
    }
}

impl Remembered {
    /// Notes the successes among `outcomes`.
    pub fn note(&self, outcomes: &Outcomes, now: UnixTime) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        for (fingerprint, sha256, _) in outcomes.0.iter().filter(|(_, _, fits)| *fits) {
            if until.len() >= ENTRIES_MAX {
                until.retain(|_, until| *until > now);
            }
            if let Some(name) = self.name(fingerprint, sha256).filter(|_| until.len() < ENTRIES_MAX) {
                until.insert(name, now.plus(SECONDS_MAX));
            }
        }
    }

    fn holds(&self, fingerprint: &[u8; 32], sha256: &[u8; 32], now: UnixTime) -> bool {
        let Some(name) = self.name(fingerprint, sha256) else { return false };
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that is set back must not lengthen the time.
        until.get(&name).is_some_and(|until| *until > now && until.since(now) <= SECONDS_MAX)
    }

    fn name(&self, fingerprint: &[u8; 32], sha256: &[u8; 32]) -> Option<[u8; 32]> {
        let mut context = hmac::Context::with_key(self.key.as_ref()?);
        context.update(fingerprint);
        context.update(sha256);
        let mut name = [0; 32];
        name.iter_mut().zip(context.sign().as_ref()).for_each(|(to, from)| *to = *from);
        Some(name)
    }
}

impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remembered(..)")
    }
}

/// What is settled for one request: by a check that it waited for, or by an earlier success.
pub struct SettledBefore<'a> {
    pub remembered: &'a Remembered,
    pub outcomes: &'a Outcomes,
    pub now: UnixTime,
}

impl Settled for SettledBefore<'_> {
    fn outcome(&self, fingerprint: &[u8; 32], reading: &Reading) -> Option<bool> {
        let made =
            self.outcomes.0.iter().find(|(of, sha256, _)| of == fingerprint && sha256 == reading.sha256());
        if let Some((_, _, fits)) = made {
            return Some(*fits);
        }
        self.remembered.holds(fingerprint, reading.sha256(), self.now).then_some(true)
    }
}
