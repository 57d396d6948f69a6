//! RFC 6749 §2.3: client authentication with a secret.

use rstest::rstest;

use crate::support::{AWKWARD_SECRET, Options, TestServer, secret};

const GRANT: &str = "grant_type=client_credentials";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// RFC 3986 unreserved characters stay, all else is percent-encoded: what strict clients send.
fn encoded(text: &str) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if keep(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[test]
fn a24_bad_basic_credentials_are_401_with_a_challenge() {
    let answer = TestServer::start().basic("worker:wrong", GRANT);
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"));
    assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"signet\", charset=\"UTF-8\""));
}

#[test]
fn a25_unknown_client_wrong_secret_disabled_expired_and_wrong_method_answer_the_same_bytes() {
    let server = TestServer::start();
    let post = |id: &str, secret: &str| {
        server.post(&format!("{GRANT}&client_id={id}&client_secret={secret}")).without_date()
    };
    let unknown = post("nobody", "wrong");
    assert_eq!((unknown.status, unknown.error().as_str()), (401, "invalid_client"));
    assert_eq!(unknown.header("www-authenticate"), None, "no challenge without an Authorization header");
    assert_eq!(unknown, post("worker", "wrong"));
    assert_eq!(unknown, post("disabled", &secret("disabled")));
    assert_eq!(unknown, post("disabled", "wrong"));
    assert_eq!(unknown, post("dated", &secret("expired")));
    assert_eq!(unknown, post("dated", &secret("future")));
    assert_eq!(unknown, post("no-credential", "wrong"));
    assert_eq!(unknown, post("%C3%A9%0D", "wrong"));
    let basic = |pair: String| server.basic(&pair, GRANT).without_date();
    let unknown = basic("nobody:wrong".to_owned());
    assert_eq!(unknown, basic("worker:wrong".to_owned()));
    assert_eq!(unknown, basic(format!("disabled:{}", secret("disabled"))));
    assert_eq!(unknown, basic(format!("post-only:{}", secret("post-only"))), "wrong method");
}

#[test]
fn a25_dev_says_why_and_serve_does_not() {
    let dev = TestServer::with(Options { reveal_reasons: true, ..Options::default() });
    let description = |answer: crate::support::Response| answer.json()["error_description"].to_string();
    assert!(description(dev.basic("worker:wrong", GRANT)).contains("secret is not one of"));
    assert!(description(dev.basic("nobody:wrong", GRANT)).contains("no client has this id"));
    let serve = TestServer::start();
    assert_eq!(description(serve.basic("worker:wrong", GRANT)), "\"client authentication failed\"");
}

/// A look-up leads an unknown client to another one, whose credentials are checked in its place.
#[test]
fn a25_what_is_right_for_every_client_of_the_list_is_wrong_for_one_that_is_not_in_it() {
    let clients = "resources:\n  - {audience: https://invoices.example.com, scopes: [invoices:read]}\nclients:\n  \
                   - client_id: only\n    credentials: [{client_secret: \"${secret:right-for-all-of-this-list}\"}]\n    scope: invoices:read\n";
    let dev = Options { clients: clients.to_owned(), reveal_reasons: true, ..Options::default() };
    let server = TestServer::with(dev);
    assert_eq!(server.basic("only:right-for-all-of-this-list", GRANT).status, 200);
    for id in ["onlx", "onl", "only2", "ONLY", "nobody", "~"] {
        let answer = server.basic(&format!("{id}:right-for-all-of-this-list"), GRANT);
        assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"), "{id}");
        assert!(answer.text().contains("no client has this id"), "{id}: {}", answer.text());
    }
}

#[test]
fn a26_two_methods_at_once_are_refused_even_when_one_is_right() {
    let server = TestServer::start();
    let right = format!("client_id=worker&client_secret={}", secret("worker"));
    let assertion = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=e30.e30.x";
    for more in [right.as_str(), "client_secret=wrong", assertion] {
        let answer = server.ask("worker", more);
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{more}");
    }
    let answer = server.post(&format!("{GRANT}&{right}&{assertion}"));
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"));
    let bearer = [FORM, ("Authorization", "Bearer abc")];
    let answer = server.send("POST", "/oauth2/token", &bearer, format!("{GRANT}&{right}").as_bytes());
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"));
}

