//! RFC 8414: metadata; RFC 7517 §5: the key set as it is served.

use serde_json::Value;

use crate::support::{CLIENTS, ISSUER, Options, TestServer};

const SPELLINGS: [&str; 2] = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

#[test]
fn c1_metadata_is_the_same_bytes_at_every_spelling() {
    let server = TestServer::start();
    let [a, b] = SPELLINGS.map(|path| server.get(path));
    assert_eq!((a.status, a.header("content-type")), (200, Some("application/json")));
    assert_eq!(a.without_date(), b.without_date());
    let options = Options { issuer: "https://auth.example.com/tenant/1", ..Options::default() };
    let server = TestServer::with(options);
    let inserted = SPELLINGS.map(|path| server.get(&format!("{path}/tenant/1")).without_date());
    let appended = SPELLINGS.map(|path| server.get(&format!("/tenant/1{path}")).without_date());
    assert_eq!(inserted[0].status, 200);
    assert_eq!(inserted, appended);
    assert_eq!(inserted[0], inserted[1]);
    assert_eq!(server.get(SPELLINGS[0]).status, 404, "the root belongs to no issuer");
    let token_path = inserted[0].json()["token_endpoint"].as_str().expect("text").to_owned();
    assert_eq!(token_path, "https://auth.example.com/tenant/1/oauth2/token");
    assert_eq!(server.get("/tenant/1/.well-known/jwks.json").status, 200);
    assert_eq!(server.send("POST", "/oauth2/token", &[], b"").status, 404);
    assert_eq!(server.send("POST", "/tenant/1/oauth2/token", &[], b"").status, 415);
}

#[test]
fn c2_the_issuer_is_the_configured_text_everywhere() {
    let server = TestServer::start();
    assert_eq!(server.get(SPELLINGS[0]).json()["issuer"], ISSUER);
    assert_eq!(server.judge(&server.ask("worker", "")).claims["iss"], ISSUER);
}

#[test]
fn c4_c5_the_document_says_what_the_server_does_without_nulls() {
    let server = TestServer::start();
    let metadata = server.get(SPELLINGS[0]).json();
    let text = server.get(SPELLINGS[0]).text().replace(",\"", ",\n\"");
    insta::assert_snapshot!(text, @r#"
    {"issuer":"https://auth.example.com",
    "token_endpoint":"https://auth.example.com/oauth2/token",
    "jwks_uri":"https://auth.example.com/.well-known/jwks.json",
    "authorization_endpoint":"https://auth.example.com/oauth2/authorize",
    "response_types_supported":[],
    "grant_types_supported":["client_credentials"],
    "token_endpoint_auth_methods_supported":["client_secret_basic",
    "client_secret_post",
    "private_key_jwt"],
    "token_endpoint_auth_signing_alg_values_supported":["RS256",
    "PS256",
    "ES256",
    "EdDSA"],
    "scopes_supported":["Search:Read",
    "invoices:read",
    "invoices:write",
    "search:read"],
    "subject_types_supported":["public"],
    "id_token_signing_alg_values_supported":["RS256"],
    "service_documentation":"https://auth.example.com/errors/"}
    "#);
    for (name, value) in metadata.as_object().expect("an object") {
        assert_ne!(value, &Value::Null, "{name}");
        // Required by RFC 8414 §2 although §3.2 leaves out empty arrays; see issuer/metadata.rs.
        assert!(value != &serde_json::json!([]) || name == "response_types_supported", "{name}");
    }
    // C4: a method signs JWTs, so the algorithms for it are listed; `none` never.
    assert!(!metadata.to_string().contains("\"none\""));
}

#[test]
fn the_authorization_endpoint_is_a_page_that_says_no_and_one_setting_removes_both() {
    let server = TestServer::start();
    let page = server.get("/oauth2/authorize?response_type=code");
    assert_eq!(page.status, 400);
    assert!(page.text().contains("machines only"));
    let without = TestServer::with(Options { authorization_endpoint: false, ..Options::default() });
    assert_eq!(without.get(SPELLINGS[0]).json().get("authorization_endpoint"), None);
    assert_eq!(without.get("/oauth2/authorize").status, 404);
}

#[test]
fn c6_hostile_host_and_forwarding_headers_change_nothing() {
    let server = TestServer::start();
    let plain = server.get(SPELLINGS[0]).without_date();
    let hostile = [
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("Forwarded", "host=evil.example"),
        ("X-Original-URL", "/metrics"),
    ];
    assert_eq!(server.send("GET", SPELLINGS[0], &hostile, b"").without_date(), plain);
    let request = format!("GET {} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", SPELLINGS[0]);
    let answer = crate::support::parse(&crate::support::exchange(server.public, request.as_bytes()));
    assert_eq!(answer.without_date(), plain);
    assert!(plain.header("cache-control").expect("a header").starts_with("public, max-age="));
}

#[test]
fn c7_c8_c9_the_key_set_holds_public_members_only() {
    let server = TestServer::start();
    let keys = server.key_set()["keys"].as_array().expect("an array").clone();
    assert_eq!(keys.len(), 1);
    let mut names: Vec<_> = keys[0].as_object().expect("an object").keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!(
        (&keys[0]["kty"], &keys[0]["alg"], &keys[0]["use"]),
        (&"RSA".into(), &"RS256".into(), &"sig".into())
    );
    for member in ["n", "e"] {
        let text = keys[0][member].as_str().expect("text");
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text);
        assert_ne!(bytes.expect("base64url without padding")[0], 0, "no leading zero octet");
    }
}

