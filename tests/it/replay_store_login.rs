//! How signet reaches its replay store: password, TLS, settings. And that the password stays where
//! it belongs.

use std::sync::Arc;

use rstest::rstest;
use rustls::server::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use signet::config::{ReplayStoreSettings, WhenStoreDown};

use crate::support::fake_store::FakeStore;
use crate::support::{Options, Process, TestServer, Workspace};

const PASSWORD: &str = "hunter2-of-the-store";

fn server(replay_store: ReplayStoreSettings) -> TestServer {
    TestServer::with(Options { replay_store: Some(replay_store), ..Options::default() })
}

fn is_up(server: &TestServer) -> bool {
    server.metric("signet_replay_store_up{when_down=\"refuse\"}") == 1.0
}

#[test]
fn the_password_comes_by_url_or_by_a_file_that_may_change() {
    let mut store = FakeStore::with(Some(PASSWORD), None);
    let plain = store.settings(WhenStoreDown::Refuse);
    assert!(!is_up(&server(plain.clone())), "without a password");
    let url = |userinfo: &str| format!("redis://{userinfo}@{}/3", store.address()).parse().ok();
    for userinfo in [format!(":{PASSWORD}"), format!("user:{PASSWORD}")] {
        assert!(is_up(&server(ReplayStoreSettings { replay_store: url(&userinfo), ..plain.clone() })));
    }
    assert!(store.commands().iter().any(|command| *command == ["AUTH", "user", PASSWORD]));
    assert!(store.commands().iter().any(|command| *command == ["SELECT", "3"]));
    let workspace = Workspace::empty();
    workspace.write("password", "an old one");
    let file = Some(workspace.path().join("password"));
    let server = server(ReplayStoreSettings { replay_store_password_file: file, ..plain });
    assert!(!is_up(&server), "with another password");
    workspace.write("password", &format!("{PASSWORD}\n"));
    server.until("a connection", is_up);
    store.die();
}

/// A certificate of its own for 127.0.0.1, and the server that has it.
fn identity() -> (String, Arc<ServerConfig>) {
    let identity = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(identity.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.expect("versions").with_no_client_auth();
    let config = builder.with_single_cert(vec![identity.cert.der().clone()], key).expect("an identity");
    (identity.cert.pem(), Arc::new(config))
}

#[test]
fn over_tls_only_a_store_with_the_right_certificate_is_asked() {
    let ((own, config), (others, _)) = (identity(), identity());
    let store = FakeStore::with(Some(PASSWORD), Some(config));
    let workspace = Workspace::empty();
    workspace.write("own.pem", &own);
    workspace.write("others.pem", &others);
    let with = |ca: &str| {
        let url = format!("rediss://:{PASSWORD}@{}", store.address());
        server(ReplayStoreSettings {
            replay_store: url.parse().ok(),
            replay_store_ca: Some(workspace.path().join(ca)),
            ..store.settings(WhenStoreDown::Refuse)
        })
    };
    assert!(!is_up(&with("others.pem")));
    assert_eq!(store.commands().len(), 0, "nothing is said to a stranger");
    assert!(is_up(&with("own.pem")));
}

#[rstest]
#[case::no_url("store.internal:6379", "", "expected rediss://HOST:PORT/DB")]
#[case::another_scheme("http://:hunter2-of-the-store@h", "", "expected rediss://HOST:PORT/DB")]
#[case::port("redis://:hunter2-of-the-store@h:port", "", "expected rediss://HOST:PORT/DB")]
#[case::query("redis://:hunter2-of-the-store@h/?protocol=resp3", "", "without `?`")]
#[case::two_passwords(
    "redis://:hunter2-of-the-store@h",
    "--replay-store-password-file p",
    "the password stands in"
)]
#[case::no_such_file("redis://h", "--replay-store-password-file none", "none cannot be read")]
#[case::empty_file("redis://h", "--replay-store-password-file empty", "empty is empty")]
#[case::no_tls("redis://h", "--replay-store-ca p", "begins with rediss://")]
#[case::no_certificate("rediss://h", "--replay-store-ca p", "holds no certificate")]
fn settings_that_cannot_work_end_the_start(#[case] url: &str, #[case] more: &str, #[case] reason: &str) {
    let workspace = Workspace::ready();
    workspace.write("p", PASSWORD);
    workspace.write("empty", "\n");
    let environment = [("SIGNET_REPLAY_STORE", url)];
    let output =
        workspace.run_with(&format!("serve --issuer https://auth.example.com {more}"), &environment, "");
    assert_eq!(output.code, 3, "{}", output.all());
    assert!(output.stderr.contains(reason) && !output.all().contains(PASSWORD), "{}", output.all());
}

#[test]
fn a_file_for_no_store_is_a_mistake() {
    let output =
        Workspace::ready().run("serve --issuer https://auth.example.com --replay-store-password-file p");
    assert_eq!(output.code, 3);
    assert!(output.stderr.contains("need replay-store"), "{}", output.stderr);
}

#[test]
fn the_password_is_in_no_output() {
    let store = FakeStore::with(Some(PASSWORD), None);
    let url = format!("redis://signet:{PASSWORD}@{}", store.address());
    let good = Process::serve(Workspace::ready(), &format!("-vv --replay-store {url}"));
    good.until("the line", |process| process.stderr().contains("the replay store is connected"));
    let dead = FakeStore::with(Some("another"), None);
    let url = format!("redis://signet:{PASSWORD}@{}", dead.address());
    let bad = Process::serve(Workspace::ready(), &format!("-vv --replay-store {url}"));
    bad.until("the line", |process| process.stderr().contains("SG0575"));
    for process in [&good, &bad] {
        let all = [process.stdout(), process.stderr(), process.admin("/metrics").text()].concat();
        assert!(!all.contains(PASSWORD), "{all}");
    }
    let log = bad.stderr();
    let line = log.lines().find(|line| line.contains("SG0575")).expect("a line");
    let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!((&event["level"], &event["reason"]), (&"WARN".into(), &"authentication failed".into()));
    assert_eq!(event["replay_store"], dead.address().to_string());
}

#[test]
fn messages_about_the_settings_file_hide_the_password() {
    let workspace = Workspace::ready();
    for settings in [
        format!("replay_store: redis://:{PASSWORD}@store.internal\n"),
        format!("replay-store: [redis://:{PASSWORD}@store.internal]\n"),
        format!("replay-store: redis://:{PASSWORD}@store.internal\nreplay-store: redis://:{PASSWORD}@h\n"),
        format!("issuer: https://auth.example.com\nreplay-store: redis://:{PASSWORD}@store.internal:port\n"),
    ] {
        workspace.write("signet.yaml", &settings);
        let output = workspace.run("serve --config signet.yaml");
        assert_eq!(output.code, 3, "{}", output.all());
        assert!(output.stderr.contains("replay"), "{}", output.stderr);
        assert!(!output.all().contains(PASSWORD), "{}", output.all());
    }
    let environment = [("SIGNET_REPLAY_STORE", &*format!("redis://:{PASSWORD}@store.internal"))];
    assert!(!workspace.run_with("serve --help", &environment, "").all().contains(PASSWORD));
}