#[test]
fn a27_a_body_client_id_beside_basic_must_be_equal() {
    let server = TestServer::start();
    assert_eq!(server.ask("worker", "client_id=worker").status, 200);
    let answer = server.ask("worker", "client_id=other");
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"));
    // An answer that depends on whether the secret is right would be an oracle.
    let wrong = server.basic("worker:wrong", &format!("{GRANT}&client_id=other"));
    assert_eq!(wrong.without_date().body, answer.without_date().body);
}

#[test]
fn a28_awkward_secrets_work_form_encoded_and_raw_and_are_decoded_exactly_once() {
    let server = TestServer::start();
    let post =
        |secret: &str| server.post(&format!("{GRANT}&client_id=awkward&client_secret={secret}")).status;
    let basic = |secret: &str| server.basic(&format!("awkward:{secret}"), GRANT).status;
    assert_eq!(post(&encoded(AWKWARD_SECRET)), 200);
    assert_eq!(basic(&encoded(AWKWARD_SECRET)), 200, "RFC 6749 section 2.3.1: form-encoded");
    assert_eq!(basic(AWKWARD_SECRET), 200, "as curl and half of the libraries send it: raw");
    assert_eq!(post(&encoded(&encoded(AWKWARD_SECRET))), 401, "encoded twice is another secret");
    assert_eq!(basic(&encoded(&encoded(AWKWARD_SECRET))), 401);
    assert_eq!(basic("p/w d a:b&c=é/ü?~"), 401, "the raw text decoded is another secret");
    assert_eq!(server.basic(&format!("aw%6Bward:{}", encoded(AWKWARD_SECRET)), GRANT).status, 200);
}

#[test]
fn a28_the_raw_form_is_counted() {
    let server = TestServer::start();
    assert_eq!(server.basic(&format!("awkward:{AWKWARD_SECRET}"), GRANT).status, 200);
    let metrics = server.admin("/metrics").text();
    assert!(metrics.contains("signet_legacy_total{feature=\"basic_raw\"} 1"), "{metrics}");
}

#[rstest]
#[case::not_base64("Basic !!!!", 400)]
#[case::well_formed_but_unknown("Basic YTpi", 401)]
#[case::unpadded("Basic YWE6Yg", 400)]
#[case::url_alphabet("Basic _-__", 400)]
#[case::no_colon("Basic YWJj", 400)]
#[case::empty_user("Basic OmI=", 400)]
#[case::scheme_alone("Basic", 400)]
#[case::scheme_and_space("Basic ", 400)]
#[case::tab("Basic\tYTpi", 400)]
#[case::two_spaces("Basic  YTpi", 400)]
#[case::trailing_text("Basic YTpi YTpi", 400)]
#[case::comma("Basic YTpi, Basic YTpi", 400)]
#[case::other_scheme("Bearer YTpi", 401)]
#[case::no_scheme("YTpi:", 401)]
#[case::punctuation("=", 400)]
fn a29_malformed_authorization_headers_are_refused(#[case] value: &str, #[case] status: u16) {
    let answer = TestServer::start().send(
        "POST",
        "/oauth2/token",
        &[FORM, ("Authorization", value)],
        GRANT.as_bytes(),
    );
    assert_eq!(answer.status, status, "{}", answer.text());
}

#[rstest]
#[case("basic")]
#[case("BASIC")]
fn a29_the_scheme_has_no_case(#[case] scheme: &str) {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("worker:{}", secret("worker")));
    let value = format!("{scheme} {pair}");
    let answer = TestServer::start().send(
        "POST",
        "/oauth2/token",
        &[FORM, ("Authorization", &value)],
        GRANT.as_bytes(),
    );
    assert_eq!(answer.status, 200);
}

#[test]
fn a29_two_authorization_headers_and_a_huge_one_are_refused() {
    use base64::Engine as _;
    let server = TestServer::start();
    let right = base64::engine::general_purpose::STANDARD.encode(format!("worker:{}", secret("worker")));
    let right = format!("Basic {right}");
    let two = [FORM, ("Authorization", right.as_str()), ("Authorization", right.as_str())];
    assert_eq!(server.send("POST", "/oauth2/token", &two, GRANT.as_bytes()).status, 400);
    let huge = format!("Basic {}", "A".repeat(64 * 1024));
    let answer = server.send("POST", "/oauth2/token", &[FORM, ("Authorization", &huge)], GRANT.as_bytes());
    assert_eq!(answer.status, 431);
}

