//! RFC 6749 §3.3: scope.

use rstest::rstest;

use crate::support::{TestServer, secret};

#[rstest]
#[case::not_granted("search:read")]
#[case::unknown("no:such")]
#[case::one_of_two("invoices:read+no:such")]
#[case::part("invoices")]
fn a11_a_scope_that_is_not_granted_is_invalid_scope_and_named(#[case] scope: &str) {
    let answer = TestServer::start().ask("worker", &format!("scope={scope}"));
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_scope"));
    let first = scope.split('+').find(|scope| *scope != "invoices:read").expect("a scope");
    assert!(answer.json()["error_description"].as_str().expect("text").ends_with(first), "{}", answer.text());
}

#[rstest]
#[case("a%22b")]
#[case("a%5Cb")]
#[case("a%09b")]
#[case("a%0Db")]
#[case("a%0Ab")]
#[case("a%00b")]
#[case("%C3%A9")]
fn a12_characters_outside_the_grammar_are_invalid_and_not_reflected(#[case] scope: &str) {
    let answer = TestServer::start().ask("worker", &format!("scope={scope}"));
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_scope"));
    assert_eq!(
        answer.json()["error_description"],
        "the scope parameter holds a character that no scope may hold, or too many scopes"
    );
}

#[test]
fn a13_scopes_are_case_sensitive() {
    let server = TestServer::start();
    assert_eq!(server.ask("worker", "scope=Invoices:Read").error(), "invalid_scope");
    assert_eq!(server.ask("other", "scope=Search:Read").error(), "invalid_scope", "defined, but not granted");
    assert_eq!(server.ask("other", "scope=search:read").status, 200);
}

#[rstest]
#[case("invoices:write+invoices:read")]
#[case("invoices:write+invoices:read+invoices:write")]
#[case("++invoices:write++invoices:read+")]
fn a14_order_doubles_and_spaces_do_not_matter(#[case] scope: &str) {
    let server = TestServer::start();
    let answer = server.ask("worker", &format!("scope={scope}"));
    assert_eq!(answer.json()["scope"], "invoices:write invoices:read");
    assert_eq!(server.judge(&answer).claims["scope"], "invoices:write invoices:read");
}

#[test]
fn a15_without_scope_the_default_is_granted_and_named() {
    let server = TestServer::start();
    assert_eq!(
        server.ask("worker", "").json()["scope"],
        "invoices:read invoices:write",
        "all that is granted"
    );
    assert_eq!(server.ask("defaults", "").json()["scope"], "invoices:read", "default_scope");
    let none = server.ask("defaults", "resource=https://search.example.com");
    assert_eq!(none.error(), "invalid_scope", "no default at this audience: {}", none.text());
}

#[test]
fn a16_the_scope_of_the_response_equals_the_scope_of_the_token() {
    let server = TestServer::start();
    for more in ["", "scope=invoices:read", "scope=invoices:write+invoices:read"] {
        let answer = server.ask("worker", more);
        assert_eq!(answer.json()["scope"], server.judge(&answer).claims["scope"], "{more}");
    }
}

#[test]
fn a17_authentication_is_decided_before_any_work_on_a_long_scope() {
    let server = TestServer::start();
    let scope = "a+".repeat(25_000);
    let answer = server.basic("worker:wrong", &format!("grant_type=client_credentials&scope={scope}"));
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"));
    let answer = server.ask("worker", &format!("scope={scope}"));
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_scope"), "the doubles collapse");
    let distinct: String = (0..10_000).map(|n| format!("{n}+")).collect();
    assert_eq!(server.ask("worker", &format!("scope={distinct}")).error(), "invalid_scope");
    let large = format!("grant_type=client_credentials&scope={}", "a".repeat(1024 * 1024));
    let answer = server.basic(&format!("worker:{}", secret("worker")), &large);
    assert_eq!(answer.status, 413);
}

#[test]
fn d6_a_client_without_scopes_gets_a_token_without_the_scope_claim() {
    let server = TestServer::start();
    let answer = server.ask("many", "audience=plain-name");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json().get("scope"), None);
    assert_eq!(server.judge(&answer).claims.get("scope"), None);
}
