//! What can be said of a client before it proves anything: `authenticate` asks these questions of
//! a request, `why` asks them of a name. An answer here is no proof.

use std::sync::Arc;

use super::kind::{KINDS, kind};
use super::registered::Clients;
use crate::client::{Client, Credential, Phase, Standing, Validity};
use crate::clock::UnixTime;
use crate::oauth::{Reason, Refusal};

crate::oauth::reasons! {
    CLIENT_UNKNOWN = InvalidClient CLIENT_UNKNOWN;
    CLIENT_DISABLED = InvalidClient CLIENT_DISABLED;
    DENIED = InvalidClient REGISTRATION_DENIED;
    WITHOUT_POLICY = InvalidClient REGISTRATION_WITHOUT_POLICY;
    NOTHING_LEFT = InvalidClient REGISTRATION_NOTHING_LEFT;
    METHOD_NOT_ALLOWED = InvalidClient METHOD_NOT_ALLOWED;
    EXPIRED = InvalidClient CREDENTIAL_EXPIRED;
    NOT_YET_VALID = InvalidClient CREDENTIAL_NOT_YET_VALID;
}

/// # Errors
/// `invalid_client` when no client has this id.
pub fn known<'s>(clients: &'s Clients<'_>, id: &str) -> Result<&'s Arc<Client>, Refusal> {
    clients.find(id).ok_or_else(|| clients.why_unknown(id).into())
}

/// # Errors
/// `invalid_client` when the client is pinned to another method (RFC 7591 §2).
pub fn method_allowed(client: &Client, method: &str) -> Result<(), &'static Reason> {
    let pinned = client.token_endpoint_auth_method;
    if pinned.is_none_or(|pinned| pinned == method) { Ok(()) } else { Err(&METHOD_NOT_ALLOWED) }
}

/// # Errors
/// `invalid_client` before the first and from the last of the dates on.
pub fn in_force(validity: Validity, now: UnixTime) -> Result<(), &'static Reason> {
    match validity.phase(now) {
        Phase::Live => Ok(()),
        Phase::Expired => Err(&EXPIRED),
        Phase::NotYetValid => Err(&NOT_YET_VALID),
    }
}

/// # Errors
/// `invalid_client` when the client is disabled, or the list no longer bears its registration.
pub fn enabled(client: &Client) -> Result<(), &'static Reason> {
    match client.registered.as_ref().map(|registered| registered.standing) {
        Some(Standing::Denied) => Err(&DENIED),
        Some(Standing::WithoutPolicy) => Err(&WITHOUT_POLICY),
        Some(Standing::NothingLeft) => Err(&NOTHING_LEFT),
        Some(Standing::InForce) | None if client.disabled => Err(&CLIENT_DISABLED),
        Some(Standing::InForce) | None => Ok(()),
    }
}

/// The methods of the client's credentials, whether or not it may use them now.
pub fn methods_of(client: &Client) -> impl Iterator<Item = &'static str> {
    let has = |kind: &str| client.credentials.iter().any(|credential| credential.kind == kind);
    let kinds = KINDS.iter().filter(move |kind| has(kind.name()));
    kinds.flat_map(|kind| kind.methods()).copied()
}

/// Could the client prove who it is with a credential of its own by one of `methods`?
///
/// # Errors
/// `invalid_client`: no such method, or no such credential that is in force.
pub fn provable(client: &Client, methods: &[&str], now: UnixTime) -> Result<(), &'static Reason> {
    let usable = |credential: &&Credential| {
        let mut its_methods = kind(credential.kind).into_iter().flat_map(|kind| kind.methods());
        its_methods.any(|method| methods.contains(method) && method_allowed(client, method).is_ok())
    };
    let mut dates = client.credentials.iter().filter(usable).map(|one| in_force(one.validity, now));
    // A credential that is out of date says more than one that is not there.
    let first = dates.next().unwrap_or(Err(&METHOD_NOT_ALLOWED));
    first.or_else(|reason| dates.find(Result::is_ok).unwrap_or(Err(reason)))
}
