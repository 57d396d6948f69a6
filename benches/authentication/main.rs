//! Client authentication: what it costs, and what its refusals tell by their time:
//! `cargo bench --bench authentication`.
//!
//! 1. Refusals in process: Welch's t of each kind against "wrong secret" (below 4.5).
//! 2. The same over loopback: the 95 % interval of the difference of the medians (within 2 µs).
//! 3. An assertion beside a secret, without the signature of the token.
//! 4. Tokens with an imported argon2 secret, from the second on, beside SHA-256.
//! 5. Other clients while somebody guesses at an imported secret 1,000 times a second.
//!
//! The server has core 0, this program core 1. `SIGNET_BENCH_SAMPLES` is the number of samples of 1
//! (default 10,000,000), `SIGNET_BENCH_REQUESTS` that of 2 (200,000), `SIGNET_BENCH_SECONDS` the
//! length of 5 (20, half of its load). The code is 1 when a goal is missed.

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
mod statistics;

use ring::rand::{SecureRandom as _, SystemRandom};
use signet::jose::Algorithm;

use in_process::REFUSED;
use shared::inputs::{self, IMPORTED, IMPORTED_HASH};
use shared::pipeline::Pipeline;
use shared::server::Server;
use shared::{cpu, machine::Machine};

const T_MAX: f64 = 4.5;
const INTERVAL_MAX_US: f64 = 2.0;
/// Microseconds of an assertion.
const COSTS: [(Algorithm, f64); 2] = [(Algorithm::EdDsa, 100.0), (Algorithm::Rs256, 60.0)];
const IMPORTED_MAX: f64 = 1.1;
const GUESSED_MAX: f64 = 1.5;
/// A virtual machine is not equally fast for long: what is compared is measured in turns.
const TURNS: u64 = 5;
fn main() {
    let number =
        |name, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    println!("machine: {}", Machine::here());
    cpu::pin_to(cpu::LOAD);
    let mut met = true;
    let mut goal = |line: &str, is_met: bool| {
        println!("  {line:<72} {}", if is_met { "met" } else { "MISSED" });
        met &= is_met;
    };

    let samples: usize = number("SIGNET_BENCH_SAMPLES", 10_000_000);
    println!("\n1 refusals in process, {samples} samples of each kind");
    let pipeline = Pipeline::of(&in_process::clients());
    for kind in &REFUSED {
        let (t, difference) = in_process::refusals(&pipeline, kind, samples);
        let line = format!("{:<16} median {difference:+.0} ns  |t| {t:.2}, goal < {T_MAX}", kind.name);
        goal(&line, t < T_MAX);
    }

    let directory = tempfile::tempdir().expect("a directory");
    inputs::write_keys(directory.path());
    let serve = |clients: String| {
        std::fs::write(directory.path().join("clients.yaml"), clients).expect("a client list");
        Server::start(directory.path(), "aws-lc-rs")
    };

    // Without a password hash in the list: an unknown client may stand for one that has it, and then
    // takes as long as that.
    let server = serve(in_process::clients());
    let requests: usize = number("SIGNET_BENCH_REQUESTS", 200_000);
    println!("\n2 refusals over loopback, {requests} requests of each kind");
    for kind in &REFUSED[1..] {
        let (low, high) = loopback::interval(server.address, kind, requests);
        let line = format!("{:<16} {low:+.3} to {high:+.3} µs, goal within ±{INTERVAL_MAX_US}", kind.name);
        goal(&line, low.abs().max(high.abs()) <= INTERVAL_MAX_US);
    }

    drop(server);

    println!("\n3 an assertion, beside a secret");
    for (algorithm, most) in COSTS {
        let cost = in_process::assertion_cost(algorithm, 5_000);
        goal(&format!("{:<16} {cost:.1} µs, goal <= {most}", algorithm.name()), cost <= most);
    }

    println!("\n4 a token, imported secret beside SHA-256");
    let imported = format!(
        "  - client_id: imported\n    credentials: [{{client_secret: \"{IMPORTED_HASH}\"}}]\n    scope: x\n"
    );
    let server = serve(in_process::clients() + &imported);
    let pair = in_process::working_pair();
    let [imported, plain] = loopback::tokens(server.address, [IMPORTED, &pair], 5_000);
    let ratio = imported / plain;
    let line = format!("{imported:.0} µs / {plain:.0} µs = {ratio:.3}, goal <= {IMPORTED_MAX}");
    goal(&line, ratio <= IMPORTED_MAX);

    let seconds = number("SIGNET_BENCH_SECONDS", 20) as u64;
    println!(
        "\n5 p99 of another client while 1,000 guesses a second go at an imported secret, in {TURNS} turns"
    );
    let turn = (seconds / TURNS).max(1);
    let p99 = |guesses| loopback::p99_under_guesses(server.address, &pair, "imported:wrong", guesses, turn);
    let mut turns: Vec<(f64, f64)> = (0..TURNS).map(|_| (p99(0), p99(1_000))).collect();
    turns.sort_by(|(before, during), (other_before, other_during)| {
        (during / before).total_cmp(&(other_during / other_before))
    });
    let (before, during) = turns[turns.len() / 2];
    let ratio = during / before;
    let line = format!("{during:.2} ms / {before:.2} ms = {ratio:.2} (median turn), goal <= {GUESSED_MAX}");
    goal(&line, ratio <= GUESSED_MAX);
    // `exit` runs no destructor.
    drop(server);
    if !met {
        std::process::exit(1);
    }
}

/// Random bits, xorshift from a random start: fast enough to be between two measurements.
struct Random(u64);

impl Random {
    fn new() -> Self {
        let mut bytes = [0; 8];
        SystemRandom::new().fill(&mut bytes).expect("random numbers");
        Self(u64::from_ne_bytes(bytes) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 16
    }
}
