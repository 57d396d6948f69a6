//! The product: an immutable `Issuer` that answers three questions: a token request, the
//! metadata, the key set; and a fourth where the list wants it: a registration. A reload builds a
//! new one aside and swaps one pointer. Nothing here reads a file, takes a lock, parses a key or
//! makes a network call.

mod decision;
mod key_set;
mod metadata;
mod pipeline;
mod registration;
mod why;

use std::sync::Arc;

use bytes::Bytes;

pub use decision::{Decision, Delivery, Observer, Outcome, Prepared, Ready, Record, Step};
pub use key_set::Published;
pub use pipeline::TokenRequest;
pub use registration::{NewClient, RegistrationDecision, RegistrationRequest, RegistrationStep};
pub use why::{About, Check, Question, Setting, Why, WouldIssue, why};

use crate::client::Registry;
use crate::client_auth::registered::Clients;
use crate::client_auth::{self, Remembered};
use crate::clock::UnixTime;
use crate::keys::Keyring;
use crate::oauth::{IssuerUrl, Reason};
use crate::token::{self, MintSettings, Minter, Reuse};

/// How this issuer behaves; everything that is no client and no key.
#[derive(Clone, Debug)]
pub struct IssuerSettings {
    pub mint: MintSettings,
    /// Say in `error_description` why authentication failed. For `dev` only.
    pub reveal_reasons: bool,
    /// Publish `authorization_endpoint` and answer there with a page (common clients refuse
    /// metadata without it).
    pub authorization_endpoint: bool,
    /// Publish `scopes_supported`.
    pub publish_scopes: bool,
}

/// A document that is served as it is: bytes and validator, prepared at load.
#[derive(Clone, Debug)]
pub struct Document {
    pub bytes: Bytes,
    /// A strong validator (RFC 9110 §8.8.3), quotes included.
    pub etag: String,
}

impl Document {
    fn new(bytes: Vec<u8>) -> Self {
        use base64::Engine as _;
        let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
        let tag = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest);
        Self { bytes: bytes.into(), etag: format!("\"{tag}\"") }
    }
}

/// One snapshot of clients, keys and settings.
#[derive(Debug)]
pub struct Issuer {
    settings: IssuerSettings,
    registry: Arc<Registry>,
    keyring: Arc<Keyring>,
    minter: Minter,
    metadata: Document,
    key_sets: key_set::KeySets,
    revision: Arc<str>,
    token_endpoint: String,
    remembered: Remembered,
    reuse: Reuse,
}

impl Issuer {
    /// `revision` names the client list in logs, metrics and `/readyz`.
    pub fn new(settings: IssuerSettings, registry: Registry, keyring: Arc<Keyring>, revision: &str) -> Self {
        Self::of(settings, Arc::new(registry), keyring, revision.into())
    }

    /// The same clients and their revision, with other keys.
    #[must_use]
    pub fn with_keys(&self, keyring: Arc<Keyring>) -> Self {
        Self::of(self.settings.clone(), Arc::clone(&self.registry), keyring, Arc::clone(&self.revision))
    }

    fn of(
        settings: IssuerSettings,
        registry: Arc<Registry>,
        keyring: Arc<Keyring>,
        revision: Arc<str>,
    ) -> Self {
        let minter = Minter::new(settings.mint.clone());
        let metadata = Document::new(metadata::json(&settings, &registry, &keyring));
        let key_sets = key_set::KeySets::prepare(&keyring);
        let token_endpoint = metadata::token_endpoint(&settings.mint.issuer);
        let remembered = Remembered::default();
        let reuse = Reuse::default();
        Self {
            settings,
            registry,
            keyring,
            minter,
            metadata,
            key_sets,
            revision,
            token_endpoint,
            remembered,
            reuse,
        }
    }

    pub fn url(&self) -> &IssuerUrl {
        &self.settings.mint.issuer
    }

    pub fn settings(&self) -> &IssuerSettings {
        &self.settings
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Whom requests may come from: the clients of the list, and the registered ones.
    pub fn clients(&self, now: UnixTime) -> Clients<'_> {
        Clients::new(&self.registry, self.recogniser(now))
    }

    pub fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }

    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The metadata (RFC 8414), the same bytes for every caller.
    pub fn metadata(&self) -> &Document {
        &self.metadata
    }

    /// The key set (RFC 7517 §5) and how long it may be cached.
    pub fn key_set(&self, now: UnixTime) -> Published<'_> {
        self.key_sets.at(&self.keyring, now)
    }
}

/// Every reason for which a request may be refused here.
pub fn reasons() -> impl Iterator<Item = &'static Reason> {
    let of_lists = [crate::oauth::params::REASONS, pipeline::REASONS, registration::REASONS];
    let of_lists = of_lists.into_iter().flatten().copied();
    of_lists.chain(client_auth::reasons()).chain(token::reasons()).chain(crate::registration::reasons())
}
