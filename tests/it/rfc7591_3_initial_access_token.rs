//! RFC 7591 §3: who may register, by a credential of the list or by an initial access token, and how
//! everybody else is answered (RFC 6750 §3).

use serde_json::{Value, json};
use signet::clock::UnixTime;
use signet::jose::verify;

use crate::support::assertion::ClientKey;
use crate::support::registration::{REGISTRARS, nothing, with_registrars};
use crate::support::{ISSUER, NOW, Options, Response, TestServer};

#[test]
fn k2_nobody_registers_without_a_proof() {
    let server = TestServer::registering();
    let answer = server.register_with(&[], b"{}");
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"));
    let challenges: Vec<_> = answer.headers.iter().filter(|(name, _)| name == "www-authenticate").collect();
    assert_eq!(challenges.len(), 2, "{challenges:?}");
    assert_eq!(challenges[0].1, "Bearer realm=\"signet\"", "no error code (RFC 6750 section 3.1)");
    let wrong = crate::support::basic(b"portal:wrong");
    let answer = server.register_with(&[("Authorization", &wrong)], b"{}");
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"));
    assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"signet\", charset=\"UTF-8\""));
    let unknown = crate::support::basic(b"nobody:wrong");
    let unknown = server.register_with(&[("Authorization", &unknown)], b"{}");
    assert_eq!(unknown.without_date(), answer.without_date());
}

#[test]
fn k2_a_token_for_the_issuer_with_the_scope_registers() {
    let server = TestServer::registering();
    let register =
        |token: &str| server.register_with(&[("Authorization", &format!("Bearer {token}"))], b"{}");
    let token = server.registration_token("portal", "clients:register");
    assert_eq!(register(&token).status, 201);
    assert_eq!(register(&token).status, 201, "until it expires or the quota is used up");
    let refused = |token: &str| {
        let answer = register(token);
        assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_token"), "{}", answer.text());
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Bearer realm=\"signet\", error=\"invalid_token\"")
        );
    };
    refused("nonsense");
    refused(&format!("{token}x"));
    refused(&token.replacen('.', "..", 1));
    let elsewhere = server.ask("portal", "scope=catalog:admin").access_token();
    refused(&elsewhere);
    let other = TestServer::with(Options { issuer: "https://other.example.com", ..with_registrars() });
    refused(&other.ask("portal", "scope=clients:register").access_token());
    let body = server.send(
        "POST",
        "/oauth2/register",
        &[("Content-Type", "application/json")],
        format!("{{\"access_token\":\"{token}\"}}").as_bytes(),
    );
    assert_eq!(body.status, 401, "a token in the body is none");
    server.clock.set(UnixTime::from_seconds(NOW + 899));
    assert_eq!(register(&token).status, 201);
    server.clock.set(UnixTime::from_seconds(NOW + 906));
    refused(&token);
}

#[test]
fn k2_j4_a_token_without_the_scope_is_403_and_so_is_a_client_without_a_policy() {
    let server = TestServer::registering();
    let register =
        |token: &str| server.register_with(&[("Authorization", &format!("Bearer {token}"))], b"{}");
    let answer = register(&server.registration_token("portal", "other"));
    assert_eq!((answer.status, answer.error().as_str()), (403, "insufficient_scope"));
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    assert!(challenge.ends_with("error=\"insufficient_scope\", scope=\"clients:register\""), "{challenge}");
    let answer = register(&server.registration_token("worker", "clients:register"));
    assert_eq!((answer.status, answer.error().as_str()), (403, "access_denied"));
    let answer = server.register_as("worker", &nothing());
    assert_eq!((answer.status, answer.error().as_str()), (403, "access_denied"));
}

#[test]
fn k2_j2_a_malformed_bearer_header_is_400_and_never_500() {
    let server = TestServer::registering();
    for header in ["Bearer", "Bearer ", "Bearer  x", "Bearer\tx", "Bearer a b", "Bearer a, Bearer b"] {
        let answer = server.register_with(&[("Authorization", header)], b"{}");
        assert_eq!(answer.status, 400, "{header:?}: {}", answer.text());
    }
    let long = format!("Bearer {}", "a".repeat(14 * 1024));
    assert_eq!(server.register_with(&[("Authorization", &long)], b"{}").status, 401);
    let token = server.registration_token("portal", "clients:register");
    let (bearer, basic) = (format!("Bearer {token}"), crate::support::basic(b"portal:x"));
    for second in [&bearer, &basic] {
        let twice = server.register_with(&[("Authorization", &bearer), ("Authorization", second)], b"{}");
        assert_eq!(twice.status, 400, "two proofs");
    }
}

#[test]
fn k2_a_registrar_that_is_disabled_or_gone_registers_nothing_with_its_token() {
    let server = TestServer::registering();
    let token = server.registration_token("portal", "clients:register");
    let register = || server.register_with(&[("Authorization", &format!("Bearer {token}"))], b"{}");
    assert_eq!(register().status, 201);
    let change = |from: &str, to: &str| {
        server.write_clients(&REGISTRARS.replace(from, to));
        server.reload_and_wait();
        assert_eq!((register().status, register().error().as_str()), (401, "invalid_token"), "{to}");
        assert_eq!(server.register_as("portal", &nothing()).error(), "invalid_client", "{to}");
    };
    change("  - client_id: portal\n", "  - client_id: portal\n    disabled: true\n");
    change("portal\n", "portal-2\n");
}

