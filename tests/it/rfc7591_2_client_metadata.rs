//! RFC 7591 §2 and §3.2.2: what a registration may say, and what is refused whoever sends it. Rows K4, K5
//! and K7 are what CVE-2026-22752 taught: no call, no more scope, no program in a URL.

use std::net::TcpListener;

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use signet::registration::ClientMetadata;

use crate::support::TestServer;
use crate::support::assertion::ClientKey;
use crate::support::registration::nothing;

fn refused(server: &TestServer, metadata: &Value, error: &str) {
    let answer = server.register_as("portal", metadata);
    let outcome = (answer.status, answer.error());
    assert_eq!(outcome, (400, error.to_owned()), "{metadata}: {}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

/// The body as it is, whatever it is.
fn send(server: &TestServer, body: &[u8]) -> crate::support::Response {
    let token = server.registration_token("portal", "clients:register");
    server.register_with(&[("Authorization", &format!("Bearer {token}"))], body)
}

#[test]
fn k3_jwks_beside_jwks_uri_is_refused() {
    let server = TestServer::registering();
    let jwks = json!({"keys": [ClientKey::ec().jwk()]});
    refused(&server, &json!({"jwks": jwks, "jwks_uri": "https://a.example/keys"}), "invalid_client_metadata");
    assert_eq!(server.register_as("portal", &json!({"jwks": jwks})).status, 201);
}

#[test]
fn k4_no_jwks_uri_is_taken_and_nothing_is_ever_called() {
    let server = TestServer::registering();
    let source = TcpListener::bind("127.0.0.1:0").expect("a port");
    source.set_nonblocking(true).expect("a socket");
    let here = source.local_addr().expect("an address");
    let loopback = format!("http://{here}/keys");
    let named = format!("https://localhost:{}/keys", here.port());
    for address in [
        loopback.as_str(),
        &named,
        "http://keys.example.com/",
        "https://127.0.0.1/keys",
        "https://[::1]/keys",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/keys",
        "https://rebind.example.com/keys",
        "https://keys.example.com/keys",
        "file:///etc/passwd",
    ] {
        refused(&server, &json!({"jwks_uri": address}), "invalid_client_metadata");
        let metadata = json!({"jwks_uri": address, "token_endpoint_auth_method": "private_key_jwt"});
        refused(&server, &metadata, "invalid_client_metadata");
    }
    // Addresses that may stand there are not called either.
    let metadata = json!({"client_uri": loopback, "logo_uri": loopback, "redirect_uris": [loopback]});
    assert_eq!(server.register_as("portal", &metadata).status, 201);
    assert!(source.accept().is_err(), "somebody called");
}

#[test]
fn k6_software_statements_are_refused_with_the_words_of_the_specification() {
    let server = TestServer::registering();
    let key = ClientKey::ec();
    let claims = json!({"iss": "https://vendor.example.com", "software_id": "x", "scope": "catalog:read"});
    let signed = key.jwt(&json!({"alg": "ES256"}), &claims);
    let unsigned = key.jwt(&json!({"alg": "none"}), &claims);
    for statement in [&signed, &unsigned] {
        let metadata = json!({"software_statement": statement, "scope": "catalog:read"});
        refused(&server, &metadata, "unapproved_software_statement");
    }
    for statement in ["", "nonsense", "a.b", "a.b.c.d.e", &format!("{signed}="), ".."] {
        refused(&server, &json!({"software_statement": statement}), "invalid_software_statement");
    }
    refused(&server, &json!({"software_statement": 1}), "invalid_client_metadata");
}

#[rstest]
#[case("redirect_uris", json!("https://a.example"))]
#[case("redirect_uris", json!([1]))]
#[case("token_endpoint_auth_method", json!(["client_secret_basic"]))]
#[case("grant_types", json!("client_credentials"))]
#[case("grant_types", json!([["client_credentials"]]))]
#[case("response_types", json!("code"))]
#[case("client_name", json!({"en": "x"}))]
#[case("client_uri", json!(["https://a.example"]))]
#[case("logo_uri", json!(true))]
#[case("scope", json!(["catalog:read"]))]
#[case("contacts", json!("ada@example.com"))]
#[case("tos_uri", json!(1))]
#[case("policy_uri", json!(null))]
#[case("jwks_uri", json!(1))]
#[case("jwks", json!([]))]
#[case("jwks", json!("{}"))]
#[case("software_id", json!(4))]
#[case("software_version", json!(2.0))]
#[case("audience", json!(5))]
#[case("audience", json!([null]))]
#[case("access_token_lifetime", json!("10m"))]
#[case("access_token_lifetime", json!(0))]
#[case("access_token_lifetime", json!(-1))]
#[case("validity", json!(1.5))]
fn k7_a_known_member_of_a_wrong_type_is_refused(#[case] member: &str, #[case] value: Value) {
    let refusal =
        ClientMetadata::parse(json!({ member: value }).to_string().as_bytes()).expect_err("refused");
    assert_eq!(refusal.reason.error.as_str(), "invalid_client_metadata");
    assert!(refusal.description().ends_with(member), "{}", refusal.description());
}

#[test]
fn k7_unknown_members_are_ignored_and_never_come_back() {
    let server = TestServer::registering();
    let metadata = json!({
        "client_id": "admin", "client_secret": "mine", "registration_access_token": "x", "require_pushed": {"a": [1]},
        "client_name#de": "Name", "contacts": ["ada@example.com"], "software_id": "4NRB1", "scope": "catalog:read",
        "client_uri": "https://client.example.com", "redirect_uris": ["https://client.example.com/cb"],
    });
    let body = server.register_as("portal", &metadata).json();
    let members: Vec<&String> = body.as_object().expect("an object").keys().collect();
    let expected = [
        "access_token_lifetime",
        "audience",
        "client_id",
        "client_id_expires_at",
        "client_id_issued_at",
        "client_secret",
        "client_secret_expires_at",
        "grant_types",
        "response_types",
        "scope",
        "token_endpoint_auth_method",
    ];
    assert_eq!(members, expected);
    assert_ne!(body["client_id"], "admin");
}

#[test]
fn k7_members_that_stand_twice_are_refused_at_every_depth() {
    let server = TestServer::registering();
    for body in [
        r#"{"scope":"catalog:read","scope":"catalog:write"}"#,
        r#"{"scope":"catalog:read","sc\u006fpe":"catalog:write"}"#,
        r#"{"jwks":{"keys":[],"keys":[]}}"#,
        r#"{"unknown":1,"unknown":1}"#,
    ] {
        let answer = send(&server, body.as_bytes());
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_client_metadata"), "{body}");
    }
}

#[test]
fn k7_urls_that_are_programs_are_refused() {
    let server = TestServer::registering();
    for url in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "https://",
        "https://a.example/<script> x",
        "//a.example",
        "",
    ] {
        for member in ["client_uri", "logo_uri", "tos_uri", "policy_uri"] {
            refused(&server, &json!({ member: url }), "invalid_client_metadata");
        }
        refused(&server, &json!({"redirect_uris": ["https://a.example", url]}), "invalid_redirect_uri");
    }
}

#[test]
fn k7_a_name_cannot_reach_into_logs_or_pages() {
    let server = TestServer::registering();
    for name in ["a\nb", "a\u{1b}[31m", "a\u{202e}b", "a\u{200b}b", "\u{feff}a", "a\u{0}", &"x".repeat(65)] {
        refused(&server, &json!({"client_name": name}), "invalid_client_metadata");
    }
    for name in ["Ada's laptop", "<script>alert(1)</script>", "Büro Köln", &"x".repeat(64)] {
        let body = server.register_as("portal", &json!({"client_name": name})).json();
        assert_eq!(body["client_name"], name);
    }
    assert_eq!(server.register_as("portal", &json!({"client_name": ""})).json().get("client_name"), None);
}

#[test]
fn k7_what_is_no_json_object_in_a_post_of_json_is_refused() {
    let server = TestServer::registering();
    for body in ["", "[]", "null", "\"x\"", "{", "{}{}", "{'scope':1}", "\u{feff}{}", "{\"scope\":NaN}"] {
        let answer = send(&server, body.as_bytes());
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_client_metadata"), "{body}");
    }
    assert_eq!(send(&server, b"{\"client_name\":\"\xff\"}").status, 400);
    let token = format!("Bearer {}", server.registration_token("portal", "clients:register"));
    let post = |headers: &[(&str, &str)]| {
        let headers: Vec<_> = headers.iter().copied().chain([("Authorization", token.as_str())]).collect();
        server.send("POST", "/oauth2/register", &headers, b"{}").status
    };
    assert_eq!(post(&[("Content-Type", "application/json; charset=utf-8")]), 201);
    for kind in ["application/x-www-form-urlencoded", "text/plain", "application/jsonp", "application/jwt"] {
        assert_eq!(post(&[("Content-Type", kind)]), 415, "{kind}");
    }
    assert_eq!(post(&[]), 415);
    assert_eq!(post(&[("Content-Type", "application/json"), ("Content-Type", "application/json")]), 415);
    assert_eq!(post(&[("Content-Type", "application/json"), ("Content-Encoding", "gzip")]), 415);
}

#[test]
fn k9_registrations_can_be_neither_read_nor_changed_nor_deleted() {
    let server = TestServer::registering();
    let (id, secret) = server.registered(&json!({"scope": "catalog:read"}));
    let token = format!("Bearer {}", server.registration_token("portal", "clients:register"));
    for method in ["GET", "PUT", "DELETE", "PATCH", "HEAD"] {
        let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
        let body = json!({"client_id": id, "scope": "catalog:write"}).to_string();
        let body = if matches!(method, "PUT" | "PATCH") { body.as_bytes() } else { b"" };
        let answer = server.send(method, "/oauth2/register", &headers, body);
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{method}");
        if method != "HEAD" {
            let words = answer.json()["error_description"].to_string();
            assert!(words.contains("registrations are not stored"), "{words}");
        }
        assert_ne!(
            server.send(method, &format!("/oauth2/register/{id}"), &headers, body).status,
            200,
            "{method}"
        );
    }
    let answer = server.register_as("portal", &nothing()).json();
    assert_eq!(answer.get("registration_client_uri"), None, "no place is promised (RFC 7592 section 3)");
    assert_eq!(answer.get("registration_access_token"), None);
    assert_eq!(server.ask_as(&id, &secret, "").status, 200, "nothing has changed");
    assert_eq!(server.ask_as(&id, &secret, "&scope=catalog:write").status, 400);
}

#[test]
fn k10_large_and_deep_requests_are_refused_soon() {
    let server = TestServer::registering();
    let million = format!("{{\"client_name\":\"{}\"}}", "x".repeat(1_000_000));
    assert_eq!(send(&server, million.as_bytes()).status, 413);
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let answer = send(&server, deep.as_bytes());
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_client_metadata"));
    let members: String = (0..4_000).map(|number| format!("\"m{number}\":1,")).collect();
    assert_eq!(send(&server, format!("{{{members}\"scope\":\"catalog:read\"}}").as_bytes()).status, 201);
    let scopes = "catalog:read ".repeat(4_000);
    assert_eq!(send(&server, json!({ "scope": scopes }).to_string().as_bytes()).status, 201, "one scope");
    let scopes: String = (0..4_000).map(|number| format!("s{number} ")).collect();
    assert_eq!(send(&server, json!({ "scope": scopes }).to_string().as_bytes()).status, 400);
}

#[test]
fn k10_keys_that_are_too_many_too_large_too_small_or_private_are_refused() {
    let server = TestServer::registering();
    let with = |keys: Vec<Value>| json!({"jwks": {"keys": keys}});
    let rsa = |bytes: usize| {
        let modulus = signet::jose::compact::encode(&vec![0xff; bytes]);
        json!({"kty": "RSA", "n": modulus, "e": "AQAB"})
    };
    for keys in [
        (0..100).map(|_| ClientKey::ed25519().jwk()).collect(),
        (0..9).map(|_| ClientKey::ed25519().jwk()).collect(),
        vec![rsa(2048)],
        vec![rsa(128)],
        vec![json!({"kty": "oct", "k": "AAAA"})],
        vec![json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"})],
        vec![json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"})],
        Vec::new(),
    ] {
        let answer = server.register_as("portal", &with(keys));
        let outcome = (answer.status, answer.error());
        assert_eq!(outcome, (400, "invalid_client_metadata".to_owned()), "{}", answer.text());
    }
    let mut private = ClientKey::ed25519().jwk();
    private["d"] = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A".into();
    let answer = server.register_as("portal", &with(vec![private]));
    assert_eq!(answer.status, 400);
    assert!(!answer.text().contains("nWGxne"), "a private key is not sent back");
}

#[test]
fn k10_what_does_not_fit_into_an_id_is_refused_and_says_what_helps() {
    let server = TestServer::registering();
    let keys: Vec<Value> = (0..8).map(|_| ClientKey::ec().jwk()).collect();
    let answer = server.register_as("portal", &json!({"jwks": {"keys": keys}}));
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_client_metadata"));
    assert!(answer.text().contains("600 characters"), "{}", answer.text());
    let three: Vec<Value> = (0..3).map(|_| ClientKey::ed25519().jwk()).collect();
    assert_eq!(server.register_as("portal", &json!({"jwks": {"keys": three}})).status, 201);
}

proptest! {
    #[test]
    fn k7_k10_no_body_panics_and_none_is_an_error_of_the_server(
        bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "[\\[\\]{}\",:a-z0-9\\\\ ]{0,200}"
    ) {
        for body in [bytes.as_slice(), text.as_bytes()] {
            if let Err(refusal) = ClientMetadata::parse(body) {
                prop_assert_eq!(refusal.reason.error.as_str(), "invalid_client_metadata");
            }
        }
    }
}
