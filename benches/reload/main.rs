//! Reloads under load, measured from outside: `cargo bench --bench reload`.
//!
//! 1. Reloads in a row at a steady load: no request fails, no token mixes two versions of the list,
//!    the audit event of each token has the revision of its version.
//! 2. A removed client asks at once after the new revision was reported, and gets no token.
//! 3. The latency of an open loop while a large list is read again, beside that before.
//!
//! The server is a process of its own; it shares the cores with the load and with this program.
//! Latency counts from the moment at which a request was due, not from when it was sent. The code is
//! 1 when a goal is missed. Smaller runs: `SIGNET_BENCH_RELOADS` (10000), `SIGNET_BENCH_TRIALS`
//! (10000), `SIGNET_BENCH_CLIENTS` (100000), `SIGNET_BENCH_LARGE_RELOADS` (10) and
//! `SIGNET_BENCH_SECONDS` (20, the load without reloads).

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that cannot go on must stop, and its output is for people"
)]

mod list;
mod load;
mod server;
#[path = "../shared/mod.rs"]
#[expect(dead_code, reason = "each benchmark uses a part")]
mod shared;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use list::VICTIM;
use load::{Load, Sample};
use server::Server;
use shared::http::Connection;

/// The load of all measurements, requests a second.
const RATE: u32 = 500;
/// From the rename of the file to the report of its revision.
const ACTIVE_MAX: Duration = Duration::from_secs(2);
/// Of the 99th percentile during a reload to that before.
const RATIO_MAX: f64 = 2.0;

fn main() {
    let number =
        |name, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!(
        "{cores} cores for server, load and this program together; {RATE} requests a second, open loop\n"
    );
    let mut table = Table { met: true };
    let reloads = number("SIGNET_BENCH_RELOADS", 10_000);
    if reloads > 0 {
        reloads_under_load(reloads, &mut table);
    }
    let trials = number("SIGNET_BENCH_TRIALS", 10_000);
    if trials > 0 {
        removed_client(trials, &mut table);
    }
    let large = number("SIGNET_BENCH_LARGE_RELOADS", 10);
    if large > 0 {
        let seconds = number("SIGNET_BENCH_SECONDS", 20);
        large_list(number("SIGNET_BENCH_CLIENTS", 100_000), large, seconds as u64, &mut table);
    }
    if !table.met {
        std::process::exit(1);
    }
}

/// Prints what was measured, and keeps whether every goal was met.
struct Table {
    met: bool,
}

impl Table {
    fn row(&self, name: &str, figure: &str) {
        println!("  {name:<48} {figure}");
    }

    fn goal(&mut self, name: &str, figure: &str, goal: &str, met: bool) {
        self.met &= met;
        println!("  {name:<48} {figure:<28} goal {goal}: {}", if met { "met" } else { "MISSED" });
    }
}

fn reloads_under_load(reloads: usize, table: &mut Table) {
    println!("{reloads} reloads in a row");
    let server = Server::start(&list::small(0, true));
    let mut revisions = HashMap::from([(0, server.revision())]);
    let load = Load::start(server.public, RATE);
    let mut times = Vec::new();
    for n in 1..=reloads {
        let (revision, time) = server.put_in_force(&list::small(n, true));
        revisions.insert(n, revision);
        times.push(time);
    }
    let samples = load.stop();
    let failed: Vec<&str> =
        samples.iter().filter_map(|sample| sample.answer.as_ref().err()).map(String::as_str).collect();
    let mixed = failed.iter().filter(|reason| reason.starts_with(load::MIXED)).count();
    if let Some(first) = failed.first() {
        table.row("first failure", first);
    }
    let audits = server.audits(samples.len() - failed.len());
    let disagreeing = samples.iter().filter_map(|sample| sample.answer.as_ref().ok()).filter(|token| {
        audits.get(&token.jti).is_none_or(|revision| revisions.get(&token.version) != Some(revision))
    });
    let disagreeing = disagreeing.count();
    times.sort();
    let worst = times[times.len() - 1];
    table.goal(
        "requests that failed",
        &format!("{} of {}", failed.len() - mixed, samples.len()),
        "0",
        failed.len() == mixed,
    );
    table.goal("tokens of two versions", &mixed.to_string(), "0", mixed == 0);
    table.goal(
        "tokens whose audit event has another revision",
        &disagreeing.to_string(),
        "0",
        disagreeing == 0,
    );
    table.row("latency", &latency(samples.iter()));
    table.row(
        "file renamed to revision reported",
        &format!("p50 {:.1?}  p99 {:.1?}", quantile(&times, 0.5), quantile(&times, 0.99)),
    );
    table.goal("the same, worst", &format!("{worst:.1?}"), "<= 2 s", worst <= ACTIVE_MAX);
}

