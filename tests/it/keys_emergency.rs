//! A leaked key goes although something else is broken: the client list, another key file, the
//! directory's permissions. Each fault alone changes nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use rstest::rstest;
use signet::jose::Algorithm;
use signet::keys::generate;
use signet::keys::revoke::{Then, revoke};
use signet::keys::{Keyring, State, prune};

use crate::key_fixtures::{DAY, KeyDirectory, NOW, another, options};
use crate::support::{CLIENTS, KEY_NAME, TestServer, Workspace, write_key};

const LEAKED: &str = "20261101T000000Z.rs256";
/// A day after the clock of the test server, and the same second.
const NEXT: &str = "20261124T120000Z.rs256.pem";
const BROUGHT_FORWARD: &str = "20261123T120000Z.rs256.pem";

fn keys(server: &TestServer) -> PathBuf {
    server.directory.path().join("keys")
}

fn add(server: &TestServer, name: &str, number: usize) {
    write_key(&keys(server), name);
    fs::write(keys(server).join(name), another(number).0.pem().as_str()).expect("a key file");
}

/// Signs with one key, and another is announced.
fn server(clients: &str) -> TestServer {
    let server = TestServer::start();
    server.write_clients(clients);
    add(&server, NEXT, 1);
    server.reload_and_wait();
    assert_eq!(published(&server).len(), 2);
    server
}

fn published(server: &TestServer) -> Vec<String> {
    let set = server.key_set();
    let keys = set["keys"].as_array().expect("keys");
    keys.iter().map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
}

fn signs(server: &TestServer) -> String {
    server.judge(&server.ask("worker", "")).header["kid"].as_str().expect("a kid").to_owned()
}

fn failed(server: &TestServer) -> [u8; 2] {
    ["clients", "keys"]
        .map(|part| server.metric(&format!("signet_config_last_reload_failed{{part=\"{part}\"}}")) as u8)
}

/// Does what `keys revoke` does when a next key has to be brought forward.
fn withdraw(server: &TestServer) {
    let keys = keys(server);
    fs::rename(keys.join(NEXT), keys.join(BROUGHT_FORWARD)).expect("renamed");
    fs::rename(keys.join(format!("{LEAKED}.pem")), keys.join(format!("{LEAKED}.revoked.pem")))
        .expect("renamed");
}

type Fault = fn(&TestServer);

#[rstest]
#[case::a_client_list_with_an_error([1, 0], |server: &TestServer| server.write_clients("clients: ["))]
#[case::no_client_list([1, 0], |server: &TestServer| fs::remove_file(server.clients_file()).expect("removed"))]
#[case::a_client_list_that_may_be_cut_off([1, 0], |server: &TestServer| server.write_clients(CLIENTS))]
#[case::a_resource_whose_algorithm_has_no_key([0, 1], |server: &TestServer| {
    server.write_clients(&elliptic());
})]
#[case::another_key_file([0, 1], |server: &TestServer| add_garbage(server))]
#[case::both([1, 1], |server: &TestServer| { server.write_clients("clients: ["); add_garbage(server); })]
fn a_revocation_takes_effect_although_something_else_is_broken(#[case] parts: [u8; 2], #[case] fault: Fault) {
    let server = server(&format!("{CLIENTS}\n...\n"));
    let (revision, leaked) = (server.revision(), signs(&server));
    fault(&server);
    server.reload_and_wait();
    assert_eq!((failed(&server), signs(&server)), (parts, leaked.clone()), "the fault alone changes nothing");
    assert_eq!(published(&server).len(), 2);
    withdraw(&server);
    server.reload_and_wait();
    let successor = another(1).1.kid().to_owned();
    assert_eq!((signs(&server), published(&server)), (successor.clone(), vec![successor]), "not {leaked}");
    assert_eq!((failed(&server), server.revision()), (parts, revision), "the list in force is the old one");
    assert_eq!(server.metric("signet_config_last_reload_success"), 0.0);
}

/// With a resource whose tokens are signed with ES256.
fn elliptic() -> String {
    let resource = "  - audience: elliptic\n    scopes: []\n    signing_alg: ES256\n\nclients:";
    CLIENTS.replacen("\nclients:", resource, 1)
}

fn add_garbage(server: &TestServer) {
    fs::write(keys(server).join("20261120T000000Z.rs256.pem"), "garbage").expect("a file");
}

#[test]
fn a_rotation_goes_on_although_the_client_list_is_broken_and_nothing_is_mixed_once_it_is_mended() {
    let server = TestServer::start();
    server.write_clients("clients: [");
    add(&server, NEXT, 1);
    server.reload_and_wait();
    assert_eq!((published(&server).len(), failed(&server)), (2, [1, 0]));
    assert_eq!(server.ask("worker", "").status, 200);
    server.write_clients(&CLIENTS.replace("client_id: worker", "client_id: successor"));
    server.reload_and_wait();
    assert_eq!((server.ask("worker", "").status, failed(&server)), (401, [0, 0]));
    assert_eq!((server.ask("other", "").status, published(&server).len()), (200, 2));
}

