//! The guards of a reload: a file that lost its end marker, and a list that lost many clients,
//! wait for a second SIGHUP. Each with its neighbour that is let through.

use std::fmt::Write as _;

use signet::clock::UnixTime;
use signet::reload::GuardSettings;

use crate::support::{NOW, Options, Process, TestServer, Workspace};

/// A list of `worker` and clients `c1` to `cN`; some of them disabled.
fn list(clients: usize, disabled: impl Fn(usize) -> bool, end: &str) -> String {
    let mut text = "resources:\n  - {audience: https://invoices.example.com, scopes: [invoices:read]}\nclients:\n\
         \x20 - client_id: worker\n    credentials: [{client_secret: '${secret:worker-secret-of-the-tests}'}]\n\
         \x20   scope: invoices:read\n"
        .to_owned();
    for n in 1..=clients {
        let _ = write!(text, "  - {{client_id: c{n}, credentials: [], scope: invoices:read");
        text.push_str(if disabled(n) { ", disabled: true}\n" } else { "}\n" });
    }
    text + end
}

fn whole(clients: usize) -> String {
    list(clients, |_| false, "...\n")
}

fn start(clients: &str, guard: GuardSettings) -> TestServer {
    TestServer::with(Options { clients: clients.to_owned(), guard, ..Options::default() })
}

const DEFAULTS: GuardSettings = GuardSettings { max_removed_percent: 25, require_end_marker: true };

/// Reloads once and says how it went: `success`, `failure` or `refused`.
fn outcome(server: &TestServer, clients: &str) -> &'static str {
    server.write_clients(clients);
    again(server)
}

fn again(server: &TestServer) -> &'static str {
    let counts = || {
        ["success", "failure", "refused"].map(|outcome| {
            (outcome, server.metric(&format!("signet_config_reloads_total{{outcome=\"{outcome}\"}}")))
        })
    };
    let before = counts();
    server.reload_and_wait();
    let after = counts();
    let risen = before.iter().zip(after).find(|(before, after)| before.1 < after.1);
    risen.expect("an outcome").0.0
}

#[test]
fn a_file_that_lost_its_end_marker_waits_for_a_second_sighup() {
    let server = start(&whole(3), DEFAULTS);
    let old = server.revision();
    let cut = list(3, |_| false, "");
    assert_eq!(outcome(&server, &cut), "refused");
    assert_eq!(server.revision(), old);
    assert_eq!(server.metric("signet_config_last_reload_success"), 0.0);
    assert_eq!(server.metric("signet_config_last_reload_failed{part=\"clients\"}"), 1.0);
    assert_eq!(server.metric("signet_config_last_reload_failed{part=\"keys\"}"), 0.0);
    assert_eq!(server.admin("/readyz").status, 200);
    server.clock.advance(60);
    assert_eq!(again(&server), "success");
    assert_ne!(server.revision(), old);
    // What is in force has no marker now, so none is wanted any more.
    assert_eq!(outcome(&server, &list(2, |_| false, "")), "success");
}

#[test]
fn two_sighups_more_than_a_minute_apart_confirm_nothing() {
    let server = start(&whole(3), DEFAULTS);
    assert_eq!(outcome(&server, &list(3, |_| false, "")), "refused");
    server.clock.advance(61);
    assert_eq!(again(&server), "refused");
    server.clock.set(UnixTime::from_seconds(NOW - 10_000));
    assert_eq!(again(&server), "refused", "a clock that went back");
    assert_eq!(again(&server), "success");
}

#[test]
fn a_second_sighup_confirms_only_what_the_first_one_found() {
    let server = start(&whole(3), DEFAULTS);
    assert_eq!(outcome(&server, &list(3, |_| false, "")), "refused");
    assert_eq!(outcome(&server, &list(2, |_| false, "")), "refused", "it was cut off further");
    assert_eq!(outcome(&server, &whole(4)), "success");
    assert_eq!(outcome(&server, &list(2, |_| false, "")), "refused", "what was refused is forgotten");
    assert_eq!(again(&server), "success");
}

#[test]
fn the_rule_about_end_markers_can_be_switched_off_and_asks_nothing_of_files_that_never_had_one() {
    let server = start(&whole(3), GuardSettings { require_end_marker: false, ..DEFAULTS });
    assert_eq!(outcome(&server, &list(3, |_| false, "")), "success");
    let server = start(&list(3, |_| false, ""), DEFAULTS);
    assert_eq!(outcome(&server, &list(2, |_| false, "")), "success");
    assert_eq!(outcome(&server, &whole(2)), "success", "one that gained it");
    assert_eq!(outcome(&server, &list(2, |_| false, "")), "refused");
}

#[test]
fn more_than_a_quarter_of_more_than_twenty_clients_goes_only_at_the_second_sighup() {
    // 24 clients with `worker`: 6 of them are a quarter.
    let server = start(&whole(23), DEFAULTS);
    let old = server.revision();
    assert_eq!(outcome(&server, &whole(16)), "refused", "7 of 24");
    assert_eq!(server.revision(), old);
    assert_eq!(again(&server), "success");
    let server = start(&whole(23), DEFAULTS);
    assert_eq!(outcome(&server, &whole(17)), "success", "6 of 24");
    let server = start(&whole(19), DEFAULTS);
    assert_eq!(outcome(&server, &list(0, |_| false, "...\n")), "success", "20 clients are few");
    let server = start(&whole(20), DEFAULTS);
    assert_eq!(outcome(&server, &list(0, |_| false, "...\n")), "refused", "21 are not");
}

