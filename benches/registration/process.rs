//! The server as a process of its own on core 0, and the raw signing rate of the same build.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use signet::client_auth::stored_secret;
use signet::clock::{Clock as _, SystemClock};
use signet::jose::Algorithm;
use signet::keys::{self, LoadOptions, generate};

pub const CLIENT: &str = "bench";
pub const SECRET: &str = "a-secret-that-only-benchmarks-use-0123456789";
const KEY: &str = "20260101T000000Z.rs256.pem";

pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// One worker; returns when the port answers.
    pub fn start(directory: &Path, signer: &str) -> Self {
        let address = free_address();
        let child = on_core_0(env!("CARGO_BIN_EXE_signet"))
            .args(["serve", "--issuer", "https://bench.example.com", "--workers", "1"])
            .args([
                "--failures-per-minute",
                "0",
                "--signer",
                signer,
                "--listen",
                &address.to_string(),
                "--admin-listen",
                "127.0.0.1:0",
            ])
            .current_dir(directory)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("taskset and the server start");
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(address).is_err() {
            assert!(Instant::now() < deadline, "the server never listened");
            std::thread::sleep(Duration::from_millis(1));
        }
        Self { child, address }
    }

    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
        line.trim().trim_end_matches("kB").trim().parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn write_inputs(directory: &Path) {
    let clients = format!(
        "resources:\n  - {{audience: https://api.example.com, scopes: [bench:read, bench:write]}}\n\
         clients:\n  - client_id: {CLIENT}\n    credentials: [{{client_secret: \"{}\"}}]\n    scope: bench:read bench:write\n",
        stored_secret(SECRET)
    );
    std::fs::write(directory.join("clients.yaml"), clients).expect("a client list");
    let keys = directory.join("keys");
    std::fs::create_dir(&keys).expect("a directory");
    let (key, _) = generate::private_key(Algorithm::Rs256, generate::BITS).expect("a key");
    std::fs::write(keys.join(KEY), key.pem().as_bytes()).expect("a key file");
    std::fs::set_permissions(keys.join(KEY), std::fs::Permissions::from_mode(0o600)).expect("permissions");
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o700)).expect("permissions");
}

/// Signatures a second of one thread on core 0, in a process of its own.
pub fn raw_rate(signer: &str, seconds: u64) -> f64 {
    let this = std::env::current_exe().expect("this program");
    let mut child = on_core_0(&this.to_string_lossy())
        .args(["--raw", signer, &seconds.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("taskset starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    assert!(child.wait().expect("an end").success());
    line.trim().parse().expect("a number")
}

/// The loop behind `raw_rate`: messages of a token's size, the backend as the server uses it.
pub fn sign_for(signer: &str, duration: Duration) {
    let directory = tempfile::tempdir().expect("a directory");
    write_inputs(directory.path());
    let options = LoadOptions {
        backend: Some(signer),
        retention: signet::inputs::retention(5),
        require_private_permissions: true,
    };
    let now = SystemClock.now();
    let (keyring, _) = keys::load(&directory.path().join("keys"), now, &options);
    let keyring = keyring.expect("a key");
    let key = keyring.signing(Algorithm::Rs256, now).expect("a signing key");
    let message = [b'x'; 500];
    let mut signature = vec![0; key.signature_bytes()];
    let mut count = 0_u64;
    let started = Instant::now();
    while started.elapsed() < duration {
        key.sign(&[std::hint::black_box(&message)], &mut signature).expect("a signature");
        count += 1;
    }
    println!("{}", count as f64 / started.elapsed().as_secs_f64());
}

pub fn pin_self_to_core_1() {
    let pid = std::process::id().to_string();
    let pinned = Command::new("taskset").args(["-pc", "1", &pid]).stdout(Stdio::null()).status();
    assert!(
        pinned.is_ok_and(|status| status.success()),
        "taskset (util-linux) must be there, and a second core"
    );
}

fn on_core_0(program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0", program]);
    command
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

pub fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let ifma = if info.contains("avx512ifma") { "with AVX-512 IFMA" } else { "without AVX-512 IFMA" };
    format!("{} {ifma}", model.trim_start_matches([' ', '\t', ':']))
}
