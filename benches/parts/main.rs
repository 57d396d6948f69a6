//! The parts of a token without a server: `cargo bench --bench parts`.
//!
//! Raw signatures of every backend and algorithm, alone and many at once; a request up to the
//! signature and the writing of its claims; look-ups and loading of lists; static answers. Everything
//! runs on one core in turns, and counts the time on that core. `SIGNET_BENCH_SECONDS` sets the
//! length of a measurement of signatures (default 1), `SIGNET_BENCH_ROUNDS` their number (default 5),
//! `SIGNET_BENCH_CLIENTS` the size of the largest list (default 1,000,000, which takes half a minute);
//! `SIGNET_BENCH_CHECK=1` ends with code 1 when a goal is missed. The figures go to
//! `target/bench/parts.json` too.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that cannot go on must stop, and its output is for people"
)]

mod lists;
mod request;
#[path = "../shared/mod.rs"]
#[expect(dead_code, reason = "each benchmark uses a part")]
mod shared;
mod signing;

use shared::cpu;
use shared::report::Report;

fn main() {
    cpu::pin_to(cpu::SERVER);
    let mut report = Report::new("parts");
    println!("on core 0, by the time on it");
    signing::measure(&mut report);
    request::measure(&mut report);
    lists::measure(&mut report);
    report.finish();
}
