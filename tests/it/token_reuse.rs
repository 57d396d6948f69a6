//! `reuse` of a client: whoever asks for the same within that time gets the same token again, with
//! what is left of its lifetime (RFC 6749 §5.1, `expires_in`).

use rstest::rstest;
use serde_json::Value;

use crate::support::{Options, Response, TestServer};

const LIST: &str = "\
resources:
  - {audience: https://a.example, scopes: [a:read, a:write]}
  - {audience: https://b.example, scopes: [b:read]}
clients:
  - client_id: fleet
    credentials: [{client_secret: \"${secret:fleet-secret-of-the-tests}\"}]
    scope: a:read a:write b:read
    default_scope: a:read
    reuse: 60s
  - client_id: short
    credentials: [{client_secret: \"${secret:short-secret-of-the-tests}\"}]
    scope: a:read
    access_token_lifetime: 1m
    reuse: 5m
  - client_id: single
    credentials: [{client_secret: \"${secret:single-secret-of-the-tests}\"}]
    scope: a:read
";

fn server() -> TestServer {
    TestServer::with(Options { clients: LIST.to_owned(), ..Options::default() })
}

fn ask(server: &TestServer, client: &str, more: &str) -> Response {
    let answer = server.basic(
        &format!("{client}:{client}-secret-of-the-tests"),
        &format!("grant_type=client_credentials{more}"),
    );
    assert_eq!(answer.status, 200, "{}", answer.error());
    answer
}

fn expires_in(answer: &Response) -> i64 {
    answer.json()["expires_in"].as_i64().expect("a number")
}

#[test]
fn the_same_request_gets_the_same_token_with_what_is_left_of_its_life() {
    let server = server();
    let first = ask(&server, "fleet", "");
    let claims = server.judge(&first).claims;
    for passed in [0, 1, 58] {
        server.clock.advance(passed);
        let again = ask(&server, "fleet", "");
        assert_eq!(again.access_token(), first.access_token());
        assert_eq!(again.json()["scope"], first.json()["scope"]);
    }
    assert_eq!(expires_in(&first), 900);
    assert_eq!(expires_in(&ask(&server, "fleet", "")), 900 - 59, "exactly what is left");
    server.clock.advance(1);
    let next = ask(&server, "fleet", "");
    assert_ne!(server.judge(&next).claims["jti"], claims["jti"], "60 s are over");
    assert_eq!(expires_in(&next), 900);
}

/// The clients of one fleet may be spelled and may authenticate in several ways.
#[rstest]
#[case::by_name("&scope=a:read", true)]
#[case::by_audience("&resource=https://a.example", true)]
#[case::another_scope("&scope=a:write", false)]
#[case::more_scopes("&scope=a:read+a:write", false)]
#[case::another_audience("&scope=b:read", false)]
fn only_what_ends_in_the_same_claims_is_the_same(#[case] more: &str, #[case] same: bool) {
    let server = server();
    let first = ask(&server, "fleet", "");
    let other = ask(&server, "fleet", more);
    assert_eq!(other.access_token() == first.access_token(), same);
    server.judge(&other);
    assert_ne!(ask(&server, "short", "").access_token(), first.access_token(), "another client");
}

#[test]
fn no_token_is_given_out_for_longer_than_half_of_its_life_or_by_a_clock_that_was_set_back() {
    let server = server();
    let first = ask(&server, "short", "").access_token();
    server.clock.advance(29);
    assert_eq!(ask(&server, "short", "").access_token(), first);
    server.clock.advance(1);
    let second = ask(&server, "short", "").access_token();
    assert_ne!(second, first);
    server.clock.advance(-1);
    assert_ne!(ask(&server, "short", "").access_token(), second);
}

#[test]
fn without_the_word_every_token_is_its_own() {
    let server = server();
    assert_ne!(ask(&server, "single", "").access_token(), ask(&server, "single", "").access_token());
}

/// A wrong secret gets nothing that a right one left behind.
#[test]
fn a_token_is_kept_for_the_client_and_for_nobody_else() {
    let server = server();
    ask(&server, "fleet", "");
    let wrong = server.basic("fleet:single-secret-of-the-tests", "grant_type=client_credentials");
    assert_eq!((wrong.status, wrong.error().as_str()), (401, "invalid_client"));
}

#[test]
fn a_reload_empties_what_is_kept() {
    let server = server();
    let first = ask(&server, "fleet", "").access_token();
    let list = std::fs::read_to_string(server.clients_file()).expect("a list");
    server.write_clients(&format!("{list}# changed\n"));
    server.reload_and_wait();
    assert_ne!(ask(&server, "fleet", "").access_token(), first);
}

#[test]
fn tokens_that_are_given_out_again_are_counted_and_cost_no_signature() {
    let server = server();
    for _ in 0..5 {
        ask(&server, "fleet", "");
    }
    assert_eq!(server.metric("signet_reused_tokens_total"), 4.0);
    assert_eq!(server.metric("signet_signing_seconds_count"), 1.0);
    let issued = server.admin("/metrics").text();
    assert!(issued.contains("outcome=\"issued\",reason=\"none\"} 5"), "{issued}");
    let decoded: Value = server.judge(&ask(&server, "fleet", "")).claims;
    assert_eq!(decoded["client_id"], "fleet");
}