#[test]
fn k2_a_token_is_used_again_within_the_quota_and_told_when_to_come_back_beyond_it() {
    let server = TestServer::registering();
    let token = format!("Bearer {}", server.registration_token("second", "clients:register"));
    let register = || server.register_with(&[("Authorization", &token)], b"{}");
    for _ in 0..3 {
        assert_eq!(register().status, 201);
    }
    let beyond = register();
    assert_eq!((beyond.status, beyond.error().as_str()), (429, "temporarily_unavailable"));
    assert_eq!((beyond.header("retry-after"), beyond.header("www-authenticate")), (Some("20"), None));
    assert_eq!(server.register_as("second", &nothing()).status, 429, "one quota, whatever the proof");
    server.clock.set(UnixTime::from_seconds(NOW + 60));
    assert_eq!([0; 4].map(|_| register().status), [201, 201, 201, 429], "after the minute");
    let challenges = |answer: &Response| -> Vec<String> {
        let named = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
        named.map(|(_, value)| value.clone()).collect()
    };
    let missing = server.register_with(&[], b"{}");
    assert_eq!(missing.status, 401);
    assert!(challenges(&missing).contains(&"Bearer realm=\"signet\"".to_owned()), "{:?}", missing.headers);
    server.clock.set(UnixTime::from_seconds(NOW + 906));
    let expired = [register(), register(), register(), register()];
    for answer in &expired {
        assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_token"));
        assert_eq!(challenges(answer), ["Bearer realm=\"signet\", error=\"invalid_token\""]);
    }
    assert_eq!(server.register_as("second", &nothing()).status, 201, "and takes nothing of the quota");
}

#[test]
fn k2_every_claim_of_the_token_counts_and_so_does_its_signature() {
    let server = TestServer::registering();
    let token = server.registration_token("portal", "clients:register");
    let issued = verify::decode(&token).expect("a token");
    let (header, claims) = (Value::from(issued.header), Value::from(issued.claims));
    let with = |whole: &Value, changes: &Value| {
        let mut whole = whole.clone();
        let members = whole.as_object_mut().expect("an object");
        members.extend(changes.as_object().expect("an object").clone());
        members.retain(|_, value| !value.is_null());
        whole
    };
    let sent = |key: &ClientKey, of_header: &Value, of_claims: &Value| -> Response {
        let token = key.jwt(&with(&header, of_header), &with(&claims, of_claims));
        server.register_with(&[("Authorization", &format!("Bearer {token}"))], b"{}")
    };
    let (ours, none) = (ClientKey::of_server(), json!({}));
    assert_eq!(sent(&ours, &none, &none).status, 201, "as it was issued");
    assert_eq!(sent(&ours, &none, &json!({"scope": "other clients:register"})).status, 201);
    let refused = |answer: &Response, what: &dyn std::fmt::Display| {
        assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_token"), "{what}");
    };
    let (registered, _) = server.registered(&nothing());
    for changes in [
        json!({"aud": "https://catalog.example.com"}),
        json!({"aud": [ISSUER, "https://catalog.example.com"]}),
        json!({"aud": null}),
        json!({"iss": "https://other.example.com"}),
        json!({"exp": NOW - 6}),
        json!({"exp": null}),
        json!({"nbf": NOW + 6}),
        json!({"client_id": "nobody"}),
        json!({"client_id": registered}),
        json!({"client_id": null}),
        json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}),
    ] {
        refused(&sent(&ours, &none, &changes), &changes);
    }
    for changes in [json!({"typ": "logout+jwt"}), json!({"alg": "PS256"}), json!({"crit": ["exp"]})] {
        refused(&sent(&ours, &changes, &none), &changes);
    }
    for scope in ["clients:registe", "clients:register2", "Clients:Register", ""] {
        let answer = sent(&ours, &none, &json!({ "scope": scope }));
        assert_eq!((answer.status, answer.error().as_str()), (403, "insufficient_scope"), "{scope:?}");
    }
    refused(&sent(&ClientKey::rsa(), &none, &none), &"another key under the same kid");
}

#[test]
fn k2_a42_guesses_of_a_registrars_secret_are_slowed_down_here_too() {
    let server = TestServer::with(Options { failures_per_minute: 20, ..with_registrars() });
    let wrong = crate::support::basic(b"portal:wrong");
    let guess = || server.register_with(&[("Authorization", &wrong)], b"{}");
    for _ in 0..20 {
        assert_eq!(guess().status, 401);
    }
    let answer = guess();
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("3")));
    assert_eq!(server.ask("portal", "scope=no:such").error(), "invalid_scope", "the right secret passes");
    let at_the_token_endpoint = server.basic("portal:wrong", "grant_type=client_credentials");
    assert_eq!(at_the_token_endpoint.status, 429, "one count for both endpoints");
}
