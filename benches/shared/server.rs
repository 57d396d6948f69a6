//! The server as a process of its own, on one core, with one worker.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::cpu;

const PATIENCE: Duration = Duration::from_secs(60);

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// Where ours answers operators.
    admin: Option<SocketAddr>,
}

impl Server {
    /// This build, with the keys and clients of a directory; returns when the port answers.
    pub fn start(directory: &Path, signer: &str) -> Self {
        Self::of(&program(), directory, signer)
    }

    /// Another build.
    pub fn of(program: &Path, directory: &Path, signer: &str) -> Self {
        let clients = ["clients", "clients.yaml"].into_iter().find(|name| directory.join(name).exists());
        let admin = free_address();
        let mut server = Self::listening(program, |command, address| {
            command
                .args(["serve", "--issuer", super::inputs::ISSUER, "--workers", "1"])
                .args(["--failures-per-minute", "0", "--signer", signer])
                .args(["--clients", clients.expect("a client list")])
                .args(["--listen", &address.to_string(), "--admin-listen", &admin.to_string()])
                .current_dir(directory);
        });
        server.admin = Some(admin);
        server
    }

    /// Any program that listens where it is told.
    pub fn listening(program: &Path, told: impl FnOnce(&mut Command, SocketAddr)) -> Self {
        let address = free_address();
        let mut command = cpu::command_on(cpu::SERVER, program);
        told(&mut command, address);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut server = Self { child: child.expect("taskset and the server start"), address, admin: None };
        server.until_it_listens();
        server
    }

    fn until_it_listens(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait().expect("a child");
            assert!(ended.is_none() && Instant::now() < deadline, "the server never listened: {ended:?}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Time on the core so far.
    pub fn cpu(&self) -> Duration {
        cpu::of_process(self.child.id())
    }

    /// Seconds in signatures so far, as the metrics of ours tell.
    pub fn signing_seconds(&self) -> f64 {
        let mut stream = TcpStream::connect(self.admin.expect("a server of ours")).expect("it listens");
        stream.write_all(&super::http::get("/metrics", "Connection: close\r\n")).expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        let sum = text.lines().find_map(|line| line.strip_prefix("signet_signing_seconds_sum "));
        sum.expect("the metric").parse().expect("a number")
    }

    pub fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().expect("a number");
        kib / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_signet"))
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}
