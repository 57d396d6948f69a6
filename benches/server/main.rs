//! The whole server against the raw signature of the same build: `cargo bench --bench server`.
//!
//! One core for the server (core 0), one for the load (core 1), both pinned with `taskset`; what
//! counts are the ratios of one run. Clock rates wander, so raw signatures and tokens are measured
//! in turns (one at a time, so aws-lc-rs for multi-buffer), and the ratio is the median of the
//! rounds. `SIGNET_BENCH_SECONDS` sets the length of each measurement (default 5),
//! `SIGNET_BENCH_ROUNDS` their number (default 7), `SIGNET_BENCH_CHECK=1` ends with code 1 when a
//! goal is missed.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement that cannot go on must stop, and its output is for people"
)]

mod load;
mod process;

use std::path::Path;
use std::time::{Duration, Instant};

use load::{Load, Outcome};
use process::{Server, machine, raw_rate};

const CONNECTIONS: usize = 32;
const TOKENS_FOR_MEMORY: u64 = 100_000;
const STARTS: usize = 11;

/// First goals of the project (`docs/performance.md`).
const RATIO_MIN: f64 = 0.85;
const START_MAX: Duration = Duration::from_millis(100);
const MEMORY_KIB_MAX: u64 = 20 * 1024;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--raw") {
        let seconds = arguments.get(at + 2).and_then(|text| text.parse().ok()).expect("seconds");
        return process::sign_for(&arguments[at + 1], Duration::from_secs(seconds));
    }
    let number =
        |name, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (seconds, rounds) = (number("SIGNET_BENCH_SECONDS", 5), number("SIGNET_BENCH_ROUNDS", 7));
    let directory = tempfile::tempdir().expect("a directory");
    process::write_inputs(directory.path());
    let machine = machine();
    println!(
        "machine: {machine}; server on core 0, load on core 1; {rounds} rounds of {seconds} s; RSA-2048"
    );
    let met = measure(directory.path(), seconds, rounds);
    if std::env::var_os("SIGNET_BENCH_CHECK").is_some() && !met {
        std::process::exit(1);
    }
}

fn measure(directory: &Path, seconds: u64, rounds: u64) -> bool {
    process::pin_self_to_core_1();
    let duration = Duration::from_secs(seconds);
    let mut met = true;
    for signer in ["multi-buffer", "aws-lc-rs", "ring"] {
        let server = Server::start(directory, signer);
        let mut ratios = Vec::new();
        let mut tokens = 0;
        println!("\n{signer}");
        for _ in 0..rounds {
            let raw = raw_rate(signer, seconds);
            let token = Load::token(server.address).run(CONNECTIONS, duration);
            tokens += token.count();
            ratios.push(token.per_second() / raw);
            println!("  raw {raw:>7.0} /s   tokens {}   ratio {:.3}", row(&token), token.per_second() / raw);
        }
        ratios.sort_by(f64::total_cmp);
        let ratio = ratios[ratios.len() / 2];
        println!("  tokens / raw RS256 signatures: median {ratio:.3}");
        if signer == "aws-lc-rs" {
            met &= goal("ratio to raw signatures", ratio >= RATIO_MIN, &format!(">= {RATIO_MIN}"));
            let refused = Load::refused(server.address).run(CONNECTIONS, duration);
            let key_set = Load::key_set(server.address).run(CONNECTIONS, duration);
            println!("  whole pipeline, no signature  {}", row(&refused));
            println!("  key set                       {}", row(&key_set));
            met &= memory(&server, tokens);
        }
    }
    met & starts(directory)
}

fn row(outcome: &Outcome) -> String {
    let ms = |part: f64| outcome.quantile(part).as_secs_f64() * 1000.0;
    format!("{:>7.0} /s   p50 {:.2} ms  p99 {:.2} ms", outcome.per_second(), ms(0.5), ms(0.99))
}

fn memory(server: &Server, tokens_so_far: u64) -> bool {
    let missing = TOKENS_FOR_MEMORY.saturating_sub(tokens_so_far);
    if missing > 0 {
        Load::token(server.address).run_count(CONNECTIONS, missing);
    }
    let kib = server.resident_kib();
    println!("  resident after 100,000 tokens {:>10.1} MB", kib as f64 / 1024.0);
    goal("resident memory", kib <= MEMORY_KIB_MAX, "<= 20 MB")
}

/// Start of the process to the first token, with an existing key.
fn starts(directory: &Path) -> bool {
    let mut times: Vec<Duration> = (0..STARTS)
        .map(|_| {
            let before = Instant::now();
            let server = Server::start(directory, "aws-lc-rs");
            Load::token(server.address).run_count(1, 1);
            before.elapsed()
        })
        .collect();
    times.sort();
    let median = times[STARTS / 2];
    println!("\nstart to first token: median of {STARTS} {median:.1?}, worst {:.1?}", times[STARTS - 1]);
    goal("start to first token", median <= START_MAX, "<= 100 ms")
}

fn goal(name: &str, met: bool, figure: &str) -> bool {
    println!("  goal {name} {figure}: {}", if met { "met" } else { "MISSED" });
    met
}
