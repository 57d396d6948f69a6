//! What the readers of exports have in common: clients as another issuer describes them, in our
//! terms but not yet by our rules, and what was said about each on the way.

use std::collections::HashSet;
use std::fmt;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::clock::UnixTime;

/// A whole export.
#[derive(Default)]
pub struct Export {
    /// What is known of audiences beside their use by clients.
    pub resources: Vec<Resource>,
    /// Of tokens for audiences of which nothing is known.
    pub lifetime_seconds: Option<i64>,
    pub clients: Vec<Client>,
    pub notes: Vec<Note>,
}

/// An API, as far as the export describes it.
#[derive(Clone, Debug, Default)]
pub struct Resource {
    pub audience: String,
    pub name: Option<String>,
    pub scopes: Vec<String>,
    pub lifetime_seconds: Option<i64>,
    pub signing_alg: Option<String>,
}

/// A client that could use the client credentials grant there.
#[derive(Default)]
pub struct Client {
    /// Where it stands in the export: `clients[3]`.
    pub place: String,
    pub id: String,
    pub name: Option<String>,
    pub contacts: Vec<String>,
    /// Only when it is pinned there.
    pub method: Option<String>,
    pub credentials: Vec<Credential>,
    pub grants: Vec<Grant>,
    /// Scopes that the export binds to no audience: valid at all audiences of the client.
    pub unbound_scopes: Vec<String>,
    /// What a request without scope gets; empty for everything.
    pub default_scopes: Vec<String>,
    pub lifetime_seconds: Option<i64>,
    pub claims: Map<String, Value>,
    pub disabled: bool,
}

/// An audience that a client may reach there, and with which scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub audience: String,
    pub scopes: Vec<String>,
}

pub struct Credential {
    pub proof: Proof,
    /// The member of the export that it comes from.
    pub member: &'static str,
    pub expires: Option<UnixTime>,
}

pub enum Proof {
    /// In clear, or as a hash.
    Secret(Zeroizing<String>),
    /// Public keys: a JWK Set, or one key.
    Jwks(Value),
    JwksUri(String),
}

/// Neither a secret nor its hash is printed.
impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(..)")
    }
}

/// What happened to something of the export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The client is not in the list.
    LeftOut,
    /// A member of a client has no place in the list, or not this value of it.
    NotCarried,
    /// It is carried in another form.
    Changed,
}

impl Fate {
    pub fn name(self) -> &'static str {
        match self {
            Self::LeftOut => "left_out",
            Self::NotCarried => "not_carried",
            Self::Changed => "changed",
        }
    }
}

/// One line of the report. Holds no secret.
#[derive(Clone, Debug)]
pub struct Note {
    pub fate: Fate,
    /// `None` for what is about the whole export.
    pub client_id: Option<String>,
    pub place: String,
    pub member: String,
    pub reason: String,
}

impl Export {
    /// The client is left out because of `member`.
    pub fn leave_out(&mut self, client_id: &str, place: &str, member: &str, reason: &str) {
        self.note(Fate::LeftOut, client_id, place, member, reason);
    }

    pub fn note(&mut self, fate: Fate, client_id: &str, place: &str, member: &str, reason: &str) {
        self.notes.push(Note {
            fate,
            client_id: Some(client_id.to_owned()),
            place: place.to_owned(),
            member: member.to_owned(),
            reason: reason.to_owned(),
        });
    }

    /// What is about no client; a second time it is not said again.
    pub fn note_all(&mut self, fate: Fate, member: &str, reason: &str) {
        if self.notes.iter().any(|note| note.client_id.is_none() && note.member == member) {
            return;
        }
        self.notes.push(Note {
            fate,
            client_id: None,
            place: member.to_owned(),
            member: member.to_owned(),
            reason: reason.to_owned(),
        });
    }
}

impl Client {
    /// Grants more of an audience; a scope that is there already stays once.
    pub fn grant<'s>(&mut self, audience: &str, scopes: impl IntoIterator<Item = &'s str>) {
        if !self.grants.iter().any(|grant| grant.audience == audience) {
            self.grants.push(Grant { audience: audience.to_owned(), scopes: Vec::new() });
        }
        let Some(grant) = self.grants.iter_mut().find(|grant| grant.audience == audience) else { return };
        for scope in scopes {
            push_new(&mut grant.scopes, scope);
        }
    }

    /// How many different scopes it has.
    pub fn scope_count(&self) -> usize {
        let bound = self.grants.iter().flat_map(|grant| &grant.scopes);
        bound.chain(&self.unbound_scopes).collect::<HashSet<_>>().len()
    }

    pub fn add_secret(&mut self, secret: &str, member: &'static str, expires: Option<UnixTime>) {
        let proof = Proof::Secret(Zeroizing::new(secret.to_owned()));
        self.credentials.push(Credential { proof, member, expires });
    }
}

/// Adds a word that is not there yet.
pub fn push_new(words: &mut Vec<String>, word: &str) {
    if !words.iter().any(|known| known == word) {
        words.push(word.to_owned());
    }
}

/// Scopes of OpenID Connect and OAuth 2.0 that speak about a user; no machine has any use for them.
pub const SCOPES_OF_USERS: &[&str] =
    &["openid", "profile", "email", "address", "phone", "offline", "offline_access"];

/// Reasons that every system knows.
pub const PUBLIC: &str = "a public client keeps no secret; every client here authenticates";
pub const NO_MACHINE: &str = "client_credentials is not among them; logins of users are not offered here";
pub const METADATA: &str = "if tokens carry any of it, write that as `claims`";
