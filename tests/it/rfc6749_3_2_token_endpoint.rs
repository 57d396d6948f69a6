//! RFC 6749 §3.2 and §5: the token endpoint, its parameters, its answers.

use rstest::rstest;

use crate::support::{TestServer, secret};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

fn basic_of_worker() -> String {
    use base64::Engine as _;
    let pair = format!("worker:{}", secret("worker"));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

#[test]
fn a1_a_form_with_valid_basic_credentials_gets_a_token() {
    let answer = TestServer::start().ask("worker", "");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let json = answer.json();
    assert_eq!(json["token_type"], "Bearer");
    assert!(json["access_token"].is_string());
}

#[rstest]
#[case::get("GET")]
#[case::head("HEAD")]
#[case::put("PUT")]
#[case::patch("PATCH")]
#[case::delete("DELETE")]
#[case::options("OPTIONS")]
fn a2_other_methods_than_post_are_405_with_allow(#[case] method: &str) {
    let server = TestServer::start();
    let answer = server.send(method, "/oauth2/token", &[("Authorization", &basic_of_worker())], b"");
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("allow"), Some("POST"));
    assert!(!answer.text().contains("access_token"));
}

#[rstest]
#[case::trace("TRACE")]
#[case::connect("CONNECT")]
fn a2_trace_and_connect_echo_nothing(#[case] method: &str) {
    let answer = TestServer::start().send(method, "/oauth2/token", &[("X-Echo", "canary")], b"");
    assert!((400..=501).contains(&answer.status), "{}", answer.status);
    assert!(!answer.text().contains("canary"));
}

#[test]
fn a3_credentials_in_the_query_string_never_give_a_token() {
    let server = TestServer::start();
    let query = format!("client_id=worker&client_secret={}", secret("worker"));
    let target = format!("/oauth2/token?{query}&grant_type=client_credentials");
    let answer = server.send("POST", &target, &[FORM], b"grant_type=client_credentials");
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"));
    let answer = server.send("POST", &target, &[FORM], b"");
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"));
}

#[rstest]
#[case::missing(None)]
#[case::json(Some("application/json"))]
#[case::text(Some("text/plain"))]
#[case::multipart(Some("multipart/form-data; boundary=x"))]
#[case::prefix(Some("application/x-www-form-urlencoded-not"))]
#[case::utf_16(Some("application/x-www-form-urlencoded; charset=utf-16"))]
#[case::garbage(Some("\u{1f}"))]
fn a4_a5_other_media_types_are_415_in_json(#[case] content_type: Option<&str>) {
    let server = TestServer::start();
    let basic = basic_of_worker();
    let mut headers = vec![("Authorization", basic.as_str())];
    headers.extend(content_type.filter(|value| *value != "\u{1f}").map(|value| ("Content-Type", value)));
    let answer = server.send("POST", "/oauth2/token", &headers, b"grant_type=client_credentials");
    assert_eq!((answer.status, answer.error().as_str()), (415, "invalid_request"));
}

#[rstest]
#[case("application/x-www-form-urlencoded; charset=UTF-8")]
#[case("application/x-www-form-urlencoded;charset=\"utf-8\"")]
#[case("Application/X-WWW-Form-URLencoded; q=1")]
fn a5_utf_8_in_any_spelling_and_other_parameters_are_accepted(#[case] content_type: &str) {
    let headers = [("Content-Type", content_type), ("Authorization", &basic_of_worker())];
    let answer =
        TestServer::start().send("POST", "/oauth2/token", &headers, b"grant_type=client_credentials");
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn a6_a_request_without_grant_type_is_invalid() {
    let server = TestServer::start();
    for form in ["", "grant_type=", "scope=invoices:read"] {
        let answer = server.basic(&format!("worker:{}", secret("worker")), form);
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{form}");
    }
}

#[rstest]
#[case("password")]
#[case("implicit")]
#[case("Client_Credentials")]
#[case("refresh_token")]
#[case("foo")]
#[case("client_credentials%20")]
fn a7_other_grant_types_are_unsupported_and_case_counts(#[case] grant_type: &str) {
    let answer = TestServer::start()
        .basic(&format!("worker:{}", secret("worker")), &format!("grant_type={grant_type}"));
    assert_eq!((answer.status, answer.error().as_str()), (400, "unsupported_grant_type"));
}

#[rstest]
#[case::grant_type("grant_type=client_credentials")]
#[case::scope("scope=invoices:read&scope=invoices:read")]
#[case::scope_differs("scope=invoices:read&scope=invoices:write")]
#[case::client_id("client_id=worker&client_id=worker")]
#[case::client_secret("client_secret=a&client_secret=a")]
#[case::assertion("client_assertion=a&client_assertion=b")]
#[case::empty_first("scope=&scope=invoices:read")]
fn a8_a_known_parameter_must_not_stand_twice(#[case] more: &str) {
    let answer = TestServer::start().ask("worker", more);
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{}", answer.text());
}

#[test]
fn a9_an_empty_value_equals_absence() {
    let server = TestServer::start();
    for more in ["scope=", "resource=", "audience=&scope=", "client_id=", "client_secret="] {
        let answer = server.ask("worker", more);
        assert_eq!(answer.status, 200, "{more}: {}", answer.text());
        assert_eq!(answer.json()["scope"], "invoices:read invoices:write", "{more}");
    }
}

#[test]
fn a10_unknown_parameters_are_ignored_even_when_repeated() {
    let server = TestServer::start();
    assert_eq!(server.ask("worker", "foo=bar").status, 200);
    assert_eq!(server.ask("worker", "foo=bar&foo=baz").status, 200);
}

#[test]
fn a18_a_client_without_the_grant_is_unauthorized() {
    let answer = TestServer::start().ask("no-grant", "");
    assert_eq!((answer.status, answer.error().as_str()), (400, "unauthorized_client"));
}

#[test]
fn a20_a_success_carries_no_refresh_token_and_no_id_token() {
    let json = TestServer::start().ask("worker", "").json();
    let mut names: Vec<_> = json.as_object().expect("an object").keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["access_token", "expires_in", "scope", "token_type"]);
}

