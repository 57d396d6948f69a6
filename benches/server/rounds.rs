//! Measurements in turns: clock rates wander and other programs come and go, so what is compared is
//! measured one after the other, again and again, and ratios are taken within a round.

use std::sync::Arc;
use std::time::Duration;

use signet::keys::SigningKey;

use crate::CONNECTIONS;
use crate::shared::load::{Load, Pace};
use crate::shared::report::Report;
use crate::shared::server::Server;
use crate::shared::signatures::sign_for;
use crate::shared::{cpu, median};

pub enum Subject<'a> {
    /// So many messages at a time.
    Raw(Arc<dyn SigningKey>, usize),
    /// A closed loop.
    Tokens(&'a Server, Load),
}

pub struct Rounds<'a> {
    subjects: Vec<(String, Subject<'a>)>,
    rows: Vec<Row>,
}

/// What was measured of a subject, a value a round.
#[derive(Default)]
struct Row {
    per_second: Vec<f64>,
    cpu_micros: Vec<f64>,
    server_share: Vec<f64>,
    load_share: Vec<f64>,
    p99: Vec<f64>,
    voids: usize,
}

impl<'a> Rounds<'a> {
    pub fn new() -> Self {
        Self { subjects: Vec::new(), rows: Vec::new() }
    }

    pub fn add(&mut self, name: impl Into<String>, subject: Subject<'a>) {
        self.subjects.push((name.into(), subject));
        self.rows.push(Row::default());
    }

    /// A tenth of `duration` more to warm up.
    pub fn run(&mut self, rounds: usize, duration: Duration) {
        for (_, subject) in &self.subjects {
            if let Subject::Tokens(server, load) = subject {
                load.drive(server, CONNECTIONS, Pace::Closed, duration / 10);
            }
        }
        for _ in 0..rounds {
            for ((_, subject), row) in self.subjects.iter().zip(&mut self.rows) {
                row.measure(subject, duration);
            }
        }
    }

    /// The ratio of the rates of two subjects.
    pub fn rate_ratio(&self, one: &str, other: &str) -> f64 {
        ratio(&self.row(one).per_second, &self.row(other).per_second)
    }

    /// The same by the time on the core: how much less one answer takes.
    pub fn cpu_ratio(&self, one: &str, other: &str) -> f64 {
        ratio(&self.row(other).cpu_micros, &self.row(one).cpu_micros)
    }

    pub fn per_second(&self, name: &str) -> f64 {
        median(&self.row(name).per_second)
    }

    pub fn last_per_second(&self, name: &str) -> f64 {
        self.row(name).per_second.last().copied().unwrap_or(f64::NAN)
    }

    /// Microseconds on the core for one answer or signature.
    pub fn cpu_micros(&self, name: &str) -> f64 {
        median(&self.row(name).cpu_micros)
    }

    /// Milliseconds.
    pub fn p99(&self, name: &str) -> f64 {
        median(&self.row(name).p99)
    }

    fn row(&self, name: &str) -> &Row {
        let found = self.subjects.iter().position(|(other, _)| other == name);
        &self.rows[found.unwrap_or_else(|| panic!("no `{name}` was measured"))]
    }

    /// Every subject: median and worst round, and what it took of both cores.
    pub fn print(&self, report: &mut Report) {
        for ((name, subject), row) in self.subjects.iter().zip(&self.rows) {
            report.figure(name, median(&row.per_second), "/s");
            let worst = row.per_second.iter().copied().fold(f64::INFINITY, f64::min);
            report.detail(&format!("{name}: worst round"), worst, "/s");
            report.detail(&format!("{name}: core"), median(&row.cpu_micros), "µs");
            if matches!(subject, Subject::Tokens(..)) {
                report.detail(&format!("{name}: p99 at capacity"), median(&row.p99), "ms");
                report.detail(&format!("{name}: share of the server's core"), median(&row.server_share), "");
                report.detail(&format!("{name}: share of the load's core"), median(&row.load_share), "");
            }
            let [rate, core] = [worst, median(&row.cpu_micros)];
            let shares = format!(
                "{:.0} %, {:.0} %",
                100.0 * median(&row.server_share),
                100.0 * median(&row.load_share)
            );
            println!("      worst round {rate:.0} /s; {core:.2} µs on the core each; server, load: {shares}");
            if row.voids > 0 {
                println!(
                    "      VOID in {} of {} rounds: the load is the limit",
                    row.voids,
                    row.load_share.len()
                );
            }
        }
    }
}

impl Row {
    fn measure(&mut self, subject: &Subject<'_>, duration: Duration) {
        match subject {
            Subject::Raw(key, batch) => {
                let signed = cpu::on(cpu::SERVER, || sign_for(&**key, *batch, duration));
                let count = signed.count as f64;
                self.per_second.push(count / signed.elapsed.as_secs_f64());
                self.cpu_micros.push(signed.cpu.as_secs_f64() * 1e6 / count);
                self.server_share.push(signed.cpu.as_secs_f64() / signed.elapsed.as_secs_f64());
            }
            Subject::Tokens(server, load) => {
                let outcome = load.drive(server, CONNECTIONS, Pace::Closed, duration);
                self.per_second.push(outcome.per_second());
                self.cpu_micros.push(outcome.cpu_micros());
                self.server_share.push(outcome.server_share());
                self.load_share.push(outcome.load_share());
                self.p99.push(outcome.quantile(0.99));
                self.voids += usize::from(outcome.is_void());
            }
        }
    }
}

fn ratio(one: &[f64], other: &[f64]) -> f64 {
    let ratios: Vec<f64> = one.iter().zip(other).map(|(one, other)| one / other).collect();
    median(&ratios)
}
