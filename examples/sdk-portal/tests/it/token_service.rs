//! The token service is down, refuses, or does not do what it should: a clear page, no record, no
//! archive, and the next click works.

use crate::support::{Bench, FakeIssuer, Mood};

const ARCHIVE: &str = "/sdk/catalog-sdk.zip";

fn nothing_was_handed_out(bench: &Bench, status: u16, said: &str, retry_after: Option<&str>) {
    let mut browser = bench.logged_in();
    let answer = browser.download();
    assert_eq!(answer.status, status, "{said}");
    assert!(answer.says(said), "{said}: {}", answer.text());
    assert!(answer.says("Nothing was handed out, and your clients are as they were."));
    assert_eq!(answer.header("retry-after"), retry_after);
    assert_eq!(browser.get(ARCHIVE).status, 410);
    assert!(browser.get("/").says("None yet."));
    assert_eq!(bench.records(), "");
}

#[test]
fn a_token_service_that_is_down_is_said_so_and_nothing_is_half_registered() {
    let bench = Bench::with(FakeIssuer::down(), "http");
    nothing_was_handed_out(&bench, 503, "it does not answer", Some("30"));
}

#[test]
fn whatever_fails_at_the_token_service_leaves_nothing_and_the_next_click_works() {
    let bench = Bench::start();
    for (mood, status, said, retry_after) in [
        (Mood::RegistrationIsOff, 502, "it registers no clients", None),
        (Mood::AnotherIssuer, 502, "its metadata name another issuer", None),
        (Mood::RefusesRegistration, 502, "it refused: access_denied", None),
        (Mood::AsksToWait, 503, "Try again in 17 seconds.", Some("17")),
        (Mood::AnswersNonsense, 502, "its answer cannot be read", None),
        (Mood::AnswersTooMuch, 502, "its answer is too large", None),
        (Mood::RefusesTheToken, 502, "it refused: invalid_client", None),
        (Mood::GrantsTooMuch, 502, "the new client got another token than it should", None),
    ] {
        bench.issuer.becomes(mood);
        nothing_was_handed_out(&bench, status, said, retry_after);
    }
    bench.issuer.becomes(Mood::Well);
    let mut browser = bench.logged_in();
    assert_eq!(browser.download().status, 303);
    assert_eq!(browser.get(ARCHIVE).status, 200);
}
