//! What can take the place of a good file while requests run: nothing of it costs a request, turns
//! readiness red or comes into force in part; the metric and the log tell of it; and the repaired
//! file is taken.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::bad_lists::bad_lists;
use crate::support::{
    CLIENTS, Options, Process, SHORT_LIST, TestServer, Traffic, Workspace, secret, with_hashes,
};

/// So many bad lists follow each other before a good one comes, for the sake of time.
const BEFORE_A_REPAIR: usize = 10;

/// Puts something in the place of the file, which is not there any more.
type Fault = fn(&Path, &[u8]);

/// What is wrong in the place of any file; `bad_lists` has what is wrong in a client list.
const FAULTS: &[(&str, Fault)] = &[
    ("missing", |_, _| {}),
    ("empty", |file, _| write(file, b"")),
    ("binary", |file, _| write(file, &[0x7f, b'E', b'L', b'F', 0, 1, 2, 0xff])),
    ("zeros", |file, good| write(file, &vec![0; good.len()])),
    ("UTF-16", |file, good| write(file, &utf16(good))),
    ("half of it", |file, good| write(file, &good[..good.len() / 2])),
    ("a directory", |file, _| fs::create_dir(file).expect("a directory")),
    ("a directory with itself in it", |file, _| {
        fs::create_dir(file).expect("a directory");
        symlink(".", file.join("loop")).expect("a link");
    }),
    ("a dangling link", |file, _| symlink("nowhere.yaml", file).expect("a link")),
    ("a looping link", |file, _| symlink(file, file).expect("a link")),
    ("a pipe", |file, _| assert!(Command::new("mkfifo").arg(file).status().expect("mkfifo").success())),
    ("a socket", |file, _| drop(UnixListener::bind(file).expect("a socket"))),
    ("a device without end", |file, _| symlink("/dev/zero", file).expect("a link")),
    ("a device without content", |file, _| symlink("/dev/null", file).expect("a link")),
    ("10 GB of nothing", |file, _| {
        fs::File::create(file).and_then(|file| file.set_len(10 << 30)).expect("a sparse file");
    }),
];

fn write(file: &Path, bytes: &[u8]) {
    fs::write(file, bytes).expect("a write");
}

