//! RFC 9068 and RFC 7519: the access token itself.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{CLIENTS, ISSUER, NOW, Options, TestServer};

#[test]
fn d1_the_header_is_alg_typ_kid_and_nothing_else() {
    let server = TestServer::start();
    let answer = server.ask("worker", "");
    let encoded = answer.access_token();
    let encoded = encoded.split('.').next().expect("a header");
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, encoded);
    let text = String::from_utf8(bytes.expect("base64url")).expect("UTF-8");
    let kid = server.key_set()["keys"][0]["kid"].as_str().expect("a kid").to_owned();
    assert_eq!(text, format!("{{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"{kid}\"}}"));
    let other = server.ask("other", "");
    assert_eq!(server.judge(&other).header["typ"], "JWT", "typ is the resource's");
}

#[test]
fn d2_all_claims_are_there_with_the_right_types() {
    let server = TestServer::start();
    let claims = server.judge(&server.ask("worker", "")).claims;
    let jti = claims["jti"].as_str().expect("text").to_owned();
    let expected = json!({
        "iss": ISSUER,
        "sub": "worker",
        "client_id": "worker",
        "aud": "https://invoices.example.com",
        "iat": NOW - 5,
        "exp": NOW + 900,
        "jti": jti,
        "scope": "invoices:read invoices:write",
    });
    assert_eq!(claims, expected);
    assert_eq!(jti.len(), 22, "128 bits in base64url");
}

#[test]
fn d3_times_are_integers_that_follow_the_configured_lifetimes() {
    let server = TestServer::start();
    let lifetime = |client: &str| {
        let answer = server.ask(client, "");
        let claims = server.judge(&answer).claims;
        assert!(claims["iat"].is_i64() && claims["exp"].is_i64());
        assert!(claims["iat"].as_i64() <= Some(NOW));
        assert_eq!(claims["exp"].as_i64(), answer.json()["expires_in"].as_i64().map(|seconds| NOW + seconds));
        answer.json()["expires_in"].clone()
    };
    assert_eq!(lifetime("worker"), 900, "the default");
    assert_eq!(lifetime("other"), 300, "the resource's");
    assert_eq!(lifetime("claims"), 120, "the client's");
}

#[test]
fn d4_token_ids_never_repeat_across_replicas() {
    let replicas = [TestServer::start(), TestServer::start()];
    let mut seen = HashSet::new();
    for replica in &replicas {
        for _ in 0..50 {
            let claims = replica.judge(&replica.ask("worker", "")).claims;
            assert!(seen.insert(claims["jti"].as_str().expect("text").to_owned()));
        }
    }
}

#[test]
fn d5_the_subject_is_the_client_id_and_cannot_read_like_a_user() {
    let server = TestServer::start();
    let claims = server.judge(&server.ask("worker", "")).claims;
    assert_eq!(claims["sub"], claims["client_id"]);
    for id in ["alice@example.com", "system:serviceaccount:a:b", "spiffe://a/b", "auth0|123"] {
        assert_eq!(signet::oauth::ClientId::parse(id), None, "{id}");
    }
}

#[test]
fn d10_the_token_holds_documented_claims_and_the_clients_own() {
    let server = TestServer::start();
    let claims = server.judge(&server.ask("claims", "")).claims;
    let names: HashSet<&str> = claims.as_object().expect("an object").keys().map(String::as_str).collect();
    let documented =
        ["iss", "sub", "client_id", "aud", "iat", "exp", "jti", "scope", "tenant", "level", "flags"];
    assert_eq!(names, HashSet::from(documented));
    assert_eq!(claims["tenant"], "acme \"quoted\"");
    assert_eq!(claims["level"], 3);
    assert_eq!(claims["flags"], json!([true, null]));
}

