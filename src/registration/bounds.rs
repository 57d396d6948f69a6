//! What of a request the policy grants. Times are cut to the policy's, and the answer says so
//! (RFC 7591 §3.2.1); everything else that goes beyond it is refused, for a client that got less
//! than it asked for would find out at its first request.

use super::metadata::ClientMetadata;
use crate::client::{Granted, Policy};
use crate::client_auth::registered::{Document, KINDS, METHODS, Reach};
use crate::clock::UnixTime;
use crate::oauth::{ClientId, Refusal, ScopeToken};

crate::oauth::reasons! {
    SCOPE_BEYOND = InvalidClientMetadata METADATA_SCOPE_BEYOND;
    AUDIENCE_BEYOND = InvalidClientMetadata METADATA_AUDIENCE_BEYOND;
    CREDENTIAL_BEYOND = InvalidClientMetadata METADATA_CREDENTIAL_BEYOND;
}

/// On what a registration stands.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'p> {
    pub registrar: &'p ClientId,
    pub policy: &'p Policy,
    pub now: UnixTime,
}

/// # Errors
/// `invalid_client_metadata` for whatever the policy does not grant.
pub fn granted<'d>(metadata: &'d ClientMetadata, grounds: &Grounds<'d>) -> Result<Document<'d>, Refusal> {
    let policy = grounds.policy;
    // The policy's stands there even when nothing was asked: a longer one later is not for this client.
    let lifetimes = [metadata.access_token_lifetime_seconds, policy.access_token_lifetime_seconds];
    Ok(Document {
        method: method(metadata, policy)?,
        issued_at: grounds.now,
        validity_seconds: metadata.validity_seconds.unwrap_or(u32::MAX).min(policy.validity_seconds),
        access_token_lifetime_seconds: lifetimes.into_iter().flatten().min(),
        registrar: grounds.registrar.as_str(),
        name: metadata.name.as_deref(),
        reach: reach(metadata, policy)?,
        keys: metadata.keys.clone(),
    })
}

/// Without a word about it the first that the policy allows and that needs no key of the client
/// (RFC 7591 §2: `client_secret_basic`).
fn method(metadata: &ClientMetadata, policy: &Policy) -> Result<&'static str, Refusal> {
    let [basic, ..] = METHODS;
    let method = metadata.method.unwrap_or(basic);
    // Both methods of a secret are one kind of credential.
    let kind = KINDS.iter().find(|kind| method.starts_with(**kind)).copied().unwrap_or(method);
    match policy.credentials.contains(&kind) {
        true => Ok(method),
        false => Err(Refusal::naming(&CREDENTIAL_BEYOND, method)),
    }
}

fn reach<'d>(metadata: &'d ClientMetadata, policy: &'d Policy) -> Result<Vec<Reach<'d>>, Refusal> {
    let named = metadata.audiences.as_ref().filter(|audiences| !audiences.is_empty());
    let mut candidates: Vec<&Granted> = Vec::new();
    for audience in named.into_iter().flatten() {
        let granted = policy.granted.iter().find(|granted| granted.resource.audience.as_str() == audience);
        let granted = granted.ok_or_else(|| Refusal::naming(&AUDIENCE_BEYOND, audience))?;
        if !candidates.iter().any(|known| std::ptr::eq(*known, granted)) {
            candidates.push(granted);
        }
    }
    if named.is_none() {
        candidates = policy.granted.iter().collect();
    }
    let Some(asked) = &metadata.scopes else {
        return Ok(candidates.into_iter().map(|granted| at(granted, |_| true)).collect());
    };
    let has = |granted: &&&Granted, name: &str| granted.scopes.iter().any(|scope| scope.as_str() == name);
    if let Some(beyond) = asked.iter().find(|name| !candidates.iter().any(|granted| has(&granted, name))) {
        return Err(Refusal::naming(&SCOPE_BEYOND, beyond));
    }
    let reach = candidates.into_iter().map(|granted| at(granted, |name| asked.iter().any(|one| one == name)));
    // An audience that was not named and has none of the scopes was not meant.
    Ok(reach.filter(|reach| named.is_some() || !reach.scopes.is_empty()).collect())
}

fn at(granted: &Granted, is_wanted: impl Fn(&str) -> bool) -> Reach<'_> {
    let scopes = granted.scopes.iter().map(ScopeToken::as_str).filter(|scope| is_wanted(scope));
    Reach { audience: granted.resource.audience.as_str(), scopes: scopes.collect() }
}
