//! Failed authentications above a rate (RFC 6585 §4, RFC 9700 §4): who is told to wait, and who is not.

use rstest::rstest;

use crate::support::{FORM, Options, Process, Response, TestServer, Workspace, basic};

const GRANT: &str = "grant_type=client_credentials";
const RATE: u32 = 20;
/// Of "a secret".
const ARGON2: &str =
    "$argon2id$v=19$m=256,t=2,p=2$CeWPpNjuR3/mcVEzmILvBQ$M5bSVxllRlMHos18B4tiYZxiztqXJy+tZl0OAD0Qp3c";

fn server() -> TestServer {
    TestServer::with(Options { failures_per_minute: RATE, ..Options::default() })
}

fn wrong(server: &TestServer, id: &str) -> Response {
    server.basic(&format!("{id}:wrong"), GRANT)
}

/// Fails until the answer says so.
fn exhaust(server: &TestServer, id: &str) {
    for n in 0..RATE {
        assert_eq!(wrong(server, id).status, 401, "failure {n}");
    }
    assert_eq!(wrong(server, id).status, 429);
}

#[test]
fn a42_a_thousand_wrong_secrets_are_throttled_and_nobody_else_notices() {
    let server = server();
    let answers: Vec<Response> = (0..1_000).map(|_| wrong(&server, "worker")).collect();
    let throttled: Vec<&Response> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert_eq!(throttled.len(), 1_000 - RATE as usize);
    for answer in &throttled {
        assert_eq!(answer.error(), "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), Some("3"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("www-authenticate"), None);
    }
    assert_eq!(server.ask("other", "").status, 200);
    assert_eq!(wrong(&server, "other").status, 401);
    let series = "signet_token_requests_total{grant=\"client_credentials\",method=\"client_secret_basic\",outcome=\"refused\",reason=\"too_many_failures\"}";
    assert_eq!(server.metric(series), f64::from(1_000 - RATE));
}

#[test]
fn the_right_secret_passes_however_often_others_failed() {
    let server = server();
    exhaust(&server, "worker");
    assert_eq!(server.ask("worker", "").status, 200);
    assert_eq!(wrong(&server, "worker").status, 429, "a success forgives nothing");
}

#[test]
fn waiting_as_told_is_enough() {
    let server = server();
    exhaust(&server, "worker");
    server.clock.advance(3);
    assert_eq!(wrong(&server, "worker").status, 401);
    assert_eq!(wrong(&server, "worker").status, 429);
    server.clock.advance(60);
    exhaust(&server, "worker");
}

#[test]
fn a_client_that_tries_two_methods_fails_ten_times_before_it_waits() {
    let server = server();
    for _ in 0..RATE / 2 {
        assert_eq!(wrong(&server, "worker").status, 401);
        assert_eq!(server.post(&format!("{GRANT}&client_id=worker&client_secret=wrong")).status, 401);
    }
    assert_eq!(wrong(&server, "worker").status, 429);
}

/// An answer that tells known ids from unknown ones would be a list of clients for whoever asks.
#[test]
fn unknown_clients_are_throttled_byte_for_byte_as_known_ones() {
    let server = server();
    for _ in 0..=RATE {
        let (known, unknown) = (wrong(&server, "worker"), wrong(&server, "nobody"));
        assert_eq!(known.without_date(), unknown.without_date());
    }
    // Ids that were never asked for before: at some moment the whole network is.
    let mut throttled = 0;
    for n in 0..300 {
        throttled += u32::from(wrong(&server, &format!("guess-{n}")).status == 429);
    }
    assert_eq!(throttled, 300 - (10 * RATE - 2 * RATE));
    assert_eq!(wrong(&server, "defaults").status, 429, "a known one that never failed");
    assert_eq!(server.ask("defaults", "").status, 200);
}

#[rstest]
#[case::case("Worker")]
#[case::space("worker%20")]
#[case::nul("worker%00")]
#[case::encoded_twice("%2577orker")]
fn a32_near_misses_of_an_id_share_its_failures(#[case] near: &str) {
    let server = server();
    let ask = |id: &str| server.post(&format!("{GRANT}&client_id={id}&client_secret=wrong")).status;
    for _ in 0..RATE {
        assert_eq!(ask(near), 401);
    }
    assert_eq!(ask("worker"), 429);
    assert_eq!(ask("defaults"), 401);
}

#[rstest]
#[case::x_forwarded_for("X-Forwarded-For")]
#[case::forwarded("Forwarded")]
#[case::x_real_ip("X-Real-IP")]
fn l3_a_stranger_does_not_choose_where_failures_are_counted(#[case] header: &str) {
    let server = server();
    let pair = basic(b"worker:wrong");
    for n in 0..=RATE {
        let address = format!("198.51.{n}.1");
        let value = if header == "Forwarded" { format!("for={address}") } else { address };
        let headers = [FORM, ("Authorization", pair.as_str()), (header, value.as_str())];
        let answer = server.send("POST", "/oauth2/token", &headers, GRANT.as_bytes());
        assert_eq!(answer.status, if n < RATE { 401 } else { 429 });
    }
}

#[test]
fn only_failed_authentication_counts() {
    let server = server();
    for _ in 0..2 * RATE {
        assert_eq!(server.ask("worker", "scope=invoices:delete").status, 400);
        assert_eq!(server.basic("worker:worker-secret-of-the-tests", "grant_type=password").status, 400);
    }
    assert_eq!(wrong(&server, "worker").status, 401);
}

#[test]
fn an_imported_secret_passes_too_while_others_guess_at_it() {
    let clients = format!(
        "resources:\n  - audience: https://invoices.example.com\n    scopes: [invoices:read]\nclients:\n  \
         - client_id: imported\n    credentials:\n      - client_secret: \"{ARGON2}\"\n    scope: invoices:read\n"
    );
    let server = TestServer::with(Options { clients, failures_per_minute: RATE, ..Options::default() });
    exhaust(&server, "imported");
    assert_eq!(server.basic("imported:correct+horse+battery+staple", GRANT).status, 200);
}

#[test]
fn zero_turns_it_off() {
    let server = TestServer::start();
    for _ in 0..3 * RATE {
        assert_eq!(wrong(&server, "worker").status, 401);
    }
}

#[test]
fn the_log_keeps_the_reason_that_the_answer_does_not_give() {
    let server = Process::serve(Workspace::ready(), "--failures-per-minute 1");
    for expected in [401, 429] {
        assert_eq!(server.ask("worker:wrong", GRANT).status, expected);
    }
    server.until("the event", |server| server.stderr().contains("\"too_many_failures\""));
    let log = server.stderr();
    let line = log.lines().find(|line| line.contains("\"too_many_failures\"")).expect("a line");
    let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!((&event["client_id"], &event["throttled"]), (&"worker".into(), &"secret_wrong".into()));
}
