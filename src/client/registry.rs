//! The clients of one snapshot, by identifier.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};
use std::hint::{black_box, select_unpredictable};
use std::sync::Arc;

use super::{Credential, Registered, Registration, Resource};
use crate::oauth::{ClientId, ScopeToken};

/// A registered client. Immutable; every rule about it was checked when it was read. There may be a
/// million of them, so what many have in common (`Arc`) they share.
#[derive(Debug)]
pub struct Client {
    pub id: ClientId,
    pub name: Option<Box<str>>,
    pub contacts: Arc<[Box<str>]>,
    /// Names of `grant::GRANTS`.
    pub grant_types: Arc<[&'static str]>,
    pub credentials: Box<[Credential]>,
    /// The only method that this client may use (RFC 7591 §2), when it is pinned to one.
    pub token_endpoint_auth_method: Option<&'static str>,
    /// What it may reach, one entry an audience, at least one.
    pub granted: Arc<[Granted]>,
    /// Does it set `default_scope`? Without it, a client of several audiences has no default one.
    pub names_default_scope: bool,
    /// May one token name several audiences?
    pub multiple_audiences: bool,
    pub access_token_lifetime_seconds: Option<u32>,
    /// For so long a token is given out again to whoever asks for the same.
    pub reuse_seconds: Option<u32>,
    /// Static claims, already serialised: `,"tenant":"acme"`, or empty.
    pub claims_json: Box<str>,
    pub disabled: bool,
    /// Set when it is not listed but registered; then it stands in no list, and its place is that
    /// of the policy.
    pub registered: Option<Box<Registered>>,
    /// Where it stands: name of the file, 1-based line.
    pub file: Arc<str>,
    pub line: u32,
}

impl Client {
    /// What a request gets that names neither scope nor audience: the only audience, or the one
    /// that `default_scope` leads to.
    pub fn granted_by_default(&self) -> Option<&Granted> {
        let mut candidates = self.granted.iter().filter(|granted| {
            self.granted.len() == 1 || (self.names_default_scope && !granted.default_scopes.is_empty())
        });
        candidates.next().filter(|_| candidates.next().is_none())
    }
}

/// An audience that a client may reach, and with which scopes.
#[derive(Clone, Debug)]
pub struct Granted {
    pub resource: Arc<Resource>,
    /// In the order of the resource's definition.
    pub scopes: Box<[ScopeToken]>,
    /// The part of `scopes` that a request without `scope` gets.
    pub default_scopes: Box<[ScopeToken]>,
}

/// All clients and resources of one snapshot.
///
/// A look-up takes the same steps whether or not it finds: whoever asks for a client that does not
/// exist gets another one in its place, and a fixed number of hashes is compared on the way.
#[derive(Debug, Default)]
pub struct Registry {
    /// In the order of `hashes`.
    clients: Box<[Arc<Client>]>,
    /// Of the identifiers, ascending. Keyed, so that nobody can choose ids that meet.
    hashes: Box<[u64]>,
    /// By the first bits of a hash: where those that begin so stand.
    starts: Box<[u32]>,
    /// Most hashes that begin alike; every look-up compares as many.
    window: usize,
    hasher: RandomState,
    resources: Vec<Arc<Resource>>,
    registration: Option<Registration>,
}

/// Whom a look-up leads to.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'s> {
    pub client: &'s Arc<Client>,
    /// Is it the one that was asked for? If not, it stands in for nobody.
    pub is_found: bool,
}

impl Registry {
    /// The caller has made sure that no id stands twice.
    pub fn new(clients: Vec<Arc<Client>>, resources: Vec<Arc<Resource>>) -> Self {
        let hasher = RandomState::new();
        let mut hashed: Vec<_> =
            clients.into_iter().map(|client| (hasher.hash_one(client.id.as_str()), client)).collect();
        hashed.sort_unstable_by_key(|(hash, _)| *hash);
        let (hashes, clients): (Vec<u64>, Vec<_>) = hashed.into_iter().unzip();
        let (starts, window) = directory(&hashes);
        Self {
            clients: clients.into(),
            hashes: hashes.into(),
            starts: starts.into(),
            window,
            hasher,
            resources,
            registration: None,
        }
    }

    #[must_use]
    pub fn with_registration(self, registration: Option<Registration>) -> Self {
        Self { registration, ..self }
    }

    /// Whom the list lets register clients; `None` when it says nothing about it.
    pub fn registration(&self) -> Option<&Registration> {
        self.registration.as_ref()
    }

