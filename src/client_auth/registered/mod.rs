//! Registered clients: nobody stores them. The id of one is its registration, sealed with a key
//! that every replica has, and its secret follows from the id; so each replica recognises what any
//! of them has registered. What a client may do is the lesser of what its id says and what the list
//! says today: whatever is taken out of the list is taken from it with the next request.

mod document;
mod quota;
mod recognise;
mod sealed_id;

use std::cell::OnceCell;
use std::sync::Arc;

pub use document::{Document, METHODS, Reach};
pub use quota::Quota;
pub use recognise::{GRANT_TYPE, Recogniser, sha256_of};
pub use sealed_id::{SealedId, Unsealable, seal};

use super::admission::CLIENT_UNKNOWN;
use super::{private_key_jwt, secret};
use crate::client::{Candidate, Client, Registry};
use crate::oauth::{ClientId, REGISTERED_ID_PREFIX, Reason};

/// The kinds of credential that can be registered, a part of `KINDS`.
pub const KINDS: [&str; 2] = [secret::NAME, private_key_jwt::NAME];
/// What a token needs that registers clients; the audience is the issuer itself.
pub const REGISTRATION_SCOPE: &str = "clients:register";

crate::oauth::reasons! {
    SEAL_BROKEN = InvalidClient REGISTRATION_SEAL_BROKEN;
}

/// Whom one request may come from: a client of the list, or the registered one that its id is.
pub struct Clients<'s> {
    registry: &'s Registry,
    recogniser: Option<Recogniser<'s>>,
    /// The one that was recognised, so that it lives as long as the request.
    recognised: OnceCell<Option<Arc<Client>>>,
}

impl<'s> Clients<'s> {
    pub fn new(registry: &'s Registry, recogniser: Option<Recogniser<'s>>) -> Self {
        Self { registry, recogniser, recognised: OnceCell::new() }
    }

    /// Those of the list alone.
    pub fn listed(registry: &'s Registry) -> Self {
        Self::new(registry, None)
    }

    pub fn find(&self, id: &str) -> Option<&Arc<Client>> {
        let Some(recogniser) = self.recogniser.as_ref().filter(|_| id.starts_with(REGISTERED_ID_PREFIX))
        else {
            return self.registry.find(id);
        };
        let recognised = self.recognised.get_or_init(|| recogniser.recognise(id).map(Arc::new));
        recognised.as_ref().filter(|client| client.id.as_str() == id)
    }

    /// The client with this id or, with the work of one that is listed, another one. `None` when
    /// there are no clients.
    pub fn candidate(&self, id: &str) -> Option<Candidate<'_>> {
        if id.starts_with(REGISTERED_ID_PREFIX)
            && let Some(client) = self.find(id)
        {
            return Some(Candidate { client, is_found: true });
        }
        self.registry.candidate(id)
    }

    /// Who registered the client that was found, when it is a registered one.
    pub fn registrar(&self) -> Option<&ClientId> {
        let client = self.recognised.get()?.as_ref()?;
        client.registered.as_ref().map(|registered| &registered.registrar)
    }

    /// Why nobody has this id.
    pub fn why_unknown(&self, id: &str) -> &'static Reason {
        match id.starts_with(REGISTERED_ID_PREFIX) && self.recogniser.is_some() {
            true => &SEAL_BROKEN,
            false => &CLIENT_UNKNOWN,
        }
    }
}
