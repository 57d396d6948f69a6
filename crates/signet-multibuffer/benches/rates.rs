//! `cargo bench -p signet-multibuffer`: signatures per second of each candidate, in slices that
//! rotate in one run, so that the clock of the machine is the same for all of them.

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::env;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use signet_multibuffer::Signer;
use support::{Parts, encoded, random};

/// A candidate signs this many messages a call.
struct Candidate<'s> {
    name: &'static str,
    messages: usize,
    sign: Box<dyn FnMut() + 's>,
    /// Signatures per second, one a round.
    rates: Vec<f64>,
}

impl<'s> Candidate<'s> {
    fn new(name: &'static str, messages: usize, sign: impl FnMut() + 's) -> Self {
        Self { name, messages, sign: Box::new(sign), rates: Vec::new() }
    }

    fn run(&mut self, slice: Duration) {
        let start = processor_time();
        let mut calls = 0_u32;
        let taken = loop {
            (self.sign)();
            calls += 1;
            let taken = processor_time() - start;
            if taken >= slice {
                break taken;
            }
        };
        self.rates.push(f64::from(calls) * self.messages as f64 / taken.as_secs_f64());
    }
}

/// Of this thread, so that what other programs take is not counted.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() {
    let rounds = number("SIGNET_BENCH_ROUNDS", 31);
    let slice = Duration::from_millis(number("SIGNET_BENCH_SLICE_MS", 100));
    let parts = Parts::generate();
    let (ring, message) = (parts.ring(), [7; 300]);
    let aws = aws_lc_rs::rsa::KeyPair::from_der(&parts.pkcs1()).expect("aws-lc-rs takes it");
    let signer = match Signer::new(&parts.components(), random) {
        Ok(signer) => signer,
        Err(unusual) => return println!("not measured: {unusual}"),
    };
    let (mut by_aws, mut by_ring) = ([0; 256], [0; 256]);
    let batch = |messages: usize| {
        let signer = &signer;
        move || {
            let batch: Vec<_> = (0..messages).map(|_| encoded(&message)).collect();
            let outcomes = signer.sign(&batch).expect("random numbers");
            assert!(outcomes.iter().all(Result::is_ok));
        }
    };
    let mut candidates = [
        Candidate::new("aws-lc-rs", 1, || {
            let random = aws_lc_rs::rand::SystemRandom::new();
            aws.sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &random, &message, &mut by_aws)
                .expect("signed");
        }),
        Candidate::new("ring", 1, || {
            let random = ring::rand::SystemRandom::new();
            ring.sign(&ring::signature::RSA_PKCS1_SHA256, &random, &message, &mut by_ring).expect("signed");
        }),
        Candidate::new("4 of 4", 4, batch(4)),
        Candidate::new("3 of 4", 3, batch(3)),
        Candidate::new("2 of 4", 2, batch(2)),
        Candidate::new("1 of 4", 1, batch(1)),
    ];
    for _ in 0..rounds {
        candidates.iter_mut().for_each(|candidate| candidate.run(slice));
    }
    let reference = candidates[0].rates.clone();
    println!("{:<10} {:>9} {:>9} {:>12} {:>9}", "", "per s", "µs/call", "× aws-lc-rs", "best");
    for candidate in &candidates {
        let rate = median(candidate.rates.clone());
        let ratio = median(
            candidate.rates.iter().zip(&reference).map(|(rate, reference)| rate / reference).collect(),
        );
        let best = candidate.rates.iter().copied().fold(0.0, f64::max);
        println!(
            "{:<10} {:>9.0} {:>9.0} {:>12.2} {:>9.0}",
            candidate.name,
            rate,
            1e6 * candidate.messages as f64 / rate,
            ratio,
            best
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
