//! Two builds of the server in turns: this one, and the program that `SIGNET_BENCH_AGAINST` names
//! (`benches/run --against REV` builds it).

use std::path::PathBuf;

use signet::jose::Algorithm;

use crate::rounds::{Rounds, Subject};
use crate::shared::inputs;
use crate::shared::load::Load;
use crate::shared::report::Report;
use crate::shared::server::Server;
use crate::shared::signatures::backends;
use crate::{Setup, loads};

pub fn measure(setup: &Setup, report: &mut Report) {
    let other = std::env::var_os("SIGNET_BENCH_AGAINST").expect("SIGNET_BENCH_AGAINST names a program");
    // One that both builds have.
    let signer = backends(Algorithm::Rs256).into_iter().rfind(|name| *name != "ring").expect("a backend");
    let this = Server::start(setup.path(), signer);
    let other = Server::of(&PathBuf::from(other), setup.path(), signer);
    report.section(&format!("this build beside the other, both with {signer}"));
    let mut rounds = Rounds::new();
    let kinds = kinds(setup);
    for (name, load) in &kinds {
        rounds.add(format!("{name}, this"), Subject::Tokens(&this, load()));
        rounds.add(format!("{name}, other"), Subject::Tokens(&other, load()));
    }
    rounds.run(setup.rounds, setup.duration);
    rounds.print(report);
    for (name, _) in &kinds {
        let [this, other] = ["this", "other"].map(|which| format!("{name}, {which}"));
        report.figure(&format!("{name}: this / other"), rounds.rate_ratio(&this, &other), "");
        report.figure("the same by the time on the core", rounds.cpu_ratio(&this, &other), "");
    }
    report.figure("resident memory: this / other", this.resident_mib() / other.resident_mib(), "");
}

type Make<'a> = Box<dyn Fn() -> Load + 'a>;

fn kinds(setup: &Setup) -> [(&'static str, Make<'_>); 7] {
    [
        ("RS256 tokens, secret by Basic", Box::new(|| loads::token(inputs::RS256))),
        ("RS256 tokens, secret by post", Box::new(loads::token_by_post)),
        ("RS256 tokens, EdDSA assertion", Box::new(|| loads::token_by_assertion(&setup.signs))),
        ("ES256 tokens", Box::new(|| loads::token(inputs::ES256))),
        ("EdDSA tokens", Box::new(|| loads::token(inputs::EDDSA))),
        ("refused requests", Box::new(loads::refused)),
        ("key set", Box::new(loads::key_set)),
    ]
}
