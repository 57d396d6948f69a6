//! The token request, phase by phase (RFC 6749 §3.2). Phases 1 to 6 are a pure function of
//! request, snapshot and time; the first refusal ends them.

use std::sync::LazyLock;

use super::Issuer;
use super::decision::{Decision, Outcome, Prepared, Ready, Record, Step};
use crate::client::{Client, Context};
use crate::client_auth::{
    self, Attempt, Memory, Outcomes, RequestView, SettledBefore, SlowCheck, Stop, Use, authenticate,
};
use crate::clock::UnixTime;
use crate::grant::{self, GRANTS, Grant};
use crate::oauth::{Params, Refusal};
use crate::token::{self, Authorization, Reach, reach};

crate::oauth::reasons! {
    GRANT_TYPE_MISSING = InvalidRequest GRANT_TYPE_MISSING;
    GRANT_TYPE_UNSUPPORTED = UnsupportedGrantType GRANT_TYPE_UNSUPPORTED;
    GRANT_NOT_ALLOWED = UnauthorizedClient GRANT_NOT_ALLOWED;
}

/// A request to the token endpoint: a form, and what stood in the head.
pub struct TokenRequest<'r> {
    pub form: &'r [u8],
    /// Values of all `Authorization` header fields.
    pub authorization: &'r [&'r [u8]],
    /// What a slow check has shown that this request waited for.
    pub outcomes: &'r Outcomes,
}

/// Every form parameter that some part of the pipeline reads; only these may not be repeated.
static PARAMETERS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let of_grants = GRANTS.iter().flat_map(|grant| grant.parameters()).copied();
    let shared = ["grant_type"].into_iter().chain(token::REACH_PARAMETERS.iter().copied());
    shared.chain(client_auth::parameters()).chain(of_grants).collect()
});

impl Issuer {
    /// Phases 1 to 6 and the token up to its signature. A refusal is an answer too. `memory`
    /// outlives the snapshot.
    pub fn token(&self, request: &TokenRequest<'_>, memory: &Memory, now: UnixTime) -> Step {
        let mut record = Record::of_revision(&self.revision);
        let challenge = !request.authorization.is_empty();
        let mut used = None;
        let token = match self.run(request, memory, now, &mut record, &mut used) {
            Ok(token) => Ok(token),
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(Stop::Slow(check)) => return Step::Slow { check, record, challenge },
        };
        Step::Prepared(Prepared { token, used, record, challenge })
    }

    /// Makes a slow check, on whatever thread may wait for it.
    pub fn settle(&self, check: &SlowCheck, now: UnixTime) -> Outcomes {
        let outcomes = check.run(&self.registry);
        self.remembered.note(&outcomes, now);
        outcomes
    }

    /// A refusal from before the pipeline: what HTTP alone can tell (method, media type, size).
    pub fn refuse(&self, refusal: Refusal) -> Decision {
        let record = Record::of_revision(&self.revision);
        Decision { outcome: Outcome::Refused(refusal), record, challenge: false }
    }

    fn run(
        &self,
        request: &TokenRequest<'_>,
        memory: &Memory,
        now: UnixTime,
        record: &mut Record,
        used: &mut Option<Use>,
    ) -> Result<Ready, Stop> {
        // 1 params
        let params = Params::parse(request.form, &PARAMETERS)?;
        // 2 grant
        let grant = find_grant(&params)?;
        record.grant = Some(grant.grant_type());
        // 3 client
        let view = RequestView { authorization: request.authorization, params: &params };
        let settled = SettledBefore { remembered: &self.remembered, outcomes: request.outcomes, now };
        let context = Context {
            now,
            issuer: self.url().as_str(),
            token_endpoint: &self.token_endpoint,
            settled: &settled,
            key_sets: &memory.fetched_keys,
        };
        let mut attempt = Attempt::default();
        let clients = self.clients(now);
        let authenticated = authenticate(&clients, &view, &context, memory, &mut attempt);
        record.registrar = clients.registrar().cloned();
        *used = attempt.used;
        note_attempt(record, attempt);
        let authenticated = authenticated?;
        // 4 to 6 permission, reach, authorize
        let reach = entitle(authenticated.client(), grant, &params)?;
        record.audience = join(reach.resources().map(|resource| resource.audience.as_str()));
        let authorization = Authorization::new(authenticated, reach);
        // 7 mint: all but the signature, which `Prepared` waits for; or a token that is there already
        let place = self.reuse.place(&authorization);
        if let Some(kept) = place.as_ref().and_then(|place| place.token(now)) {
            return Ok(Ready::Kept(kept));
        }
        Ok(Ready::Unsigned(self.minter.write(&authorization, self.keyring(), now)?.kept_at(place)))
    }
}

/// The grant of a request.
///
/// # Errors
/// `invalid_request` when none is named, `unsupported_grant_type` when it is not offered.
pub(super) fn find_grant(params: &Params<'_>) -> Result<&'static dyn Grant, Refusal> {
    let grant_type = params.get("grant_type").ok_or(&GRANT_TYPE_MISSING)?;
    grant::find(grant_type).ok_or_else(|| (&GRANT_TYPE_UNSUPPORTED).into())
}

/// What the client may get, whoever asks: the phases that need no proof.
///
/// # Errors
/// `unauthorized_client`, `invalid_scope`, `invalid_target`, and the grant's own reasons.
pub(super) fn entitle<'s>(
    client: &'s Client,
    grant: &dyn Grant,
    params: &Params<'_>,
) -> Result<Reach<'s>, Refusal> {
    permitted(client, grant)?;
    let reach = reach(client, params)?;
    grant.authorize(client, reach, params)
}

/// # Errors
/// `unauthorized_client`
pub(super) fn permitted(client: &Client, grant: &dyn Grant) -> Result<(), Refusal> {
    if client.grant_types.contains(&grant.grant_type()) { Ok(()) } else { GRANT_NOT_ALLOWED.refuse() }
}

pub(super) fn note_attempt(record: &mut Record, attempt: Attempt) {
    record.method = attempt.method;
    record.client_id = attempt.client_id;
    record.credential = attempt.credential;
    record.relaxations = attempt.relaxations;
    record.throttle_name = attempt.throttle_name;
}

fn join<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(part);
    }
    text
}
