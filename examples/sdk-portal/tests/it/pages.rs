//! What holds for every page, and what operators see: headers, accounts, settings.

use sdk_portal::{Accounts, Settings};

use crate::support::Bench;

#[test]
fn every_answer_carries_the_policy_and_no_page_loads_anything_from_elsewhere() {
    let bench = Bench::start();
    let mut browser = bench.logged_in();
    browser.download();
    assert_eq!(browser.get("/login").header("location"), Some("/"), "who is logged in need not log in");
    let login = bench.browser().get("/login");
    assert_eq!(login.status, 200);
    for path in ["/", "/sdk", "/login", "/portal.css", "/none", "/livez", "/sdk/catalog-sdk.zip"] {
        let answer = if path == "/login" { login.clone() } else { browser.get(path) };
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{path}"));
        assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
        if path != "/sdk/catalog-sdk.zip" {
            let text = answer.text();
            let outside = ["<script", "style=", "src=", "http://", "https://", "url(", "@import"];
            assert!(outside.iter().all(|word| !text.contains(word)), "{path}: {text}");
        }
    }
    assert_eq!(browser.get("/none").status, 404);
    assert_eq!(browser.send("POST /sdk HTTP/1.1\r\nContent-Length: 9000\r\nContent-Type: application/x-www-form-urlencoded\r\n", &"x".repeat(9000)).status, 400);
}

#[test]
fn a_list_of_accounts_is_read_whole_or_refused_with_the_line() {
    let good = Accounts::line("dana", "correct horse battery").unwrap();
    assert!(good.starts_with("dana:$argon2id$v=19$m=19456,t=2,p=1$"), "{good}");
    assert!(Accounts::parse(&format!("# who may log in\n\n{good}\n")).is_ok());
    for (list, said) in [
        (String::new(), "there is no account"),
        ("dana".to_owned(), "line 1: there is no `:`"),
        (format!("{good}\n{good}"), "line 2: dana stands there twice"),
        (good.replace("dana", "Dana"), "line 1: a name is"),
        (good.replace("dana", ""), "line 1: a name is"),
        (good.replace("dana", &"d".repeat(33)), "line 1: a name is"),
        ("dana:correct horse battery".to_owned(), "line 1: make it with `sdk-portal hash-password`"),
        (good.replace("argon2id", "argon2d"), "line 1: make it with"),
    ] {
        let problem = format!("{:#}", Accounts::parse(&list).err().expect("it is refused"));
        assert!(problem.contains(said), "{list}: {problem}");
    }
    assert!(Accounts::line("dana", "too short").is_err());
    assert!(Accounts::line("dana", &"x".repeat(257)).is_err());
}

#[test]
fn the_public_address_is_an_origin() {
    let settings = |url| Settings::new(url, String::new(), String::new());
    assert!(settings("https://portal.example.com").is_ok());
    for wrong in
        ["portal.example.com", "https://portal.example.com/sdk", "https://portal.example.com/?a", "ftp://a"]
    {
        assert!(settings(wrong).is_err(), "{wrong}");
    }
}
