//! What makes a server read its files again, and what does not. The poll runs every millisecond
//! here; that a look has come is told by its metric.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use crate::support::{CLIENTS, Options, Process, SHORT_LIST, TestServer, Workspace, with_hashes};

fn polling() -> TestServer {
    TestServer::with(Options { poll_interval: Duration::from_millis(1), ..Options::default() })
}

fn successes(server: &TestServer) -> f64 {
    server.metric("signet_config_reloads_total{outcome=\"success\"}")
}

/// Waits until the files were looked at once more, from now on.
fn until_looked(server: &TestServer) {
    // The first look after the clock moved may have begun before the change under test.
    for _ in 0..2 {
        server.clock.advance(1);
        let now = signet::clock::Clock::now(&*server.clock).seconds() as f64;
        server.until("a look", |server| server.metric("signet_config_last_look_timestamp_seconds") >= now);
    }
}

#[test]
fn a_start_without_changes_and_a_touched_file_are_no_reload() {
    let server = polling();
    until_looked(&server);
    assert_eq!(successes(&server), 0.0, "the first look finds what was read at the start");
    let file = std::fs::File::options().write(true).open(server.clients_file()).expect("the list");
    file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_000_000)).expect("a touch");
    until_looked(&server);
    // Another inode with the same text, as a checkout of the same revision makes it.
    server.write_clients(CLIENTS);
    until_looked(&server);
    assert_eq!(successes(&server), 0.0);
    server.write_clients(&format!("{CLIENTS}# one byte more"));
    server.until("the reload", |server| successes(server) == 1.0);
}

#[test]
fn a_rewrite_of_the_same_size_with_the_old_time_is_seen() {
    let server = polling();
    let old = server.revision();
    let file = server.clients_file();
    let modified = std::fs::metadata(&file).and_then(|metadata| metadata.modified()).expect("a time");
    let text = with_hashes(&CLIENTS.replace("client_id: worker", "client_id: kernow"));
    std::fs::write(&file, text).expect("a write");
    let written = std::fs::File::options().write(true).open(&file).expect("the list");
    written.set_modified(modified).expect("the old time");
    server.until("the reload", |server| server.revision() != old);
    assert_eq!(server.ask("worker", "").error(), "invalid_client");
}

#[test]
fn a_config_map_swap_is_seen_as_one_change() {
    let workspace = Workspace::empty();
    workspace.key("keys");
    let root = workspace.path().join("clients");
    let version = |n: usize| {
        workspace.write(&format!("clients/..v{n}/1.yaml"), "resources: [{audience: plain, scopes: [a]}]\n");
        let clients = format!("clients: [{{client_id: c{n}, credentials: [], scope: a}}]\n");
        workspace.write(&format!("clients/..v{n}/2.yaml"), &clients);
        swap(&root, n);
    };
    version(1);
    symlink("..data/1.yaml", root.join("1.yaml")).expect("a link");
    symlink("..data/2.yaml", root.join("2.yaml")).expect("a link");
    let server = Process::serve(
        Workspace::empty(),
        &format!(
            "--clients {} --keys {} --poll-interval 1s",
            root.display(),
            workspace.path().join("keys").display()
        ),
    );
    let old = server.revision();
    version(2);
    server.until("the swap", |server| server.revision() != old);
    server.until("the change", |server| server.stderr().contains("c2 + added: gains a on plain"));
}

/// `..data` leads to version `n` from now on: a new link, renamed over the old one.
fn swap(root: &Path, n: usize) {
    let new = root.join("..data_tmp");
    symlink(format!("..v{n}"), &new).expect("a link");
    std::fs::rename(new, root.join("..data")).expect("a rename");
}

#[test]
fn a_failed_reload_is_tried_again_each_minute_and_told_once() {
    let server = polling();
    let failures = |server: &TestServer| server.metric("signet_config_reloads_total{outcome=\"failure\"}");
    server.write_clients("clients: [");
    server.until("the failure", |server| failures(server) == 1.0);
    until_looked(&server);
    assert_eq!(failures(&server), 1.0, "the same bad file is not read again at each look");
    server.clock.advance(60);
    server.until("the retry", |server| failures(server) == 2.0);
}

