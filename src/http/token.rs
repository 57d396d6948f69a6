//! `POST /oauth2/token`: what HTTP alone can refuse (RFC 6749 §3.2), then the pipeline.

use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix_web::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{BytesMut, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt as _;

use super::error::Challenge;
use super::respond::no_store;
use super::signing_queue::SigningQueue;
use super::{State, error};
use crate::client_auth::{ASSERTION_REPLAYED, Outcomes, TOO_MANY_FAILURES};
use crate::issuer::{Decision, Delivery, Issuer, Outcome, Prepared, Ready, Record, Step, TokenRequest};
use crate::oauth::{ErrorCode, Refusal, token_body};
use crate::replay_store::Noted;

crate::oauth::reasons! {
    HTTP_METHOD = InvalidRequest HTTP_METHOD;
    MEDIA_TYPE = InvalidRequest MEDIA_TYPE;
    ENCODED = InvalidRequest CONTENT_ENCODING;
    BODY_UNREADABLE = InvalidRequest BODY_UNREADABLE;
    NOTHING_SETTLED = ServerError SLOW_CHECKS_BUSY;
}

pub async fn handle(
    request: &HttpRequest,
    payload: Payload,
    state: &State,
    queue: &Rc<SigningQueue>,
) -> HttpResponse {
    let started = Instant::now();
    let source = request.peer_addr().map(|address| address.ip());
    let form = match check_head(request) {
        Ok(()) => read_body(payload).await,
        Err(refusal) => Err(refusal),
    };
    let issuer = state.issuer();
    // Before the client is looked at: what would have to wait too long shall cost little.
    let decision = match form.and_then(|form| queue.has_room().map(|()| form)) {
        Ok(form) => decide(request, &form, source, &issuer, state, queue).await,
        Err(refusal) => issuer.refuse(refusal),
    };
    let response = respond(&issuer, &decision);
    let delivery = Delivery { request_id: state.request_id(), peer: source, duration: started.elapsed() };
    state.observer.decided(&decision, &delivery);
    state.decisions.note(&decision, &delivery, state.clock.now());
    response
}

async fn decide(
    request: &HttpRequest,
    form: &[u8],
    source: Option<IpAddr>,
    issuer: &Arc<Issuer>,
    state: &State,
    queue: &Rc<SigningQueue>,
) -> Decision {
    let authorization: Vec<&[u8]> =
        request.headers().get_all(AUTHORIZATION).map(|value| value.as_bytes()).collect();
    let mut prepared = prepare(form, &authorization, source, issuer, state).await;
    share_use(&mut prepared, state).await;
    let Prepared { token, mut record, challenge, .. } = prepared;
    let signed = match token {
        Ok(Ready::Unsigned(unsigned)) => queue.sign(unsigned).await,
        Ok(Ready::Kept(token)) => Ok(token),
        Err(refusal) => Err(throttle(refusal, &mut record, source, state)),
    };
    let outcome = signed.map_or_else(Outcome::Refused, Outcome::Issued);
    Decision { outcome, record, challenge }
}

/// A proof for one use that is new here may have been used at another replica, whatever else is
/// right or wrong about the request.
async fn share_use(prepared: &mut Prepared, state: &State) {
    let (Some(used), Some(store)) = (&prepared.used, &state.replay_store) else { return };
    match store.note(used, state.clock.now()).await {
        Ok(Noted::First) => {}
        Ok(Noted::Local) => prepared.record.relaxations.push("replay_store_local"),
        Ok(Noted::Before) => prepared.token = ASSERTION_REPLAYED.refuse(),
        Err(refusal) => {
            state.memory.replay.forget(used);
            prepared.token = Err(refusal);
        }
    }
}

/// A client that failed too often is told so, and not why.
pub(super) fn throttle(
    refusal: Refusal,
    record: &mut Record,
    source: Option<IpAddr>,
    state: &State,
) -> Refusal {
    if refusal.reason.error != ErrorCode::InvalidClient {
        return refusal;
    }
    let Some(seconds) = state.memory.throttle.failed(record.throttle_name, source, state.clock.now()) else {
        return refusal;
    };
    record.throttled = Some(refusal.reason);
    Refusal::after(&TOO_MANY_FAILURES, seconds)
}

/// Most requests need one step; one with a slow secret that nobody remembers waits for its check.
async fn prepare(
    form: &[u8],
    authorization: &[&[u8]],
    source: Option<IpAddr>,
    issuer: &Arc<Issuer>,
    state: &State,
) -> Prepared {
    let mut outcomes = Outcomes::default();
    loop {
        let now = state.clock.now();
        let request = TokenRequest { form, authorization, outcomes: &outcomes };
        let (check, record, challenge) = match issuer.token(&request, &state.memory, now) {
            Step::Prepared(prepared) => return prepared,
            Step::Slow { check, record, challenge } => (check, record, challenge),
        };
        let made = match outcomes.is_empty() {
            true => {
                let failing = state.memory.throttle.exhausted(record.throttle_name, source, now);
                state.slow_checks.run(issuer, check, failing.is_some(), now).await
            }
            // A check that settles nothing would be asked for again and again.
            false => NOTHING_SETTLED.refuse(),
        };
        match made {
            Ok(made) => outcomes = made,
            Err(refusal) => return Prepared { token: Err(refusal), used: None, record, challenge },
        }
    }
}

fn check_head(request: &HttpRequest) -> Result<(), Refusal> {
    if request.method() != Method::POST {
        return HTTP_METHOD.refuse();
    }
    let headers = request.headers();
    if headers.contains_key(CONTENT_ENCODING) {
        return ENCODED.refuse();
    }
    let mut types = headers.get_all(CONTENT_TYPE);
    let is_form = types.next().and_then(|value| value.to_str().ok()).is_some_and(is_utf8_form);
    if !is_form || types.next().is_some() {
        return MEDIA_TYPE.refuse();
    }
    Ok(())
}

/// `application/x-www-form-urlencoded` with any parameters, but no charset other than UTF-8.
fn is_utf8_form(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let form =
        parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    form && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    })
}

/// The guard below bounds the body in size and time; a body that breaks a bound ends here early.
pub(super) async fn read_body(mut payload: Payload) -> Result<BytesMut, Refusal> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        body.extend_from_slice(&chunk.map_err(|_| &BODY_UNREADABLE)?);
    }
    Ok(body)
}

fn respond(issuer: &Issuer, decision: &Decision) -> HttpResponse {
    match &decision.outcome {
        Outcome::Issued(token) => no_store(StatusCode::OK).content_type("application/json").body(token_body(
            &token.compact,
            token.lifetime_seconds,
            &token.scope,
        )),
        Outcome::Refused(refusal) => {
            let challenge = if decision.challenge { Challenge::Basic } else { Challenge::None };
            error::refusal(issuer, refusal, challenge)
        }
    }
}
