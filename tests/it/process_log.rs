//! The log of `serve` (S41): every line is one JSON object with bounded fields whatever a request
//! holds, the audit event is complete, and a reader that stalls stalls nothing else.

use serde_json::{Map, Value};

use crate::support::{FORM, Process, SHORT_LIST, Workspace, send};

const PAIR: &str = "worker:worker-secret-of-the-tests";
const GRANT: &str = "grant_type=client_credentials";
/// Longest text of one field.
const FIELD_BYTES_MAX: usize = 1024;

/// Every line, as the JSON object that it must be.
fn events(server: &Process) -> Vec<Map<String, Value>> {
    let log = server.stderr();
    let whole = log.rfind('\n').map_or("", |end| &log[..end]);
    whole
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}")))
        .collect()
}

fn audits(server: &Process) -> Vec<Map<String, Value>> {
    events(server).into_iter().filter(|event| event["target"] == "signet::audit").collect()
}

#[test]
fn o1_the_audit_event_of_a_token_has_every_field() {
    let server = Process::serve(Workspace::ready(), "");
    assert_eq!(server.ask(PAIR, GRANT).status, 200);
    server.until("the event", |server| audits(server).len() == 1);
    let event = &audits(&server)[0];
    for (name, value) in [
        ("outcome", Value::from("issued")),
        ("client_id", "worker".into()),
        ("credential", 0.into()),
        ("grant", "client_credentials".into()),
        ("scope", "invoices:read invoices:write".into()),
        ("audience", "https://invoices.example.com".into()),
        ("source_address", "127.0.0.1".into()),
        ("config_revision", server.revision().into()),
    ] {
        assert_eq!(event.get(name), Some(&value), "{name} in {event:?}");
    }
    for name in ["timestamp", "request_id", "jti", "kid"] {
        assert!(event.get(name).and_then(Value::as_str).is_some_and(|text| text.len() > 8), "{name}");
    }
    assert!(event["duration_us"].as_u64().is_some_and(|time| time < 60_000_000));
}

#[test]
fn quiet_silences_everything_but_the_audit() {
    let server = Process::serve(Workspace::ready(), "--quiet");
    assert_eq!(server.ask(PAIR, GRANT).status, 200);
    server.until("the event", |server| audits(server).len() == 1);
    assert_eq!(events(&server).len(), 1, "{}", server.stderr());
}

#[test]
fn o1_the_audit_event_of_a_refusal_names_the_reason() {
    let server = Process::serve(Workspace::ready(), "");
    server.ask("worker:wrong", GRANT);
    server.ask("nobody:wrong", GRANT);
    server.ask(PAIR, &format!("{GRANT}&scope=invoices:delete"));
    server.ask(PAIR, "grant_type=password");
    server.until("the events", |server| audits(server).len() == 4);
    let events = audits(&server);
    let reasons: Vec<&str> = events.iter().filter_map(|event| event["reason"].as_str()).collect();
    assert_eq!(reasons, ["secret_wrong", "client_unknown", "scope_not_granted", "grant_type_unsupported"]);
    for event in &events {
        assert_eq!(event["outcome"], "refused");
        assert!(event.contains_key("error") && event.contains_key("code") && !event.contains_key("jti"));
    }
    assert_eq!(events[0]["client_id"], "worker");
    let ids: std::collections::BTreeSet<&str> =
        events.iter().filter_map(|event| event["request_id"].as_str()).collect();
    assert_eq!(ids.len(), 4);
}

