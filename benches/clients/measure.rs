//! One row of the table, each figure from a process that does nothing else.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use signet::clock::{Clock as _, SystemClock};
use signet::config::{Options, load};

use super::shared::client_list;

const SIGNET: &str = env!("CARGO_BIN_EXE_signet");
/// Reloads after the first one: whatever grows with each would show.
const MORE_RELOADS: usize = 3;

pub struct Row {
    pub bytes: u64,
    pub load_seconds: f64,
    pub check_seconds: f64,
    pub lookup_nanoseconds: f64,
    /// Resident memory of the server: after the start, ...
    pub loaded_mib: u64,
    /// ... the most during a reload, ...
    pub peak_mib: u64,
    /// ... after it, ...
    pub reloaded_mib: u64,
    /// ... and after some more.
    pub settled_mib: u64,
}

impl Row {
    pub fn measure(clients: usize, files: usize) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let list = directory.path().join("clients");
        let bytes = client_list::write(&list, clients, files);
        let [load_seconds, lookup_nanoseconds] = load_apart(&list);
        let check_seconds = check(&list);
        let mut server = Server::start(directory.path(), &list);
        let loaded_mib = server.mib("VmRSS:");
        server.reload();
        let (peak_mib, reloaded_mib) = (server.mib("VmHWM:"), server.mib("VmRSS:"));
        (0..MORE_RELOADS).for_each(|_| server.reload());
        let settled_mib = server.mib("VmRSS:");
        Self {
            bytes,
            load_seconds,
            check_seconds,
            lookup_nanoseconds,
            loaded_mib,
            peak_mib,
            reloaded_mib,
            settled_mib,
        }
    }
}

/// What `--load` does: reads the list and asks it; prints seconds and nanoseconds a look-up.
pub fn load_here(path: &Path) {
    let before = Instant::now();
    let loaded = load(path, SystemClock.now(), &Options::default());
    let seconds = before.elapsed().as_secs_f64();
    let registry = loaded.registry.expect("a list without errors");
    let nanoseconds = client_list::look_up_nanoseconds(&registry);
    println!("{seconds} {nanoseconds}");
}

fn load_apart(list: &Path) -> [f64; 2] {
    let this = std::env::current_exe().expect("this program");
    let output = Command::new(this).arg("--load").arg(list).output().expect("this program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("numbers");
    let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    numbers.try_into().expect("two numbers")
}

fn check(list: &Path) -> f64 {
    let before = Instant::now();
    let status = Command::new(SIGNET).args(["check", "--clients-only", "--clients"]).arg(list).output();
    assert!(status.expect("signet starts").status.success());
    before.elapsed().as_secs_f64()
}

struct Server {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Server {
    /// Returns when the server says that it listens.
    fn start(directory: &Path, list: &Path) -> Self {
        let keys = directory.join("keys");
        let made = Command::new(SIGNET).args(["keys", "new", "--keys"]).arg(&keys).output();
        assert!(made.expect("signet starts").status.success());
        let mut child = Command::new(SIGNET)
            .args(["serve", "--issuer", "https://bench.example.com", "--log-format", "json"])
            .args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--poll-interval", "1h"])
            .arg("--clients")
            .arg(list)
            .arg("--keys")
            .arg(&keys)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("signet starts");
        let log = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let mut server = Self { child, log };
        server.wait_for("listening");
        server
    }

    fn wait_for(&mut self, word: &str) {
        let found = self.log.by_ref().any(|line| line.expect("a line").contains(word));
        assert!(found, "the server ended before it said `{word}`");
    }

    /// Forgets the peak so far, then reads everything again.
    fn reload(&mut self) {
        let pid = self.child.id();
        std::fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("the peak can be reset");
        let sent = Command::new("kill").args(["-HUP", &pid.to_string()]).status();
        assert!(sent.expect("kill is there").success());
        self.wait_for("access changed");
        // The snapshot before is freed when no request holds it any more.
        std::thread::sleep(Duration::from_secs(1));
    }

    fn mib(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a status");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("the field");
        line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number") / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
