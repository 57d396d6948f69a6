//! `private_key_jwt` with `jwks_file`: keys in files beside the client list, as a part of it.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use signet::clock::UnixTime;
use signet::config::{self, Loaded, load};
use signet::diagnostic::human;

use crate::support::assertion::{ClientKey, client_list_with, form};
use crate::support::{NOW, Options, TestServer, Workspace};

const LIST: &str = "jwks_file: signer.pem";

fn server(content: String) -> TestServer {
    TestServer::with(Options {
        clients: client_list_with("signer", LIST, ""),
        files: vec![("signer.pem", content)],
        poll_interval: Duration::from_millis(1),
        ..Options::default()
    })
}

fn key_set(keys: &[&ClientKey]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
    json!({"keys": keys}).to_string()
}

fn replace(server: &TestServer, content: &str) {
    let new = server.directory.path().join(".new");
    std::fs::write(&new, content).expect("a file");
    std::fs::rename(&new, server.directory.path().join("signer.pem")).expect("a rename");
}

fn read(path: &Path) -> Loaded {
    load(path, UnixTime::from_seconds(NOW), &config::Options::default())
}

#[test]
fn a_key_file_holds_one_public_key_as_pem_or_a_key_set() {
    for key in [ClientKey::rsa(), ClientKey::ec(), ClientKey::ed25519()] {
        for content in [key.pem(), key_set(&[&key]), format!("\n {}", key.jwk())] {
            let server = server(content);
            let response = server.post(&form(&key.assertion("signer", "1")));
            assert_eq!(response.status, 200, "{}: {}", key.algorithm, response.text());
        }
    }
    let (key, other) = (ClientKey::ec(), ClientKey::ec());
    let server = server(key.pem());
    assert_eq!(server.post(&form(&other.assertion("signer", "1"))).status, 401);
}

/// PS256 is said by the key set; PEM has no word for it.
#[test]
fn an_rsa_key_as_pem_verifies_rs256_and_nothing_else() {
    let (rs256, ps256) = (ClientKey::rsa(), ClientKey::pss());
    let pem = server(rs256.pem());
    assert_eq!(pem.post(&form(&rs256.assertion("signer", "1"))).status, 200);
    assert_eq!(pem.post(&form(&ps256.assertion("signer", "2"))).status, 401);
    let set = server(key_set(&[&ps256]));
    assert_eq!(set.post(&form(&ps256.assertion("signer", "1"))).status, 200);
    assert_eq!(set.post(&form(&rs256.assertion("signer", "2"))).status, 401);
}

#[test]
fn b39_a_changed_key_file_is_a_reload_and_a_broken_one_changes_nothing() {
    let (old, new) = (ClientKey::ed25519(), ClientKey::ed25519());
    let server = server(old.pem());
    let answers = |key: &ClientKey, jti: &str| server.post(&form(&key.assertion("signer", jti))).status;
    assert_eq!((answers(&old, "1"), answers(&new, "2")), (200, 401));

    let revision = server.revision();
    replace(&server, &new.pem());
    server.until("the reload", |server| server.revision() != revision);
    assert_eq!((answers(&old, "3"), answers(&new, "4")), (401, 200));

    let revision = server.revision();
    replace(&server, "no key");
    let failed = "signet_config_last_reload_failed{part=\"clients\"}";
    server.until("the refusal", |server| server.metric(failed) == 1.0);
    assert_eq!((server.revision(), answers(&new, "5")), (revision.clone(), 200));

    std::fs::remove_file(server.directory.path().join("signer.pem")).expect("removed");
    replace(&server, &key_set(&[&old, &new]));
    server.until("the reload", |server| server.metric(failed) == 0.0);
    assert_ne!(server.revision(), revision);
    assert_eq!((answers(&old, "6"), answers(&new, "7")), (200, 200));
}