#[test]
fn the_metrics_of_reloads_are_complete_from_the_start() {
    let server = TestServer::start();
    let text = server.admin("/metrics").text();
    let mut of_reloads: Vec<&str> = text.lines().filter(|line| line.starts_with("signet_config")).collect();
    of_reloads.sort_unstable();
    let revision = server.revision();
    assert_eq!(revision.len(), 12);
    insta::assert_snapshot!(of_reloads.join("\n").replace(&revision, "REVISION"), @r#"
    signet_config_info{revision="REVISION"} 1
    signet_config_last_look_timestamp_seconds 1795435200
    signet_config_last_reload_attempt_timestamp_seconds 1795435200
    signet_config_last_reload_failed{part="certificate"} 0
    signet_config_last_reload_failed{part="clients"} 0
    signet_config_last_reload_failed{part="keys"} 0
    signet_config_last_reload_seconds 0.0
    signet_config_last_reload_success 1
    signet_config_last_reload_success_timestamp_seconds 1795435200
    signet_config_reloads_total{outcome="failure"} 0
    signet_config_reloads_total{outcome="refused"} 0
    signet_config_reloads_total{outcome="success"} 0
    "#);
    server.clock.advance(100);
    server.reload_and_wait();
    let now = signet::clock::Clock::now(&*server.clock).seconds() as f64;
    assert_eq!(server.metric("signet_config_last_reload_attempt_timestamp_seconds"), now);
    assert_eq!(server.metric("signet_config_last_reload_success_timestamp_seconds"), now);
    assert!(server.metric("signet_config_last_reload_seconds") > 0.0);
    server.write_clients("");
    server.clock.advance(100);
    server.reload_and_wait();
    assert_eq!(server.metric("signet_config_last_reload_attempt_timestamp_seconds"), now + 100.0);
    assert_eq!(server.metric("signet_config_last_reload_success_timestamp_seconds"), now);
}

#[test]
fn each_part_that_fails_is_named() {
    let server = TestServer::start();
    let failed = |server: &TestServer| {
        ["clients", "keys", "certificate"]
            .map(|part| server.metric(&format!("signet_config_last_reload_failed{{part=\"{part}\"}}")) as u8)
    };
    assert_eq!(failed(&server), [0, 0, 0]);
    let key = server.directory.path().join("keys/20261101T000000Z.rs256.pem");
    let pem = std::fs::read(&key).expect("the key");
    std::fs::write(&key, "garbage").expect("a write");
    server.reload_and_wait();
    assert_eq!(failed(&server), [0, 1, 0]);
    server.write_clients("clients: [");
    server.reload_and_wait();
    assert_eq!(failed(&server), [1, 1, 0]);
    std::fs::write(&key, pem).expect("a write");
    server.reload_and_wait();
    assert_eq!(failed(&server), [1, 0, 0]);
    server.write_clients(CLIENTS);
    server.reload_and_wait();
    assert_eq!(failed(&server), [0, 0, 0]);
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_keep_nobody_waiting_have_the_lowest_priority_and_no_other_has() {
    let server = Process::serve(Workspace::ready(), "");
    let nice_of = |server: &Process| -> Vec<(String, i64)> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", server.id())).expect("the threads");
        tasks
            .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("stat")).ok())
            .map(|stat| {
                let (head, tail) = stat.rsplit_once(") ").expect("a name");
                let name = head.split_once('(').expect("a name").1.to_owned();
                (name, tail.split(' ').nth(16).and_then(|nice| nice.parse().ok()).expect("a number"))
            })
            .collect()
    };
    const BESIDE: [&str; 2] = ["reload", "slow-check"];
    server.until("the priority", |server| {
        let found = nice_of(server);
        BESIDE.iter().all(|name| found.contains(&((*name).to_owned(), 19)))
    });
    let others: Vec<_> =
        nice_of(&server).into_iter().filter(|(name, _)| !BESIDE.contains(&name.as_str())).collect();
    assert!(!others.is_empty() && others.iter().all(|(_, nice)| *nice < 19), "{others:?}");
}

#[test]
fn a_reload_tells_what_changed_in_terms_of_access() {
    let server = Process::serve(Workspace::ready(), "--poll-interval 1h");
    let old = server.revision();
    server.workspace.write("clients.yaml", &SHORT_LIST.replace("client_id: worker", "client_id: successor"));
    server.signal("HUP");
    server.until("the summary", |server| server.stderr().contains("access: worker - removed: loses"));
    let new = server.revision();
    let log = server.stderr();
    let line = |words: &str| {
        let line =
            log.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("no {words}: {log}"));
        serde_json::from_str::<serde_json::Value>(line).expect("JSON")
    };
    let reloaded = line("clients and keys reloaded");
    assert_eq!((&reloaded["config_revision"], &reloaded["previous_revision"]), (&new.into(), &old.into()));
    let summary = line("access changed");
    assert_eq!((&summary["clients_added"], &summary["clients_removed"]), (&1.into(), &1.into()));
}
