//! One table for people, the same figures as JSON (`target/bench/NAME.json`), and whether each goal
//! was met.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::machine::Machine;

pub struct Report {
    name: &'static str,
    machine: Machine,
    figures: Vec<Value>,
    goals: Vec<Value>,
    missed: usize,
}

impl Report {
    pub fn new(name: &'static str) -> Self {
        let machine = Machine::here();
        println!("{name}: {machine}; RSA-2048, HTTP without TLS over loopback");
        Self { name, machine, figures: Vec::new(), goals: Vec::new(), missed: 0 }
    }

    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    pub fn section(&self, title: &str) {
        println!("\n{title}");
    }

    pub fn figure(&mut self, name: &str, value: f64, unit: &str) {
        println!("  {name:<62} {:>12} {unit}", short(value));
        self.detail(name, value, unit);
    }

    /// Only for the JSON.
    pub fn detail(&mut self, name: &str, value: f64, unit: &str) {
        self.figures.push(json!({"name": name, "value": value, "unit": unit}));
    }

    pub fn at_least(&mut self, name: &str, value: f64, goal: f64) {
        self.goal(name, value, ">=", goal, value >= goal);
    }

    pub fn at_most(&mut self, name: &str, value: f64, goal: f64) {
        self.goal(name, value, "<=", goal, value <= goal);
    }

    fn goal(&mut self, name: &str, value: f64, relation: &str, goal: f64, met: bool) {
        let verdict = if met { "met" } else { "MISSED" };
        println!("  {name:<62} {:>12} {relation} {}: {verdict}", short(value), short(goal));
        self.goals.push(json!({
            "name": name, "value": value, "relation": relation, "goal": goal, "met": met,
        }));
        self.missed += usize::from(!met);
    }

    /// Writes the JSON. With `SIGNET_BENCH_CHECK` a missed goal is a failure.
    pub fn finish(self) {
        let Machine { cpu, cores, kind, commit } = &self.machine;
        let all = json!({
            "benchmark": self.name,
            "commit": commit,
            "machine": {"cpu": cpu, "cores": cores, "kind": kind},
            "rsa_bits": 2048,
            "tls": false,
            "figures": self.figures,
            "goals": self.goals,
        });
        let path = path(&format!("{}.json", self.name));
        std::fs::write(&path, format!("{all:#}\n")).expect("a file");
        println!("\n{} goals met, {} missed", self.goals.len() - self.missed, self.missed);
        if std::env::var_os("SIGNET_BENCH_CHECK").is_some() && self.missed > 0 {
            std::process::exit(1);
        }
    }
}

/// Where results go.
pub fn path(name: &str) -> PathBuf {
    let directory =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let directory = directory.join("bench");
    std::fs::create_dir_all(&directory).expect("a directory");
    directory.join(name)
}

/// As many places as the size of a figure makes useful.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}
