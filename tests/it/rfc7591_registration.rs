//! RFC 7591: a client is registered, and recognised afterwards by every replica with the same files.

use serde_json::json;
use signet::clock::UnixTime;

use crate::support::assertion::{ClientKey, JWT_BEARER};
use crate::support::registration::{nothing, with_registrars};
use crate::support::{ISSUER, NOW, Options, TestServer};

const DAY: i64 = 86_400;

#[test]
fn k1_a_valid_registration_is_201_and_says_what_was_registered() {
    let server = TestServer::registering();
    let metadata = json!({"client_name": "Ada's laptop", "scope": "catalog:read", "unknown": {"a": 1}});
    let answer = server.register_as("portal", &metadata);
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let mut body = answer.json();
    let id = body["client_id"].as_str().expect("an id").to_owned();
    let secret = body["client_secret"].as_str().expect("a secret").to_owned();
    assert!(id.starts_with("sgc_") && id.len() <= 600, "{id}");
    assert!(secret.starts_with("sgs_") && secret.len() == 53);
    body["client_id"] = "ID".into();
    body["client_secret"] = "SECRET".into();
    let expected = json!({
        "client_id": "ID", "client_secret": "SECRET", "client_id_issued_at": NOW,
        "client_secret_expires_at": NOW + 30 * DAY, "client_id_expires_at": NOW + 30 * DAY,
        "client_name": "Ada's laptop", "grant_types": ["client_credentials"], "response_types": [],
        "token_endpoint_auth_method": "client_secret_basic", "scope": "catalog:read",
        "audience": ["https://catalog.example.com"], "access_token_lifetime": 600,
    });
    assert_eq!(body, expected);
    let token = server.judge(&server.ask_as(&id, &secret, ""));
    assert_eq!(token.claims["client_id"], id.as_str());
    assert_eq!(token.claims["sub"], id.as_str());
    assert_eq!(
        (&token.claims["scope"], &token.claims["aud"]),
        (&json!("catalog:read"), &expected["audience"][0])
    );
    assert_eq!(token.claims["exp"].as_i64(), Some(NOW + 600));
}

#[test]
fn k1_another_replica_and_a_later_process_recognise_the_client() {
    let (id, secret) = TestServer::registering().registered(&nothing());
    let replica = TestServer::registering();
    assert_eq!(replica.ask_as(&id, &secret, "&scope=catalog:read").status, 200);
    assert_eq!(replica.ask_as(&id, &secret, "&scope=search:read").status, 200);
    let both = replica.ask_as(&id, &secret, "");
    assert_eq!((both.status, both.error().as_str()), (400, "invalid_target"), "two audiences, none named");
}

#[test]
fn k1_every_registration_is_another_client_with_another_secret() {
    let server = TestServer::registering();
    let (a, b) = (server.registered(&nothing()), server.registered(&nothing()));
    assert!(a.0 != b.0 && a.1 != b.1);
    assert_eq!(server.ask_as(&a.0, &b.1, "&scope=search:read").status, 401);
}

#[test]
fn k1_a_client_with_keys_gets_no_secret_and_signs() {
    let server = TestServer::registering();
    for key in [ClientKey::ec(), ClientKey::ed25519(), ClientKey::rsa()] {
        let jwks = json!({"keys": [key.jwk()]});
        let metadata = json!({"jwks": jwks, "scope": "catalog:read", "client_name": "worker of a CI job"});
        let answer = server.register_as("portal", &metadata);
        assert_eq!(answer.status, 201, "{}", answer.text());
        let body = answer.json();
        assert_eq!((body.get("client_secret"), body.get("client_secret_expires_at")), (None, None));
        assert_eq!((&body["jwks"], &body["token_endpoint_auth_method"]), (&jwks, &json!("private_key_jwt")));
        let id = body["client_id"].as_str().expect("an id");
        assert!(id.len() <= 600, "{}", id.len());
        let claims = json!({"iss": id, "sub": id, "aud": ISSUER, "exp": NOW + 60, "jti": id[4..40]});
        let assertion = key.jwt(&json!({"alg": key.algorithm}), &claims);
        let form = format!(
            "grant_type=client_credentials&client_assertion_type={JWT_BEARER}&client_assertion={assertion}"
        );
        assert_eq!(server.judge(&server.post(&form)).claims["client_id"], id);
        let again = server.post(&form);
        assert_eq!((again.status, again.error().as_str()), (401, "invalid_client"), "used once");
        let forged = ClientKey::ec().jwt(&json!({"alg": "ES256"}), &claims);
        let form = form.replace(&assertion, &forged);
        assert_eq!(server.post(&form).status, 401);
    }
}

