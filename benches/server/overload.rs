//! Three times what the server can do (S23 of the robustness goals): what it can do it goes on doing,
//! the rest is told at once to come again, and whoever asks for keys or health notices nothing.
//! `SIGNET_BENCH_OVERLOAD_SECONDS` is its length (default 300), `SIGNET_BENCH_OVERLOAD_ALGORITHM` what
//! signs the tokens (`RS256`, or `ES256` and `EdDSA`, of which even a processor without AVX-512 IFMA makes
//! thousands a second).

use std::time::{Duration, Instant};

use crate::shared::http::{basic, get, token_request};
use crate::shared::load::{Load, Outcome, Pace, Part, Sample, drive_together, quantile};
use crate::shared::report::Report;
use crate::shared::server::Server;
use crate::shared::{inputs, number};
use crate::{CONNECTIONS, Setup, loads};

const TIMES: f64 = 3.0;
/// An answer takes up to a quarter of a second under overload: a connection must be free again when
/// its next request is due.
const SECONDS_A_REQUEST: f64 = 0.4;
const CONNECTIONS_MAX: usize = 8_000;
const PROBES_A_SECOND: f64 = 50.0;
/// After the overload: half of what the server can do, so long.
const AFTER: Duration = Duration::from_secs(4);
/// An answer that takes longer is not yet normal.
const NORMAL_MS: f64 = 50.0;
const LOOKS_AT_MEMORY: Duration = Duration::from_secs(1);

pub fn measure(setup: &Setup, report: &mut Report) {
    let signer = setup.signer.as_str();
    let server = Server::start(setup.path(), signer);
    let algorithm = std::env::var("SIGNET_BENCH_OVERLOAD_ALGORITHM").unwrap_or_else(|_| "RS256".to_owned());
    let client = match algorithm.as_str() {
        "RS256" => inputs::RS256,
        "ES256" => inputs::ES256,
        "EdDSA" => inputs::EDDSA,
        _ => panic!("no client for {algorithm}"),
    };
    let capacity_now = || Capacity::measure(&server, client, setup.duration);
    let capacity = capacity_now();
    let rate = TIMES * capacity.per_second;
    let duration = Duration::from_secs_f64(number("SIGNET_BENCH_OVERLOAD_SECONDS", 300.0));
    let connections = ((rate * SECONDS_A_REQUEST) as usize).clamp(CONNECTIONS, CONNECTIONS_MAX);
    report.section(&format!(
        "overload of {algorithm} with {signer}: {rate:.0} requests a second for {duration:?}, {connections} connections"
    ));
    let before = server.resident_mib();
    let during = overload(&server, client, rate, connections, duration);
    let settled = settle(&server, client, capacity.per_second / 2.0);
    let after = capacity_now();
    report.figure("capacity before", capacity.per_second, "/s");
    report.figure("capacity after", after.per_second, "/s");
    let capacity = capacity.mean(&after);
    judge(&during, capacity.per_second, report);
    report.figure("the same by the share of the time in signatures", during.signing / capacity.signing, "");
    report.at_most("normal again after the overload, s", settled, 2.0);
    report.figure("resident memory before", before, "MB");
    let [early, late] = during.memory;
    report.at_most("resident memory at the end / after a tenth of the overload", late / early, 1.1);
}

/// What the server can do, taken before and after: the clock of a machine wanders in minutes.
struct Capacity {
    per_second: f64,
    /// Share of the time in signatures, which unlike a rate does not wander with the clock.
    signing: f64,
}

impl Capacity {
    fn measure(server: &Server, client: &str, duration: Duration) -> Self {
        let before = server.signing_seconds();
        let closed = loads::token(client).drive(server, CONNECTIONS, Pace::Closed, duration);
        let signing = (server.signing_seconds() - before) / closed.elapsed.as_secs_f64();
        Self { per_second: closed.per_second(), signing }
    }

    fn mean(&self, other: &Self) -> Self {
        Self {
            per_second: f64::midpoint(self.per_second, other.per_second),
            signing: f64::midpoint(self.signing, other.signing),
        }
    }
}

