//! Registration as operators see it: denials, quota, metrics and log, and what the commands say of a
//! registered client and of seal keys.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};
use signet::clock::UnixTime;

use crate::support::registration::{REGISTRARS, SEAL_KEY, nothing};
use crate::support::{ISSUER, KEY_NAME, NOW, Process, TestServer, Workspace, basic, send, write_seal_key};

const SCOPE: &str = "&scope=catalog:read";

fn digest_of(id: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, id.as_bytes());
    signet::jose::compact::encode(digest.as_ref())
}

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

/// A list for programs, which take the time from the machine; `portal` has `EXTRA` beside its policy.
fn workspace() -> Workspace {
    let workspace = Workspace::empty();
    workspace.write("clients.yaml", REGISTRARS);
    workspace.key("keys");
    write_seal_key(&workspace.path().join("keys"), "20200101T000000Z.seal.key", 1);
    workspace
}

fn register(server: &Process, metadata: &Value) -> (String, String) {
    let header = basic(b"portal:portal-secret-of-the-tests");
    let headers = [("Authorization", header.as_str()), ("Content-Type", "application/json")];
    let answer = send(server.public, "POST", "/oauth2/register", &headers, metadata.to_string().as_bytes());
    assert_eq!(answer.status, 201, "{}", answer.text());
    let text = |name: &str| answer.json()[name].as_str().unwrap_or_default().to_owned();
    (text("client_id"), text("client_secret"))
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
fn why_and_clients_show_tell_what_a_registered_client_may_do() {
    let server = Process::serve(workspace(), "");
    let (id, secret) = register(&server, &json!({"client_name": "Ada's laptop", "scope": "catalog:read"}));
    let (at, workspace) = (format!("--keys keys --issuer {}", server.issuer()), &server.workspace);
    let show = workspace.run(&format!("clients show {id} {at}"));
    assert_eq!(show.code, 0, "{}", show.all());
    for row in [
        "registered by   portal",
        "state           in force",
        "Ada's laptop",
        "catalog:read",
        &digest_of(&id),
    ] {
        assert!(show.stdout.contains(row), "{row}: {}", show.stdout);
    }
    assert!(!show.all().contains(&secret));
    let document = workspace.run(&format!("clients show {id} {at} --format json")).json();
    assert_eq!(document["registered"]["registrar"], "portal");
    assert_eq!(document["registered"]["in_force"], true);
    let why = workspace.run(&format!("why --client {id} {at} --scope catalog:read"));
    assert_eq!(why.code, 0, "{}", why.all());
    assert!(
        why.stdout.contains("registered by portal") && why.stdout.contains("clients.yaml:"),
        "{}",
        why.stdout
    );
    let more = workspace.run(&format!("why --client {id} {at} --scope catalog:write"));
    assert_eq!(more.code, 1, "{}", more.all());
    assert!(
        more.stdout.contains("invalid_scope") && more.stdout.contains("Register it again"),
        "{}",
        more.stdout
    );
    for (arguments, words) in [
        (format!("why --client {id}"), "--keys DIR"),
        (format!("clients show {id} --keys keys"), "--issuer URL"),
        (
            format!("clients show {id} --keys keys --issuer {ISSUER}"),
            "not sealed with these keys for this issuer",
        ),
    ] {
        let answer = workspace.run(&arguments);
        assert!(answer.code != 0 && answer.stderr.contains(words), "{arguments}: {}", answer.all());
    }
    let other = workspace.run(&format!("why --client {id} --keys keys --issuer {ISSUER}"));
    assert!(other.code == 1 && other.stdout.contains("SG0580"), "{}", other.all());
    workspace.write("clients.yaml", &format!("{REGISTRARS}  denied:\n    - registrar: portal\n"));
    let line = REGISTRARS.lines().count() + 2;
    let denied = workspace.run(&format!("why --client {id} {at} --scope catalog:read"));
    assert_eq!(denied.code, 1);
    for words in ["SG0581", &format!("`denied` at clients.yaml:{line}")] {
        assert!(denied.stdout.contains(words), "{words}: {}", denied.stdout);
    }
    let show = workspace.run(&format!("clients show {id} {at}"));
    assert!(
        show.stdout.contains(&format!("denied: every request is refused, by clients.yaml:{line}")),
        "{}",
        show.stdout
    );
}

#[test]
fn why_tells_what_of_the_list_ended_a_registration() {
    let server = Process::serve(workspace(), "");
    let (id, _) = register(&server, &json!({"scope": "catalog:read"}));
    for (from, to, code) in [
        ("registrars: portal", "registrars: worker", "SG0582"),
        ("scope: catalog:read catalog:write search:read", "scope: catalog:write search:read", "SG0583"),
    ] {
        server.workspace.write("clients.yaml", &REGISTRARS.replace(from, to));
        let why =
            server.workspace.run(&format!("why --client {id} --keys keys --issuer {}", server.issuer()));
        assert!(why.code == 1 && why.stdout.contains(code), "{to}: {}", why.all());
        assert!(!why.stdout.contains(":0 "), "a line that no file has: {}", why.stdout);
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

#[test]
fn keys_new_seal_makes_keys_that_are_listed_and_pruned_by_their_plan() {
    let workspace = workspace();
    let first = workspace.run("keys new --seal --keys other");
    assert_eq!(first.code, 0, "{}", first.all());
    let path = workspace.path().join(first.stdout.trim());
    let mode = std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(first.stderr.contains("from now on"), "{}", first.stderr);
    let secret = std::fs::read_to_string(&path).expect("a file");
    assert!(secret.len() == 44 && !first.all().contains(secret.trim()));
    let second = workspace.run("keys new --seal --keys other --format json").json();
    assert_eq!((&second["state"], &second["alg"]), (&json!("next"), &json!("seal")));
    let not_due = workspace.run("keys new --seal --keys other --every 365d");
    assert!(not_due.code == 0 && not_due.stderr.contains("No key is due"), "{}", not_due.all());
    assert_eq!(workspace.run("keys new --seal --alg ES256 --keys other").code, 2);
    assert_eq!(workspace.run("keys new --seal --ahead 5m --keys other").code, 1, "too soon");
    // Two years ago, and its successor more than one year ago.
    write_seal_key(&workspace.path().join("keys"), "20210101T000000Z.seal.key", 2);
    let list = workspace.run("keys list --format json").json();
    let states: Vec<&str> = list["seal_keys"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|key| key["state"].as_str().expect("text"))
        .collect();
    assert_eq!(states, ["gone", "sealing"]);
    let text = workspace.run("keys list");
    assert!(
        text.stdout.contains("sealing   seal   256") && text.stdout.contains(KEY_NAME),
        "{}",
        text.stdout
    );
    let plan = workspace.run("keys plan").stdout;
    assert!(plan.contains("seal   seals") && plan.contains("seal   is gone"), "{plan}");
    let prune = workspace.run("keys prune");
    assert!(prune.stdout.contains("would delete keys/20200101T000000Z.seal.key"), "{}", prune.all());
    assert_eq!(workspace.run("keys prune --yes").code, 0);
    let left = workspace.run("keys list --format json").json();
    assert_eq!(left["seal_keys"].as_array().map(Vec::len), Some(1));
}

#[test]
fn c15_a_seal_key_that_others_can_read_or_that_is_no_seal_key_is_refused() {
    let workspace = workspace();
    let path = workspace.path().join("keys/20200101T000000Z.seal.key");
    let good = std::fs::read_to_string(&path).expect("a file");
    let check = |code: Option<&str>| {
        let said = workspace.run("check").all();
        assert_eq!(code.is_some_and(|code| said.contains(code)), code.is_some(), "{said}");
        assert_eq!(code.is_none(), !said.contains("error["), "{said}");
        assert!(!said.contains(good.trim()));
    };
    check(None);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("permissions");
    check(Some("SG0206"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("permissions");
    for content in ["", "short\n", &good.repeat(2), &"A".repeat(43), &format!("{}=\n", good.trim())] {
        std::fs::write(&path, content).expect("a file");
        check(Some("SG0240"));
    }
    std::fs::write(&path, &good).expect("a file");
    check(None);
    std::fs::copy(&path, workspace.path().join("keys").join(SEAL_KEY)).expect("a copy");
    check(Some("SG0218"));
}

#[test]
fn check_says_what_is_wrong_about_registration() {
    let list = |registration: &str| {
        let (before, _) = REGISTRARS.split_once("registration:").expect("a section");
        format!("{before}registration:\n{registration}")
    };
    let policy = "  policies:\n    - {registrars: portal, scope: catalog:read, validity: 30d}\n";
    for (registration, code) in [
        (policy.replace("portal", "portl"), "SG0190"),
        (format!("{policy}    - {{registrars: portal, scope: catalog:read, validity: 30d}}\n"), "SG0191"),
        (policy.replace("30d", "366d"), "SG0192"),
        (policy.replace("validity: 30d", "validity: 30d, per_minute: 0"), "SG0193"),
        (policy.replace("catalog:read", "clients:register"), "SG0194"),
        (policy.replace("catalog:read", "catalog:nothing"), "SG0107"),
        (policy.replace("scope: catalog:read", "audience: https://nowhere.example"), "SG0122"),
        (policy.replace("scope: catalog:read, ", ""), "SG0123"),
        (policy.replace(", validity: 30d", ""), "SG0115"),
        (policy.replace("validity: 30d", "validity: 30d, credentials: tls_client_auth"), "SG0197"),
        ("  denied:\n    - note: nobody\n".to_owned(), "SG0196"),
        ("  denied:\n    - {client_id_sha256: abc}\n".to_owned(), "SG0196"),
        (format!("  denied:\n    - {{client_id_sha256: {}, registrar: portal}}\n", digest_of("x")), "SG0196"),
        ("  - policies: []\n".to_owned(), "SG0114"),
    ] {
        let workspace = Workspace::empty();
        workspace.write("clients.yaml", &list(&registration));
        let said = workspace.run("check --clients-only");
        assert!(said.code != 0 && said.all().contains(code), "{code}: {registration}\n{}", said.all());
    }
    let workspace = Workspace::empty();
    workspace.write("clients.yaml", &list(policy));
    assert_eq!(workspace.run("check --clients-only").code, 0);
    let teams = "teams:\n  - files: team/**\n    audiences: [https://catalog.example.com]\n";
    workspace.write("clients.yaml", &(list(policy) + teams));
    let said = workspace.run("check --clients-only").all();
    assert!(said.contains("SG0153") || said.contains("which only files of team"), "{said}");
}

#[test]
fn diff_tells_what_changes_for_registered_clients() {
    let workspace = Workspace::empty();
    workspace.write("old/clients.yaml", REGISTRARS);
    let new = REGISTRARS
        .replace("scope: catalog:read catalog:write search:read", "scope: catalog:read catalog:admin")
        .replace("validity: 30d", "validity: 10d")
        .replace("registrars: [second]", "registrars: [worker]");
    workspace.write(
        "new/clients.yaml",
        &format!("{new}  denied:\n    - {{registrar: portal, issued_before: 2026-12-01}}\n"),
    );
    let said = workspace.run("diff old new").stdout;
    let lines: Vec<&str> = said.lines().map(str::trim_end).collect();
    for line in [
        "registration by portal  + catalog:admin on https://catalog.example.com",
        "registration by portal  - catalog:write on https://catalog.example.com; breaks clients that it registered",
        "registration by portal  - audience https://search.example.com; breaks clients that it registered",
        "registration by portal  ~ validity 10d (was 30d)",
        "registration by second  - may no longer register clients; breaks clients that it registered",
        "registration by worker  + may register clients",
        "registration            + denies all clients of portal registered before 2026-12-01; breaks all clients of portal registered before 2026-12-01",
    ] {
        assert!(lines.contains(&line), "{line}\n{said}");
    }
    let back = workspace.run("diff new old").stdout;
    assert!(back.contains("- may no longer register clients") && back.contains("no longer denies"), "{back}");
    assert_eq!(workspace.run("diff old old").stderr, "no change in access\n");
    let json = workspace.run("diff old new --format json").json();
    assert_eq!(json["counts"]["registrations_changed"], 4);
    assert_eq!(json["registration"][0]["subject"], "registration by portal");
    let markdown = workspace.run("diff old new --format markdown").stdout;
    assert!(markdown.contains("**Registration**"), "{markdown}");
}
