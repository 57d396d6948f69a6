//! Key files that are not right (row S19 and C15 to C17), at the start and while running: the start
//! ends with one plain message that names the file; a running server signs on with what it has,
//! shows it in a metric and says why in the log. And clocks that are not right.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rstest::rstest;
use signet::clock::UnixTime;
use signet::jose::Algorithm;
use signet::keys::generate;

use crate::key_fixtures::{RsaIntegers, another, pem};
use crate::support::{KEY_NAME, NOW, Process, TestServer, Workspace, key_pem, write_key};

const SERVE: &str = "serve --issuer https://auth.example.com --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0";

/// Does something bad to the key file.
type Fault = fn(&Path);

fn write(file: &Path, content: &str) {
    fs::write(file, content).expect("a file");
}

fn es256_pem() -> String {
    generate::private_key(Algorithm::Es256, 0).expect("a key").0.pem().to_string()
}

fn mismatched(file: &Path) {
    // Two primes of different keys under one modulus.
    let mut integers = crate::key_fixtures::rfc7515_a2();
    integers.q = crate::key_fixtures::rfc7520_3_4().q;
    write(file, &pem("PRIVATE KEY", &integers.pkcs8()));
}

fn twin_of_another(file: &Path) {
    let public = signet::keys::public_key_pem(another(1).1.public_key());
    write(&file.with_extension("pub.pem"), &public);
}

fn swapped(file: &Path) {
    // The contents of two files are exchanged: each name promises another type.
    write_key(file.parent().expect("a directory"), "20200101T000000Z.es256.pem");
    write(file, &es256_pem());
}

/// `code`: what the finding is; the message also names the file.
#[rstest]
#[case::deleted("SG0202", |file: &Path| fs::remove_file(file).expect("removed"))]
#[case::emptied("SG0208", |file: &Path| write(file, ""))]
#[case::garbled("SG0208", |file: &Path| write(file, "\u{1}\u{2}garbage"))]
#[case::cut_off("SG0208", |file: &Path| write(file, &key_pem()[..900]))]
#[case::a_flipped_bit("SG0215", |file: &Path| write(file, &key_pem().replacen("MII", "MIJ", 1)))]
#[case::c15_encrypted("SG0207", |file: &Path| write(file, &pem("ENCRYPTED PRIVATE KEY", b"content")))]
#[case::c15_too_small("SG0213", |file: &Path| write(file, &pem("PRIVATE KEY", &RsaIntegers::of_size(1024).pkcs8())))]
#[case::c15_of_another_type("SG0212", |file: &Path| write(file, &es256_pem()))]
#[case::c15_readable_by_all("SG0206", |file: &Path| fs::set_permissions(file, fs::Permissions::from_mode(0o644)).expect("mode"))]
#[case::unreadable("SG0203", |file: &Path| { fs::remove_file(file).expect("removed"); fs::create_dir(file).expect("made"); })]
#[case::c16_mismatched("SG021", mismatched)]
#[case::c16_a_public_half_of_another_key("SG0217", twin_of_another)]
#[case::swapped("SG0212", swapped)]
#[case::c17_under_two_algorithms("SG0218", |file: &Path| { fs::copy(file, file.with_file_name("20200101T000000Z.ps256.pem")).expect("copied"); })]
#[case::public_half_alone("SG0221", |file: &Path| {
    let public = signet::keys::public_key_pem(another(1).1.public_key());
    write(&file.with_extension("pub.pem"), &public);
    fs::remove_file(file).expect("removed");
})]
fn s19_a_bad_key_stops_the_start_and_no_running_server(#[case] code: &str, #[case] fault: Fault) {
    let workspace = Workspace::ready();
    fault(&workspace.path().join("keys").join(KEY_NAME));
    let output = workspace.run(SERVE);
    assert_eq!((output.code, output.stdout.as_str()), (3, ""), "{}", output.stderr);
    assert!(output.stderr.contains(&format!("error[{code}")), "{code}: {}", output.stderr);
    let stem = KEY_NAME.trim_end_matches(".rs256.pem");
    assert!(output.stderr.contains(if code == "SG0202" { "keys" } else { stem }), "{}", output.stderr);
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);

    let server = TestServer::start();
    let key_set = server.key_set();
    let kid = server.judge(&server.ask("worker", "")).header["kid"].clone();
    fault(&server.directory.path().join("keys/20261101T000000Z.rs256.pem"));
    server.reload();
    server.until("the alarm", |server| {
        server.admin("/metrics").text().contains("signet_config_last_reload_success 0")
    });
    assert_eq!(server.judge(&server.ask("worker", "")).header["kid"], kid, "signing goes on");
    assert_eq!((server.key_set(), server.admin("/readyz").status), (key_set, 200));
}

