//! What the commands say of registered clients, of seal keys and of the list's section about both.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::support::registration::{REGISTRARS, SEAL_KEY, digest_of, register, workspace};
use crate::support::{ISSUER, KEY_NAME, Process, Workspace, write_seal_key};

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
