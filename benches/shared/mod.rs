//! What several benchmarks use: one HTTP client, the server as a process, loads, processor times,
//! the list of clients, and the report. A file here knows nothing of any one benchmark.

pub mod assertion;
pub mod client_list;
pub mod cpu;
pub mod crowd;
pub mod http;
pub mod inputs;
pub mod load;
pub mod machine;
pub mod pipeline;
pub mod report;
pub mod server;
pub mod signatures;

/// A number from the environment.
pub fn number(name: &str, default: f64) -> f64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The middle one; of none, nothing that a goal could be met with.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Words of the command line that are for the benchmark.
pub fn words() -> Vec<String> {
    std::env::args().skip(1).filter(|word| word != "--bench").collect()
}
