//! HTTP beside the endpoints: paths, encodings, headers that must not matter (RFC 9110, RFC 9700).

use rstest::rstest;

use crate::support::{TestServer, exchange, parse, secret};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

#[rstest]
#[case("gzip")]
#[case("br")]
#[case("zstd")]
#[case("deflate")]
#[case("foo")]
#[case("identity")]
fn a37_any_content_encoding_is_415_and_nothing_is_unpacked(#[case] coding: &str) {
    let headers = [FORM, ("Content-Encoding", coding)];
    let answer =
        TestServer::start().send("POST", "/oauth2/token", &headers, b"grant_type=client_credentials");
    assert_eq!((answer.status, answer.error().as_str()), (415, "invalid_request"));
}

#[rstest]
#[case("/")]
#[case("/unknown")]
#[case("/oauth2/token/")]
#[case("//oauth2/token")]
#[case("/oauth2/../oauth2/token")]
#[case("/oauth2/token%00")]
#[case("/oauth2%2Ftoken")]
#[case("/oauth2/%74oken")]
#[case("/../../etc/passwd")]
#[case("/errors/../livez")]
#[case("/metrics")]
#[case("/readyz")]
fn a41_unknown_paths_are_404_in_json_without_a_version_banner(#[case] path: &str) {
    let answer = TestServer::start().get(path);
    assert_eq!(answer.status, 404, "{}", answer.text());
    assert_eq!(answer.error(), "not_found");
    assert_eq!(answer.header("server"), None);
    assert_eq!(answer.header("x-powered-by"), None);
}

#[test]
fn a35_a_body_of_the_limit_passes_and_one_byte_more_is_413() {
    let server = TestServer::start();
    let body = |length: usize| {
        let mut form = "grant_type=client_credentials&filler=".to_owned();
        form.push_str(&"a".repeat(length - form.len()));
        server.basic(&format!("worker:{}", secret("worker")), &form)
    };
    assert_eq!(body(64 * 1024).status, 200);
    let answer = body(64 * 1024 + 1);
    assert_eq!((answer.status, answer.error().as_str()), (413, "invalid_request"));
    assert_eq!(answer.header("connection"), Some("close"));
}

#[test]
fn l3_forwarding_headers_of_strangers_change_no_answer() {
    let server = TestServer::start();
    let hostile = [
        FORM,
        ("X-Forwarded-For", "10.0.0.1"),
        ("X-Real-IP", "10.0.0.1"),
        ("Forwarded", "for=10.0.0.1;host=evil.example;proto=http"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-HTTP-Method-Override", "GET"),
    ];
    let plain = server.send("POST", "/oauth2/token", &[FORM], b"grant_type=client_credentials");
    let with = server.send("POST", "/oauth2/token", &hostile, b"grant_type=client_credentials");
    assert_eq!(plain.without_date(), with.without_date());
}

#[test]
fn l5_no_answer_redirects() {
    let server = TestServer::start();
    for path in [
        "/",
        "/oauth2/authorize?redirect_uri=https://evil.example",
        "/oauth2/token",
        "/errors",
        "/.well-known",
    ] {
        for method in ["GET", "POST"] {
            let answer = server.send(method, path, &[], b"");
            assert_eq!(answer.header("location"), None, "{method} {path}");
            assert!(answer.status >= 400 || answer.status == 200, "{method} {path}: {}", answer.status);
        }
    }
}

#[test]
fn answers_are_never_compressed() {
    let server = TestServer::start();
    let answer = server.send("GET", "/.well-known/jwks.json", &[("Accept-Encoding", "gzip, br, zstd")], b"");
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!(answer.json(), server.key_set());
}

#[test]
fn probes_tell_liveness_and_readiness_with_the_revision() {
    let server = TestServer::start();
    assert_eq!(server.get("/livez").status, 200);
    assert_eq!(server.admin("/livez").status, 200);
    let ready = server.admin("/readyz");
    assert_eq!(ready.status, 200);
    let revision = ready.json()["config_revision"].as_str().expect("text").to_owned();
    assert_eq!(revision.len(), 12);
    assert!(server.admin("/metrics").text().contains(&format!("revision=\"{revision}\"")));
    assert_eq!(server.admin("/oauth2/token").status, 404);
    let before_any_key = signet::clock::UnixTime::from_seconds(1_000_000_000);
    server.clock.set(before_any_key);
    assert_eq!(server.admin("/readyz").status, 503, "no key is active yet");
    assert_eq!(server.ask("worker", "").error(), "server_error");
}

#[test]
fn metrics_count_every_decision_by_grant_method_outcome_and_reason() {
    let server = TestServer::start();
    server.ask("worker", "");
    server.basic("worker:wrong", "grant_type=client_credentials");
    server.get("/oauth2/token");
    let metrics = server.admin("/metrics").text();
    for line in [
        "signet_token_requests_total{grant=\"client_credentials\",method=\"client_secret_basic\",outcome=\"issued\",reason=\"none\"} 1",
        "signet_token_requests_total{grant=\"client_credentials\",method=\"client_secret_basic\",outcome=\"refused\",reason=\"secret_wrong\"} 1",
        "signet_token_requests_total{grant=\"none\",method=\"none\",outcome=\"refused\",reason=\"http_method\"} 1",
        "signet_signing_seconds_count 1",
        "signet_config_last_reload_success 1",
        "state=\"signing\"",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    assert!(metrics.ends_with("# EOF\n"));
}

#[test]
fn several_requests_share_a_connection() {
    let server = TestServer::start();
    let get = |close: &str| format!("GET /livez HTTP/1.1\r\nHost: a\r\n{close}\r\n");
    let requests = format!("{}{}{}", get(""), get(""), get("Connection: close\r\n"));
    let answers = String::from_utf8(exchange(server.public, requests.as_bytes())).expect("UTF-8");
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
    assert_eq!(parse(answers.as_bytes()).status, 200);
}