#[test]
fn k1_the_registered_method_works_and_no_other() {
    let server = TestServer::registering();
    let form = |id: &str, secret: &str| {
        format!("grant_type=client_credentials&scope=search:read&client_id={id}&client_secret={secret}")
    };
    let (id, secret) = server.registered(&json!({"token_endpoint_auth_method": "client_secret_post"}));
    assert_eq!(server.post(&form(&id, &secret)).status, 200);
    assert_eq!(server.ask_as(&id, &secret, "&scope=search:read").status, 401);
    let (id, secret) = server.registered(&nothing());
    assert_eq!(server.post(&form(&id, &secret)).status, 401);
}

#[test]
fn k1_the_metadata_names_the_endpoint_when_it_is_on_and_nothing_is_there_when_it_is_off() {
    let endpoint = |server: &TestServer| {
        server.get("/.well-known/oauth-authorization-server").json().get("registration_endpoint").cloned()
    };
    let on = TestServer::registering();
    assert_eq!(endpoint(&on), Some(json!("https://auth.example.com/oauth2/register")));
    let off = TestServer::start();
    assert_eq!(endpoint(&off), None);
    for method in ["GET", "POST", "DELETE"] {
        assert_eq!(off.send(method, "/oauth2/register", &[], b"{}").status, 404, "{method}");
    }
    let keys_only =
        TestServer::with(Options { seal_keys: with_registrars().seal_keys, ..Options::default() });
    assert_eq!(endpoint(&keys_only), None);
}

#[test]
fn k5_scope_audience_grant_and_method_beyond_the_policy_are_refused() {
    let server = TestServer::registering();
    let cases = [
        json!({"scope": "catalog:admin"}),
        json!({"scope": "catalog:read catalog:admin"}),
        json!({"scope": "clients:register"}),
        json!({"scope": "nothing:defines-it"}),
        json!({"scope": "search:read", "audience": "https://catalog.example.com"}),
        json!({"audience": "https://auth.example.com"}),
        json!({"audience": ["https://catalog.example.com", "https://elsewhere.example.com"]}),
        json!({"grant_types": ["authorization_code"]}),
        json!({"grant_types": ["client_credentials", "password"]}),
        json!({"response_types": ["code"]}),
        json!({"token_endpoint_auth_method": "none"}),
        json!({"token_endpoint_auth_method": "tls_client_auth"}),
        json!({"token_endpoint_auth_method": "private_key_jwt"}),
        json!({"token_endpoint_auth_method": "client_secret_basic", "jwks": {"keys": [ClientKey::ec().jwk()]}}),
    ];
    for metadata in cases {
        let answer = server.register_as("portal", &metadata);
        let outcome = (answer.status, answer.error());
        assert_eq!(outcome, (400, "invalid_client_metadata".to_owned()), "{metadata}: {}", answer.text());
    }
    let keys = json!({"jwks": {"keys": [ClientKey::ec().jwk()]}});
    assert_eq!(server.register_as("second", &keys).error(), "invalid_client_metadata", "secrets only");
}

#[test]
fn k5_times_beyond_the_policy_are_cut_and_the_answer_says_so() {
    let server = TestServer::registering();
    let long =
        json!({"scope": "catalog:read", "access_token_lifetime": 86_400, "validity": 99_999_999_999_u64});
    let body = server.register_as("portal", &long).json();
    assert_eq!(body["access_token_lifetime"], 600);
    assert_eq!(body["client_secret_expires_at"], NOW + 30 * DAY);
    let short = json!({"scope": "catalog:read", "access_token_lifetime": 60, "validity": 3600});
    let body = server.register_as("portal", &short).json();
    assert_eq!(
        (&body["access_token_lifetime"], &body["client_id_expires_at"]),
        (&json!(60), &json!(NOW + 3600))
    );
    let (id, secret) = server.registered(&short);
    let token = server.judge(&server.ask_as(&id, &secret, ""));
    assert_eq!(token.claims["exp"].as_i64(), Some(NOW + 60));
    let (id, secret) = server.registered(&json!({"scope": "search:read", "access_token_lifetime": 599}));
    let token = server.judge(&server.ask_as(&id, &secret, ""));
    assert_eq!(token.claims["exp"].as_i64(), Some(NOW + 300), "never longer than the resource says");
}

