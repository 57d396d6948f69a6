//! Reloads under load (S12, S14, S16): no request fails, no token mixes two versions of the files,
//! and a removed client gets nothing once the new revision is reported. The long runs are those of
//! `cargo bench --bench reload`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;
use signet::jose::compact;

use crate::support::{Process, Traffic, Workspace};

const RELOADS: usize = 200;
const SWAPS: usize = 1_000;
const TRIALS: usize = 50;
const PAIR: &str = "worker:worker-secret-of-the-tests";

/// A list in which version `n` shows in a scope, three claims and a lifetime.
fn version(n: usize) -> String {
    format!("{}{}...\n", resources(n), clients("worker", n))
}

fn resources(n: usize) -> String {
    format!("resources:\n  - {{audience: https://invoices.example.com, scopes: ['v{n}']}}\n")
}

fn clients(id: &str, n: usize) -> String {
    format!(
        "clients:\n  - client_id: {id}\n    credentials: [{{client_secret: '${{secret:{id}-secret-of-the-tests}}'}}]\n\
         \x20   scope: v{n}\n    access_token_lifetime: {}s\n    claims: {{number: {n}, text: 'v{n}', list: [{n}]}}\n",
        60 + n
    )
}

/// The one version that everything in the answer is from, and the token's `jti`.
fn version_of(answer: &Value) -> (usize, String) {
    let token = answer["access_token"].as_str().expect("a token");
    let claims = compact::decode(token.split('.').nth(1).expect("three parts")).expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    let n = claims["number"].as_u64().expect("a number") as usize;
    let seen = [&answer["expires_in"], &answer["scope"], &claims["scope"], &claims["text"], &claims["list"]];
    let text = Value::from(format!("v{n}"));
    assert_eq!(seen, [&(60 + n).into(), &text, &text, &text, &vec![n].into()], "a mixed view");
    (n, claims["jti"].as_str().expect("a jti").to_owned())
}

/// Replaces the list by renaming, and gives the revision that it has.
fn replace(server: &Process, text: &str) -> String {
    server.workspace.write("next/clients.yaml", text);
    let next = server.workspace.path().join("next/clients.yaml");
    let revision = signet::config::revision(&next, &Default::default()).to_string();
    fs::rename(next, server.workspace.path().join("clients.yaml")).expect("a rename");
    revision
}

/// As [`replace`], and waits until the server reports the revision.
fn put_in_force(server: &Process, text: &str) -> String {
    let revision = replace(server, text);
    server.hang_up();
    server.until("the new revision", |server| server.revision() == revision);
    revision
}

fn start(text: &str) -> Process {
    let workspace = Workspace::ready();
    workspace.write("clients.yaml", text);
    Process::serve(workspace, "--poll-interval 1h --failures-per-minute 0")
}

/// Whole lines of the log that hold `words`, as JSON.
fn events(server: &Process, words: &str) -> Vec<Value> {
    let log = server.stderr();
    let whole = log.rfind('\n').map_or("", |end| &log[..end]);
    let lines = whole.lines().filter(|line| line.contains(words));
    lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn s12_two_hundred_reloads_under_load_fail_no_request_and_mix_no_versions() {
    let server = start(&version(0));
    let mut revisions = BTreeMap::from([(0, server.revision())]);
    let traffic = Traffic::start(server.public, PAIR);
    for n in 1..=RELOADS {
        revisions.insert(n, put_in_force(&server, &version(n)));
    }
    let answers = traffic.stop();
    let tokens: Vec<(usize, String)> = answers.iter().map(|answer| version_of(&answer.json())).collect();
    let versions: BTreeSet<usize> = tokens.iter().map(|(n, _)| *n).collect();
    assert!(versions.len() > RELOADS / 4, "the load met only {} versions", versions.len());
    server.until("all audit events", |server| events(server, "\"outcome\":\"issued\"").len() >= tokens.len());
    let audits: BTreeMap<String, String> = events(&server, "\"outcome\":\"issued\"")
        .iter()
        .map(|event| (event["jti"].to_string(), event["config_revision"].as_str().expect("text").to_owned()))
        .collect();
    for (n, jti) in tokens {
        assert_eq!(audits[&Value::from(jti).to_string()], revisions[&n], "the audit event of version {n}");
    }
}

#[test]
fn s14_a_removed_or_disabled_client_gets_no_token_once_the_revision_is_reported() {
    let with = |n: usize| {
        format!("{}{}{}", resources(n), clients("worker", n), clients("victim", n).replace("clients:\n", ""))
    };
    let server = start(&with(0));
    let ask = || server.ask("victim:victim-secret-of-the-tests", "grant_type=client_credentials");
    let traffic = Traffic::start(server.public, PAIR);
    for n in 1..=TRIALS {
        assert_eq!(ask().status, 200, "it may before trial {n}");
        let without = if n % 2 == 0 { version(n) } else { with(n) + "    disabled: true\n" };
        put_in_force(&server, &without.replace("...\n", ""));
        for _ in 0..3 {
            assert_eq!(ask().error(), "invalid_client", "trial {n}");
        }
        put_in_force(&server, &with(n));
    }
    traffic.stop();
}

/// Version `n` in two files, each with a client of its own. Both have the scopes of version 1, so
/// that files of two versions make a valid list too.
fn config_map(workspace: &Workspace, n: usize) {
    let clients = |id: &str| clients(id, 1).replace("number: 1", &format!("number: {n}"));
    workspace.write(&format!("clients/..v{n}/1.yaml"), &format!("{}{}", resources(1), clients("worker")));
    workspace.write(&format!("clients/..v{n}/2.yaml"), &clients("other"));
}

fn swap(root: &Path, n: usize) {
    let new = root.join("..data_tmp");
    symlink(format!("..v{n}"), &new).expect("a link");
    fs::rename(new, root.join("..data")).expect("a rename");
}

#[test]
fn s16_a_thousand_config_map_swaps_load_no_part_of_a_version() {
    let workspace = Workspace::empty();
    workspace.key("keys");
    let root = workspace.path().join("clients");
    let mut revisions = BTreeSet::new();
    for n in 0..=SWAPS {
        config_map(&workspace, n);
        revisions
            .insert(signet::config::revision(&root.join(format!("..v{n}")), &Default::default()).to_string());
    }
    swap(&root, 0);
    for name in ["1.yaml", "2.yaml"] {
        symlink(format!("..data/{name}"), root.join(name)).expect("a link");
    }
    let server = Process::serve(workspace, "--clients clients --poll-interval 1s");
    let traffic = Traffic::start(server.public, PAIR);
    for n in 1..=SWAPS {
        swap(&root, n);
        // The version before is removed at once, as the kubelet does it.
        fs::remove_dir_all(root.join(format!("..v{}", n - 1))).expect("a removal");
        if n % 10 == 0 {
            server.hang_up();
        }
        if n % 50 == 0 {
            assert_eq!(server.admin("/readyz").status, 200);
        }
    }
    let last = signet::config::revision(&root, &Default::default()).to_string();
    server.until("the last version", |server| server.revision() == last);
    traffic.stop();
    server.until("the log", |server| !events(server, "clients and keys reloaded").is_empty());
    for event in events(&server, "clients and keys reloaded") {
        let revision = event["config_revision"].as_str().expect("text");
        assert!(revisions.contains(revision), "{revision} is no whole version");
    }
}
