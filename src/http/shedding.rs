//! What is answered to a token request when its signature would come too late, before anybody reads
//! it: less than half is left of what a 503 costs that comes from the handlers.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Weak};

use actix_web::HttpResponse;
use actix_web::body::MessageBody as _;
use bytes::Bytes;

use super::error::Challenge;
use super::routes::TOKEN;
use super::signing_queue::SigningQueue;
use super::transport::Shedder;
use super::{State, error};
use crate::issuer::Issuer;
use crate::oauth::Refusal;

pub struct Shedding {
    state: Arc<State>,
    queue: Rc<SigningQueue>,
    /// For the snapshot that was in force when it was last needed.
    answer: RefCell<(Weak<Issuer>, Bytes)>,
}

impl Shedding {
    pub fn new(state: Arc<State>, queue: Rc<SigningQueue>) -> Self {
        Self { state, queue, answer: RefCell::default() }
    }

    fn answer(&self, issuer: &Arc<Issuer>, refusal: &Refusal) -> Option<Bytes> {
        let mut answer = self.answer.borrow_mut();
        if answer.0.as_ptr() != Arc::as_ptr(issuer) {
            let response = on_the_wire(error::refusal(issuer, refusal, Challenge::None))?;
            *answer = (Arc::downgrade(issuer), response.into());
        }
        Some(answer.1.clone())
    }
}

impl Shedder for Shedding {
    fn shed(&self, request: &[u8]) -> Option<Bytes> {
        let refusal = self.queue.has_room().err()?;
        let issuer = self.state.current.load();
        if !asks_for_token(request, issuer.url().path()) {
            return None;
        }
        let answer = self.answer(&issuer, &refusal)?;
        self.state.decisions.count_refusal(&refusal);
        self.state.observer.shed(&refusal);
        Some(answer)
    }
}

/// Compares the request line as nearly all clients write it; any other takes the longer way.
fn asks_for_token(request: &[u8], issuer_path: &str) -> bool {
    let target = request.strip_prefix(b"POST ").and_then(|rest| rest.strip_prefix(issuer_path.as_bytes()));
    let version = target.and_then(|rest| rest.strip_prefix(TOKEN.as_bytes()));
    version.is_some_and(|rest| rest.starts_with(b" HTTP/1.1\r\n"))
}

/// RFC 9112 §4. Without `Date`, which a 5xx may lack (RFC 9110 §6.6.1).
fn on_the_wire(response: HttpResponse) -> Option<Vec<u8>> {
    let (head, body) = response.into_parts();
    let body = body.try_into_bytes().ok()?;
    let mut bytes = Vec::with_capacity(512);
    bytes.extend_from_slice(
        format!("HTTP/1.1 {}\r\ncontent-length: {}\r\n", head.status(), body.len()).as_bytes(),
    );
    for (name, value) in head.headers() {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&body);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_request_for_a_token_is_one() {
        let is_one = |line: &str| asks_for_token(format!("{line}\r\nHost: a\r\n\r\n").as_bytes(), "/t");
        assert!(is_one("POST /t/oauth2/token HTTP/1.1"));
        for other in [
            "POST /oauth2/token HTTP/1.1",
            "POST /t/oauth2/token/ HTTP/1.1",
            "POST /t/oauth2/token?a=b HTTP/1.1",
            "POST /t/oauth2/token HTTP/1.0",
            "GET /t/oauth2/token HTTP/1.1",
            "POST /t/oauth2/register HTTP/1.1",
            "POST /t/.well-known/jwks.json HTTP/1.1",
            "",
        ] {
            assert!(!is_one(other), "{other}");
        }
    }
}
