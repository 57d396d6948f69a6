//! The kinds of requests that a server is driven with.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signet::clock::{Clock as _, SystemClock};

use crate::shared::client_list;
use crate::shared::http::{basic, get, token_request};
use crate::shared::inputs::{FORM, ISSUER};
use crate::shared::load::Load;
use crate::shared::{assertion, inputs};

/// A token for a client with a secret, by the `Authorization` header.
pub fn token(pair: &str) -> Load {
    Load::same(token_request(Some(&basic(pair)), FORM), &[200])
}

/// The same, with the scopes by name, which other servers ask for.
pub fn token_with_scopes() -> Load {
    let form = format!("{FORM}&scope=rs256%3Aread%20rs256%3Awrite");
    Load::same(token_request(Some(&basic(inputs::RS256)), &form), &[200])
}

/// The secret in the body.
pub fn token_by_post() -> Load {
    let (id, secret) = inputs::RS256.split_once(':').expect("a pair");
    let form = format!("{FORM}&client_id={id}&client_secret={secret}");
    Load::same(token_request(None, &form), &[200])
}

/// An assertion of its own for every request: runs follow each other within the life of one.
pub fn token_by_assertion(signs: &Arc<assertion::Client>) -> Load {
    let (signs, made) = (Arc::clone(signs), AtomicUsize::new(0));
    let request = move |_| {
        let form = signs.form(ISSUER, SystemClock.now().seconds(), made.fetch_add(1, Ordering::Relaxed));
        token_request(None, &form)
    };
    Load::fresh(request, &[200])
}

/// Clients of a generated list, far apart.
pub fn token_of_many(clients: usize) -> Load {
    let request =
        move |n| token_request(Some(&basic(&client_list::pair(client_list::far_apart(n, clients)))), FORM);
    Load::fresh(request, &[200])
}

/// Passes authentication and is refused at the last check before the token is written.
pub fn refused() -> Load {
    let form = format!("{FORM}&scope=rs256%3Anone");
    Load::same(token_request(Some(&basic(inputs::RS256)), &form), &[400])
}

pub fn key_set() -> Load {
    Load::same(get("/.well-known/jwks.json", ""), &[200])
}

pub fn key_set_not_modified(etag: &str) -> Load {
    Load::same(get("/.well-known/jwks.json", &format!("If-None-Match: {etag}\r\n")), &[304])
}
