//! Who is asking? The only place that can make an `AuthenticatedClient`.

use std::hint::select_unpredictable;
use std::sync::{Arc, LazyLock};

use super::Memory;
use super::admission::{METHOD_NOT_ALLOWED, enabled, in_force, method_allowed};
use super::kind::{CredentialKind, KINDS, RequestView};
use super::registered::Clients;
use super::replay::{Seen, Use};
use super::slow_check::SlowCheck;
use super::throttle::ThrottleName;
use crate::client::{Candidate, Client, Context, Credential, Fit, Misfit, Presented, Proof, Validity};
use crate::oauth::{ClientId, Reason, Refusal};

crate::oauth::reasons! {
    CREDENTIALS_MISSING = InvalidClient CREDENTIALS_MISSING;
    TWO_CREDENTIALS = InvalidRequest TWO_CREDENTIALS;
    TWO_HEADERS = InvalidRequest AUTHORIZATION_MALFORMED;
    CLIENT_ID_MISMATCH = InvalidRequest CLIENT_ID_MISMATCH;
    ASSERTION_REPLAYED = InvalidClient ASSERTION_REPLAYED;
    REPLAY_MEMORY_FULL = TemporarilyUnavailable REPLAY_MEMORY_FULL;
    KEYS_UNAVAILABLE = TemporarilyUnavailable CLIENT_KEYS_UNAVAILABLE;
}

/// A first fetch takes as long at most.
const KEYS_RETRY_AFTER_SECONDS: u32 = 10;

/// Why a request is not authenticated.
#[derive(Debug)]
pub enum Stop {
    Refused(Refusal),
    /// Ask again with the outcome of this.
    Slow(Box<SlowCheck>),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<&'static Reason> for Stop {
    fn from(reason: &'static Reason) -> Self {
        Self::Refused(reason.into())
    }
}

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
    /// Tolerances that the request needed: `basic_raw`.
    pub relaxations: Vec<&'static str>,
    /// Of the claimed id, whether it is one or not.
    pub throttle_name: ThrottleName,
    /// A proof for one use, which is now used at this replica.
    pub used: Option<Use>,
}

/// Names of all form parameters that authentication reads.
pub fn parameters() -> impl Iterator<Item = &'static str> {
    KINDS.iter().flat_map(|kind| kind.parameters()).copied().chain(["client_id"])
}

/// Authenticates the client of a request (RFC 6749 §3.2.1).
///
/// # Errors
/// `invalid_client` when nobody proved anything, `invalid_request` when the request presents two
/// proofs or a malformed one, `temporarily_unavailable` when a proof for one use cannot be noted;
/// or a slow check that has to be made first.
pub fn authenticate<'s>(
    clients: &'s Clients<'_>,
    request: &RequestView<'_>,
    context: &Context<'_>,
    memory: &Memory,
    attempt: &mut Attempt,
) -> Result<AuthenticatedClient<'s>, Stop> {
    let presented = only_one_presented(request)?;
    attempt.method = Some(presented.method);
    attempt.client_id = ClientId::parse_presented(&presented.client_id);
    attempt.throttle_name = memory.throttle.name(&presented.client_id);
    if request.params.get("client_id").is_some_and(|body| body != presented.client_id) {
        return Err((&CLIENT_ID_MISMATCH).into());
    }
    judge(clients, presented, context, memory, attempt).map(|client| AuthenticatedClient { client })
}

/// Does what is presented prove that it comes from the client that it names?
///
/// # Errors
/// As [`authenticate`].
pub(super) fn judge<'s>(
    clients: &'s Clients<'_>,
    presented: Presented,
    context: &Context<'_>,
    memory: &Memory,
    attempt: &mut Attempt,
) -> Result<&'s Arc<Client>, Stop> {
    if let Proof::Unreadable(reason) = presented.proof {
        return Err(reason.into());
    }
    // An unknown client is checked like the one that stands in for it.
    let unknown = clients.why_unknown(&presented.client_id);
    let Some(Candidate { client, is_found }) = clients.candidate(&presented.client_id) else {
        return Err(unknown.into());
    };
    let verdict = check_credentials(&client.credentials, &presented, context, attempt);
    if attempt.credential.is_some() && !is_found {
        // What fits is the proof of somebody else.
        (attempt.credential, attempt.relaxations) = (None, Vec::new());
    }
    let verdict = method_allowed(client, presented.method).map_err(Misfit::Wrong).and(verdict);
    let fit = match verdict {
        Err(Misfit::Wrong(reason)) => {
            return Err(select_unpredictable(is_found, reason, unknown).into());
        }
        Err(Misfit::Unsettled) => return Err(Stop::Slow(Box::new(SlowCheck::new(&client.id, presented)))),
        Ok(_) | Err(Misfit::Unavailable) if !is_found => return Err(unknown.into()),
        Err(Misfit::Unavailable) => {
            enabled(client)?;
            return Err(Refusal::after(&KEYS_UNAVAILABLE, KEYS_RETRY_AFTER_SECONDS).into());
        }
        Ok(fit) => fit,
    };
    enabled(client)?;
    attempt.used = use_once(client, &fit, memory, context)?;
    Ok(client)
}

