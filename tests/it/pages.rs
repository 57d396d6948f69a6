//! The pages beside the status: which listener has them, what they may load and do, that nothing of a
//! request becomes markup, and that what they hold is bounded and holds no secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rstest::rstest;
use serde_json::Value;
use signet::keys::acceptance::ACCEPTANCES;

use crate::support::{Options, Response, TestServer, percent, secret};

const PAGES: [&str; 4] = ["/", "/requests", "/decode", "/snippets"];
const ASSETS: [(&str, &str); 5] = [
    ("/page/style.css", "text/css; charset=utf-8"),
    ("/page/requests.js", "text/javascript; charset=utf-8"),
    ("/page/decode.js", "text/javascript; charset=utf-8"),
    ("/page/token.js", "text/javascript; charset=utf-8"),
    ("/page/verifiers.js", "text/javascript; charset=utf-8"),
];

fn development() -> TestServer {
    TestServer::with(Options { for_development: true, ..Options::default() })
}

fn policy(page: &Response) -> String {
    page.header("content-security-policy").expect("a policy").to_owned()
}

#[test]
fn serve_has_them_on_the_admin_listener_alone_and_no_list_of_requests_at_all() {
    let server = TestServer::start();
    for path in PAGES.into_iter().chain(ASSETS.map(|(path, _)| path)) {
        assert_eq!(server.get(path).status, 404, "{path}");
        assert_eq!(server.send("POST", path, &[], b"").status, 404, "{path}");
        let wanted = if path == "/requests" { 404 } else { 200 };
        assert_eq!(server.admin(path).status, wanted, "{path}");
    }
    assert!(!server.admin("/").text().contains("href=\"requests\""));
    for path in ["/page/", "/page/none.js", "/decode/", "/page/../decode", "/status"] {
        assert_eq!(server.admin(path).status, 404, "{path}");
    }
}

#[test]
fn dev_has_them_on_every_listener_for_get_and_head() {
    let server = development();
    for path in PAGES.into_iter().chain(ASSETS.map(|(path, _)| path)) {
        let (public, admin) = (server.get(path), server.admin(path));
        assert_eq!((public.status, admin.status), (200, 200), "{path}");
        let head = server.send("HEAD", path, &[], b"");
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(server.send("POST", path, &[], b"").status, 405, "{path}");
    }
    // Pages stand at the root of the listener whatever the path of the issuer.
    let below =
        Options { issuer: "https://auth.example.com/t/1", for_development: true, ..Options::default() };
    let server = TestServer::with(below);
    assert_eq!((server.get("/").status, server.get("/t/1/decode").status), (200, 404));
    assert_eq!(server.get("/t/1/.well-known/jwks.json").status, 200);
}

#[test]
fn every_answer_is_stored_by_nobody_and_sniffed_by_nobody() {
    let server = development();
    for (path, kind) in PAGES.map(|path| (path, "text/html; charset=utf-8")).into_iter().chain(ASSETS) {
        let page = server.get(path);
        for (name, value) in [
            ("content-type", kind),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(page.header(name), Some(value), "{path}");
        }
        assert!(policy(&page).starts_with("default-src 'none'"), "{path}");
    }
}

/// What a page may do is what its policy says.
#[rstest]
#[case("/", "")]
#[case("/snippets", "")]
#[case("/decode", " script-src 'self';")]
#[case("/requests", " script-src 'self'; connect-src 'self';")]
fn the_policy_of_a_page_allows_what_it_needs_and_nothing_else(#[case] path: &str, #[case] scripts: &str) {
    let server = development();
    let page = server.get(path);
    let policy = policy(&page);
    let rest = policy.split_once("'sha256-").and_then(|(_, rest)| rest.split_once('\'')).expect("a digest");
    assert_eq!(rest.1, format!(";{scripts} base-uri 'none'; form-action 'none'; frame-ancestors 'none'"));
    assert!(policy.starts_with("default-src 'none'; style-src 'self' 'sha256-"), "{policy}");
    let text = page.text();
    for tag in text.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let handler = tag.split_whitespace().any(|word| word.starts_with("on") && word.contains('='));
        assert!(!handler && !tag.contains(" style="), "{path}: {tag}");
    }
    let scripts = text.matches("<script").count();
    assert_eq!(scripts, text.matches("<script type=\"module\" src=\"page/").count(), "{path}");
}