#[test]
fn keys_that_do_not_serve_the_clients_in_force_are_not_taken_with_them() {
    let server = TestServer::start();
    let key = keys(&server).join("20261101T000000Z.es256.pem");
    write_key(&keys(&server), "20261101T000000Z.es256.pem");
    fs::write(&key, generate::private_key(Algorithm::Es256, 0).expect("a key").0.pem().as_str())
        .expect("a key");
    server.write_clients(&elliptic());
    server.reload_and_wait();
    let before = published(&server);
    assert_eq!((before.len(), failed(&server)), (2, [0, 0]));
    server.write_clients("clients: [");
    fs::remove_file(key).expect("removed");
    server.reload_and_wait();
    assert_eq!((published(&server), failed(&server)), (before, [1, 0]));
}

// The commands.

#[rstest]
#[case::garbled("garbage", "SG0208")]
#[case::of_a_foreign_name("", "SG0205")]
fn keys_revoke_does_not_wait_for_another_file_and_says_what_is_wrong_with_it(
    #[case] content: &str,
    #[case] code: &str,
) {
    let workspace = Workspace::ready();
    assert_eq!(workspace.run("keys new").code, 0);
    let broken = if content.is_empty() {
        "keys/20269901T000000Z.rs256.pem"
    } else {
        "keys/20250101T000000Z.rs256.pem"
    };
    workspace.write(broken, content);
    fs::set_permissions(workspace.path().join(broken), fs::Permissions::from_mode(0o600)).expect("a mode");
    let list = workspace.run("keys list");
    assert_eq!((list.code, list.stdout.lines().count()), (3, 3), "{}", list.all());
    let done = workspace.run(&format!("keys revoke {KEY_NAME}"));
    assert_eq!((done.code, done.stdout.as_str()), (0, "keys/20200101T000000Z.rs256.revoked.pem\n"));
    assert!(done.stderr.contains(&format!("error[{code}]")), "{}", done.stderr);
    assert!(done.stderr.contains("Servers that run withdraw the key all the\nsame"), "{}", done.stderr);
    assert_eq!(workspace.run("check").code, 1, "the broken file is still one");
    fs::remove_file(workspace.path().join(broken)).expect("removed");
    assert_eq!(workspace.run("check").code, 0);
}

#[test]
fn a_key_that_others_can_read_is_withdrawn_and_one_that_nobody_can_is_told_how() {
    let workspace = Workspace::ready();
    assert_eq!(workspace.run("keys new").code, 0);
    let file = workspace.path().join("keys").join(KEY_NAME);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("a mode");
    assert_eq!(workspace.run("check").code, 1);
    let done = workspace.run(&format!("keys revoke {KEY_NAME}"));
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(!file.exists() && !done.stderr.contains("Other files"), "{}", done.stderr);
    assert_eq!(workspace.run("check").code, 0);
    workspace.write("keys/20250101T000000Z.rs256.pem", "garbage");
    let refused = workspace.run("keys revoke 20250101T000000Z.rs256.pem");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("mv X.pem X.revoked.pem"), "{}", refused.stderr);
    assert_eq!(workspace.run("keys revoke x --keys nowhere").code, 3);
}

#[test]
fn leftovers_are_pruned_although_no_key_is_there_yet() {
    let workspace = Workspace::empty();
    let left = "keys/.new-0123456789abcdef";
    workspace.write(left, "half a key");
    let file = fs::File::options().write(true).open(workspace.path().join(left)).expect("a file");
    file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(3_600)).expect("a time");
    let done = workspace.run("keys prune --yes");
    assert_eq!((done.code, done.stdout), (3, format!("deleted {left} (a half-written file)\n")));
    assert!(done.stderr.contains("error[SG0202]"), "{}", done.stderr);
    assert!(!workspace.path().join(left).exists());
}

// What the plan makes of a key whose successor was withdrawn.

fn load(keys: &KeyDirectory) -> Keyring {
    keys.load(NOW).0.expect("a keyring")
}

/// Names do not say when a key was withdrawn, so the key before it may have signed until the next
/// one did: it is published for its retention after that, and signs nothing.
#[test]
fn a_gone_key_is_published_again_after_the_withdrawal_of_its_successor_unless_it_was_pruned() {
    for pruned in [false, true] {
        let directory = KeyDirectory::new();
        let mut kids = Vec::new();
        for days in [-60, -30, 1] {
            let (key, jwk) = generate::private_key(Algorithm::Es256, 0).expect("a key");
            let time = NOW.plus(days * DAY).to_string().replace(['-', ':'], "");
            directory.add(&format!("{time}.es256.pem"), key.pem().as_bytes());
            kids.push(jwk.kid().to_owned());
        }
        let states = |at: i64| -> Vec<(String, State)> {
            let keyring = load(&directory);
            let published = keyring.published(NOW.plus(at));
            published.iter().map(|key| (key.jwk.kid().to_owned(), key.state)).collect()
        };
        assert!(states(0).iter().all(|(kid, _)| *kid != kids[0]), "gone for a month");
        if pruned {
            let steps = prune::steps(directory.path(), &load(&directory), NOW, false);
            steps.iter().for_each(|step| step.run().expect("pruned"));
        }
        let done = revoke(directory.path(), &load(&directory), &kids[1], NOW, false).expect("withdrawn");
        assert!(matches!(done.then, Then::BroughtForward { ref kid, .. } if *kid == kids[2]));
        let again = (kids[0].clone(), State::Retiring);
        for at in [0, options().retention.seconds() - 1] {
            let expected = [vec![(kids[2].clone(), State::Signing)], vec![again.clone()]].concat();
            assert_eq!(states(at), if pruned { &expected[..1] } else { &expected[..] });
        }
        assert_eq!(states(options().retention.seconds()).len(), 1, "gone for good");
    }
}
