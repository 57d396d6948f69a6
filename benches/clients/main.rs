//! Client lists of every size: `cargo bench --bench clients`.
//!
//! One row a list: reading it (`config::load`), `signet check --clients-only`, a look-up, and the
//! resident memory of a server that holds it, at its peak while it reloads, and after. Each figure
//! comes from a process of its own. `SIGNET_BENCH_CLIENTS` is the size of the largest list (default
//! 1,000,000; a row takes about 30 s there), `SIGNET_BENCH_CHECK=1` ends with code 1 when a goal is
//! missed. `cargo bench --bench clients -- --write DIR CLIENTS FILES` only writes a list.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that cannot go on must stop, and its output is for people"
)]

mod measure;
#[path = "../shared/mod.rs"]
#[expect(dead_code, reason = "each benchmark uses a part")]
mod shared;

use std::path::Path;

use measure::Row;
use shared::{client_list, machine::Machine};

/// Clients and files of each row; one file may have 64 MiB.
const LISTS: &[(usize, usize)] = &[(10, 1), (10_000, 1), (100_000, 1), (100_000, 1_000), (1_000_000, 16)];

/// What a list of so many clients may cost at most.
struct Goal {
    clients: usize,
    load_seconds: f64,
    check_seconds: f64,
    resident_mib: u64,
    reload_peak_mib: u64,
}

const GOALS: &[Goal] = &[
    Goal {
        clients: 100_000,
        load_seconds: 1.5,
        check_seconds: 3.0,
        resident_mib: 150,
        reload_peak_mib: u64::MAX,
    },
    Goal {
        clients: 1_000_000,
        load_seconds: 20.0,
        check_seconds: f64::INFINITY,
        resident_mib: 1228,
        reload_peak_mib: 2560,
    },
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| *word != "--bench").collect();
    match words.as_slice() {
        ["--load", path] => measure::load_here(Path::new(path)),
        ["--write", directory, clients, files] => {
            let number = |text: &str| text.replace(['_', ','], "").parse().expect("a number");
            let bytes = client_list::write(Path::new(directory), number(clients), number(files));
            println!("{bytes} bytes");
        }
        _ => table(),
    }
}

fn table() {
    let most = std::env::var("SIGNET_BENCH_CLIENTS").ok().and_then(|text| text.parse().ok());
    let most = most.unwrap_or(1_000_000);
    println!("machine: {}", Machine::here());
    println!(
        "{:>9} {:>5} {:>8} {:>7} {:>8} {:>10} | server MiB: {:>8} {:>8} {:>8} {:>9}",
        "clients",
        "files",
        "file MB",
        "load s",
        "check s",
        "look-up ns",
        "loaded",
        "peak",
        "reloaded",
        "4 reloads"
    );
    let mut met = true;
    for (clients, files) in LISTS.iter().copied().filter(|(clients, _)| *clients <= most) {
        let row = Row::measure(clients, files);
        println!(
            "{clients:>9} {files:>5} {:>8.1} {:>7.2} {:>8.2} {:>10.0} | {:>20} {:>8} {:>8} {:>9}",
            row.bytes as f64 / 1e6,
            row.load_seconds,
            row.check_seconds,
            row.lookup_nanoseconds,
            row.loaded_mib,
            row.peak_mib,
            row.reloaded_mib,
            row.settled_mib
        );
        for goal in GOALS.iter().filter(|goal| goal.clients == clients) {
            met &= judge(&row, goal);
        }
    }
    if std::env::var_os("SIGNET_BENCH_CHECK").is_some() && !met {
        std::process::exit(1);
    }
}

fn judge(row: &Row, goal: &Goal) -> bool {
    let checks = [
        ("load", row.load_seconds <= goal.load_seconds),
        ("check", row.check_seconds <= goal.check_seconds),
        ("resident memory", row.loaded_mib <= goal.resident_mib),
        ("resident memory after reloads", row.settled_mib <= goal.resident_mib),
        ("peak of a reload", row.peak_mib <= goal.reload_peak_mib),
    ];
    for (name, _) in checks.iter().filter(|(_, met)| !met) {
        println!("  goal MISSED: {name}");
    }
    checks.iter().all(|(_, met)| *met)
}
