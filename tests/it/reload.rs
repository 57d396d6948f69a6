//! Reload: a new file takes effect as a whole or not at all, and the last good one serves on.

use signet::clock::UnixTime;

use crate::support::{CLIENTS, NOW, TestServer, new_key_pem, write_key};

fn revision(server: &TestServer) -> String {
    server.admin("/readyz").json()["config_revision"].as_str().expect("text").to_owned()
}

fn succeeded(server: &TestServer) -> bool {
    server.admin("/metrics").text().contains("signet_config_last_reload_success 1")
}

#[test]
fn a_removed_client_gets_no_token_once_the_new_revision_is_reported() {
    let server = TestServer::start();
    let old = revision(&server);
    assert_eq!(server.ask("worker", "").status, 200);
    server.write_clients(&CLIENTS.replace("client_id: worker", "client_id: successor"));
    server.reload();
    server.until("the new revision", |server| revision(server) != old);
    assert_eq!(server.ask("worker", "").error(), "invalid_client");
    assert_eq!(server.ask("other", "").status, 200);
}

#[test]
fn a_bad_file_keeps_the_last_good_list_and_shows_in_the_metric() {
    let server = TestServer::start();
    let old = revision(&server);
    for bad in
        ["", "clients: [", "clients: []\nunknown: 1\n", "\u{0}", "resources: []\nclients: [{client_id: x}]\n"]
    {
        server.write_clients(bad);
        server.reload();
        server.until("the failed reload", |server| !succeeded(server));
        assert_eq!(revision(&server), old);
        assert_eq!(server.ask("worker", "").status, 200);
        assert_eq!(server.admin("/readyz").status, 200, "a bad reload never turns readiness red");
        server.write_clients(CLIENTS);
        server.reload();
        server.until("the good reload", succeeded);
    }
    std::fs::remove_file(server.clients_file()).expect("a removal");
    server.reload();
    server.until("the failed reload", |server| !succeeded(server));
    assert_eq!(server.ask("worker", "").status, 200);
}

#[test]
fn keys_reload_like_clients_and_move_at_their_instant_without_one() {
    let server = TestServer::start();
    let activation = UnixTime::from_seconds(NOW + 86_400);
    let second = new_key_pem();
    let keys = server.directory.path().join("keys");
    write_key(&keys, "20261124T120000Z.rs256.pem");
    std::fs::write(keys.join("20261124T120000Z.rs256.pem"), second.as_bytes()).expect("a key file");
    server.reload();
    server.until("the second key", |server| server.key_set()["keys"].as_array().map(Vec::len) == Some(2));
    let first_kid = server.judge(&server.ask("worker", "")).header["kid"].clone();
    assert_eq!(server.key_set()["keys"][0]["kid"], first_kid, "order: signing, next");
    server.clock.set(activation.minus(1));
    assert_eq!(server.judge(&server.ask("worker", "")).header["kid"], first_kid);
    server.clock.set(activation);
    let second_kid = server.judge(&server.ask("worker", "")).header["kid"].clone();
    assert_ne!(second_kid, first_kid);
    let kids: Vec<_> =
        server.key_set()["keys"].as_array().expect("an array").iter().map(|k| k["kid"].clone()).collect();
    assert_eq!(kids, [second_kid.clone(), first_kid], "order: signing, retiring");
    server.clock.set(activation.plus(40 * 86_400));
    assert_eq!(server.key_set()["keys"].as_array().map(Vec::len), Some(1), "gone");
    assert_eq!(server.judge(&server.ask("worker", "")).header["kid"], second_kid);
}

#[test]
fn a_key_that_breaks_while_running_changes_nothing_but_the_metric() {
    let server = TestServer::start();
    let key = server.directory.path().join("keys/20261101T000000Z.rs256.pem");
    for content in ["", "garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        std::fs::write(&key, content).expect("a write");
        server.reload();
        server.until("the failed reload", |server| !succeeded(server));
        server.judge(&server.ask("worker", ""));
        write_key(&server.directory.path().join("keys"), "20261101T000000Z.rs256.pem");
        server.reload();
        server.until("the good reload", succeeded);
    }
}
