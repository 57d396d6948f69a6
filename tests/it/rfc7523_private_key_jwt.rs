//! RFC 7523 §2.2 and §3: clients that sign assertions.

use serde_json::json;

use crate::support::TestServer;
use crate::support::assertion::{ClientKey, claims, client_list, form};
use crate::support::{ISSUER, NOW, Options};

fn server(keys: &[&ClientKey], more: &str) -> TestServer {
    let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
    TestServer::with(Options { clients: client_list("signer", &keys, more), ..Options::default() })
}

#[test]
fn b1_an_assertion_of_every_algorithm_gets_a_token() {
    let keys = [ClientKey::rsa(), ClientKey::pss(), ClientKey::ec(), ClientKey::ed25519()];
    for key in keys {
        let server = server(&[&key], "");
        let response = server.post(&form(&key.assertion("signer", "1")));
        assert_eq!(response.status, 200, "{}: {}", key.algorithm, response.text());
        assert_eq!(server.judge(&response).claims["client_id"], "signer");
    }
}

#[test]
fn b14_an_assertion_is_used_once() {
    let key = ClientKey::ec();
    let server = server(&[&key], "");
    let assertion = key.assertion("signer", "one");
    assert_eq!(server.post(&form(&assertion)).status, 200);
    let again = server.post(&form(&assertion));
    assert_eq!((again.status, again.error()), (401, "invalid_client".to_owned()));
    assert_eq!(server.post(&form(&key.assertion("signer", "two"))).status, 200);
}

/// CVE-2025-27370 and CVE-2025-27371: an assertion that was made for a hostile server, used here.
#[test]
fn b2_b3_the_audience_is_the_issuer_as_a_text_unless_the_client_is_relaxed() {
    let key = ClientKey::ec();
    let strict = server(&[&key], "");
    let relaxed = server(&[&key], "          accept_audience: [token_endpoint, array]\n");
    let endpoint = format!("{ISSUER}/oauth2/token");
    for (number, (audience, when_strict, when_relaxed)) in [
        (json!(ISSUER), 200, 200),
        (json!(endpoint), 401, 200),
        (json!([ISSUER]), 401, 200),
        (json!([endpoint]), 401, 200),
        (json!([ISSUER, "https://other.example"]), 401, 401),
        (json!([]), 401, 401),
        (json!(format!("{ISSUER}/")), 401, 401),
        (json!(null), 401, 401),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = claims("signer", &number.to_string());
        claims["aud"] = audience.clone();
        let form = form(&key.jwt(&json!({"alg": "ES256"}), &claims));
        assert_eq!(strict.post(&form).status, when_strict, "{audience}");
        assert_eq!(relaxed.post(&form).status, when_relaxed, "{audience}");
    }
    let metrics = relaxed.admin("/metrics").text();
    assert!(metrics.contains("signet_legacy_total{feature=\"assertion_audience_array\"} 2"), "{metrics}");
}

#[test]
fn b8_b9_an_assertion_ends_within_five_minutes_unless_the_client_is_relaxed() {
    let key = ClientKey::ed25519();
    let strict = server(&[&key], "");
    let relaxed = server(&[&key], "          max_lifetime: 1h\n");
    for (expires, when_strict, when_relaxed) in [
        (NOW + 1, 200, 200),
        (NOW + 300, 200, 200),
        (NOW, 401, 401),
        (NOW + 301, 401, 200),
        (NOW + 3601, 401, 401),
    ] {
        let mut claims = claims("signer", &expires.to_string());
        claims["exp"] = json!(expires);
        let form = form(&key.jwt(&json!({"alg": "EdDSA"}), &claims));
        assert_eq!(strict.post(&form).status, when_strict, "{expires}");
        assert_eq!(relaxed.post(&form).status, when_relaxed, "{expires}");
    }
}