    /// Exact comparison; constant work whatever the number of clients.
    pub fn find(&self, id: &str) -> Option<&Arc<Client>> {
        self.candidate(id).filter(|candidate| candidate.is_found).map(|candidate| candidate.client)
    }

    /// The client with this id or, with the same work, another one. `None` when there are no clients.
    pub fn candidate(&self, id: &str) -> Option<Candidate<'_>> {
        let hash = self.hasher.hash_one(id);
        let start = self.starts.get(usize::try_from(hash >> shift(self.starts.len())).ok()?)?;
        // The last ones have no full window after them.
        let first = usize::try_from(*start).ok()?.min(self.hashes.len().checked_sub(self.window)?);
        let (mut place, mut is_found) = (first, false);
        for (at, other) in (first..).zip(self.hashes.get(first..)?.iter().take(self.window)) {
            place = select_unpredictable(*other == hash, at, place);
            is_found |= *other == hash;
        }
        let client = self.clients.get(place)?;
        // Without a match the id is compared with itself, which takes as long; what else would be
        // compared is read all the same.
        let found = select_unpredictable(is_found, client.id.as_str(), id);
        black_box(client.id.as_str().as_bytes().first().copied());
        Some(Candidate { client, is_found: (found == id) & is_found })
    }

    /// In no order.
    pub fn clients(&self) -> impl Iterator<Item = &Arc<Client>> {
        self.clients.iter()
    }

    pub fn client_count(&self) -> usize {
        self.clients.len()
    }

    /// The addresses that keys of clients have to be fetched from, each once. A client that is
    /// disabled needs none.
    pub fn key_sources(&self) -> BTreeSet<Arc<str>> {
        let enabled = self.clients().filter(|client| !client.disabled);
        let credentials = enabled.flat_map(|client| &client.credentials);
        credentials.filter_map(|credential| credential.verifier.key_source()).cloned().collect()
    }

    /// In the order of the files.
    pub fn resources(&self) -> &[Arc<Resource>] {
        &self.resources
    }
}

/// Where the hashes with the same first bits begin, for about two places a hash, and how many begin
/// alike at most.
fn directory(hashes: &[u64]) -> (Vec<u32>, usize) {
    let places = hashes.len().saturating_mul(2).next_power_of_two().max(2);
    let mut counts = vec![0_u32; places];
    for hash in hashes {
        let place = usize::try_from(hash >> shift(places)).ok().and_then(|place| counts.get_mut(place));
        if let Some(count) = place {
            *count = count.saturating_add(1);
        }
    }
    let window = counts.iter().max().map_or(0, |most| *most as usize);
    let mut next = 0_u32;
    for count in &mut counts {
        let start = next;
        next = next.saturating_add(*count);
        *count = start;
    }
    (counts, window)
}

/// How far to shift a hash to number one of so many places, a power of two from 2 on.
fn shift(places: usize) -> u32 {
    u64::BITS.saturating_sub(places.trailing_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(id: &str) -> Arc<Client> {
        Arc::new(Client {
            id: ClientId::parse(id).expect("an id"),
            name: None,
            contacts: Arc::default(),
            grant_types: Arc::default(),
            credentials: Box::default(),
            token_endpoint_auth_method: None,
            granted: Arc::default(),
            names_default_scope: false,
            multiple_audiences: false,
            access_token_lifetime_seconds: None,
            reuse_seconds: None,
            claims_json: Box::default(),
            disabled: false,
            registered: None,
            file: "clients.yaml".into(),
            line: 1,
        })
    }

    #[test]
    fn a_look_up_finds_each_client_and_leads_everybody_else_to_one_that_is_not_theirs() {
        assert!(Registry::default().candidate("a").is_none());
        assert!(Registry::new(Vec::new(), Vec::new()).find("a").is_none());
        for count in (1..70).chain([127, 128, 129, 20_000]) {
            let ids: Vec<String> = (0..count).map(|n| format!("client-{n}")).collect();
            let registry = Registry::new(ids.iter().map(|id| client(id)).collect(), Vec::new());
            for id in &ids {
                assert_eq!(registry.find(id).map(|client| client.id.as_str()), Some(id.as_str()));
                let other = id.replace('c', "C");
                assert!(registry.find(&other).is_none(), "{other} of {count}");
                assert!(registry.candidate(&other).is_some_and(|other| !other.is_found), "{other}");
            }
            assert_eq!(registry.clients().count(), count);
        }
    }
}
