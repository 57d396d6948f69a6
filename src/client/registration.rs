//! Clients that are not listed but registered (RFC 7591): who may register them, within which
//! limits, and which are denied. Values that were validated when the files were read; how a client
//! is recognised is `client_auth`'s business.

use std::collections::HashMap;
use std::sync::Arc;

use super::Granted;
use crate::clock::UnixTime;
use crate::oauth::ClientId;

/// The section `registration` of the client list.
#[derive(Debug, Default)]
pub struct Registration {
    policies: Vec<Arc<Policy>>,
    by_registrar: HashMap<ClientId, Arc<Policy>>,
    denied: Vec<Denied>,
    denied_ids: HashMap<[u8; 32], usize>,
}

/// What some clients of the list may register.
#[derive(Debug)]
pub struct Policy {
    /// In the order of the file; a client stands in one policy.
    pub registrars: Box<[ClientId]>,
    /// The most that a registered client may reach, at least one audience.
    pub granted: Arc<[Granted]>,
    /// Names of `client_auth::KINDS`.
    pub credentials: Box<[&'static str]>,
    /// The longest lifetime of its tokens; without one the resource and the server decide.
    pub access_token_lifetime_seconds: Option<u32>,
    /// The longest time until the registration ends.
    pub validity_seconds: u32,
    /// Registrations of one registrar at one replica.
    pub per_minute: u32,
    /// Where it stands: name of the file, 1-based line.
    pub file: Arc<str>,
    pub line: u32,
}

/// Registered clients that are refused.
#[derive(Debug)]
pub struct Denied {
    pub which: Which,
    pub note: Option<Box<str>>,
    pub file: Arc<str>,
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// SHA-256 of the client id.
    Id([u8; 32]),
    /// Of a registrar, of a time, or both; at least one of them.
    All { registrar: Option<ClientId>, issued_before: Option<UnixTime> },
}

/// What a registered client has that a listed one has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub registrar: ClientId,
    pub issued_at: UnixTime,
    pub expires: UnixTime,
    pub standing: Standing,
}

/// May it do anything at all?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    InForce,
    /// By an entry of `denied`.
    Denied,
    /// No policy names its registrar any more.
    WithoutPolicy,
    /// Its policy grants nothing more of what it was registered with.
    NothingLeft,
}

impl Registration {
    /// The caller has made sure that a registrar stands in one policy.
    pub fn new(policies: Vec<Policy>, denied: Vec<Denied>) -> Self {
        let policies: Vec<Arc<Policy>> = policies.into_iter().map(Arc::new).collect();
        let of_policy = |policy: &Arc<Policy>| {
            policy.registrars.iter().map(|id| (id.clone(), Arc::clone(policy))).collect()
        };
        let by_registrar = policies.iter().flat_map::<Vec<_>, _>(of_policy).collect();
        let digest = |(at, denied): (usize, &Denied)| match denied.which {
            Which::Id(digest) => Some((digest, at)),
            Which::All { .. } => None,
        };
        let denied_ids = denied.iter().enumerate().filter_map(digest).collect();
        Self { policies, by_registrar, denied, denied_ids }
    }

    /// In the order of the files.
    pub fn policies(&self) -> &[Arc<Policy>] {
        &self.policies
    }

    pub fn policy_of(&self, registrar: &str) -> Option<&Arc<Policy>> {
        self.by_registrar.get(registrar)
    }

    /// In the order of the files.
    pub fn denials(&self) -> &[Denied] {
        &self.denied
    }

    /// The entry that denies a client; `digest` gives the SHA-256 of its id.
    pub fn denied(
        &self,
        digest: impl FnOnce() -> [u8; 32],
        registrar: &str,
        issued_at: UnixTime,
    ) -> Option<&Denied> {
        let by_id = || self.denied.get(*self.denied_ids.get(&digest())?);
        let is_of = |denied: &&Denied| match &denied.which {
            Which::Id(_) => false,
            Which::All { registrar: of, issued_before } => {
                of.as_ref().is_none_or(|of| of.as_str() == registrar)
                    && issued_before.is_none_or(|end| issued_at < end)
            }
        };
        let named = if self.denied_ids.is_empty() { None } else { by_id() };
        named.or_else(|| self.denied.iter().find(is_of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(which: Which, line: u32) -> Denied {
        Denied { which, note: None, file: "clients.yaml".into(), line }
    }

    #[test]
    fn a_client_is_denied_by_its_id_its_registrar_and_its_time() {
        let portal = ClientId::parse("portal");
        let before = |seconds| Some(UnixTime::from_seconds(seconds));
        let registration = Registration::new(
            Vec::new(),
            vec![
                denied(Which::Id([7; 32]), 1),
                denied(Which::All { registrar: portal, issued_before: before(100) }, 2),
                denied(Which::All { registrar: None, issued_before: before(10) }, 3),
                denied(Which::All { registrar: ClientId::parse("gone"), issued_before: None }, 4),
            ],
        );
        let line = |digest: u8, registrar: &str, issued: i64| {
            let found = registration.denied(|| [digest; 32], registrar, UnixTime::from_seconds(issued));
            found.map(|denied| denied.line)
        };
        assert_eq!((line(7, "other", 500), line(8, "other", 500)), (Some(1), None));
        assert_eq!((line(8, "portal", 99), line(8, "portal", 100)), (Some(2), None));
        assert_eq!(
            (line(8, "other", 9), line(8, "other", 10), line(8, "gone", 500)),
            (Some(3), None, Some(4))
        );
    }
}