/// Requests that hold what terminals, parsers and line-based readers stumble over.
fn send_hostile(server: &Process) {
    let long = "A".repeat(60_000);
    let hostile = [
        "\u{1b}[31mred\u{1b}[0m",
        "%1B%5B2J%0D%0A%7B%22outcome%22:%22issued%22%7D",
        "a%0D%0Ab%0Ac",
        "%00",
        "%22%7D%0A%7B%22outcome%22:%22issued%22%7D",
        "%E2%80%AE%C2%85%E2%80%A8",
        "%FF%FE",
        long.as_str(),
    ];
    for text in hostile {
        for form in [
            format!("{GRANT}&client_id={text}&client_secret={text}"),
            format!("{GRANT}&client_id=worker&client_secret=worker-secret-of-the-tests&scope={text}"),
            format!("{GRANT}&client_id=worker&client_secret=worker-secret-of-the-tests&resource={text}"),
            format!("grant_type={text}"),
            format!("{text}={text}&{text}={text}"),
        ] {
            send(server.public, "POST", "/oauth2/token", &[FORM], form.as_bytes());
        }
    }
    for header in ["Basic \u{1b}[31m", "Basic AAA=AAA", "Bearer \"}{\"", "\u{7f}"] {
        send(server.public, "POST", "/oauth2/token", &[FORM, ("Authorization", header)], GRANT.as_bytes());
    }
    send(server.public, "GET", "/errors/%1B%5B31m%0D%0A", &[("User-Agent", "\u{1b}]0;x\u{7}")], b"");
}

#[test]
fn s41_every_line_stays_one_json_object_whatever_a_request_holds() {
    let server = Process::serve(Workspace::ready(), "-vv");
    send_hostile(&server);
    assert_eq!(server.ask(PAIR, GRANT).status, 200);
    server.until("the last event", |server| audits(server).iter().any(|event| event["outcome"] == "issued"));
    let issued = audits(&server).iter().filter(|event| event["outcome"] == "issued").count();
    assert_eq!(issued, 1, "no request can write an event of its own");
    for event in events(&server) {
        for (name, value) in &event {
            let text = value.as_str().unwrap_or_default();
            assert!(text.len() <= FIELD_BYTES_MAX, "{name} has {} bytes", text.len());
        }
    }
    assert!(server.stderr().bytes().all(|byte| byte == b'\n' || byte >= b' '), "no control character");
}

#[test]
fn s41_the_log_for_people_holds_no_control_character_either() {
    let server = Process::dev(Workspace::ready(), "");
    send_hostile(&server);
    server.ask("worker:last-one", "grant_type=refresh_token");
    server.until("the last line", |server| server.stderr().contains("grant_type_unsupported"));
    server.ask(PAIR, GRANT);
    server.until("the token", |server| server.stderr().contains("issued   worker"));
    let log = server.stderr();
    assert!(log.chars().all(|c| c == '\n' || !c.is_control()), "{log:?}");
    assert_eq!(log.matches("issued   ").count(), 1, "no request can write a line of its own");
}

#[test]
fn a_warning_at_the_start_is_a_line_of_the_log_too() {
    let workspace = Workspace::ready();
    workspace.write(
        "clients.yaml",
        &SHORT_LIST.replace(
            "scope: invoices:read plain:use",
            "scope: invoices:read plain:use\n    access_token_lifetime: 2h",
        ),
    );
    let server = Process::serve(workspace, "");
    server.until("the warning", |server| server.stderr().contains("SG0132"));
    server.until("the start", |server| server.stderr().contains("signet serves"));
    assert!(server.stderr().contains("RS256: "), "it says what signs");
    assert!(events(&server).iter().any(|event| event["level"] == "WARN"));
}

#[test]
fn a_log_that_nobody_reads_does_not_stop_the_answers() {
    let arguments = "serve --issuer http://PUBLIC --listen PUBLIC -vv --failures-per-minute 0";
    let mut server = Process::start(Workspace::ready(), arguments, false);
    // Well above the 64 KiB of a pipe: an event has more than 300 bytes.
    for _ in 0..400 {
        assert_eq!(server.ask("worker:wrong", GRANT).status, 401);
    }
    assert_eq!(server.ask(PAIR, GRANT).status, 200);
    assert_eq!(server.admin("/livez").status, 200);
    server.signal("TERM");
    assert_eq!(server.ended().0.code(), Some(0));
}
