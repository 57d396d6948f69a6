//! Raw signatures a second of every backend and algorithm.

use std::time::Duration;

use signet::keys::{BACKENDS, SigningKey, generate};

use crate::shared::report::Report;
use crate::shared::signatures::sign_for;
use crate::shared::{median, number};

/// Messages that are signed at once: alone, two that wait, full batches.
const BATCHES: [usize; 3] = [1, 2, 16];
const REFERENCE: &str = "aws-lc-rs";
/// Of a backend that makes one pass of a batch, to the reference: at two, and at full batches.
const GOALS: [(usize, f64); 2] = [(2, 1.5), (16, 3.2)];

struct Row {
    backend: &'static str,
    algorithm: &'static str,
    batch: usize,
    key: Box<dyn SigningKey>,
    rates: Vec<f64>,
}

pub fn measure(report: &mut Report) {
    let duration = Duration::from_secs_f64(number("SIGNET_BENCH_SECONDS", 1.0));
    let mut rows = rows();
    for _ in 0..number("SIGNET_BENCH_ROUNDS", 5.0) as usize {
        for row in &mut rows {
            let signed = sign_for(&*row.key, row.batch, duration);
            row.rates.push(signed.count as f64 / signed.cpu.as_secs_f64());
        }
    }
    report.section("signatures, RSA with 2048 bits; beside aws-lc-rs one by one");
    for row in &rows {
        let name = format!("{} {}, {} at once", row.algorithm, row.backend, row.batch);
        report.figure(&name, median(&row.rates), "/s");
        let ratio = ratio(row, reference(&rows, row.algorithm));
        match GOALS.iter().find(|(batch, _)| *batch == row.batch && is_of_batches(row)) {
            Some((_, goal)) => report.at_least(&format!("{name} / {REFERENCE}"), ratio, *goal),
            None if row.backend != REFERENCE || row.batch > 1 => {
                report.figure(&format!("{name} / {REFERENCE}"), ratio, "");
            }
            None => {}
        }
    }
}

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut keys = std::collections::HashMap::new();
    for backend in BACKENDS {
        let algorithm = backend.algorithm();
        // One key for all backends of an algorithm.
        let (private, _) = keys
            .entry(algorithm)
            .or_insert_with(|| generate::private_key(algorithm, generate::BITS).expect("a key"));
        for batch in BATCHES {
            let key = backend.load(&private.der()).expect("a backend that takes the key");
            let (backend, algorithm) = (backend.name(), algorithm.name());
            rows.push(Row { backend, algorithm, batch, key, rates: Vec::new() });
        }
    }
    rows
}

/// ring and aws-lc-rs sign a batch one by one: no goal of theirs.
fn is_of_batches(row: &Row) -> bool {
    matches!(row.algorithm, "RS256") && !["ring", REFERENCE].contains(&row.backend)
}

/// The first row of the reference, or of the algorithm's only backend.
fn reference<'r>(rows: &'r [Row], algorithm: &str) -> &'r Row {
    let mut of_algorithm = rows.iter().filter(|row| row.algorithm == algorithm && row.batch == 1);
    let first = of_algorithm.clone().next();
    of_algorithm.find(|row| row.backend == REFERENCE).or(first).expect("a row")
}

fn ratio(one: &Row, other: &Row) -> f64 {
    let ratios: Vec<f64> = one.rates.iter().zip(&other.rates).map(|(one, other)| one / other).collect();
    median(&ratios)
}
