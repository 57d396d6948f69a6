//! The server as a process of its own, on one core, with one worker.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::cpu;

const PATIENCE: Duration = Duration::from_secs(60);

pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// This build, with the keys and clients of a directory; returns when the port answers.
    pub fn start(directory: &Path, signer: &str) -> Self {
        Self::of(&program(), directory, signer)
    }

    /// Another build.
    pub fn of(program: &Path, directory: &Path, signer: &str) -> Self {
        let clients = ["clients", "clients.yaml"].into_iter().find(|name| directory.join(name).exists());
        Self::listening(program, |command, address| {
            command
                .args(["serve", "--issuer", super::inputs::ISSUER, "--workers", "1"])
                .args(["--failures-per-minute", "0", "--signer", signer])
                .args(["--clients", clients.expect("a client list")])
                .args(["--listen", &address.to_string(), "--admin-listen", "127.0.0.1:0"])
                .current_dir(directory);
        })
    }

    /// Any program that listens where it is told.
    pub fn listening(program: &Path, told: impl FnOnce(&mut Command, SocketAddr)) -> Self {
        let address = free_address();
        let mut command = cpu::command_on(cpu::SERVER, program);
        told(&mut command, address);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut server = Self { child: child.expect("taskset and the server start"), address };
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
