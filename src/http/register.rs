//! `POST /oauth2/register`: what HTTP alone can refuse (RFC 7591 §3.1), then the issuer.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use actix_web::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::error::Challenge;
use super::respond::no_store;
use super::token::{read_body, throttle};
use super::{State, error};
use crate::client_auth::Outcomes;
use crate::issuer::{Delivery, Issuer, RegistrationDecision, RegistrationRequest, RegistrationStep};
use crate::oauth::Refusal;

crate::oauth::reasons! {
    HTTP_METHOD = InvalidRequest REGISTRATION_HTTP_METHOD;
    MEDIA_TYPE = InvalidRequest REGISTRATION_MEDIA_TYPE;
    ENCODED = InvalidRequest CONTENT_ENCODING;
    NOTHING_SETTLED = ServerError SLOW_CHECKS_BUSY;
}

pub async fn handle(request: &HttpRequest, payload: Payload, state: &State) -> HttpResponse {
    let started = Instant::now();
    let source = request.peer_addr().map(|address| address.ip());
    let body = match check_head(request) {
        Ok(()) => read_body(payload).await,
        Err(refusal) => Err(refusal),
    };
    let issuer = state.issuer();
    let decision = match body {
        Ok(body) => decide(request, &body, source, &issuer, state).await,
        Err(refusal) => issuer.refuse_registration(refusal),
    };
    let response = match &decision.outcome {
        Ok(new) => no_store(StatusCode::CREATED).content_type("application/json").body(new.body.clone()),
        Err(refusal) => error::refusal(&issuer, refusal, challenge(request)),
    };
    let delivery = Delivery { request_id: state.request_id(), peer: source, duration: started.elapsed() };
    state.observer.registered(&decision, &delivery);
    response
}

/// Whoever sent nothing is told both ways to prove itself.
fn challenge(request: &HttpRequest) -> Challenge {
    if request.headers().contains_key(AUTHORIZATION) { Challenge::Basic } else { Challenge::BearerOrBasic }
}

/// Most requests need one step; a registrar with a slow secret waits for its check.
async fn decide(
    request: &HttpRequest,
    body: &[u8],
    source: Option<IpAddr>,
    issuer: &Arc<Issuer>,
    state: &State,
) -> RegistrationDecision {
    let authorization: Vec<&[u8]> =
        request.headers().get_all(AUTHORIZATION).map(|value| value.as_bytes()).collect();
    let mut outcomes = Outcomes::default();
    let mut decision = loop {
        let now = state.clock.now();
        let request = RegistrationRequest { body, authorization: &authorization, outcomes: &outcomes };
        let (check, record) = match issuer.register(&request, &state.memory, now) {
            RegistrationStep::Decided(decision) => break decision,
            RegistrationStep::Slow { check, record } => (check, record),
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
            Err(refusal) => break RegistrationDecision { outcome: Err(refusal), record },
        }
    };
    if let Err(refusal) = decision.outcome {
        decision.outcome = Err(throttle(refusal, &mut decision.record, source, state));
    }
    decision
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
    let is_json = types.next().and_then(|value| value.to_str().ok()).is_some_and(is_json);
    if !is_json || types.next().is_some() {
        return MEDIA_TYPE.refuse();
    }
    Ok(())
}

/// With any parameters: JSON is UTF-8 whatever they say (RFC 8259 §8.1).
fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}