#[test]
fn d9_every_single_bit_change_of_a_token_is_refused_by_an_independent_library() {
    let server = TestServer::start();
    let token = server.ask("worker", "").access_token();
    let key_set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(server.key_set()).expect("a key set");
    let key = jsonwebtoken::DecodingKey::from_jwk(&key_set.keys[0]).expect("a key");
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    let accepted = |token: &str| jsonwebtoken::decode::<Value>(token, &key, &validation).is_ok();
    assert!(accepted(&token));
    let mut refused = 0;
    for index in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        // The last character of a part may hold bits beyond the data; flipping a high bit of the
        // six changes data wherever the character stands.
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let Some(position) = alphabet.iter().position(|c| *c == bytes[index]) else { continue };
        bytes[index] = alphabet[position ^ 0b10_0000];
        assert!(!accepted(std::str::from_utf8(&bytes).expect("ASCII")), "character {index}");
        refused += 1;
    }
    assert!(refused > 700, "{refused}");
}

#[test]
fn d13_both_backends_make_the_same_signature_over_the_same_bytes() {
    use signet::clock::UnixTime;
    use signet::jose::Algorithm;
    let server = TestServer::start();
    let keys = server.directory.path().join("keys");
    let sign = |signer: &str| {
        let options = signet::keys::LoadOptions {
            backend: Some(signer),
            retention: signet::inputs::retention(5),
            require_private_permissions: true,
        };
        let now = UnixTime::from_seconds(NOW);
        let (keyring, _) = signet::keys::load(&keys, now, &options);
        let keyring = keyring.expect("keys");
        let key = keyring.signing(Algorithm::Rs256, now).expect("a key");
        let mut signature = vec![0; key.signature_bytes()];
        key.sign(&[b"the same bytes"], &mut signature).expect("a signature");
        signature
    };
    assert_eq!(sign("aws-lc-rs"), sign("ring"));
    let ring = TestServer::with(Options { signer: "ring", ..Options::default() });
    ring.judge(&ring.ask("worker", ""));
}

#[test]
fn l6_the_default_lifetime_is_at_most_an_hour_and_the_cap_holds_at_load() {
    let server = TestServer::start();
    assert!(server.ask("worker", "").json()["expires_in"].as_i64() <= Some(3600));
    let over = CLIENTS.replace("access_token_lifetime: 2m", "access_token_lifetime: 25h");
    server.write_clients(&over);
    server.reload();
    server.until("the refusal of the list", |server| {
        server.admin("/metrics").text().contains("signet_config_last_reload_success 0")
    });
}

fn findings_of(clients: &str) -> Vec<&'static str> {
    let text = crate::support::with_hashes(clients);
    let options = signet::config::Options::default();
    let now = signet::clock::UnixTime::from_seconds(NOW);
    let loaded = signet::config::load_text("clients.yaml", &text, now, &options);
    loaded.findings.iter().map(|finding| finding.code.name).collect()
}

#[test]
fn d8_a_client_without_an_audience_is_refused_at_load() {
    let without = CLIENTS
        .replace("    scope: invoices:read invoices:write\n  - client_id: other", "  - client_id: other");
    assert_ne!(without, CLIENTS);
    assert!(findings_of(&without).contains(&"audience_missing"));
    assert!(!findings_of(CLIENTS).contains(&"audience_missing"));
}

#[test]
fn d11_the_largest_token_fits_4_kib_or_is_warned_about() {
    let server = TestServer::start();
    for client in ["worker", "other", "claims"] {
        let length = server.ask(client, "").access_token().len();
        assert!(length <= 4096, "{client}: {length}");
    }
    // 2 KiB of claims are the limit; together with many scopes the token passes 4 KiB.
    let scopes: Vec<String> = (0..40).map(|n| format!("scope-{n:02}-{}", "x".repeat(40))).collect();
    let large = CLIENTS
        .replace(
            "[invoices:read, invoices:write]",
            &format!("[invoices:read, invoices:write, {}]", scopes.join(", ")),
        )
        .replace("tenant: \"acme", &format!("filler: {}, tenant: \"acme", "y".repeat(1500)))
        .replace(
            "    scope: invoices:read\n    access_token_lifetime: 2m",
            &format!("    scope: invoices:read {}\n", scopes.join(" ")),
        );
    assert!(findings_of(&large).contains(&"token_large"), "{:?}", findings_of(&large));
    assert!(!findings_of(CLIENTS).contains(&"token_large"));
}
