//! A short run that a change has to pass: no ratio may be a tenth worse than the recorded one of
//! this kind of machine (`benches/recorded.json`). All of them are by the time on the core, and each
//! is the median of rounds in turns, so that a busy machine does not decide; what fails is measured
//! once more. `SIGNET_BENCH_RECORD=1` records instead.

use std::time::Duration;

use serde_json::{Map, Value};
use signet::jose::Algorithm;

use crate::rounds::{Rounds, Subject};
use crate::shared::inputs;
use crate::shared::report::Report;
use crate::shared::server::Server;
use crate::shared::signatures::key;
use crate::{Setup, loads};

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/recorded.json");
const LOSS_MAX: f64 = 0.9;
const ROUNDS: usize = 9;
const DURATION: Duration = Duration::from_millis(300);

const RAW: &str = "raw RS256";
const TOKENS: &str = "RS256 tokens";
const ES256: &str = "ES256 tokens";
const EDDSA: &str = "EdDSA tokens";
const ASSERTION: &str = "RS256 tokens by assertion";
const REFUSED: &str = "refused requests";
const KEY_SET: &str = "key sets";

/// What is compared: more is better.
const RATIOS: &[(&str, &str)] =
    &[(TOKENS, RAW), (ASSERTION, TOKENS), (ES256, KEY_SET), (EDDSA, KEY_SET), (REFUSED, KEY_SET)];

pub fn measure(setup: &Setup, report: &mut Report) {
    report.section("short run: ratios by the time on the core, beside the recorded ones");
    let kind = report.machine().kind;
    let mut recorded = read();
    let first = ratios(setup);
    if std::env::var_os("SIGNET_BENCH_RECORD").is_some() {
        let figures = RATIOS.iter().zip(&first).map(|(pair, ratio)| (name(pair), Value::from(*ratio)));
        recorded.insert(kind.to_owned(), Value::Object(figures.collect()));
        let text = format!("{:#}\n", Value::Object(recorded));
        return std::fs::write(RECORDED, text).expect("a file");
    }
    let of_kind = recorded.get(kind).unwrap_or_else(|| {
        panic!("nothing is recorded for a machine {kind}: run once with SIGNET_BENCH_RECORD=1 and keep {RECORDED}")
    });
    let least: Vec<f64> = RATIOS
        .iter()
        .map(|pair| LOSS_MAX * of_kind[&name(pair)].as_f64().expect("a recorded ratio: record anew"))
        .collect();
    let is_worse = first.iter().zip(&least).any(|(ratio, least)| ratio < least);
    // Whoever is unlucky once gets another chance, and the better of both counts.
    let second = if is_worse { ratios(setup) } else { first.clone() };
    for (((pair, first), second), least) in RATIOS.iter().zip(&first).zip(&second).zip(&least) {
        report.at_least(&name(pair), first.max(*second), *least);
    }
}

fn name((one, other): &(&str, &str)) -> String {
    format!("{one} / {other}")
}

fn ratios(setup: &Setup) -> Vec<f64> {
    let server = Server::start(setup.path(), &setup.signer);
    let mut rounds = Rounds::new();
    rounds.add(RAW, Subject::Raw(key(setup.path(), "aws-lc-rs", Algorithm::Rs256), 1));
    let loads = [
        (TOKENS, loads::token(inputs::RS256)),
        (ES256, loads::token(inputs::ES256)),
        (EDDSA, loads::token(inputs::EDDSA)),
        (ASSERTION, loads::token_by_assertion(&setup.signs)),
        (REFUSED, loads::refused()),
        (KEY_SET, loads::key_set()),
    ];
    for (name, load) in loads {
        rounds.add(name, Subject::Tokens(&server, load));
    }
    rounds.run(ROUNDS, DURATION);
    RATIOS.iter().map(|(one, other)| rounds.cpu_ratio(one, other)).collect()
}

fn read() -> Map<String, Value> {
    let text = std::fs::read_to_string(RECORDED).unwrap_or_else(|_| "{}".to_owned());
    serde_json::from_str(&text).expect("the recorded figures are JSON")
}