fn removed_client(trials: usize, table: &mut Table) {
    println!("\n{trials} removals of a client");
    let server = Server::start(&list::small(0, true));
    let load = Load::start(server.public, RATE);
    // Several connections, so that every worker of the server is asked.
    let mut connections: Vec<Connection> = (0..8).map(|_| Connection::open(server.public)).collect();
    let request = load::request(VICTIM);
    let (mut after, mut before) = (0, 0);
    for n in 1..=trials {
        server.put_in_force(&list::small(n, false));
        after += connections
            .iter_mut()
            .filter_map(|connection| connection.ask(&request).ok())
            .filter(|status| *status != 401)
            .count();
        server.put_in_force(&list::small(n, true));
        before += connections[..1]
            .iter_mut()
            .filter_map(|connection| connection.ask(&request).ok())
            .filter(|status| *status != 200)
            .count();
    }
    let failed = load.stop().iter().filter(|sample| sample.answer.is_err()).count();
    table.goal(
        "tokens after the removal was reported",
        &format!("{after} of {}", trials * connections.len()),
        "0",
        after == 0,
    );
    table.goal("refusals while it was in the list", &before.to_string(), "0", before == 0);
    table.goal("requests of others that failed", &failed.to_string(), "0", failed == 0);
}

fn large_list(clients: usize, reloads: usize, seconds: u64, table: &mut Table) {
    println!("\n{clients} clients, {reloads} reloads with pauses");
    let server = Server::start(&list::large(0, clients));
    let at_start = server.memory_kib("VmRSS:");
    let load = Load::start(server.public, RATE);
    std::thread::sleep(Duration::from_secs(1));
    let quiet = Instant::now();
    std::thread::sleep(Duration::from_secs(seconds));
    let mut spans = Vec::new();
    let mut processor = Duration::ZERO;
    for n in 1..=reloads {
        let text = list::large(n, clients);
        std::thread::sleep(Duration::from_millis(200));
        let used = server.reload_thread_time();
        let began = Instant::now();
        server.put_in_force(&text);
        // What follows the swap (the summary in the log, freeing the old list) counts too.
        server.until_reload_thread_sleeps();
        spans.push((began, Instant::now()));
        processor += server.reload_thread_time() - used;
    }
    let samples = load.stop();
    let before: Vec<&Sample> = samples
        .iter()
        .filter(|sample| sample.due >= quiet && sample.due < quiet + Duration::from_secs(seconds))
        .collect();
    let during: Vec<&Sample> = samples
        .iter()
        .filter(|sample| spans.iter().any(|(from, to)| (*from..*to).contains(&sample.due)))
        .collect();
    let failed = samples.iter().filter(|sample| sample.answer.is_err()).count();
    table.goal("requests that failed", &format!("{failed} of {}", samples.len()), "0", failed == 0);
    table.row("latency before", &latency(before.iter().copied()));
    table.row("latency during reloads", &latency(during.iter().copied()));
    let p99 = |samples: &[&Sample]| quantile(&sorted(samples.iter().copied()), 0.99).as_secs_f64();
    let ratio = p99(&during) / p99(&before);
    table.goal("p99 during / p99 before", &format!("{ratio:.2}"), "<= 2", ratio <= RATIO_MAX);
    let count = u32::try_from(reloads).expect("a small number");
    let elapsed: Duration = spans.iter().map(|(from, to)| *to - *from).sum();
    table.row(
        "one reload: elapsed, processor time",
        &format!("{:.2?}, {:.2?} of one core at nice 19", elapsed / count, processor / count),
    );
    let mib = |line| server.memory_kib(line) / 1024;
    let figure = format!(
        "{} MiB at the start, {} MiB now, peak {} MiB",
        at_start / 1024,
        mib("VmRSS:"),
        mib("VmHWM:")
    );
    table.row("resident memory", &figure);
}

fn latency<'s>(samples: impl Iterator<Item = &'s Sample>) -> String {
    let sorted = sorted(samples);
    let ms = |part| quantile(&sorted, part).as_secs_f64() * 1000.0;
    format!(
        "p50 {:.2} ms  p99 {:.2} ms  worst {:.2} ms  ({} requests)",
        ms(0.5),
        ms(0.99),
        ms(1.0),
        sorted.len()
    )
}

fn sorted<'s>(samples: impl Iterator<Item = &'s Sample>) -> Vec<Duration> {
    let mut sorted: Vec<Duration> = samples.map(|sample| sample.latency).collect();
    sorted.sort();
    sorted
}

fn quantile(sorted: &[Duration], part: f64) -> Duration {
    assert!(!sorted.is_empty(), "nothing was measured");
    sorted[((sorted.len() as f64 * part) as usize).min(sorted.len() - 1)]
}