#[test]
fn s19_the_log_of_a_running_server_names_the_file_and_what_helps() {
    let server = Process::serve(Workspace::ready(), "");
    write(&server.workspace.path().join("keys").join(KEY_NAME), &pem("ENCRYPTED PRIVATE KEY", b"content"));
    server.signal("HUP");
    server.until("the finding", |server| server.stderr().contains("openssl pkey"));
    let log = server.stderr();
    assert!(log.contains(KEY_NAME) && log.contains("SG0207"), "{log}");
    assert_eq!(server.ask("worker:worker-secret-of-the-tests", "grant_type=client_credentials").status, 200);
}

// Clocks. The server holds two keys: one from 2026-11-01 on, one from the 24th at noon on.

const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

fn with_a_second_key() -> (TestServer, UnixTime) {
    let server = TestServer::start();
    let keys = server.directory.path().join("keys");
    write_key(&keys, "20261124T120000Z.rs256.pem");
    write(&keys.join("20261124T120000Z.rs256.pem"), another(2).0.pem().as_str());
    server.reload();
    server.until("the second key", |server| server.key_set()["keys"].as_array().map(Vec::len) == Some(2));
    (server, UnixTime::from_seconds(NOW + DAY))
}

fn kid(server: &TestServer) -> String {
    server.judge(&server.ask("worker", "")).header["kid"].as_str().expect("text").to_owned()
}

#[test]
fn a_clock_that_jumps_back_an_hour_signs_with_the_earlier_key_which_verifiers_still_know() {
    let (server, takes_over) = with_a_second_key();
    server.clock.set(takes_over);
    let (second, set) = (kid(&server), server.key_set());
    server.clock.advance(-HOUR);
    let first = kid(&server);
    assert_ne!(first, second);
    let mut kids = [&server.key_set()["keys"], &set["keys"]].map(|keys| {
        let mut kids: Vec<_> =
            keys.as_array().expect("keys").iter().map(|key| key["kid"].to_string()).collect();
        kids.sort_unstable();
        kids
    });
    assert_eq!(kids[0], kids[1], "no key comes or goes: a copy from before verifies");
    kids[0].clear();
    server.clock.advance(HOUR);
    assert_eq!(kid(&server), second, "and forward again");
}

#[test]
fn a_clock_that_jumps_forward_a_year_signs_with_the_latest_key_alone() {
    let (server, takes_over) = with_a_second_key();
    server.clock.set(takes_over.plus(365 * DAY));
    let second = kid(&server);
    assert_eq!(server.key_set()["keys"].as_array().map(Vec::len), Some(1));
    assert_eq!(second, another(2).1.kid());
    server.clock.set(UnixTime::from_seconds(NOW));
    assert_eq!(server.key_set()["keys"].as_array().map(Vec::len), Some(2), "nothing was forgotten");
    assert_ne!(kid(&server), second);
}

#[test]
fn a_clock_before_the_first_activation_publishes_and_signs_nothing_until_then() {
    let (server, _) = with_a_second_key();
    let first = UnixTime::from_seconds(1_793_491_200); // 2026-11-01T00:00:00Z
    for early in [first.minus(1), UnixTime::from_seconds(0)] {
        server.clock.set(early);
        let answer = server.ask("worker", "");
        assert_eq!((answer.status, answer.error().as_str()), (500, "server_error"));
        assert_eq!(server.admin("/readyz").status, 503);
        assert_eq!(server.key_set()["keys"].as_array().map(Vec::len), Some(2), "published all the same");
    }
    server.clock.set(first);
    assert_eq!(server.admin("/readyz").status, 200);
    server.judge(&server.ask("worker", ""));
}

#[test]
fn names_that_say_no_time_and_two_keys_of_one_instant_are_refused_by_name() {
    for (name, code) in [
        ("20261399T000000Z.rs256.pem", "SG0205"),
        ("20260230T000000Z.es256.pem", "SG0205"),
        ("20261122T250000Z.rs256.revoked.pem", "SG0205"),
        ("20261122.rs256.pem", "SG0204"),
    ] {
        let workspace = Workspace::ready();
        write_key(&workspace.path().join("keys"), name);
        let output = workspace.run(SERVE);
        assert_eq!(output.code, 3, "{name}");
        assert!(output.stderr.contains(code) && output.stderr.contains(name), "{}", output.stderr);
    }
}
