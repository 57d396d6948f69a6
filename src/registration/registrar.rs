//! Who registers: a client of the list, by its own credential or by a token of this issuer for this
//! issuer (RFC 7591 §3, the initial access token). What it may register is the policy's business.

use crate::client::{Client, Context, Policy, Registry};
use crate::client_auth::registered::{Clients, REGISTRATION_SCOPE};
use crate::client_auth::{Attempt, Memory, RequestView, Stop, authenticate, enabled};
use crate::clock::UnixTime;
use crate::jose::key_set::{KeySet, VerificationKey};
use crate::jose::verify::{Expected, verify_by};
use crate::keys::Keyring;
use crate::oauth::{Params, Reason, Refusal};

crate::oauth::reasons! {
    AUTHORIZATION_MALFORMED = InvalidRequest AUTHORIZATION_MALFORMED;
    TOKEN_REFUSED = InvalidToken REGISTRATION_TOKEN_REFUSED;
    TOKEN_SCOPE = InsufficientScope REGISTRATION_TOKEN_SCOPE;
    NO_POLICY = AccessDenied REGISTRATION_NO_POLICY;
}

/// What stands in the place of a method when a token was the proof.
pub const ACCESS_TOKEN: &str = "access_token";
/// Replicas' clocks.
const LEEWAY_SECONDS: i64 = 5;

/// A client of the list that proved itself and may register clients.
#[derive(Clone, Copy, Debug)]
pub struct Registrar<'s> {
    pub client: &'s Client,
    pub policy: &'s Policy,
}

/// The token of a `Bearer` header (RFC 6750 §2.1), when it is one.
///
/// # Errors
/// `invalid_request` when it is one but not as the RFC writes it.
pub fn token_of(header: &[u8]) -> Result<Option<&str>, &'static Reason> {
    const SCHEME: &[u8] = b"Bearer";
    let (scheme, rest) = header.split_at_checked(SCHEME.len()).unwrap_or((header, &[]));
    let is_bearer =
        scheme.eq_ignore_ascii_case(SCHEME) && rest.first().is_none_or(|byte| !byte.is_ascii_alphanumeric());
    if !is_bearer {
        return Ok(None);
    }
    // One space and nothing else (GHSA-gv94-wp4h-vv8p, CVE-2026-9803).
    let token = rest.strip_prefix(b" ").ok_or(&AUTHORIZATION_MALFORMED)?;
    let is_b64token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    if token.is_empty() || !token.iter().all(is_b64token) {
        return Err(&AUTHORIZATION_MALFORMED);
    }
    std::str::from_utf8(token).map(Some).map_err(|_| &AUTHORIZATION_MALFORMED)
}

/// The registrar behind a credential of its own.
///
/// # Errors
/// As [`authenticate`]; `access_denied` for a client that no policy names.
pub fn prove<'s>(
    clients: &'s Clients<'_>,
    registry: &'s Registry,
    authorization: &[&[u8]],
    context: &Context<'_>,
    memory: &Memory,
    attempt: &mut Attempt,
) -> Result<Registrar<'s>, Stop> {
    let params = Params::of([])?;
    let view = RequestView { authorization, params: &params };
    let client = authenticate(clients, &view, context, memory, attempt)?.client();
    Ok(of_policy(client, registry)?)
}

/// The registrar behind a token: one that this issuer signed, for itself alone, with the scope for
/// it, of a client that is still in the list.
///
/// # Errors
/// `invalid_token`, `insufficient_scope`, `access_denied`.
pub fn prove_by_token<'s>(
    token: &str,
    registry: &'s Registry,
    keyring: &Keyring,
    issuer: &str,
    now: UnixTime,
) -> Result<Registrar<'s>, Refusal> {
    let published = keyring.published(now).into_iter().map(|key| VerificationKey {
        kid: Some(key.jwk.kid().to_owned()),
        algorithm: key.jwk.algorithm(),
        public_key: key.jwk.public_key().clone(),
    });
    let set = KeySet { keys: published.collect(), ignored: Vec::new() };
    let expected = Expected { issuer, audience: Some(issuer), now, leeway_seconds: LEEWAY_SECONDS };
    let report = verify_by(token, set, &expected);
    let accepted = report.accepted();
    let claims = report.decoded.filter(|_| accepted).ok_or(&TOKEN_REFUSED)?.claims;
    let text = |name: &str| claims.get(name).and_then(|value| value.as_str());
    // A token for several audiences could be sent on by each of them, and one that is bound to a key
    // is no bearer's.
    if text("aud") != Some(issuer) || claims.contains_key("cnf") {
        return TOKEN_REFUSED.refuse();
    }
    let client = text("client_id").and_then(|id| registry.find(id)).ok_or(&TOKEN_REFUSED)?;
    enabled(client).map_err(|_| &TOKEN_REFUSED)?;
    let mut scopes = text("scope").unwrap_or_default().split(' ');
    if !scopes.any(|scope| scope == REGISTRATION_SCOPE) {
        return TOKEN_SCOPE.refuse();
    }
    of_policy(client, registry)
}

fn of_policy<'s>(client: &'s Client, registry: &'s Registry) -> Result<Registrar<'s>, Refusal> {
    let policy = registry.registration().and_then(|registration| registration.policy_of(client.id.as_str()));
    Ok(Registrar { client, policy: policy.ok_or(&NO_POLICY)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn j2_a_bearer_header_has_one_spelling() {
        let token = |header: &'static str| token_of(header.as_bytes());
        assert_eq!(token("Bearer a.b-c~d+e/f="), Ok(Some("a.b-c~d+e/f=")));
        assert_eq!(token("bEARER x"), Ok(Some("x")));
        for other in ["", "Basic eDp5", "Bearerx y", "Bear x", "B"] {
            assert_eq!(token(other), Ok(None), "{other}");
        }
        for bad in
            ["Bearer", "Bearer ", "Bearer  x", "Bearer\tx", "Bearer x y", "Bearer x,y", "Bearer \u{e9}"]
        {
            assert_eq!(token(bad), Err(&AUTHORIZATION_MALFORMED), "{bad}");
        }
        assert_eq!(token_of(b"Bearer \xff"), Err(&AUTHORIZATION_MALFORMED));
    }
}
