//! What one request waits: at four fifths of capacity, and alone.

use std::time::Instant;

use signet::jose::Algorithm;

use crate::rounds::{Rounds, Subject};
use crate::shared::load::{Load, Pace};
use crate::shared::report::Report;
use crate::shared::server::Server;
use crate::shared::signatures::key;
use crate::shared::{cpu, inputs, median};
use crate::{CONNECTIONS, Setup, loads};

const SHARE: f64 = 0.8;
const P99_MAX_MS: f64 = 5.0;
const LONE_MAX: f64 = 1.15;
/// A machine that slows down meanwhile leaves no capacity, and then the tail is the machine's and not
/// the server's: the share of the server's core that others may have (programs, or the hypervisor),
/// and by how much the capacity may differ before and after.
const TAKEN_MAX: f64 = 0.004;
const DRIFT_MAX: f64 = 0.1;
/// Rounds that are tried for one that is wanted.
const TRIES: usize = 4;

pub fn measure(setup: &Setup, report: &mut Report) {
    let signer = setup.signer.as_str();
    report.section(&format!("latency with {signer}, from the moment at which a request was due"));
    let server = Server::start(setup.path(), signer);
    let load = loads::token(inputs::RS256);
    crowd(setup, &server, &load, report);
    alone(setup, &server, &load, report);
}

fn crowd(setup: &Setup, server: &Server, load: &Load, report: &mut Report) {
    let (mut quantiles, mut tried) = ([const { Vec::new() }; 3], 0);
    while quantiles[0].len() < setup.rounds && tried < TRIES * setup.rounds {
        tried += 1;
        let capacity = || load.drive(server, CONNECTIONS, Pace::Closed, setup.duration).per_second();
        let before = capacity();
        let rate = SHARE * before;
        let awake = cpu::Awake::keep(cpu::SERVER);
        let began = Instant::now();
        let open = load.drive(server, CONNECTIONS, Pace::Open(rate), setup.duration);
        let elapsed = began.elapsed();
        let taken =
            elapsed.saturating_sub(open.server_cpu + awake.end()).as_secs_f64() / elapsed.as_secs_f64();
        let drift = capacity() / before - 1.0;
        println!(
            "      {rate:.0} /s; p99 {:.2} ms; server {:.0} % of its core, load {:.0} %; others had {:.1} % of it, \
             capacity {:+.0} %",
            open.quantile(0.99),
            100.0 * open.server_share(),
            100.0 * open.load_share(),
            100.0 * taken,
            100.0 * drift
        );
        if taken <= TAKEN_MAX && drift.abs() <= DRIFT_MAX {
            for (part, values) in [0.5, 0.99, 0.999].into_iter().zip(&mut quantiles) {
                values.push(open.quantile(part));
            }
        }
    }
    let worst = quantiles[1].iter().copied().fold(0.0, f64::max);
    let void = tried - quantiles[1].len();
    report.figure("rounds left out, because the machine slowed down or up", void as f64, "");
    report.figure("p50 at 80 % of capacity", median(&quantiles[0]), "ms");
    report.figure("p99.9 at 80 % of capacity", median(&quantiles[2]), "ms");
    report.figure("p99 at 80 % of capacity, worst round", worst, "ms");
    report.at_most("p99 at 80 % of capacity, 32 connections, ms", median(&quantiles[1]), P99_MAX_MS);
}

fn alone(setup: &Setup, server: &Server, load: &Load, report: &mut Report) {
    let mut raw = Rounds::new();
    raw.add("raw", Subject::Raw(key(setup.path(), "aws-lc-rs", Algorithm::Rs256), 1));
    let (mut halting, mut awake) = (Vec::new(), Vec::new());
    for _ in 0..setup.rounds {
        raw.run(1, setup.duration);
        let signature_ms = 1e3 / raw.last_per_second("raw");
        let one = || load.drive(server, 1, Pace::Closed, setup.duration).quantile(0.5) / signature_ms;
        halting.push(one());
        let _awake = cpu::Awake::keep(cpu::SERVER);
        awake.push(one());
    }
    report.figure("a lone request (p50) / one signature, the core halts between", median(&halting), "");
    report.at_most("a lone request (p50) / one aws-lc-rs signature", median(&awake), LONE_MAX);
}