#[test]
fn a_disabled_client_counts_as_removed_and_one_that_was_disabled_before_does_not() {
    let server = start(&whole(23), DEFAULTS);
    assert_eq!(outcome(&server, &list(23, |n| n <= 7, "...\n")), "refused", "7 of 24");
    assert_eq!(outcome(&server, &list(23, |n| n <= 6, "...\n")), "success", "6 of 24");
    // 18 clients are enabled now: a list so small changes as it likes.
    assert_eq!(outcome(&server, &list(23, |n| n <= 20, "...\n")), "success");
    let server = start(&list(43, |n| n > 23, "...\n"), DEFAULTS);
    assert_eq!(outcome(&server, &whole(23)), "success", "20 disabled ones go");
}

#[test]
fn max_removed_sets_the_share_and_100_switches_the_rule_off() {
    let nobody = list(0, |_| false, "...\n");
    let server = start(&whole(23), GuardSettings { max_removed_percent: 100, ..DEFAULTS });
    assert_eq!(outcome(&server, &nobody), "success");
    let server = start(&whole(23), GuardSettings { max_removed_percent: 0, ..DEFAULTS });
    assert_eq!(outcome(&server, &whole(22)), "refused");
    assert_eq!(outcome(&server, &whole(24)), "success");
}

#[test]
fn a_poll_and_a_retry_confirm_nothing() {
    let millisecond = std::time::Duration::from_millis(1);
    let options = Options { clients: whole(3), poll_interval: millisecond, ..Options::default() };
    let server = TestServer::with(options);
    let old = server.revision();
    let refused = |server: &TestServer| server.metric("signet_config_reloads_total{outcome=\"refused\"}");
    server.write_clients(&list(3, |_| false, ""));
    server.until("the refusal", |server| refused(server) == 1.0);
    // Retries come every minute.
    for retries in 2..5 {
        server.clock.advance(60);
        server.until("a retry", |server| refused(server) == f64::from(retries));
    }
    assert_eq!(server.revision(), old);
    server.reload_and_wait();
    assert_eq!(server.revision(), old, "the first SIGHUP");
    server.reload_and_wait();
    assert_ne!(server.revision(), old, "the second");
}

#[test]
fn in_a_directory_each_file_is_guarded_by_its_name() {
    let workspace = Workspace::empty();
    workspace.key("keys");
    let part = |n: usize, end: &str| {
        let resource = if n == 1 { "resources: [{audience: plain, scopes: [a]}]\n" } else { "" };
        format!("{resource}clients:\n  - {{client_id: c{n}, credentials: [], scope: a}}\n{end}")
    };
    workspace.write("clients/1.yaml", &part(1, "...\n"));
    workspace.write("clients/2.yaml", &part(2, "...\n"));
    workspace.write("clients/3.yaml", &part(3, ""));
    let server = Process::serve(workspace, "--clients clients --poll-interval 1h");
    let old = server.revision();
    server.workspace.write("clients/2.yaml", &part(4, ""));
    server.signal("HUP");
    server.until("the refusal", |server| server.stderr().contains("error[SG0352]"));
    let log = server.stderr();
    assert!(log.contains("clients/2.yaml does not end with `...`"), "{log}");
    assert!(log.contains("send SIGHUP once more within 60 s"), "{log}");
    assert!(!log.contains("clients/1.yaml does not") && !log.contains("clients/3.yaml does not"), "{log}");
    assert_eq!(server.revision(), old);
    // A file that goes altogether is the other rule's matter, and four clients are few.
    std::fs::remove_file(server.workspace.path().join("clients/2.yaml")).expect("a removal");
    server.workspace.write("clients/3.yaml", &part(5, ""));
    server.signal("HUP");
    server.until("the new revision", |server| server.revision() != old);
}

#[test]
fn the_refusal_names_the_clients_and_what_to_do_and_settings_reach_it() {
    let workspace = Workspace::ready();
    workspace.write("clients.yaml", &whole(30));
    workspace.write("signet.yaml", "max-removed: 10\nrequire-end-marker: false\n");
    let server = Process::serve(workspace, "--config signet.yaml --poll-interval 1h");
    let old = server.revision();
    server.workspace.write("clients.yaml", &list(22, |_| false, ""));
    server.signal("HUP");
    server.until("the refusal", |server| server.stderr().contains("error[SG0353]"));
    let log = server.stderr();
    let sentence = "the new files remove or disable 8 of 31 clients, and at most 10 percent may go at once: \
                    c23, c24, c25, c26, c27 and 3 more";
    assert!(log.contains(sentence), "{log}");
    assert!(
        log.contains("send SIGHUP once more within 60 s, or restart (`max-removed` sets the limit)"),
        "{log}"
    );
    assert!(
        log.contains("\"codes\":\"SG0353\"") && log.contains(&format!("\"config_revision\":\"{old}\"")),
        "{log}"
    );
    server.signal("HUP");
    server.until("the confirmation", |server| server.revision() != old);
    server.until("the line", |server| server.stderr().contains("SIGHUP came twice"));
}

#[test]
fn a_share_is_a_number_from_0_to_100() {
    let workspace = Workspace::empty();
    let arguments = "serve --issuer https://auth.example.com --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0";
    for (share, is_share) in [("0", true), ("100", true), ("101", false), ("-1", false), ("25%", false)] {
        let output = workspace.run(&format!("{arguments} --max-removed={share}"));
        // Without clients and keys it goes no further than to read them.
        let code = if is_share { 3 } else { 2 };
        assert_eq!(output.code, code, "{share}: {}", output.all());
    }
}
