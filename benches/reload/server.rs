//! The server as a process of its own: signals, what it reports, what its log says, what it uses.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use serde_json::Value;
use signet::jose::Algorithm;
use signet::keys::generate;

/// Upper bound for everything that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(1);

pub struct Server {
    pub public: SocketAddr,
    admin: SocketAddr,
    directory: tempfile::TempDir,
    child: Child,
    /// Token (`jti`) to revision, as the audit events have it.
    audits: Arc<Mutex<HashMap<String, String>>>,
}

impl Server {
    pub fn start(clients: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("clients.yaml"), clients).expect("a client list");
        write_key(directory.path());
        let [public, admin] = [(); 2].map(|()| {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
            listener.local_addr().expect("an address")
        });
        let mut child = Command::new(env!("CARGO_BIN_EXE_signet"))
            .args([
                "serve",
                "--issuer",
                "https://bench.example.com",
                "--poll-interval",
                "1h",
                "--failures-per-minute",
                "0",
            ])
            .args(["--listen", &public.to_string(), "--admin-listen", &admin.to_string()])
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let audits = Arc::default();
        let stderr = child.stderr.take().expect("a pipe");
        let into = Arc::clone(&audits);
        std::thread::spawn(move || read_log(stderr, &into));
        let server = Self { public, admin, directory, child, audits };
        server.until("the server to listen", || TcpStream::connect(admin).is_ok());
        server
    }

    /// Replaces the list, sends SIGHUP, and waits until the server reports the new revision: which,
    /// and after which time.
    pub fn put_in_force(&self, clients: &str) -> (String, Duration) {
        let next = self.directory.path().join("next");
        std::fs::create_dir_all(&next).expect("a directory");
        let next = next.join("clients.yaml");
        std::fs::write(&next, clients).expect("a client list");
        let revision = signet::config::revision(&next, &Default::default()).to_string();
        std::fs::rename(next, self.directory.path().join("clients.yaml")).expect("a rename");
        let began = Instant::now();
        rustix::process::kill_process(self.pid(), Signal::HUP).expect("a signal");
        self.until("the new revision", || self.revision() == revision);
        (revision, began.elapsed())
    }

    pub fn revision(&self) -> String {
        let answer = self.get("/readyz");
        let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
        let body: Value = serde_json::from_str(body).expect("JSON");
        body["config_revision"].as_str().expect("a revision").to_owned()
    }

    /// The audit events of tokens, once there are as many as expected.
    pub fn audits(&self, expected: usize) -> HashMap<String, String> {
        self.until("the audit events", || self.audits.lock().expect("a lock").len() >= expected);
        self.audits.lock().expect("a lock").clone()
    }

    /// Processor time of the reloading thread so far.
    pub fn reload_thread_time(&self) -> Duration {
        let (task, _) = self.reload_thread();
        let text = std::fs::read_to_string(format!("{task}/schedstat")).expect("Linux counts");
        let nanoseconds = text.split(' ').next().and_then(|text| text.parse().ok()).expect("a number");
        Duration::from_nanos(nanoseconds)
    }

    /// Until the thread waits for the next signal: for 20 looks in a row it used nothing.
    pub fn until_reload_thread_sleeps(&self) {
        let (mut last, mut same) = (Duration::ZERO, 0);
        self.until("the end of the reload", || {
            let now = self.reload_thread_time();
            same = if now == last && self.reload_thread().1 == 'S' { same + 1 } else { 0 };
            last = now;
            same >= 20
        });
    }

    /// The directory of the thread below `/proc`, and its state.
    fn reload_thread(&self) -> (String, char) {
        let tasks = format!("/proc/{}/task", self.child.id());
        let found = std::fs::read_dir(&tasks).expect("Linux shows threads").flatten().find_map(|task| {
            let path = task.path().display().to_string();
            let stat = std::fs::read_to_string(format!("{path}/stat")).ok()?;
            let (name, rest) = stat.rsplit_once(") ")?;
            name.ends_with("(reload").then(|| (path, rest.chars().next().unwrap_or('?')))
        });
        found.expect("the reloading thread")
    }

    /// `VmRSS:` is what is resident now, `VmHWM:` the most that was.
    pub fn memory_kib(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a status");
        let text = status.lines().find_map(|text| text.strip_prefix(line)).expect("a line");
        text.trim().trim_end_matches("kB").trim().parse().expect("a number")
    }

    fn pid(&self) -> Pid {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process")
    }

    fn get(&self, target: &str) -> String {
        use std::io::{Read as _, Write as _};
        let mut stream = TcpStream::connect(self.admin).expect("the server listens");
        let request = format!("GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.admin);
        stream.write_all(request.as_bytes()).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn until(&self, what: &str, mut done: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !done() {
            assert!(Instant::now() < deadline, "waited in vain for {what}");
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_log(stderr: ChildStderr, audits: &Mutex<HashMap<String, String>>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        if !line.contains("\"outcome\":\"issued\"") {
            continue;
        }
        let event: Value = serde_json::from_str(&line).expect("every line is JSON");
        let text = |name: &str| event[name].as_str().expect("a field").to_owned();
        audits.lock().expect("a lock").insert(text("jti"), text("config_revision"));
    }
}

fn write_key(directory: &std::path::Path) {
    let keys = directory.join("keys");
    std::fs::create_dir(&keys).expect("a directory");
    let (key, _) = generate::private_key(Algorithm::Rs256, generate::BITS).expect("a key");
    let file = keys.join("20260101T000000Z.rs256.pem");
    std::fs::write(&file, key.pem().as_bytes()).expect("a key file");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).expect("permissions");
}
