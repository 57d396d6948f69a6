//! Who is asking? The only place that can make an `AuthenticatedClient`.

use std::sync::Arc;

use super::kind::{KINDS, RequestView};
use crate::client::{Client, Credential, Presented, Registry};
use crate::clock::UnixTime;
use crate::oauth::{ClientId, Reason, Refusal};

crate::oauth::reasons! {
    CREDENTIALS_MISSING = InvalidClient CREDENTIALS_MISSING;
    TWO_CREDENTIALS = InvalidRequest TWO_CREDENTIALS;
    TWO_HEADERS = InvalidRequest AUTHORIZATION_MALFORMED;
    CLIENT_ID_MISMATCH = InvalidRequest CLIENT_ID_MISMATCH;
    CLIENT_UNKNOWN = InvalidClient CLIENT_UNKNOWN;
    CLIENT_DISABLED = InvalidClient CLIENT_DISABLED;
    METHOD_NOT_ALLOWED = InvalidClient METHOD_NOT_ALLOWED;
    METHOD_UNSUPPORTED = InvalidClient METHOD_UNSUPPORTED;
    EXPIRED = InvalidClient CREDENTIAL_EXPIRED;
    NOT_YET_VALID = InvalidClient CREDENTIAL_NOT_YET_VALID;
}

/// Forms of authentication that no kind of this build reads. They count as presented, so that a
/// request with two proofs is refused even when one of them is of a kind to come (RFC 6749 §2.3).
const FOREIGN_PARAMETERS: &[&str] = &["client_assertion", "client_assertion_type"];

/// Proof that the request is the client's: only [`authenticate`] makes one.
///
/// ```compile_fail
/// # fn forge(client: &std::sync::Arc<signet::client::Client>) {
/// let forged = signet::client_auth::AuthenticatedClient { client };
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AuthenticatedClient<'s> {
    client: &'s Arc<Client>,
}

impl<'s> AuthenticatedClient<'s> {
    pub fn client(&self) -> &'s Arc<Client> {
        self.client
    }
}

/// What an attempt showed, for the audit event; filled as far as the attempt came.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    pub method: Option<&'static str>,
    /// The claimed id, when it is an id at all. Known or not.
    pub client_id: Option<ClientId>,
    /// Index (from 0) of the credential that fitted.
    pub credential: Option<usize>,
    /// A tolerance that the request needed: `basic_raw`.
    pub relaxation: Option<&'static str>,
}

/// Names of all form parameters that authentication reads.
pub fn parameters() -> impl Iterator<Item = &'static str> {
    let kinds = KINDS.iter().flat_map(|kind| kind.parameters());
    kinds.chain(FOREIGN_PARAMETERS).copied().chain(["client_id"])
}

/// Authenticates the client of a request (RFC 6749 §3.2.1).
///
/// # Errors
/// `invalid_client` when nobody proved anything, `invalid_request` when the request presents two
/// proofs or a malformed one.
pub fn authenticate<'s>(
    registry: &'s Registry,
    request: &RequestView<'_>,
    now: UnixTime,
    attempt: &mut Attempt,
) -> Result<AuthenticatedClient<'s>, Refusal> {
    let presented = only_one_presented(request)?;
    attempt.method = Some(presented.method);
    attempt.client_id = ClientId::parse(&presented.client_id);
    if request.params.get("client_id").is_some_and(|body| body != presented.client_id) {
        return CLIENT_ID_MISMATCH.refuse();
    }
    let client = registry.find(&presented.client_id);
    let verdict = check_credentials(client.map(|client| &**client), &presented, now, attempt);
    let client = client.ok_or(&CLIENT_UNKNOWN)?;
    if client.token_endpoint_auth_method.is_some_and(|pinned| pinned != presented.method) {
        return METHOD_NOT_ALLOWED.refuse();
    }
    verdict?;
    if client.disabled {
        return CLIENT_DISABLED.refuse();
    }
    Ok(AuthenticatedClient { client })
}

fn only_one_presented(request: &RequestView<'_>) -> Result<Presented, Refusal> {
    if request.authorization.len() > 1 {
        return TWO_HEADERS.refuse();
    }
    let foreign = FOREIGN_PARAMETERS.iter().any(|name| request.params.get(name).is_some());
    let mut found = Vec::with_capacity(2);
    let mut malformed = None;
    for kind in KINDS {
        malformed = kind.presented(request, &mut found).err().or(malformed);
    }
    let count = found.len() + usize::from(foreign) + usize::from(malformed.is_some());
    if count > 1 {
        return TWO_CREDENTIALS.refuse();
    }
    let missing = if foreign { &METHOD_UNSUPPORTED } else { malformed.unwrap_or(&CREDENTIALS_MISSING) };
    found.pop().ok_or_else(|| missing.into())
}

/// Compares with every credential of the presented kind; an unknown client, and one without such
/// a credential, costs a comparison with nothing.
fn check_credentials(
    client: Option<&Client>,
    presented: &Presented,
    now: UnixTime,
    attempt: &mut Attempt,
) -> Result<(), &'static Reason> {
    let mut verdict = Err(&METHOD_NOT_ALLOWED);
    for (index, credential) in
        client.map(|client| client.credentials.iter()).into_iter().flatten().enumerate()
    {
        if credential.kind != presented.kind {
            continue;
        }
        let outcome = check_one(credential, presented, now);
        if let Ok(relaxation) | Err((_, Some(relaxation))) = outcome {
            attempt.credential = Some(index);
            attempt.relaxation = relaxation;
        }
        match outcome {
            Ok(_) => return Ok(()),
            // A credential that fits but is out of date says more than one that does not fit.
            Err((reason, Some(_))) => verdict = Err(reason),
            Err((reason, None)) if attempt.credential.is_none() => verdict = Err(reason),
            Err(_) => {}
        }
    }
    verdict
}

type Relaxation = Option<&'static str>;

/// `Ok` or, in the error, `Some` tells that the proof fitted; with the tolerance it needed.
fn check_one(
    credential: &Credential,
    presented: &Presented,
    now: UnixTime,
) -> Result<Relaxation, (&'static Reason, Option<Relaxation>)> {
    let proof = &presented.proof;
    let relaxation = match (credential.verifier.verify(&proof.reading, now), &proof.alternative) {
        (Ok(()), _) => None,
        (Err(reason), Some(raw)) => match credential.verifier.verify(raw, now) {
            Ok(()) => Some("basic_raw"),
            Err(_) => return Err((reason, None)),
        },
        (Err(reason), None) => return Err((reason, None)),
    };
    if credential.validity.expires.is_some_and(|expires| now >= expires) {
        return Err((&EXPIRED, Some(relaxation)));
    }
    if credential.validity.not_before.is_some_and(|start| now < start) {
        return Err((&NOT_YET_VALID, Some(relaxation)));
    }
    Ok(relaxation)
}
