//! A small list beside a large one: throughput, memory, start.

use std::path::Path;
use std::time::Instant;

use crate::rounds::{Rounds, Subject};
use crate::shared::http::{Connection, basic, token_request};
use crate::shared::report::Report;
use crate::shared::server::Server;
use crate::shared::{client_list, inputs, median, number};
use crate::{Setup, loads};

/// Clients, and what start (ms) and memory (MB) may be with so many.
const SMALL: (usize, f64, f64) = (10, 50.0, 15.0);
const LARGE: (usize, f64, f64) = (100_000, 1_500.0, 120.0);
const STARTS: usize = 5;

pub fn measure(setup: &Setup, report: &mut Report) {
    let signer = setup.signer.as_str();
    let large = (number("SIGNET_BENCH_CLIENTS", LARGE.0 as f64) as usize, LARGE.1, LARGE.2);
    let lists = [SMALL, large].map(|(clients, start, memory)| {
        let directory = tempfile::tempdir().expect("a directory");
        inputs::write_keys(directory.path());
        client_list::write(&directory.path().join("clients"), clients, 1);
        (clients, start, memory, directory)
    });
    report.section(&format!("{} clients beside {}, with {signer}", SMALL.0, large.0));
    for (clients, start_max, _, directory) in &lists {
        let times: Vec<f64> = (0..STARTS).map(|_| start(directory.path(), signer)).collect();
        report.at_most(&format!("start to first token, {clients} clients, ms"), median(&times), *start_max);
    }
    let servers = [0, 1].map(|which| Server::start(lists[which].3.path(), signer));
    let mut rounds = Rounds::new();
    for (server, (clients, ..)) in servers.iter().zip(&lists) {
        rounds.add(name(*clients), Subject::Tokens(server, loads::token_of_many(*clients)));
    }
    rounds.run(setup.rounds, setup.duration);
    rounds.print(report);
    let (small, large) = (name(lists[0].0), name(lists[1].0));
    report.at_least("tokens of the large list / of the small one", rounds.rate_ratio(&large, &small), 0.98);
    report.figure("the same by the time on the core", rounds.cpu_ratio(&large, &small), "");
    for (server, (clients, _, memory_max, _)) in servers.iter().zip(&lists) {
        let line = format!("resident memory after the load, {clients} clients, MB");
        report.at_most(&line, server.resident_mib(), *memory_max);
    }
}

fn name(clients: usize) -> String {
    format!("RS256 tokens, {clients} clients")
}

/// Milliseconds from the start of the process to the first token.
fn start(directory: &Path, signer: &str) -> f64 {
    let before = Instant::now();
    let server = Server::start(directory, signer);
    let request = token_request(Some(&basic(&client_list::pair(0))), inputs::FORM);
    let status = Connection::open(server.address).ask(&request).expect("an answer");
    assert_eq!(status, 200);
    before.elapsed().as_secs_f64() * 1e3
}
