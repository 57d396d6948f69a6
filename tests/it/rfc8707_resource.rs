//! RFC 8707 §2: `resource`, and `audience` in the same meaning.

use rstest::rstest;

use crate::support::TestServer;

const INVOICES: &str = "https://invoices.example.com";
const SEARCH: &str = "https://search.example.com";

#[test]
fn e1_an_allowed_resource_becomes_the_audience() {
    let server = TestServer::start();
    for (name, value) in [("resource", INVOICES), ("audience", INVOICES), ("resource", SEARCH)] {
        let answer = server.ask("both", &format!("{name}={value}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(server.judge(&answer).claims["aud"], value);
    }
    let plain = server.ask("both", "audience=plain-name");
    assert_eq!(server.judge(&plain).claims["aud"], "plain-name");
}

#[rstest]
#[case::relative("resource=/invoices")]
#[case::no_scheme("resource=invoices.example.com")]
#[case::a_name_is_no_uri("resource=plain-name")]
#[case::fragment("resource=https://invoices.example.com%23x")]
#[case::unknown("resource=https://unknown.example.com")]
#[case::not_granted("resource=https://search.example.com")]
#[case::audience_not_granted("audience=https://search.example.com")]
fn e2_malformed_unknown_and_ungranted_resources_are_invalid_target(#[case] more: &str) {
    let answer = TestServer::start().ask("worker", more);
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_target"), "{}", answer.text());
}

#[test]
fn e2_a_huge_resource_is_invalid_target_and_an_empty_one_is_absent() {
    let server = TestServer::start();
    let huge = format!("resource=https://invoices.example.com/{}", "a".repeat(10 * 1024));
    assert_eq!(server.ask("worker", &huge).error(), "invalid_target");
    assert_eq!(server.ask("worker", "resource=").status, 200);
}

#[test]
fn e3_several_resources_need_permission_and_never_collapse_to_one() {
    let server = TestServer::start();
    let two = format!("resource={INVOICES}&resource={SEARCH}");
    assert_eq!(server.ask("both", &two).error(), "invalid_target");
    let answer = server.ask("many", &format!("resource={INVOICES}&audience={INVOICES}&scope=invoices:read"));
    assert_eq!(server.judge(&answer).claims["aud"], INVOICES, "one target named twice is one");
    let answer = server.ask("many", &format!("audience={INVOICES}&audience=plain-name&scope=invoices:read"));
    assert_eq!(server.judge(&answer).claims["aud"], serde_json::json!([INVOICES, "plain-name"]));
    let many: String = (0..17).map(|n| format!("&resource=https://{n}.example")).collect();
    assert_eq!(server.ask("worker", &many[1..]).error(), "invalid_request", "repeats are bounded");
}

#[test]
fn resource_and_audience_must_agree() {
    let answer = TestServer::start().ask("both", &format!("resource={INVOICES}&audience={SEARCH}"));
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_target"));
}

#[rstest]
#[case("https://Invoices.example.com")]
#[case("HTTPS://invoices.example.com")]
#[case("https://invoices.example.com/")]
#[case("https://invoices.example.com:443")]
#[case("https://invoices.example.com/.")]
#[case("https://invoices.example%2Ecom/%2E")]
#[case("https://invoices.example.com%2520")]
#[case("https://x@invoices.example.com")]
fn e4_comparison_is_exact(#[case] resource: &str) {
    let answer = TestServer::start().ask("worker", &format!("resource={resource}"));
    assert_eq!(answer.error(), "invalid_target", "{resource}");
}

#[test]
fn e5_a_scope_of_another_resource_is_refused() {
    let answer = TestServer::start().ask("both", &format!("resource={SEARCH}&scope=invoices:read"));
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_scope"));
}

#[test]
fn d7_without_a_resource_the_audience_follows_from_the_scopes_or_is_asked_for() {
    let server = TestServer::start();
    assert_eq!(server.judge(&server.ask("both", "scope=search:read")).claims["aud"], SEARCH);
    assert_eq!(server.judge(&server.ask("worker", "")).claims["aud"], INVOICES, "the only audience");
    assert_eq!(server.judge(&server.ask("defaults", "")).claims["aud"], INVOICES, "of the default scope");
    for more in ["", "scope=search:read+invoices:read"] {
        let answer = server.ask("both", more);
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_target"), "{more}");
        assert!(!answer.text().contains("example.com\""), "audiences are not listed: {}", answer.text());
    }
}