#[test]
fn the_style_of_the_picture_is_the_one_that_the_policy_names() {
    let server = TestServer::start();
    let page = server.admin("/");
    let text = page.text();
    let style =
        text.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).expect("a style").0;
    let digest = STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, style.as_bytes()));
    assert!(policy(&page).contains(&format!("'sha256-{digest}'")), "{}", policy(&page));
}

#[test]
fn the_list_of_requests_is_bounded_shows_no_secret_and_no_markup_of_a_request() {
    let server = development();
    let markup = "<img src=x onerror=alert(1)>";
    let token = server.ask("worker", "scope=invoices:read").access_token();
    let wrong = "a-wrong-secret-that-was-sent";
    assert_eq!(server.basic(&format!("worker:{wrong}"), "grant_type=client_credentials").status, 401);
    let claimed =
        format!("grant_type=client_credentials&client_id={}&client_secret=x", percent(markup.as_bytes()));
    assert_eq!(server.post(&claimed).status, 401);
    assert_eq!(server.ask("worker", &format!("scope={}", percent(markup.as_bytes()))).status, 400);
    let text = server.get("/requests").text();
    let lines: Vec<&str> = text.split("<li id=\"request-").skip(1).collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[3].contains("issued") && lines[3].contains("invoices:read"), "{text}");
    assert!(lines[2].contains("invalid_client") && lines[2].contains("signet explain SG0"), "{text}");
    for hidden in
        [secret("worker").as_str(), wrong, &token, token.rsplit('.').next().expect("a signature"), "<img"]
    {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    for number in 0..60 {
        assert_eq!(server.ask("worker", &format!("scope=number:{number}")).status, 400);
    }
    let text = server.get("/requests").text();
    assert_eq!(text.matches("<li id=\"request-").count(), 50);
    assert!(
        text.contains("number:59") && text.contains("number:10") && !text.contains("number:9<"),
        "{text}"
    );
    let long = format!("scope={}", "a".repeat(4_000));
    assert_eq!(server.ask("worker", &long).status, 400);
    assert!(!server.get("/requests").text().contains(&"a".repeat(201)));
}

#[test]
fn the_decoder_brings_the_keys_of_now_and_the_table_of_verifiers() {
    let server = TestServer::start();
    let text = server.admin("/decode").text();
    let attribute =
        text.split_once("data-json=\"").and_then(|(_, rest)| rest.split_once('"')).expect("facts").0;
    // askama's escapes, undone by hand.
    let json =
        attribute.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">");
    let facts: Value = serde_json::from_str(&json.replace("&#38;", "&")).expect("JSON");
    assert_eq!(facts["keys"], server.key_set()["keys"]);
    assert_eq!(facts["issuer"], "https://auth.example.com");
    let names: Vec<&Value> =
        facts["verifiers"].as_array().expect("a list").iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ACCEPTANCES.iter().map(|one| one.name).collect::<Vec<_>>());
    assert!(facts.to_string().find("\"d\":").is_none(), "no private member");
}

#[test]
fn snippets_of_serve_name_the_issuer_and_no_client() {
    let server = TestServer::start();
    let text = server.admin("/snippets").text();
    let kid = server.key_set()["keys"][0]["kid"].as_str().expect("a kid").to_owned();
    for part in [
        "https://auth.example.com/oauth2/token",
        "CLIENT_ID:CLIENT_SECRET",
        "https://invoices.example.com",
        &kid,
        "-----BEGIN PUBLIC KEY-----",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(!text.contains("PRIVATE"), "{text}");
    assert!(!text.contains("worker") && !text.contains("allowInsecureRequests"), "{text}");
}
