//! From the id of a registered client to the client. Whatever else is wrong with a registration
//! whose seal is ours (expired, denied, without policy), the client is made and its proof is
//! checked first: what is refused costs the same work as what is not.

use std::sync::{Arc, LazyLock};

use super::document::{Document, Reach};
use super::sealed_id::{Opened, open};
use crate::client::{
    Client, Credential, Granted, Policy, Registered, Registration, Standing, Validity, Verifier,
};
use crate::client_auth::derived_secret::DerivedSecret;
use crate::client_auth::{client_keys, private_key_jwt, secret};
use crate::clock::UnixTime;
use crate::keys::seal::SealKeys;
use crate::oauth::{ClientId, ScopeToken};

/// What recognising takes, beside the id.
#[derive(Clone, Copy, Debug)]
pub struct Recogniser<'s> {
    pub registration: &'s Registration,
    pub seals: &'s SealKeys,
    /// The seal is bound to it.
    pub issuer: &'s str,
    pub now: UnixTime,
}

/// The clock of the replica that registered it may be ahead by so much.
const AHEAD_SECONDS_MAX: i64 = 300;

/// The only grant that can be registered.
pub const GRANT_TYPE: &str = "client_credentials";
static GRANT_TYPES: LazyLock<Arc<[&'static str]>> = LazyLock::new(|| Arc::new([GRANT_TYPE]));
static NOTHING: LazyLock<Arc<[Granted]>> = LazyLock::new(Arc::default);
static NO_CONTACTS: LazyLock<Arc<[Box<str>]>> = LazyLock::new(Arc::default);
static NOWHERE: LazyLock<Arc<str>> = LazyLock::new(Arc::default);

impl Recogniser<'_> {
    /// `None` when the seal is none of ours.
    pub fn recognise(&self, id: &str) -> Option<Client> {
        let opened = open(id, self.seals, self.issuer, self.now)?;
        let document =
            opened.document().filter(|document| opened.status.may_have_sealed(document.issued_at))?;
        let registrar = ClientId::parse(document.registrar)?;
        let policy = self.registration.policy_of(document.registrar);
        let granted =
            policy.map_or_else(|| Arc::clone(&NOTHING), |policy| still_granted(policy, &document.reach));
        let most = policy.map_or(u32::MAX, |policy| policy.validity_seconds);
        let expires = document.issued_at.plus(most.min(document.validity_seconds).into());
        let credential = credential(policy, &document, &opened, expires);
        let standing = if self.is_denied(&opened, &document) {
            Standing::Denied
        } else if policy.is_none() {
            Standing::WithoutPolicy
        } else if granted.is_empty() {
            Standing::NothingLeft
        } else {
            Standing::InForce
        };
        let lifetimes = [
            document.access_token_lifetime_seconds,
            policy.and_then(|policy| policy.access_token_lifetime_seconds),
        ];
        Some(Client {
            name: document.name.map(Into::into),
            contacts: Arc::clone(&NO_CONTACTS),
            grant_types: Arc::clone(&GRANT_TYPES),
            credentials: credential.into_iter().collect(),
            token_endpoint_auth_method: Some(document.method),
            granted,
            names_default_scope: false,
            multiple_audiences: false,
            access_token_lifetime_seconds: lifetimes.into_iter().flatten().min(),
            reuse_seconds: None,
            claims_json: Box::default(),
            disabled: standing != Standing::InForce,
            registered: Some(Box::new(Registered {
                registrar,
                issued_at: document.issued_at,
                expires,
                standing,
            })),
            file: policy.map_or_else(|| Arc::clone(&NOWHERE), |policy| Arc::clone(&policy.file)),
            line: policy.map_or(0, |policy| policy.line),
            id: opened.id,
        })
    }

    fn is_denied(&self, opened: &Opened<'_>, document: &Document<'_>) -> bool {
        let digest = || sha256_of(opened.id.as_str());
        self.registration.denied(digest, document.registrar, document.issued_at).is_some()
    }
}

/// As it stands in `denied`.
pub fn sha256_of(id: &str) -> [u8; 32] {
    secret::sha256(id.as_bytes())
}

/// The lesser of what was registered and what the policy grants now. An audience of which every
/// registered scope is gone goes with them.
fn still_granted(policy: &Policy, registered: &[Reach<'_>]) -> Arc<[Granted]> {
    if is_all(policy, registered) {
        return Arc::clone(&policy.granted);
    }
    let one = |reach: &Reach<'_>| {
        let granted = policy.granted.iter().find(|one| one.resource.audience.as_str() == reach.audience)?;
        let is_registered = |scope: &&ScopeToken| reach.scopes.contains(&scope.as_str());
        let scopes: Box<[ScopeToken]> = granted.scopes.iter().filter(is_registered).cloned().collect();
        let resource = Arc::clone(&granted.resource);
        let is_left = reach.scopes.is_empty() || !scopes.is_empty();
        is_left.then(|| Granted { resource, default_scopes: scopes.clone(), scopes })
    };
    registered.iter().filter_map(one).collect()
}

/// Most are registered with all of their policy, in its order: nothing has to be copied for them.
fn is_all(policy: &Policy, registered: &[Reach<'_>]) -> bool {
    let same = |(granted, reach): (&Granted, &Reach<'_>)| {
        granted.resource.audience.as_str() == reach.audience
            && granted.scopes.iter().map(ScopeToken::as_str).eq(reach.scopes.iter().copied())
    };
    policy.granted.len() == registered.len() && policy.granted.iter().zip(registered).all(same)
}

/// Its one credential; none when the policy does not allow the kind any more.
fn credential(
    policy: Option<&Arc<Policy>>,
    document: &Document<'_>,
    opened: &Opened<'_>,
    expires: UnixTime,
) -> Option<Credential> {
    let (kind, verifier): (_, Box<dyn Verifier>) = match document.method {
        private_key_jwt::NAME => {
            (private_key_jwt::NAME, Box::new(client_keys::of_keys(document.keys.clone())))
        }
        _ => (secret::NAME, Box::new(DerivedSecret(opened.secret()))),
    };
    let not_before = Some(document.issued_at.minus(AHEAD_SECONDS_MAX));
    let validity = Validity { not_before, expires: Some(expires) };
    let is_allowed = policy.is_none_or(|policy| policy.credentials.contains(&kind));
    let line = policy.map_or(0, |policy| policy.line);
    is_allowed.then(|| Credential { kind, validity, note: None, verifier, line })
}
