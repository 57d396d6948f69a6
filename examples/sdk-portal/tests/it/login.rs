//! Who gets in: the password, the form that belongs to the browser, patience, and the end of sessions.

use crate::support::{Bench, FakeIssuer, PASSWORD};

#[test]
fn the_right_password_begins_a_session_and_the_cookie_is_for_this_browser_alone() {
    let bench = Bench::start();
    let mut browser = bench.browser();
    assert_eq!(browser.get("/").header("location"), Some("/login"));
    let answer = browser.log_in("dana", PASSWORD);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("portal-session="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict"), "{cookie}");
    let home = browser.get("/");
    assert_eq!(home.status, 200);
    assert!(home.says("dana") && home.says("Download SDK"));
    assert_eq!(bench.browser().get("/").status, 303, "another browser has no session");
}

#[test]
fn over_tls_the_cookies_are_secure_and_tied_to_the_host() {
    let bench = Bench::with(FakeIssuer::start(), "https");
    let mut browser = bench.browser();
    browser.headers.push(("Origin".to_owned(), format!("https://{}", bench.address)));
    let cookie = browser.log_in("dana", PASSWORD).header("set-cookie").unwrap().to_owned();
    assert!(cookie.starts_with("__Host-portal-session="), "{cookie}");
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    assert_eq!(browser.get("/").status, 200);
}

#[test]
fn a_wrong_password_and_an_unknown_name_get_the_same_page() {
    let bench = Bench::start();
    let mut pages = Vec::new();
    for (name, password) in
        [("dana", "wrong horse battery"), ("nobody", PASSWORD), ("dana", ""), ("Dana", PASSWORD)]
    {
        let mut browser = bench.browser();
        let answer = browser.log_in(name, password);
        assert_eq!(answer.status, 403, "{name}");
        assert!(answer.says("Name or password is wrong."), "{name}");
        assert!(!browser.cookies.contains_key("portal-session"));
        pages.push(
            answer.text().replace(&answer.form("/login"), "").replace(&format!("value=\"{name}\""), ""),
        );
    }
    assert!(pages.windows(2).all(|pair| pair[0] == pair[1]));
    let long = "x".repeat(257);
    assert_eq!(bench.browser().log_in("dana", &long).status, 403);
}

#[test]
fn what_a_stranger_types_is_shown_as_text() {
    let bench = Bench::start();
    let answer = bench.browser().log_in("\"><script>alert(1)</script>", "x");
    assert!(!answer.says("<script"), "{}", answer.text());
}

#[test]
fn failed_logins_have_to_wait_and_lock_nobody_else_out() {
    let bench = Bench::start();
    let mut browser = bench.browser();
    for _ in 0..5 {
        assert_eq!(browser.log_in("dana", "wrong").status, 403);
    }
    let answer = browser.log_in("dana", PASSWORD);
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("30")));
    assert!(answer.says("Wait 30 seconds"));
    assert_eq!(bench.browser().log_in("eli", PASSWORD).status, 303, "another name from the same address");
    bench.later(29);
    assert_eq!(browser.log_in("dana", PASSWORD).status, 429);
    bench.later(1);
    assert_eq!(browser.log_in("dana", "wrong").status, 403);
    let longer = browser.log_in("dana", PASSWORD);
    assert_eq!((longer.status, longer.header("retry-after")), (429, Some("60")), "each time longer");
    bench.later(60);
    assert_eq!(browser.log_in("dana", PASSWORD).status, 303);
    assert_eq!(bench.browser().log_in("dana", "wrong").status, 403, "the right password ended the count");
}

#[test]
fn guesses_sent_at_once_are_not_all_free() {
    let bench = Bench::start();
    let mut browser = bench.browser();
    let form = browser.get("/login").form("/login");
    let guess =
        || browser.clone().post("/login", &[("form", &form), ("name", "dana"), ("password", "wrong")]);
    let statuses: Vec<_> = std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..20).map(|_| scope.spawn(guess)).collect();
        guesses.into_iter().map(|guess| guess.join().unwrap().status).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 403).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 15, "{statuses:?}");
}

#[test]
fn guessing_many_names_from_one_address_has_to_wait_too() {
    let bench = Bench::start();
    let mut browser = bench.browser();
    for number in 0..30 {
        assert_eq!(browser.log_in(&format!("guess{number}"), "wrong").status, 403);
    }
    assert_eq!(browser.log_in("eli", PASSWORD).status, 429);
}

#[test]
fn a_login_form_of_another_browser_is_refused() {
    let bench = Bench::start();
    let stolen = bench.browser().get("/login").form("/login");
    let mut browser = bench.browser();
    browser.get("/login");
    for form in [stolen.as_str(), "", "x"] {
        let answer = browser.post("/login", &[("form", form), ("name", "dana"), ("password", PASSWORD)]);
        assert_eq!(answer.status, 403, "{form}");
        assert!(!browser.cookies.contains_key("portal-session"));
    }
    let incomplete = browser.post("/login", &[("name", "dana")]);
    assert_eq!(incomplete.status, 400);
    assert!(incomplete.says("Nothing was done."));
}

#[test]
fn a_session_ends_unused_after_half_an_hour_and_after_eight_hours_anyway() {
    let bench = Bench::start();
    let mut browser = bench.logged_in();
    bench.later(30 * 60 - 1);
    assert_eq!(browser.get("/").status, 200);
    bench.later(30 * 60);
    assert_eq!(browser.get("/").header("location"), Some("/login"));
    let page = browser.get("/login");
    assert!(page.says("Your session has ended, and nothing was done. Log in again."));
    assert!(!browser.get("/login").says("has ended"), "it is said once");

    let mut browser = bench.logged_in();
    for _ in 0..15 {
        bench.later(29 * 60);
        assert_eq!(browser.get("/").status, 200);
    }
    bench.later(29 * 60);
    assert_eq!(browser.get("/").status, 200, "7 h 44 min");
    bench.later(16 * 60);
    assert_eq!(browser.get("/").status, 303, "8 h");
}

#[test]
fn a_click_in_an_expired_session_registers_nothing() {
    let bench = Bench::start();
    let mut browser = bench.logged_in();
    let form = browser.get("/").form("/sdk");
    bench.later(30 * 60);
    let answer = browser.post("/sdk", &[("form", &form)]);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/login")));
    assert_eq!(bench.issuer.registered(), 0);
}

#[test]
fn after_logging_out_the_cookie_is_worth_nothing() {
    let bench = Bench::start();
    let mut browser = bench.logged_in();
    let mut copy = browser.clone();
    let form = browser.get("/").form("/logout");
    assert_eq!(browser.post("/logout", &[("form", "wrong")]).status, 403);
    assert_eq!(browser.post("/logout", &[("form", &form)]).header("location"), Some("/login"));
    assert_eq!(browser.get("/").status, 303);
    assert_eq!(copy.get("/").status, 303);
}
