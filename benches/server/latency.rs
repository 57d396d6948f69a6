//! What one request waits: at four fifths of capacity, and alone.

use signet::jose::Algorithm;

use crate::rounds::{Rounds, Subject};
use crate::shared::load::Pace;
use crate::shared::report::Report;
use crate::shared::server::Server;
use crate::shared::signatures::key;
use crate::shared::{inputs, median};
use crate::{CONNECTIONS, SIGNER, Setup, loads};

const SHARE: f64 = 0.8;
const P99_MAX_MS: f64 = 5.0;
const LONE_MAX: f64 = 1.15;

pub fn measure(setup: &Setup, report: &mut Report) {
    let signer = SIGNER;
    report.section(&format!("latency with {signer}, from the moment at which a request was due"));
    let server = Server::start(setup.path(), signer);
    let raw = key(setup.path(), "aws-lc-rs", Algorithm::Rs256);
    let load = loads::token(inputs::RS256);
    let (mut quantiles, mut lone) = ([const { Vec::new() }; 3], Vec::new());
    for _ in 0..setup.rounds {
        let mut capacity = Rounds::new();
        capacity.add("raw", Subject::Raw(raw.clone(), 1));
        capacity.add("tokens", Subject::Tokens(&server, loads::token(inputs::RS256)));
        capacity.run(1, setup.duration);
        let rate = SHARE * capacity.per_second("tokens");
        let open = load.drive(&server, CONNECTIONS, Pace::Open(rate), setup.duration);
        for (part, values) in [0.5, 0.99, 0.999].into_iter().zip(&mut quantiles) {
            values.push(open.quantile(part));
        }
        let alone = load.drive(&server, 1, Pace::Closed, setup.duration);
        lone.push(alone.quantile(0.5) * capacity.per_second("raw") / 1e3);
        let (server_share, load_share) = (100.0 * open.server_share(), 100.0 * open.load_share());
        println!("      {rate:.0} /s; server {server_share:.0} % of its core, load {load_share:.0} %");
    }
    let worst = quantiles[1].iter().copied().fold(0.0, f64::max);
    report.figure("p50 at 80 % of capacity", median(&quantiles[0]), "ms");
    report.figure("p99.9 at 80 % of capacity", median(&quantiles[2]), "ms");
    report.figure("p99 at 80 % of capacity, worst round", worst, "ms");
    report.at_most("p99 at 80 % of capacity, 32 connections, ms", median(&quantiles[1]), P99_MAX_MS);
    report.at_most("a lone request (p50) / one aws-lc-rs signature", median(&lone), LONE_MAX);
}
