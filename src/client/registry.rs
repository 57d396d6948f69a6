//! The clients of one snapshot, by identifier.

use std::borrow::Borrow;
use std::collections::{BTreeSet, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Credential, Resource};
use crate::oauth::{Audience, ClientId, ScopeToken};

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
    /// Static claims, already serialised: `,"tenant":"acme"`, or empty.
    pub claims_json: Box<str>,
    pub disabled: bool,
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

/// A client as its id, so that the index holds one pointer for each.
#[derive(Debug)]
struct ById(Arc<Client>);

impl Borrow<str> for ById {
    fn borrow(&self) -> &str {
        self.0.id.as_str()
    }
}

/// As that of `str`, which `Borrow` demands.
impl Hash for ById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.as_str().hash(state);
    }
}

impl PartialEq for ById {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for ById {}

/// All clients and resources of one snapshot.
#[derive(Debug, Default)]
pub struct Registry {
    clients: HashSet<ById>,
    resources: Vec<Arc<Resource>>,
}

impl Registry {
    /// The caller has made sure that no id stands twice.
    pub fn new(clients: Vec<Arc<Client>>, resources: Vec<Arc<Resource>>) -> Self {
        let clients = clients.into_iter().map(ById).collect();
        Self { clients, resources }
    }

    /// Exact comparison; constant work whatever the number of clients.
    pub fn find(&self, id: &str) -> Option<&Arc<Client>> {
        self.clients.get(id).map(|ById(client)| client)
    }

    /// In no order.
    pub fn clients(&self) -> impl Iterator<Item = &Arc<Client>> {
        self.clients.iter().map(|ById(client)| client)
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

    pub fn resource(&self, audience: &Audience) -> Option<&Arc<Resource>> {
        self.resources.iter().find(|resource| resource.audience == *audience)
    }
}
