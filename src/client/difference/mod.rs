//! What changes between two client lists, in terms of access: who may reach what, with which
//! proofs, and in which form tokens come. Moved lines, comments and order are no change at all.
//!
//! Every fact stands as a [`Delta`] of what the old and the new list say, so the difference read
//! backwards is the mirror of the difference. Of a disabled client nothing is in force: only that
//! it is disabled. Secrets and keys have no place in these types; a credential is named by its
//! kind and position.

mod compare;
mod lines;
mod registration;
mod resource_lines;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

pub use lines::{Line, Sign, claim_value};
pub use registration::{RegistrationChange, RegistrationDifference};

use super::{Registry, TokenType, Validity};
use crate::jose::Algorithm;
use crate::oauth::{Audience, ClientId, ScopeToken};

/// What the two lists say of one fact; one of them may say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delta<T> {
    pub old: Option<T>,
    pub new: Option<T>,
}

/// Everything that differs, sorted by audience and by client id.
#[derive(Debug, Default, PartialEq)]
pub struct Difference {
    pub resources: Vec<ResourceDifference>,
    pub clients: Vec<ClientDifference>,
    pub registration: Vec<RegistrationDifference>,
}

/// What differs about one client; at least one change.
#[derive(Debug, PartialEq)]
pub struct ClientDifference {
    pub id: ClientId,
    /// File and 1-based line where each list registers it.
    pub place: Delta<(Arc<str>, u32)>,
    pub changes: Vec<ClientChange>,
}

/// What differs about one resource; at least one change.
#[derive(Debug, PartialEq)]
pub struct ResourceDifference {
    pub audience: Audience,
    /// Clients that may get tokens for it, by either list.
    pub clients: usize,
    pub changes: Vec<ResourceChange>,
}

/// One fact about a client.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientChange {
    /// It is registered, and whether it may do anything.
    State(Delta<ClientState>),
    /// It may get tokens for the audience; never on both sides.
    Audience(Audience, Delta<()>),
    /// It may have the scope; the value tells whether a request without `scope` gets it too.
    Scope(Audience, ScopeToken, Delta<bool>),
    /// It may use the grant; never on both sides.
    GrantType(&'static str, Delta<()>),
    Credential(Delta<RegisteredCredential>),
    /// The only method that it may authenticate with.
    AuthMethod(Delta<&'static str>),
    /// One token may name several audiences.
    MultipleAudiences(Delta<()>),
    /// What a request gets that names neither scope nor audience; nothing means a refusal.
    DefaultAudience(Delta<Audience>),
    /// The lifetime in effect, where the client itself sets one in either list.
    Lifetime(Audience, Delta<Lifetime>),
    /// For how many seconds its tokens are given out again.
    Reuse(Delta<u32>),
    /// A static claim of its tokens.
    Claim(String, Delta<Value>),
}

/// One fact about a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceChange {
    /// It is declared; never on both sides.
    Declared(Delta<()>),
    /// It defines the scope; never on both sides.
    Scope(ScopeToken, Delta<()>),
    Typ(Delta<TokenType>),
    SigningAlg(Delta<Algorithm>),
    Lifetime(Delta<Lifetime>),
    Owner(Delta<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientState {
    Enabled,
    Disabled,
}

/// A credential as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredCredential {
    /// The name of the kind, as in the file.
    pub kind: &'static str,
    /// Place among the client's credentials, counted from 1.
    pub position: usize,
    pub validity: Validity,
    /// See [`Verifier::terms`](crate::client::Verifier::terms); sorted.
    pub terms: Vec<String>,
}

/// How long tokens live: what client or resource say, or what the server is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    Seconds(u32),
    ServerDefault,
}

/// How much differs, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub clients_added: usize,
    pub clients_removed: usize,
    pub clients_changed: usize,
    pub resources_added: usize,
    pub resources_removed: usize,
    pub resources_changed: usize,
    /// Registrars whose policy differs, and one for what is denied.
    pub registrations_changed: usize,
    /// Lines about something that stops working for clients or verifiers as they are.
    pub breaking: usize,
}