#[test]
fn k5_a_registered_client_gets_what_it_was_granted_and_no_more() {
    let server = TestServer::registering();
    let (id, secret) = server.registered(&json!({"scope": "catalog:read"}));
    let answer = server.ask_as(&id, &secret, "&scope=catalog:write");
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_scope"));
    let answer = server.ask_as(&id, &secret, "&resource=https://search.example.com");
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_target"));
    let answer = server.register_with(
        &[("Authorization", &crate::support::basic(format!("{id}:{secret}").as_bytes()))],
        b"{}",
    );
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"), "it registers nobody");
}

#[test]
fn k5_what_the_list_takes_away_is_taken_with_the_next_request() {
    let server = TestServer::registering();
    let (id, secret) = server.registered(&nothing());
    let list = crate::support::registration::REGISTRARS;
    let scope = |name: &str| server.ask_as(&id, &secret, &format!("&scope={name}"));
    assert_eq!(scope("catalog:write").status, 200);
    let change = |from: &str, to: &str| {
        server.write_clients(&list.replacen(from, to, 1));
        server.reload_and_wait();
    };
    change("scope: catalog:read catalog:write search:read", "scope: catalog:read");
    assert_eq!(scope("catalog:write").error(), "invalid_scope");
    assert_eq!(scope("search:read").error(), "invalid_scope");
    assert_eq!(scope("catalog:read").status, 200);
    change("scope: catalog:read catalog:write search:read", "audience: https://auth.example.com");
    assert_eq!(scope("catalog:read").error(), "invalid_client", "nothing is left");
    let (only_read, its_secret) = {
        server.write_clients(list);
        server.reload_and_wait();
        server.registered(&json!({"scope": "catalog:read"}))
    };
    change("scope: catalog:read catalog:write search:read", "scope: catalog:write");
    let at_catalog = "&resource=https://catalog.example.com";
    let answer = server.ask_as(&only_read, &its_secret, at_catalog);
    assert_eq!(answer.error(), "invalid_client", "an audience goes with the last of its scopes");
    change("access_token_lifetime: 10m", "access_token_lifetime: 1m");
    assert_eq!(server.judge(&scope("catalog:read")).claims["exp"].as_i64(), Some(NOW + 60));
    change("registrars: portal", "registrars: worker");
    assert_eq!(scope("catalog:read").error(), "invalid_client", "no policy");
    change("validity: 30d", "validity: 1s");
    assert_eq!(scope("catalog:read").status, 200);
    server.clock.set(UnixTime::from_seconds(NOW + 1));
    assert_eq!(scope("catalog:read").error(), "invalid_client", "over by today's policy");
    change(
        "scope: catalog:read catalog:write search:read",
        "scope: catalog:read catalog:write\n      credentials: private_key_jwt",
    );
    assert_eq!(scope("catalog:read").error(), "invalid_client", "the kind of credential");
    server.write_clients(list);
    server.reload_and_wait();
    assert_eq!(scope("search:read").status, 200, "and what comes back is there again");
}

#[test]
fn k5_what_a_policy_gains_later_comes_to_no_client_that_exists() {
    let server = TestServer::registering();
    let greedy = json!({"scope": "catalog:read", "access_token_lifetime": 86_400, "validity": 31_536_000});
    let clients = [server.registered(&nothing()), server.registered(&greedy)];
    let more = crate::support::registration::REGISTRARS
        .replacen("validity: 30d", "validity: 90d", 1)
        .replacen("access_token_lifetime: 10m", "access_token_lifetime: 1h", 1)
        .replacen("scope: catalog:read catalog:write search", "scope: catalog:admin catalog:read search", 1);
    server.write_clients(&more);
    server.reload_and_wait();
    for (id, secret) in &clients {
        let ask = |scope: &str| server.ask_as(id, secret, &format!("&scope={scope}"));
        server.clock.set(UnixTime::from_seconds(NOW + 30 * DAY - 1));
        let token = server.judge(&ask("catalog:read"));
        assert_eq!(token.claims["exp"].as_i64(), Some(NOW + 30 * DAY - 1 + 600), "as the answer said");
        assert_eq!(ask("catalog:admin").error(), "invalid_scope");
        server.clock.set(UnixTime::from_seconds(NOW + 30 * DAY));
        assert_eq!(ask("catalog:read").error(), "invalid_client", "as the answer said");
    }
    let (id, secret) = server.registered(&greedy);
    let token = server.judge(&server.ask_as(&id, &secret, ""));
    assert_eq!(token.claims["exp"].as_i64(), Some(NOW + 30 * DAY + 900), "the server's own limit");
}
