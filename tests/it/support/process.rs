//! A server as a process of its own, on ports that were free a moment ago. It ends with its owner.

use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::http::{self, Response};
use super::program::Workspace;

/// Upper bound for what a test waits for; a healthy server needs a second.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at a condition, so that the look does not keep the server from its work.
const PAUSE: Duration = Duration::from_millis(5);

pub struct Process {
    pub workspace: Workspace,
    pub public: SocketAddr,
    /// Where `dev` speaks TLS; a free port otherwise.
    pub tls: SocketAddr,
    pub admin: SocketAddr,
    child: Child,
    stdout: Arc<Mutex<Vec<u8>>>,
    stderr: Arc<Mutex<Vec<u8>>>,
}

impl Process {
    /// `signet serve` with an http issuer of the public address, and more arguments.
    pub fn serve(workspace: Workspace, more: &str) -> Self {
        Self::start(workspace, &format!("serve --issuer http://PUBLIC --listen PUBLIC {more}"), true)
    }

    /// `signet dev`.
    pub fn dev(workspace: Workspace, more: &str) -> Self {
        Self::start(workspace, &format!("dev --listen PUBLIC --tls-listen TLS {more}"), true)
    }

    /// `PUBLIC` and `TLS` stand for addresses. With `read` false nobody reads standard error.
    pub fn start(workspace: Workspace, arguments: &str, read: bool) -> Self {
        // Another program may take a port between the choice and the start: then once more.
        let mut workspace = workspace;
        for _ in 0..5 {
            let mut process = Self::launch(workspace, arguments, read);
            if process.comes_up() {
                return process;
            }
            let said = process.stderr();
            assert!(said.contains("in use"), "{arguments} does not start: {said}");
            workspace = std::mem::replace(&mut process.workspace, Workspace::empty());
        }
        panic!("no free port was found");
    }

    fn launch(workspace: Workspace, arguments: &str, read: bool) -> Self {
        let [public, tls, admin] = free_addresses();
        let arguments = arguments.replace("PUBLIC", &public.to_string()).replace("TLS", &tls.to_string());
        let mut command = workspace.command();
        command.args(arguments.split_whitespace()).args(["--admin-listen", &admin.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let stdout = collect(child.stdout.take().expect("a pipe"));
        let stderr =
            if read { collect(child.stderr.take().expect("a pipe")) } else { Arc::new(Mutex::default()) };
        Self { workspace, public, tls, admin, child, stdout, stderr }
    }

    fn comes_up(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Ok(Some(_)) = self.child.try_wait() {
                return false;
            }
            if TcpStream::connect(self.admin).is_ok() {
                // Ours, and not the program that took the port: it dies of that at once.
                return self.admin("/livez").status == 200 && matches!(self.child.try_wait(), Ok(None));
            }
            std::thread::park_timeout(PAUSE);
        }
        false
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn issuer(&self) -> String {
        format!("http://{}", self.public)
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout.lock().expect("a lock")).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.lock().expect("a lock")).into_owned()
    }

    pub fn admin(&self, target: &str) -> Response {
        http::send(self.admin, "GET", target, &[], b"")
    }

    pub fn revision(&self) -> String {
        self.admin("/readyz").json()["config_revision"].as_str().expect("a revision").to_owned()
    }

    /// A form to the token endpoint, with HTTP Basic for a pair that is sent as it is.
    pub fn ask(&self, pair: &str, form: &str) -> Response {
        let header = http::basic(pair.as_bytes());
        let headers = [http::FORM, ("Authorization", header.as_str())];
        http::send(self.public, "POST", "/oauth2/token", &headers, form.as_bytes())
    }

    /// Asks `done` until it says yes.
    pub fn until(&self, what: &str, done: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !done(self) {
            assert!(Instant::now() < deadline, "never seen: {what}; said: {}", self.stderr());
            std::thread::park_timeout(PAUSE);
        }
    }

    /// SIGHUP without the time that a program for it takes to start.
    pub fn hang_up(&self) {
        let child = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(child.expect("a process"), rustix::process::Signal::HUP)
            .expect("a signal is sent");
    }

    /// Sends a signal to this child: `HUP`, `TERM`.
    pub fn signal(&self, name: &str) {
        let mut kill = std::process::Command::new("kill");
        let sent = kill.args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("kill can be run").success());
    }

    /// The status once it has ended by itself, and how long that took.
    pub fn ended(&mut self) -> (ExitStatus, Duration) {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return (status, started.elapsed());
            }
            assert!(started.elapsed() < PATIENCE, "it does not end; said: {}", self.stderr());
            std::thread::park_timeout(PAUSE);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Three different addresses that nobody listens on.
fn free_addresses() -> [SocketAddr; 3] {
    let sockets = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    sockets.map(|socket| socket.local_addr().expect("an address"))
}

fn collect(mut from: impl Read + Send + 'static) -> Arc<Mutex<Vec<u8>>> {
    let collected = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&collected);
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            into.lock().expect("a lock").write_all(&buffer[..length]).expect("memory");
        }
    });
    collected
}