fn utf16(text: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(text).expect("UTF-8");
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Whatever stands there, and whatever it holds.
fn remove(path: &Path) {
    let is_directory = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    let removed = if is_directory { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    if let Err(error) = removed {
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    }
}

fn traffic(server: &TestServer) -> Traffic {
    Traffic::start(server.public, &format!("worker:{}", secret("worker")))
}

fn succeeded(server: &TestServer) -> bool {
    server.metric("signet_config_last_reload_success") == 1.0
}

/// Puts the fault there, reloads as SIGHUP does, and looks.
fn suffer(server: &TestServer, traffic: &Traffic, name: &str, fault: impl Fn()) {
    let revision = server.revision();
    fault();
    server.reload_and_wait();
    assert!(!succeeded(server), "{name} is no good file");
    assert_eq!(server.admin("/readyz").status, 200, "{name} turns readiness red");
    assert_eq!(server.revision(), revision, "{name} is in force");
    let before = traffic.answered();
    server.until("an answer", |_| traffic.answered() > before);
}

fn repair(server: &TestServer, file: &Path, good: &[u8], name: &str) {
    remove(file);
    write(file, good);
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).expect("permissions");
    server.reload_and_wait();
    assert!(succeeded(server), "the repaired file is taken after: {name}");
}

fn suffer_and_repair(server: &TestServer, traffic: &Traffic, file: &Path) {
    let good = fs::read(file).expect("the good file");
    for (name, fault) in FAULTS {
        suffer(server, traffic, name, || {
            remove(file);
            fault(file, &good);
        });
        repair(server, file, &good, name);
    }
}

#[test]
fn nothing_that_takes_the_place_of_the_client_list_costs_a_request() {
    let server = TestServer::start();
    let traffic = traffic(&server);
    let list = server.clients_file();
    suffer_and_repair(&server, &traffic, &list);
    let good = fs::read(&list).expect("the list");
    let bad_lists = bad_lists();
    for some in bad_lists.chunks(BEFORE_A_REPAIR) {
        for bad in some {
            suffer(&server, &traffic, &bad.name, || bad.put(&list));
        }
        repair(&server, &list, &good, &some[0].name);
    }
    assert!(bad_lists.len() >= 200, "{} bad lists", bad_lists.len());
    assert!(traffic.stop().len() >= bad_lists.len());
}

#[test]
fn nothing_that_takes_the_place_of_a_key_costs_a_request() {
    let server = TestServer::start();
    let traffic = traffic(&server);
    let key = server.directory.path().join("keys/20261101T000000Z.rs256.pem");
    suffer_and_repair(&server, &traffic, &key);
    suffer(&server, &traffic, "a key that others may read", || {
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("permissions");
    });
    traffic.stop();
}

#[test]
fn a_list_that_is_cut_off_at_any_line_is_never_in_force() {
    let server = TestServer::with(Options { clients: format!("{SHORT_LIST}...\n"), ..Options::default() });
    let traffic = traffic(&server);
    let good = fs::read_to_string(server.clients_file()).expect("the list");
    let revision = server.revision();
    let breaks: Vec<usize> = good.match_indices('\n').map(|(at, _)| at + 1).collect();
    // With its last line the file is whole, with or without the line break after it.
    for at in &breaks[..breaks.len() - 1] {
        write(&server.clients_file(), &good.as_bytes()[..*at]);
        server.reload_and_wait();
        assert!(!succeeded(&server), "cut off at byte {at}");
    }
    assert_eq!(server.revision(), revision);
    write(&server.clients_file(), good.as_bytes());
    server.reload_and_wait();
    assert!(succeeded(&server));
    traffic.stop();
}

/// Replaces the file with a text.
type Way = fn(&Path, &str);

/// Lists of versions: each token says which one it is from.
fn version(n: usize) -> String {
    with_hashes(&format!("{}...", CLIENTS.replace("level: 3", &format!("level: {n}"))))
}

#[test]
fn a_file_that_is_written_in_place_byte_by_byte_comes_into_force_once_and_whole() {
    let server = TestServer::with(Options { clients: format!("{CLIENTS}..."), ..Options::default() });
    let traffic = traffic(&server);
    let old = server.revision();
    let text = version(1);
    let mut file = fs::File::create(server.clients_file()).expect("the list, cut to nothing");
    for (at, byte) in text.bytes().enumerate() {
        if at % 50 == 0 {
            server.reload_and_wait();
            assert!(!succeeded(&server) && server.revision() == old, "after {at} bytes");
        }
        file.write_all(&[byte]).expect("a byte");
    }
    server.reload_and_wait();
    assert!(succeeded(&server));
    assert_eq!(server.judge(&server.ask("claims", "")).claims["level"], 1);
    traffic.stop();
}

#[test]
fn every_way_to_replace_a_file_ends_with_the_new_list() {
    let millisecond = Duration::from_millis(1);
    let options =
        Options { clients: format!("{CLIENTS}..."), poll_interval: millisecond, ..Options::default() };
    let server = TestServer::with(options);
    let traffic = traffic(&server);
    let list = server.clients_file();
    let ways: [(&str, Way); 4] = [
        ("rename", |list, text| {
            let new = list.with_extension("new");
            write(&new, text.as_bytes());
            fs::rename(new, list).expect("a rename");
        }),
        ("truncate and write", |list, text| write(list, text.as_bytes())),
        ("delete and create", |list, text| {
            fs::remove_file(list).expect("a removal");
            write(list, text.as_bytes());
        }),
        ("overwrite", |list, text| {
            let mut file = fs::File::options().write(true).open(list).expect("the list");
            file.write_all(text.as_bytes()).expect("a write");
            file.set_len(text.len() as u64).expect("the end");
        }),
    ];
    for round in 0..10 {
        for (at, (name, replace)) in ways.iter().enumerate() {
            replace(&list, &version(100 + round * ways.len() + at));
            let revision = signet::config::revision(&list, &Default::default()).to_string();
            server.until(name, |server| server.revision() == revision);
            assert_eq!(server.admin("/readyz").status, 200);
        }
    }
    traffic.stop();
}

#[test]
fn a_file_without_permission_keeps_the_old_list_until_it_can_be_read() {
    // Root reads everything, so the server runs as somebody else where the tests run as root.
    let mut workspace = Workspace::ready();
    workspace.run_unprivileged();
    let server = Process::serve(workspace, "--poll-interval 1s");
    let traffic = Traffic::start(server.public, "worker:worker-secret-of-the-tests");
    let old = server.revision();
    let list = server.workspace.path().join("clients.yaml");
    let mode = |mode| fs::set_permissions(&list, fs::Permissions::from_mode(mode)).expect("permissions");
    mode(0o000);
    server.signal("HUP");
    server.until("the refusal", |server| server.stderr().contains("error[SG0102]"));
    assert!(server.stderr().contains("Permission denied"), "{}", server.stderr());
    assert!(server.admin("/metrics").text().contains("signet_config_last_reload_success 0"));
    assert_eq!((server.revision(), server.admin("/readyz").status), (old, 200));
    // A `chmod` changes neither size nor modification time, and the poll sees it.
    mode(0o644);
    server.until("the repair", |server| {
        server.admin("/metrics").text().contains("signet_config_last_reload_success 1")
    });
    traffic.stop();
}

#[test]
fn files_that_never_settle_are_not_taken_and_are_once_they_do() {
    let workspace = Workspace::ready();
    let server = Process::serve(workspace, "--poll-interval 1s");
    let old = server.revision();
    let list = server.workspace.path().join("clients.yaml");
    let [one, other] =
        ["one", "other"].map(|id| with_hashes(&SHORT_LIST.replace("id: worker", &format!("id: {id}"))));
    let settled = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let new = list.with_extension("new");
            while !settled.load(Ordering::Relaxed) {
                for text in [&one, &other] {
                    write(&new, text.as_bytes());
                    fs::rename(&new, &list).expect("a rename");
                }
            }
        });
        server.hang_up();
        server.until("the finding", |server| server.stderr().contains("error[SG0354]"));
        settled.store(true, Ordering::Relaxed);
        writer.join().expect("it writes");
    });
    assert_eq!(server.admin("/readyz").status, 200);
    // The next poll takes what stands there then, with no signal.
    let last = signet::config::revision(&list, &Default::default()).to_string();
    assert_ne!(last, old);
    server.until("the last list", |server| server.revision() == last);
}

