//! Registration as operators see it: denials, quota, metrics and log.

use serde_json::{Value, json};
use signet::clock::UnixTime;

use crate::support::registration::{REGISTRARS, digest_of, nothing, register, workspace};
use crate::support::{NOW, Process, TestServer, Workspace};

const SCOPE: &str = "&scope=catalog:read";

fn deny(server: &TestServer, entry: &str) {
    server.write_clients(&format!("{REGISTRARS}  denied:\n    - {entry}\n"));
    server.reload_and_wait();
}

#[test]
fn k8_a_client_is_denied_by_digest_registrar_and_time_from_the_next_request_on() {
    let server = TestServer::registering();
    let (first, its_secret) = server.registered(&nothing());
    server.clock.set(UnixTime::from_seconds(NOW + 100));
    let (second, secret) = server.registered(&nothing());
    let gets = |id: &str, secret: &str| server.ask_as(id, secret, SCOPE).status;
    let both = || (gets(&first, &its_secret), gets(&second, &secret));
    assert_eq!(both(), (200, 200));
    deny(&server, &format!("client_id_sha256: {}\n      note: laptop lost", digest_of(&first)));
    assert_eq!(both(), (401, 200));
    // 2026-11-23T12:00:50Z lies between the two.
    deny(&server, "{registrar: portal, issued_before: \"2026-11-23T12:00:50Z\"}");
    assert_eq!(both(), (401, 200));
    deny(&server, "issued_before: 2026-11-24");
    assert_eq!(both(), (401, 401));
    deny(&server, "registrar: second");
    assert_eq!(both(), (200, 200));
    deny(&server, "registrar: portal");
    assert_eq!(both(), (401, 401));
    let answer = server.register_as("portal", &nothing());
    assert_eq!((answer.status, answer.error().as_str()), (403, "access_denied"), "none is born denied");
    server.write_clients(REGISTRARS);
    server.reload_and_wait();
    assert_eq!(both(), (200, 200));
}

#[test]
fn k10_the_quota_of_a_registrar_is_its_own_and_ends_with_429() {
    let server = TestServer::registering();
    for _ in 0..3 {
        assert_eq!(server.register_as("second", &nothing()).status, 201);
    }
    let answer = server.register_as("second", &nothing());
    assert_eq!((answer.status, answer.error().as_str()), (429, "temporarily_unavailable"));
    assert_eq!(answer.header("retry-after"), Some("20"));
    assert_eq!(server.register_as("portal", &nothing()).status, 201, "another registrar");
    server.clock.set(UnixTime::from_seconds(NOW + 20));
    assert_eq!(server.register_as("second", &json!({"scope": "no:such"})).status, 400, "counts as well");
    assert_eq!(server.register_as("second", &nothing()).status, 429);
    server.reload_and_wait();
    assert_eq!(server.register_as("second", &nothing()).status, 429, "a reload gives nothing back");
    server.clock.set(UnixTime::from_seconds(NOW + 80));
    assert_eq!(server.register_as("second", &nothing()).status, 201);
}

#[test]
fn metrics_count_registrations_registered_clients_and_seal_keys() {
    let server = TestServer::registering();
    let (id, secret) = server.registered(&nothing());
    assert_eq!(server.ask_as(&id, &secret, SCOPE).status, 200);
    assert_eq!(server.ask_as(&id, "wrong", SCOPE).status, 401);
    assert_eq!(server.ask_as("nobody", "wrong", SCOPE).status, 401);
    assert_eq!(server.register_as("portal", &json!({"scope": "no:such"})).status, 400);
    for (series, value) in [
        ("signet_registrations_total{outcome=\"registered\",reason=\"none\"}", 1.0),
        ("signet_registrations_total{outcome=\"refused\",reason=\"metadata_scope_beyond\"}", 1.0),
        ("signet_registered_client_requests_total{outcome=\"issued\"}", 1.0),
        ("signet_registered_client_requests_total{outcome=\"refused\"}", 1.0),
        ("signet_seal_keys{state=\"sealing\"}", 1.0),
        ("signet_seal_keys{state=\"gone\"}", 0.0),
    ] {
        assert_eq!(server.metric(series), value, "{series}");
    }
    assert!(
        !TestServer::start().admin("/metrics").text().contains("signet_seal_keys{"),
        "none where there is none"
    );
}

#[test]
fn o1_s40_the_log_has_the_registration_and_its_registrar_and_no_secret() {
    let server = Process::serve(workspace(), "");
    let (id, secret) = register(&server, &json!({"client_name": "Ada's laptop", "scope": "catalog:read"}));
    let form = format!("grant_type=client_credentials{SCOPE}");
    assert_eq!(server.ask(&format!("{id}:{secret}"), &form).status, 200);
    assert_eq!(server.ask(&format!("{id}:not-its-secret"), &form).status, 401);
    let audits = |server: &Process| -> Vec<Value> {
        let lines = server.stderr();
        let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        events.filter(|event| event["target"] == "signet::audit").collect()
    };
    server.until("three events", |server| server.stderr().ends_with('\n') && audits(server).len() == 3);
    let events = audits(&server);
    let registration = &events[0];
    for (name, value) in [
        ("message", "client registration"),
        ("outcome", "registered"),
        ("registrar", "portal"),
        ("method", "client_secret_basic"),
        ("client_id", id.as_str()),
        ("client_name", "Ada's laptop"),
        ("scope", "catalog:read"),
    ] {
        assert_eq!(registration[name], value, "{name} in {registration}");
    }
    for event in &events[1..] {
        assert_eq!((&event["registrar"], &event["client_id"]), (&json!("portal"), &json!(id)), "{event}");
    }
    let said = server.stderr() + &server.stdout();
    for hidden in [secret.as_str(), &secret[4..40], "portal-secret-of-the-tests"] {
        assert!(!said.contains(hidden), "{hidden}");
    }
}

#[test]
fn dev_registers_without_a_seal_key_file_and_serve_says_what_is_missing() {
    let bare = || {
        let workspace = Workspace::empty();
        workspace.write("clients.yaml", REGISTRARS);
        workspace.key("keys");
        workspace
    };
    let server = Process::dev(bare(), "");
    let (id, secret) = register(&server, &nothing());
    assert_eq!(
        server.ask(&format!("{id}:{secret}"), &format!("grant_type=client_credentials{SCOPE}")).status,
        200
    );
    let refused = bare().run("serve --issuer http://localhost:1 --listen 127.0.0.1:0");
    assert_ne!(refused.code, 0);
    assert!(
        refused.all().contains("SG0308") && refused.all().contains("keys new --seal"),
        "{}",
        refused.all()
    );
}
