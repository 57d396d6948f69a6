//! The whole server: `cargo bench --bench server`, or with words for parts of it
//! (`-- rates latency scale overload`, `short`, `against`, `peers`). `benches/run` is the way to run it.
//!
//! One core for the server (core 0, one worker), one for the load (core 1). What counts are the
//! ratios of one run: everything that is compared is measured in turns, and a ratio is the median of
//! those of the rounds. Beside each rate stands the time on the server's core for one answer, which
//! other programs disturb less. `SIGNET_BENCH_SECONDS` sets the length of each measurement (default
//! 5), `SIGNET_BENCH_ROUNDS` their number (default 5), `SIGNET_BENCH_CLIENTS` the size of the large
//! list (100,000), `SIGNET_BENCH_SIGNER` the signer of the server (`auto`); `SIGNET_BENCH_CHECK=1` ends with code 1 when a goal is missed. The goals are those
//! of `docs/src/performance.md`; the figures go to `target/bench/server.json` too.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that cannot go on must stop, and its output is for people"
)]

mod against;
mod latency;
mod loads;
mod overload;
mod peers;
mod rates;
mod rounds;
mod scale;
#[path = "../shared/mod.rs"]
#[expect(dead_code, reason = "each benchmark uses a part")]
mod shared;
mod short;

use std::path::Path;
use std::time::Duration;

use shared::report::Report;
use shared::{assertion, cpu, inputs, number, words};
use signet::jose::Algorithm;

const CONNECTIONS: usize = 32;
/// As the server starts for anybody.
const SIGNER: &str = "auto";

/// What every part needs.
struct Setup {
    directory: tempfile::TempDir,
    /// The client that signs assertions.
    signs: std::sync::Arc<assertion::Client>,
    /// Where nothing depends on a certain one.
    signer: String,
    duration: Duration,
    rounds: usize,
}

impl Setup {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let signs = assertion::Client::new(Algorithm::EdDsa);
        inputs::write_keys(directory.path());
        inputs::write_clients(directory.path(), &signs);
        Self {
            directory,
            signs: signs.into(),
            signer: std::env::var("SIGNET_BENCH_SIGNER").unwrap_or_else(|_| SIGNER.to_owned()),
            duration: Duration::from_millis((1000.0 * number("SIGNET_BENCH_SECONDS", 5.0)) as u64),
            rounds: number("SIGNET_BENCH_ROUNDS", 5.0) as usize,
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }
}

type Part = fn(&Setup, &mut Report);

/// Without words, all but the last three.
const PARTS: &[(&str, Part)] = &[
    ("rates", rates::measure),
    ("latency", latency::measure),
    ("scale", scale::measure),
    ("overload", overload::measure),
    ("short", short::measure),
    ("against", against::measure),
    ("peers", peers::measure),
];
const BY_DEFAULT: usize = 4;

fn main() {
    cpu::pin_to(cpu::LOAD);
    let chosen = words();
    for word in &chosen {
        assert!(PARTS.iter().any(|(name, _)| name == word), "no part `{word}`");
    }
    let mut report = Report::new("server");
    let setup = Setup::new();
    println!("server on core 0, load on core 1; {} rounds of {:?}", setup.rounds, setup.duration);
    for (at, (name, measure)) in PARTS.iter().enumerate() {
        if (chosen.is_empty() && at < BY_DEFAULT) || chosen.iter().any(|word| word == name) {
            measure(&setup, &mut report);
        }
    }
    report.finish();
}