#[test]
fn a_certificate_that_becomes_a_pipe_does_not_stop_reloads() {
    let workspace = Workspace::ready();
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).expect("TLS");
    workspace.write("tls.crt", &made.cert.pem());
    workspace.write("tls.key", &made.signing_key.serialize_pem());
    let server = Process::serve(workspace, "--tls-certificate tls.crt --tls-key tls.key --poll-interval 1h");
    let old = server.revision();
    let chain = server.workspace.path().join("tls.crt");
    remove(&chain);
    assert!(Command::new("mkfifo").arg(&chain).status().expect("mkfifo").success());
    server.workspace.write("clients.yaml", &SHORT_LIST.replace("client_id: worker", "client_id: successor"));
    server.signal("HUP");
    server.until("the new list", |server| server.revision() != old);
    server.until("the finding", |server| server.stderr().contains("error[SG0355]"));
    let metrics = server.admin("/metrics").text();
    assert!(metrics.contains("signet_config_last_reload_failed{part=\"certificate\"} 1"), "{metrics}");
    assert!(metrics.contains("signet_config_last_reload_failed{part=\"clients\"} 0"), "{metrics}");
    remove(&chain);
    server.workspace.write("tls.crt", &made.cert.pem());
    server.signal("HUP");
    server.until("the repair", |server| {
        server.admin("/metrics").text().contains("signet_config_last_reload_success 1")
    });
}
