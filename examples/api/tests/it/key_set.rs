//! The key set that the API keeps: fetched seldom, renewed for a new key, good while the issuer is down.

use std::net::TcpListener;
use std::sync::atomic::Ordering;

use serde_json::json;

use crate::support::{Api, Issuer, SigningKey};

#[test]
fn one_fetch_serves_all_tokens_and_made_up_keys_cause_no_more() {
    let issuer = Issuer::start();
    let api = Api::start(&issuer.url);
    for _ in 0..5 {
        assert_eq!(api.get_with(&issuer.token("catalog:read")).status, 200);
    }
    assert_eq!(issuer.fetches.load(Ordering::SeqCst), 1);
    for number in 0..20 {
        let header = json!({"alg": "RS256", "typ": "at+jwt", "kid": format!("made-up-{number}")});
        let token = issuer.key.sign(&header, &issuer.claims("catalog:read"));
        assert_eq!(api.get_with(&token).summary(), (401, "invalid_token"));
    }
    assert_eq!(issuer.fetches.load(Ordering::SeqCst), 1, "within the pause nobody makes the API fetch");
}

#[test]
fn keys_that_are_not_for_signatures_of_the_issuer_are_left_out() {
    let issuer = Issuer::start();
    let (encryption, nameless, hmac, odd) = (
        SigningKey::new("enc"),
        SigningKey::new("nameless"),
        SigningKey::new("hmac"),
        SigningKey::new("odd"),
    );
    let mut published: Vec<_> = [&encryption, &nameless, &hmac, &odd].map(|key| key.jwk()).into();
    published[0]["use"] = json!("enc");
    published[1].as_object_mut().unwrap().remove("kid");
    published[2]["alg"] = json!("HS256");
    published[3].as_object_mut().unwrap().remove("alg");
    published.push(json!({"kty": "AKP", "alg": "ML-DSA-44", "kid": "pq", "pub": "AAAA"}));
    published.push(issuer.key.jwk());
    issuer.publish(published);
    let api = Api::start(&issuer.url);
    assert_eq!(api.get_with(&issuer.token("catalog:read")).status, 200, "the good key is found among them");
    for key in [encryption, nameless, hmac, odd] {
        let header = json!({"alg": "RS256", "typ": "at+jwt", "kid": key.kid});
        let token = key.sign(&header, &issuer.claims("catalog:read"));
        assert_eq!(api.get_with(&token).summary(), (401, "invalid_token"), "{}", key.kid);
    }
}

#[test]
fn without_any_key_the_answer_is_503_and_says_nothing_bad_of_the_token() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let api = Api::start(&url);
    let issuer = Issuer::start();
    let answer = api.get_with(&issuer.token("catalog:read"));
    assert_eq!((answer.status, answer.challenge), (503, None));
    assert_eq!(api.get(b"").summary(), (401, "-"), "who sends none is told so all the same");
}

#[test]
fn metadata_that_name_another_issuer_give_no_keys() {
    let issuer = Issuer::start();
    // The same server by another name: what it says of itself does not match.
    let api = Api::start(&issuer.url.replace("127.0.0.1", "localhost"));
    assert_eq!(api.get_with(&issuer.token("catalog:read")).status, 503);
}