/// Compares two lists.
pub fn difference(old: &Registry, new: &Registry) -> Difference {
    Difference {
        resources: compare::resources(old, new),
        clients: compare::clients(old, new),
        registration: registration::registrations(old, new),
    }
}

impl<T> Delta<T> {
    pub fn map<U>(&self, read: impl Fn(&T) -> U) -> Delta<U> {
        Delta { old: self.old.as_ref().map(&read), new: self.new.as_ref().map(&read) }
    }

    pub fn sign(&self) -> Sign {
        match (&self.old, &self.new) {
            (None, _) => Sign::Gain,
            (Some(_), None) => Sign::Loss,
            (Some(_), Some(_)) => Sign::Change,
        }
    }
}

impl Difference {
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty() && self.resources.is_empty() && self.registration.is_empty()
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for resource in &self.resources {
            let declared = resource.changes.iter().find_map(|change| match change {
                ResourceChange::Declared(delta) => Some(delta.sign()),
                _ => None,
            });
            let count = match declared {
                Some(Sign::Gain) => &mut counts.resources_added,
                Some(_) => &mut counts.resources_removed,
                None => &mut counts.resources_changed,
            };
            *count = count.saturating_add(1);
        }
        for client in &self.clients {
            let count = match client.state().map(|state| state.sign()) {
                Some(Sign::Gain) => &mut counts.clients_added,
                Some(Sign::Loss) => &mut counts.clients_removed,
                _ => &mut counts.clients_changed,
            };
            *count = count.saturating_add(1);
        }
        counts.registrations_changed = self.registration.len();
        counts.breaking = self.sections().flat_map(|(_, lines)| lines).filter(|l| l.breaks.is_some()).count();
        counts
    }

    /// Audience or client id, and its lines: resources first, because clients depend on them.
    pub fn sections(&self) -> impl Iterator<Item = (&str, Vec<Line>)> {
        let resources = self.resources.iter().map(|resource| (resource.audience.as_str(), resource.lines()));
        let clients = self.clients.iter().map(|client| (client.id.as_str(), client.lines()));
        let registration = self.registration.iter().map(|one| (one.subject.as_str(), one.lines()));
        resources.chain(clients).chain(registration)
    }

    /// One line a change: `billing-worker + invoices:write on https://…`.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.sections().flat_map(|(subject, lines)| lines.into_iter().map(move |l| format!("{subject} {l}")))
    }
}

impl ClientDifference {
    pub(super) fn state(&self) -> Option<&Delta<ClientState>> {
        self.changes.iter().find_map(|change| match change {
            ClientChange::State(delta) => Some(delta),
            _ => None,
        })
    }
}

/// `1 client added, 2 changed; 1 resource changed; 1 breaking`.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = |noun: &str, counts: [usize; 3]| {
            let mut parts = Vec::new();
            for (count, word) in counts.into_iter().zip(["added", "removed", "changed"]) {
                let plural = if count == 1 { "" } else { "s" };
                match (count, parts.is_empty()) {
                    (0, _) => {}
                    (_, true) => parts.push(format!("{count} {noun}{plural} {word}")),
                    (_, false) => parts.push(format!("{count} {word}")),
                }
            }
            parts.join(", ")
        };
        let clients = group("client", [self.clients_added, self.clients_removed, self.clients_changed]);
        let resources =
            group("resource", [self.resources_added, self.resources_removed, self.resources_changed]);
        let registrations = group("registration rule", [0, 0, self.registrations_changed]);
        let breaking = if self.breaking == 0 { String::new() } else { format!("{} breaking", self.breaking) };
        let groups: Vec<String> = [clients, resources, registrations, breaking]
            .into_iter()
            .filter(|group| !group.is_empty())
            .collect();
        f.write_str(if groups.is_empty() { "no change in access" } else { "" })?;
        f.write_str(&groups.join("; "))
    }
}