#[test]
fn c12_documents_carry_a_strong_validator_and_304_works() {
    let server = TestServer::start();
    for path in ["/.well-known/jwks.json", SPELLINGS[0], SPELLINGS[1]] {
        let full = server.get(path);
        let etag = full.header("etag").expect("an etag").to_owned();
        assert!(etag.starts_with('"') && etag.ends_with('"'), "strong: {etag}");
        assert_eq!(full.header("access-control-allow-origin"), Some("*"));
        for value in [etag.clone(), format!("\"x\", {etag}"), format!("W/{etag}"), "*".to_owned()] {
            let answer = server.send("GET", path, &[("If-None-Match", &value)], b"");
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{value}");
            assert_eq!(answer.header("etag"), Some(etag.as_str()));
            assert_eq!(answer.header("cache-control"), full.header("cache-control"));
        }
        assert_eq!(server.send("GET", path, &[("If-None-Match", "\"other\"")], b"").status, 200);
        let head = server.send("HEAD", path, &[], b"");
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("etag"), Some(etag.as_str()));
        assert_eq!(head.header("content-length"), Some(full.body.len().to_string().as_str()));
        let post = server.send("POST", path, &[], b"");
        assert_eq!((post.status, post.header("allow")), (405, Some("GET, HEAD")));
    }
}

#[test]
fn a43_only_public_documents_may_be_read_by_other_origins() {
    let server = TestServer::start();
    let origin = ("Origin", "https://evil.example");
    for (method, path) in [
        ("POST", "/oauth2/token"),
        ("OPTIONS", "/oauth2/token"),
        ("GET", "/oauth2/authorize"),
        ("GET", "/errors/invalid_client"),
        ("GET", "/livez"),
        ("GET", "/nothing"),
    ] {
        let answer = server.send(method, path, &[origin], b"");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{method} {path}");
    }
    let answer = server.send("GET", "/.well-known/jwks.json", &[origin], b"");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[test]
fn what_is_advertised_works_and_what_works_is_advertised() {
    let server = TestServer::with(Options { clients: CLIENTS.to_owned(), ..Options::default() });
    let metadata = server.get(SPELLINGS[0]).json();
    let names = |member: &str| -> Vec<String> {
        metadata[member]
            .as_array()
            .expect("an array")
            .iter()
            .map(|v| v.as_str().expect("text").to_owned())
            .collect()
    };
    let grants: Vec<&str> = signet::grant::GRANTS.iter().map(|grant| grant.grant_type()).collect();
    assert_eq!(names("grant_types_supported"), grants);
    let methods: Vec<&str> =
        signet::client_auth::KINDS.iter().flat_map(|kind| kind.methods()).copied().collect();
    assert_eq!(names("token_endpoint_auth_methods_supported"), methods);
    for grant in grants {
        let answer = server.basic("worker:wrong", &format!("grant_type={grant}"));
        assert_eq!(answer.error(), "invalid_client", "a grant that is known gets as far as the client");
    }
}
