//! Clients that register, and that were registered: `cargo bench --bench registration`.
//!
//! 1. The length of ids (600 characters at most).
//! 2. A registration in process, by secret and by token (100 µs).
//! 3. A registered client beside a listed one, without the signature of the token (5 µs more).
//! 4. Tokens a second over loopback, registered beside listed (0.97), in turns.
//! 5. The server's memory after a million registrations over loopback (unchanged: within 2 MiB).
//!
//! 2 and 3 by the time on core 1; in 4 and 5 the server has core 0 and this program core 1.
//! `SIGNET_BENCH_SECONDS` is the length of each turn of 4 (default 5), `SIGNET_BENCH_ROUNDS` their number
//! (7), `SIGNET_BENCH_REGISTRATIONS` the number of 5 (1,000,000); `SIGNET_BENCH_CHECK=1` ends with code 1
//! when a goal is missed. The figures go to `target/bench/registration.json` too.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that cannot go on must stop, and its output is for people"
)]

mod in_process;
mod loopback;
#[path = "../shared/mod.rs"]
#[expect(dead_code, reason = "each benchmark uses a part")]
mod shared;

use std::time::Duration;

use in_process::{METADATA, bearer, register, registrar, registration, requests};
use shared::http::basic;
use shared::pipeline::Pipeline;
use shared::report::Report;
use shared::{cpu, number};

const ID_CHARACTERS_MAX: f64 = 600.0;
const REGISTRATION_US_MAX: f64 = 100.0;
const RECOGNISING_US_MAX: f64 = 5.0;

fn main() {
    let mut report = Report::new("registration");
    cpu::pin_to(cpu::LOAD);
    let pipeline = Pipeline::of(&in_process::clients());

    report.section("1 characters of an id");
    let with_key = |metadata: &str| metadata.contains("jwks");
    for (what, metadata) in METADATA {
        let pair = register(&pipeline, metadata);
        let (id, secret) = pair.split_once(':').expect("a pair");
        assert_eq!(secret.is_empty(), with_key(metadata));
        report.at_most(what, id.len() as f64, ID_CHARACTERS_MAX);
    }

    report.section("2 microseconds of a registration in process");
    for (what, header) in [("by secret", basic(&registrar(0))), ("by token (RS256)", bearer(&pipeline))] {
        report.at_most(what, registration(&pipeline, &header) / 1e3, REGISTRATION_US_MAX);
    }

    report.section("3 microseconds of a token request in process, without the signature");
    for (what, metadata) in METADATA.iter().filter(|(_, metadata)| !with_key(metadata)) {
        let [listed, registered] = requests(&pipeline, &register(&pipeline, metadata));
        report.figure("a listed client", listed / 1e3, "µs");
        report.at_most(
            &format!("more for a registered one, {what}"),
            (registered - listed) / 1e3,
            RECOGNISING_US_MAX,
        );
    }

    let turn = Duration::from_secs_f64(number("SIGNET_BENCH_SECONDS", 5.0));
    let turns = number("SIGNET_BENCH_ROUNDS", 7.0) as usize;
    let registrations = number("SIGNET_BENCH_REGISTRATIONS", 1_000_000.0) as usize;
    let directory = tempfile::tempdir().expect("a directory");
    let server = loopback::serve(directory.path());
    report.section(&format!("4 tokens over loopback, {turns} turns of {turn:?}"));
    loopback::tokens(&server, turn, turns, &mut report);
    report.section(&format!("5 memory of the server, {registrations} registrations over loopback"));
    loopback::memory(&server, registrations, &mut report);
    // `finish` may end the process, which runs no destructor.
    drop(server);
    report.finish();
}