fn only_one_presented(request: &RequestView<'_>) -> Result<Presented, Refusal> {
    if request.authorization.len() > 1 {
        return TWO_HEADERS.refuse();
    }
    let mut found = Vec::with_capacity(2);
    let mut malformed = None;
    let mut count = 0_usize;
    for kind in KINDS {
        if let Err(reason) = kind.presented(request, &mut found) {
            malformed = Some(reason);
            count = count.saturating_add(1);
        }
    }
    if count.saturating_add(found.len()) > 1 {
        return TWO_CREDENTIALS.refuse();
    }
    found.pop().ok_or_else(|| malformed.unwrap_or(&CREDENTIALS_MISSING).into())
}

/// Of nobody, one of each kind: what a client that has none of the kind is checked against, so that
/// it costs the same work on the same way.
static NOBODYS: LazyLock<Vec<Credential>> = LazyLock::new(|| {
    let nobodys = |kind: &&dyn CredentialKind| Credential {
        kind: kind.name(),
        validity: Validity::default(),
        note: None,
        verifier: kind.decoy(),
        line: 0,
    };
    KINDS.iter().map(nobodys).collect()
});

/// Checks against every credential of the presented kind.
fn check_credentials(
    credentials: &[Credential],
    presented: &Presented,
    context: &Context<'_>,
    attempt: &mut Attempt,
) -> Result<Fit, Misfit> {
    let is_of_kind = |credential: &Credential| credential.kind == presented.kind;
    let has_one = credentials.iter().any(is_of_kind);
    let credentials = if has_one { credentials } else { &NOBODYS };
    let mut verdict = Misfit::Wrong(&METHOD_NOT_ALLOWED);
    for (index, credential) in credentials.iter().enumerate().filter(|(_, one)| is_of_kind(one)) {
        let dates = in_force(credential.validity, context.now);
        match (credential.verifier.verify(&presented.proof, context), dates) {
            (Ok(fit), dates) => {
                attempt.credential = Some(index);
                attempt.relaxations.clone_from(&fit.relaxations);
                match dates {
                    Ok(()) if has_one => return Ok(fit),
                    // Whoever has the key of nobody is nobody.
                    Ok(()) => {}
                    Err(_) if is_open(verdict) => {}
                    // A credential that fits but is out of date says more than one that does not.
                    Err(reason) => verdict = Misfit::Wrong(reason),
                }
            }
            // What is not settled yet may be the one that fits, and so may keys that are not at hand.
            (Err(Misfit::Unsettled), _) => verdict = Misfit::Unsettled,
            (Err(Misfit::Unavailable), Ok(())) => verdict = Misfit::Unavailable,
            (Err(_), _) if attempt.credential.is_some() || is_open(verdict) => {}
            (Err(Misfit::Unavailable), Err(reason)) => verdict = Misfit::Wrong(reason),
            (Err(misfit), _) => verdict = misfit,
        }
    }
    Err(if has_one { verdict } else { Misfit::Wrong(&METHOD_NOT_ALLOWED) })
}

/// Nobody can say yet that nothing fits.
fn is_open(verdict: Misfit) -> bool {
    !matches!(verdict, Misfit::Wrong(_))
}

/// A proof for one use is used now, as the last step: a refused one stays unused.
fn use_once(
    client: &Client,
    fit: &Fit,
    memory: &Memory,
    context: &Context<'_>,
) -> Result<Option<Use>, Refusal> {
    let Some(once) = &fit.once else { return Ok(None) };
    let used = Use::new(context.issuer, client.id.as_str(), once);
    match memory.replay.note(&used, context.now) {
        Seen::First => Ok(Some(used)),
        Seen::Before => ASSERTION_REPLAYED.refuse(),
        Seen::Full { retry_after_seconds } => Err(Refusal::after(&REPLAY_MEMORY_FULL, retry_after_seconds)),
    }
}
