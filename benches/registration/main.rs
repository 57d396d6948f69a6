//! Clients that register, and that were registered: `cargo bench --bench registration`.
//!
//! 1. The length of ids (600 characters at most).
//! 2. A registration in process, by secret and by token (100 µs).
//! 3. A registered client beside a listed one, without the signature of the token (5 µs more).
//! 4. Tokens a second over loopback, registered beside listed (0.97), in turns.
//! 5. The server's memory after a million registrations over loopback (unchanged: within 2 MiB).
//!
//! The server has core 0, this program core 1. `SIGNET_BENCH_SECONDS` is the length of each turn of 4
//! (default 5), `SIGNET_BENCH_REGISTRATIONS` the number of 5 (1,000,000). The code is 1 when a goal is
//! missed.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that cannot go on must stop, and its output is for people"
)]

mod in_process;
#[expect(dead_code, reason = "made for several kinds of load")]
mod load;
#[expect(dead_code, reason = "made for several benchmarks")]
mod process;

use std::path::Path;
use std::time::Duration;

use in_process::{InProcess, Registered};
use load::Load;

const ID_CHARACTERS_MAX: usize = 600;
const REGISTRATION_MAX_US: f64 = 100.0;
const RECOGNISING_MAX_US: f64 = 5.0;
const THROUGHPUT_MIN: f64 = 0.97;
const GROWN_MAX_KIB: u64 = 2 * 1024;
/// Each registers its share within the highest quota, 60,000 a minute.
pub const REGISTRARS: u64 = 20;
const CONNECTIONS: usize = 16;
const ROUNDS: usize = 7;

fn main() {
    let number =
        |name, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    println!("machine: {}", process::machine());
    process::pin_self_to_core_1();
    let mut met = true;
    let mut goal = |line: &str, is_met: bool| {
        println!("  {line:<72} {}", if is_met { "met" } else { "MISSED" });
        met &= is_met;
    };
    let directory = tempfile::tempdir().expect("a directory");
    in_process::write_inputs(directory.path());
    let own = InProcess::of(directory.path());

    println!("\n1 ids");
    for (what, metadata) in in_process::METADATA {
        let length = own.register(metadata).id.len();
        let line = format!("{what:<36} {length} characters, goal <= {ID_CHARACTERS_MAX}");
        goal(&line, length <= ID_CHARACTERS_MAX);
    }

    println!("\n2 a registration in process, median");
    for (what, header) in [("by secret", own.basic()), ("by token (RS256)", own.bearer())] {
        let time = own.registration_us(&header);
        goal(&format!("{what:<36} {time:.1} µs, goal <= {REGISTRATION_MAX_US}"), time <= REGISTRATION_MAX_US);
    }

    println!("\n3 a token request in process without its signature, median");
    for (what, metadata) in in_process::METADATA.iter().filter(|(_, metadata)| !metadata.contains("jwks")) {
        let (listed, registered) = own.requests_us(&own.register(metadata));
        let more = registered - listed;
        let line = format!("{what:<36} {listed:.2} µs listed, {more:+.2} µs, goal <= +{RECOGNISING_MAX_US}");
        goal(&line, more <= RECOGNISING_MAX_US);
    }

    let seconds: u64 = number("SIGNET_BENCH_SECONDS", 5);
    let registrations: u64 = number("SIGNET_BENCH_REGISTRATIONS", 1_000_000);
    let registered = own.register(in_process::METADATA[0].1);
    over_loopback(directory.path(), &registered, Duration::from_secs(seconds), registrations, &mut goal);
    std::process::exit(i32::from(!met));
}

fn over_loopback(
    directory: &Path,
    registered: &Registered,
    turn: Duration,
    registrations: u64,
    goal: &mut dyn FnMut(&str, bool),
) {
    let server = process::Server::start(directory, "aws-lc-rs");
    println!("\n4 tokens a second over loopback, {CONNECTIONS} connections, median of {ROUNDS} turns");
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let listed = Load::token(server.address).run(CONNECTIONS, turn).per_second();
        let load = Load::token_of(server.address, &registered.id, &registered.secret);
        let other = load.run(CONNECTIONS, turn).per_second();
        println!("  listed {listed:.0}, registered {other:.0}, {:.3}", other / listed);
        ratios.push(other / listed);
    }
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[ROUNDS / 2];
    goal(&format!("registered beside listed {ratio:.3}, goal >= {THROUGHPUT_MIN}"), ratio >= THROUGHPUT_MIN);

    println!("\n5 memory of the server, {registrations} registrations over loopback");
    let share = registrations / REGISTRARS;
    let register = |count: u64| {
        for number in 0..REGISTRARS {
            let request = in_process::registration_request(server.address, number);
            let outcome = Load::of(server.address, request, "201").run_count(CONNECTIONS, count);
            assert_eq!(outcome.count(), count);
        }
    };
    register(share / 100);
    let before = server.resident_kib();
    register(share - share / 100);
    let after = server.resident_kib();
    let grown = after.saturating_sub(before);
    goal(
        &format!("{before} KiB before, {after} KiB after, goal: {GROWN_MAX_KIB} KiB more at most"),
        grown <= GROWN_MAX_KIB,
    );
}