#[test]
fn a21_success_and_every_error_forbid_caching() {
    let server = TestServer::start();
    let answers = [
        server.ask("worker", ""),
        server.ask("worker", "scope=nope"),
        server.ask("worker", "resource=nope"),
        server.basic("worker:wrong", "grant_type=client_credentials"),
        server.post("grant_type=%"),
        server.get("/oauth2/token"),
        server.send("POST", "/oauth2/token", &[("Content-Type", "application/json")], b"{}"),
    ];
    for answer in answers {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{}", answer.status);
        assert_eq!(answer.header("pragma"), Some("no-cache"), "{}", answer.status);
        assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.status);
    }
}

#[test]
fn a22_expires_in_is_an_integer_and_equals_exp_minus_the_moment_of_issue() {
    let server = TestServer::start();
    let answer = server.ask("worker", "");
    assert!(answer.text().contains("\"expires_in\":900,"), "an integer in the text itself");
    let claims = server.judge(&answer).claims;
    assert_eq!(claims["exp"], crate::support::NOW + 900);
    assert_eq!(claims["iat"], crate::support::NOW - 5, "backdated by the clock allowance");
    assert_eq!(answer.json()["token_type"], "Bearer");
}

#[rstest]
#[case("client_id=%22%5C%0D%0Aevil%F0%9F%98%80")]
#[case("scope=%22%5C%0D%0Aevil%F0%9F%98%80")]
#[case("scope=%3Cscript%3E%27")]
#[case("grant_type=%22%5C%0D%0Aevil%F0%9F%98%80")]
#[case("resource=%22%5C%0D%0Aevil%F0%9F%98%80")]
#[case("audience=%22%5C%0D%0Aevil%F0%9F%98%80")]
fn a23_descriptions_keep_to_the_allowed_characters(#[case] more: &str) {
    let server = TestServer::start();
    let form = if more.starts_with("grant_type") {
        more.to_owned()
    } else {
        format!("grant_type=client_credentials&{more}")
    };
    let answer = server.basic(&format!("worker:{}", secret("worker")), &form);
    assert!((400..=401).contains(&answer.status), "{}", answer.status);
    let json = answer.json();
    for member in ["error", "error_description"] {
        let text = json[member].as_str().expect("text");
        // RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E.
        assert!(text.bytes().all(|b| (0x20..=0x7e).contains(&b) && b != b'"' && b != b'\\'), "{text}");
    }
    assert!(!answer.text().contains("evil\r"), "nothing is reflected raw");
}

#[test]
fn errors_name_the_servers_own_page_and_the_page_exists() {
    let server = TestServer::start();
    let answer = server.ask("worker", "scope=nope");
    let uri = answer.json()["error_uri"].as_str().expect("a URI").to_owned();
    let path = uri.strip_prefix(crate::support::ISSUER).expect("a page of this issuer");
    let page = server.get(path);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("SG0503"), "{}", page.text());
    let html = server.send("GET", path, &[("Accept", "text/html")], b"");
    assert_eq!(html.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(html.text().contains("<h1>"));
    assert_eq!(server.get("/errors/no-such-code").status, 404);
    assert_eq!(server.get("/errors/SG0519").status, 200);
}