#[test]
fn a30_a_client_pinned_to_one_method_may_not_use_another() {
    let server = TestServer::start();
    let secret = secret("post-only");
    assert_eq!(server.post(&format!("{GRANT}&client_id=post-only&client_secret={secret}")).status, 200);
    let answer = server.basic(&format!("post-only:{secret}"), GRANT);
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"));
}

#[test]
fn a19_a_client_without_a_credential_gets_nothing() {
    let server = TestServer::start();
    for form in
        [format!("{GRANT}&client_id=no-credential"), format!("{GRANT}&client_id=worker"), GRANT.to_owned()]
    {
        let answer = server.post(&form);
        assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"), "{form}");
    }
}

#[test]
fn a31_near_misses_of_a_secret_are_refused() {
    let server = TestServer::start();
    let right = secret("worker");
    let upper = right.to_uppercase();
    let near = [
        &right[..right.len() - 1],
        &right[1..],
        &upper,
        &format!("{right}%00"),
        &format!("{right}%0A"),
        &format!("{right}%20"),
        &format!("{right}x"),
    ];
    for secret in near {
        let answer = server.post(&format!("{GRANT}&client_id=worker&client_secret={secret}"));
        assert_eq!(answer.status, 401, "{secret}");
    }
    // NFD twin of the awkward secret: e with a combining acute accent.
    let twin = AWKWARD_SECRET.replace('é', "e\u{301}");
    assert_eq!(server.basic(&format!("awkward:{}", encoded(&twin)), GRANT).status, 401);
}

#[test]
fn a32_near_misses_of_a_client_id_are_other_clients() {
    let server = TestServer::start();
    let secret = secret("worker");
    for id in ["Worker", "WORKER", "worker%20", "worker%00", "%20worker", "wor%256Ber"] {
        let answer = server.post(&format!("{GRANT}&client_id={id}&client_secret={secret}"));
        assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"), "{id}");
    }
    let once = server.post(&format!("{GRANT}&client_id=wor%6Ber&client_secret={secret}"));
    assert_eq!(once.status, 200, "one decode is right");
}

#[test]
fn a33_bytes_that_are_not_utf_8_are_never_equal_to_anything() {
    let server = TestServer::start();
    for secret in ["%FF", "%FE", "%C3%28"] {
        let answer = server.post(&format!("{GRANT}&client_id=worker&client_secret={secret}"));
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{secret}");
        assert_eq!(server.basic(&format!("worker:{secret}"), GRANT).status, 401, "{secret}");
    }
    let replaced = server.post(&format!("{GRANT}&client_id=worker&client_secret=%EF%BF%BD"));
    assert_eq!(replaced.status, 401);
}

#[test]
fn a34_broken_escapes_are_400_plus_is_a_space_and_a_semicolon_is_data() {
    let server = TestServer::start();
    for form in ["grant_type=%", "grant_type=%2", "grant_type=%GG", "%=1"] {
        let answer = server.basic(&format!("worker:{}", secret("worker")), form);
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{form}");
    }
    for scope in ["invoices:read+invoices:write", "invoices:read%20invoices:write"] {
        assert_eq!(server.ask("worker", &format!("scope={scope}")).status, 200, "{scope}");
    }
    assert_eq!(server.ask("worker", "scope=invoices:read;resource=x").error(), "invalid_scope");
}

#[test]
fn every_live_credential_of_a_client_works_and_dates_are_kept_to_the_second() {
    let server = TestServer::start();
    let ask = |secret: &str| server.basic(&format!("dated:{secret}"), GRANT).status;
    let [expired, current, future] = ["expired", "current", "future"].map(secret);
    assert_eq!([ask(&expired), ask(&current), ask(&future)], [401, 200, 401]);
    // 2027-01-01T00:00:00Z: the current one ends and the future one begins.
    let new_year = signet::clock::UnixTime::from_seconds(1_798_761_600);
    server.clock.set(new_year.minus(1));
    assert_eq!([ask(&current), ask(&future)], [200, 401]);
    server.clock.set(new_year);
    assert_eq!([ask(&current), ask(&future)], [401, 200]);
}