struct During {
    tokens: Outcome,
    key_set: Outcome,
    live: Outcome,
    /// As in [`Capacity`].
    signing: f64,
    /// MB after a tenth, and the most in the last tenth.
    memory: [f64; 2],
}

fn overload(server: &Server, client: &str, rate: f64, connections: usize, duration: Duration) -> During {
    let request = token_request(Some(&basic(client)), inputs::FORM);
    let tokens = Load::same(request, &[200, 503, 0]);
    let [key_set, live] = ["/.well-known/jwks.json", "/livez"].map(|path| Load::same(get(path, ""), &[200]));
    let probe = |load| Part { load, connections: 1, pace: Pace::Open(PROBES_A_SECOND) };
    let signed = server.signing_seconds();
    std::thread::scope(|scope| {
        let began = Instant::now();
        let loads = scope.spawn(|| {
            let tokens = Part { load: &tokens, connections, pace: Pace::Open(rate) };
            drive_together(server, [tokens, probe(&key_set), probe(&live)], duration)
        });
        std::thread::sleep(duration / 10);
        let mut memory = [server.resident_mib(); 2];
        while !loads.is_finished() {
            std::thread::sleep(LOOKS_AT_MEMORY.min(duration / 20));
            if began.elapsed() > duration.mul_f64(0.9) {
                memory[1] = memory[1].max(server.resident_mib());
            }
        }
        let [tokens, key_set, live] = loads.join().expect("a load ends");
        let signing = (server.signing_seconds() - signed) / tokens.elapsed.as_secs_f64();
        During { tokens, key_set, live, signing, memory }
    })
}

/// Seconds from the end of the overload to the last answer that was refused or slow.
fn settle(server: &Server, client: &str, rate: f64) -> f64 {
    let request = token_request(Some(&basic(client)), inputs::FORM);
    let began = Instant::now();
    let after = Load::same(request, &[200, 503]).drive(server, CONNECTIONS, Pace::Open(rate), AFTER);
    let is_normal =
        |sample: &&Sample| sample.status == 200 && sample.latency.as_secs_f64() * 1e3 <= NORMAL_MS;
    let others = after.samples.iter().filter(|sample| !is_normal(sample));
    others.map(|sample| (sample.due - began).as_secs_f64()).fold(0.0, f64::max)
}

fn judge(during: &During, capacity: f64, report: &mut Report) {
    let During { tokens, key_set, live, .. } = during;
    let of = |status: u16| tokens.samples.iter().filter(move |sample| sample.status == status);
    let (issued, later, failed) = (of(200).count(), of(503).count(), of(0).count());
    let good = issued as f64 / tokens.elapsed.as_secs_f64();
    report.figure("tokens", good, "/s");
    report.figure("503", later as f64 / tokens.elapsed.as_secs_f64(), "/s");
    report.figure("latency of tokens, p50", quantile(of(200), 0.5), "ms");
    report.figure("latency of tokens, p99", quantile(of(200), 0.99), "ms");
    report.figure("latency of 503, p50", quantile(of(503), 0.5), "ms");
    let late = tokens.samples.iter().filter(|sample| sample.late > Duration::from_millis(10)).count();
    report.figure("requests sent more than 10 ms late", late as f64 / tokens.samples.len() as f64, "of all");
    report.figure("share of the server's core", tokens.server_share(), "");
    report.figure("share of the load's core", tokens.load_share(), "");
    if tokens.is_void() {
        println!("      VOID: the load is the limit");
    }
    report.at_least("tokens / capacity, the mean of before and after", good / capacity, 0.9);
    report.at_most("requests without an answer", failed as f64, 0.0);
    let without = of(503).filter(|sample| !sample.retry_after).count();
    report.at_most("503 without Retry-After", without as f64, 0.0);
    report.at_most("latency of 503, p99, ms", quantile(of(503), 0.99), 50.0);
    report.at_most("key set, p99 meanwhile, ms", key_set.quantile(0.99), 10.0);
    report.at_most("/livez, p99 meanwhile, ms", live.quantile(0.99), 10.0);
}