/// The list and a file that it did not name before come in any order.
#[test]
fn a_key_file_that_is_missing_is_looked_for_until_it_is_there() {
    let (old, new) = (ClientKey::ec(), ClientKey::ec());
    let server = server(old.pem());
    server.write_clients(&client_list_with("signer", "jwks_file: next.pem", ""));
    let failed = "signet_config_last_reload_failed{part=\"clients\"}";
    server.until("the refusal", |server| server.metric(failed) == 1.0);
    assert_eq!(server.post(&form(&old.assertion("signer", "1"))).status, 200);
    std::fs::write(server.directory.path().join("next.pem"), new.pem()).expect("a file");
    server.until("the reload", |server| server.metric(failed) == 0.0);
    assert_eq!(server.post(&form(&new.assertion("signer", "2"))).status, 200);
    assert_eq!(server.post(&form(&old.assertion("signer", "3"))).status, 401);
}

/// What is wrong with a key file is said at the line that names it.
#[test]
fn every_file_that_is_no_key_file_is_refused_with_its_reason() {
    let workspace = Workspace::empty();
    let outside = Workspace::empty();
    let key = ClientKey::ed25519();
    outside.write("key.pem", &key.pem());
    workspace.write("good.pem", &key.pem());
    workspace.write("keys/good.pem", &key.pem());
    workspace.write("large.pem", &"x".repeat(64 * 1024 + 1));
    workspace.write("empty.pem", "");
    workspace.write("private.pem", crate::support::key_pem());
    workspace.write(
        "private.json",
        &json!({"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "hunter2"}).to_string(),
    );
    workspace.write("two.pem", &format!("{}{}", key.pem(), key.pem()));
    workspace.write("weak.json", r#"{"kty": "RSA", "n": "0_cQ", "e": "AQAB"}"#);
    symlink(outside.path().join("key.pem"), workspace.path().join("out.pem")).expect("a link");
    symlink(outside.path(), workspace.path().join("elsewhere")).expect("a link");
    symlink("good.pem", workspace.path().join("link.pem")).expect("a link");
    symlink("loop.pem", workspace.path().join("loop.pem")).expect("a link");
    let made = std::process::Command::new("mkfifo").arg(workspace.path().join("pipe.pem")).status();
    assert!(made.expect("mkfifo").success());
    for (name, code, part) in [
        ("good.pem", "", ""),
        ("keys/good.pem", "", ""),
        ("link.pem", "", ""),
        ("none.pem", "SG0187", "the key file `none.pem` does not exist"),
        ("keys", "SG0187", "is no regular file"),
        ("pipe.pem", "SG0187", "is no regular file"),
        ("loop.pem", "SG0187", "cannot be read"),
        ("large.pem", "SG0187", "is larger than 64 KiB"),
        ("out.pem", "SG0187", "outside of the directory of the list"),
        ("elsewhere/key.pem", "SG0187", "outside of the directory of the list"),
        ("empty.pem", "SG0181", "is no JWK Set and no PEM file"),
        ("private.pem", "SG0181", "holds a private key"),
        ("private.json", "SG0181", "private member `d`"),
        ("two.pem", "SG0181", "several PEM sections"),
        ("weak.json", "SG0182", "fewer than 2048"),
        ("../good.pem", "SG0186", "leads upwards"),
        ("keys/./good.pem", "SG0186", "begins with a dot"),
        ("keys//good.pem", "SG0186", "an empty part"),
    ] {
        workspace.write("clients.yaml", &client_list_with("signer", &format!("jwks_file: {name}"), ""));
        let loaded = read(&workspace.path().join("clients.yaml"));
        let errors: Vec<&str> = loaded.findings.iter().map(|finding| finding.code.id).collect();
        let text = human(&loaded.findings, false);
        if code.is_empty() {
            assert!(errors.is_empty() && loaded.registry.is_some(), "{name}: {text}");
            continue;
        }
        assert_eq!(
            (errors.as_slice(), loaded.registry.is_none()),
            ([code].as_slice(), true),
            "{name}: {text}"
        );
        assert!(text.contains(part) && text.contains("clients.yaml:8:"), "{name}: {text}");
        assert!(!text.contains("hunter2") && !text.contains("BEGIN PRIVATE"), "{name}: {text}");
    }
}

/// A ConfigMap is made of links: the path of the list leads through one, and so do those beside it.
#[test]
fn the_links_of_a_config_map_are_followed() {
    let workspace = Workspace::empty();
    let key = ClientKey::ed25519();
    workspace.write("mount/..2026/signer.pem", &key.pem());
    workspace.write("mount/..2026/clients.yaml", &client_list_with("signer", LIST, ""));
    let mount = workspace.path().join("mount");
    symlink("..2026", mount.join("..data")).expect("a link");
    symlink("..data/signer.pem", mount.join("signer.pem")).expect("a link");
    symlink("..data/clients.yaml", mount.join("clients.yaml")).expect("a link");
    let (file, directory) = (read(&mount.join("clients.yaml")), read(&mount));
    assert!(file.registry.is_some(), "{}", human(&file.findings, false));
    assert!(directory.registry.is_some(), "{}", human(&directory.findings, false));
}

#[test]
fn the_path_begins_at_the_file_that_names_it_and_the_revision_covers_the_content() {
    let key = ClientKey::ec();
    let revision = |content: &str| {
        let workspace = Workspace::empty();
        workspace.write("list/payments/keys/signer.pem", content);
        workspace
            .write("list/payments/a.yaml", &client_list_with("signer", "jwks_file: keys/signer.pem", ""));
        let loaded = read(&workspace.path().join("list"));
        assert!(loaded.registry.is_some(), "{}", human(&loaded.findings, false));
        let again = config::revision(&workspace.path().join("list"), &loaded.named_files);
        assert_eq!(loaded.revision, again);
        loaded.revision
    };
    assert_eq!(revision(&key.pem()), revision(&key.pem()), "wherever it is mounted");
    assert_ne!(revision(&key.pem()), revision(&key_set(&[&key])));
}

#[test]
fn show_and_why_tell_the_file_and_the_thumbprint() {
    let workspace = Workspace::ready();
    let key = ClientKey::ed25519();
    workspace.write("clients.yaml", &client_list_with("signer", LIST, ""));
    workspace.write("signer.pem", &key.pem());
    let shown = workspace.run("clients show signer").stdout;
    assert!(shown.contains("private_key_jwt, live, jwks_file signer.pem, line 7"), "{shown}");
    assert!(shown.contains("key EdDSA "), "{shown}");
    let json = workspace.run("clients show signer --format json").json();
    assert_eq!(json["credentials"][0]["origin"], "jwks_file signer.pem");
    assert!(json["credentials"][0]["terms"][0].as_str().is_some_and(|term| term.starts_with("key EdDSA ")));
    let why = workspace.run("why --client signer --scope invoices:read").stdout;
    assert!(why.contains("jwks_file signer.pem"), "{why}");
    workspace.write("signer.pem", "nothing");
    assert_eq!(workspace.run("check --clients-only").code, 1);
}

#[test]
fn fmt_leaves_key_files_alone_and_diff_tells_of_their_keys() {
    let workspace = Workspace::empty();
    let (old, new) = (ClientKey::ed25519(), ClientKey::ed25519());
    for (side, key) in [("old", &old), ("new", &new)] {
        workspace.write(&format!("{side}/clients.yaml"), &client_list_with("signer", LIST, ""));
        workspace.write(&format!("{side}/signer.pem"), &key.pem());
    }
    let before = workspace.read("new/signer.pem");
    assert_eq!(workspace.run("fmt new").code, 0);
    assert_eq!(workspace.read("new/signer.pem"), before);
    let diff = workspace.run("diff old new").stdout;
    assert!(diff.contains("signer") && diff.matches("key EdDSA").count() == 2, "{diff}");
    // The same key in another form is no change of access.
    workspace.write("new/signer.pem", &key_set(&[&old]));
    assert_eq!(workspace.run("diff old new --exit-code").code, 0);
    let stdin = workspace.run_with("diff old -", &[], &workspace.read("new/clients.yaml"));
    assert_eq!(stdin.code, 3);
    assert!(stdin.stderr.contains("this list came alone"), "{}", stdin.stderr);
}
