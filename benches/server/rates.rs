//! Tokens a second of every kind, beside raw signatures of the same build, and what an answer takes
//! without a signature.

use signet::jose::Algorithm;

use crate::Setup;
use crate::loads;
use crate::rounds::{Rounds, Subject};
use crate::shared::http::{Connection, basic, get, token_request};
use crate::shared::pipeline::Pipeline;
use crate::shared::report::Report;
use crate::shared::server::Server;
use crate::shared::signatures::{backends, key};
use crate::shared::{cpu, inputs};

const TOKENS: &str = "RS256 tokens, secret by Basic";
const POST: &str = "RS256 tokens, secret by post";
const ASSERTION: &str = "RS256 tokens, EdDSA assertion";
const IMPORTED: &str = "RS256 tokens, imported argon2 secret";
const REUSED: &str = "tokens that are made already (`reuse`)";
const ES256: &str = "ES256 tokens";
const EDDSA: &str = "EdDSA tokens";
const REFUSED: &str = "token requests refused after authentication";
const KEY_SET: &str = "key set, 200";
const NOT_MODIFIED: &str = "key set, 304";
const REFERENCE: &str = "aws-lc-rs";
const SLOWEST: &str = "ring";

pub fn measure(setup: &Setup, report: &mut Report) {
    let names = backends(Algorithm::Rs256);
    let servers: Vec<Server> = names.iter().map(|name| Server::start(setup.path(), name)).collect();
    report.section("rates: closed loop, 32 connections");
    let mut rounds = Rounds::new();
    for (name, server) in names.iter().zip(&servers) {
        let raw = key(setup.path(), name, Algorithm::Rs256);
        rounds.add(raw_name(name), Subject::Raw(raw, 1));
        rounds.add(tokens_name(name), Subject::Tokens(server, loads::token(inputs::RS256)));
    }
    for (algorithm, name) in [(Algorithm::Es256, ES256), (Algorithm::EdDsa, EDDSA)] {
        rounds.add(verified_name(name), Subject::Raw(key(setup.path(), REFERENCE, algorithm), 1));
    }
    add_others(&mut rounds, &servers[0], setup);
    rounds.run(setup.rounds, setup.duration);
    rounds.print(report);
    goals(&rounds, &names, report);
}

fn raw_name(backend: &str) -> String {
    format!("raw RS256, {backend}")
}

fn tokens_name(backend: &str) -> String {
    format!("{TOKENS}, {backend}")
}

/// AWS-LC does not verify what it signs with these, so signet does.
fn verified_name(tokens: &str) -> String {
    format!("raw {tokens}: signed and verified")
}

fn add_others<'a>(rounds: &mut Rounds<'a>, server: &'a Server, setup: &Setup) {
    let mut connection = Connection::open(server.address);
    connection.ask(&get("/.well-known/jwks.json", "")).expect("a key set");
    let etag = connection.header("etag").expect("a validator").to_owned();
    // The first of an imported secret waits for its check; a crowd that did so would be sent away.
    let first = token_request(Some(&basic(inputs::IMPORTED)), inputs::FORM);
    assert_eq!(connection.ask(&first).expect("an answer"), 200);
    let all = [
        (POST, loads::token_by_post()),
        (ASSERTION, loads::token_by_assertion(&setup.signs)),
        (IMPORTED, loads::token(inputs::IMPORTED)),
        (REUSED, loads::token(inputs::REUSED)),
        (ES256, loads::token(inputs::ES256)),
        (EDDSA, loads::token(inputs::EDDSA)),
        (REFUSED, loads::refused()),
        (KEY_SET, loads::key_set()),
        (NOT_MODIFIED, loads::key_set_not_modified(&etag)),
    ];
    for (name, load) in all {
        rounds.add(name, Subject::Tokens(server, load));
    }
}

fn goals(rounds: &Rounds<'_>, names: &[&str], report: &mut Report) {
    report.section("goals of the rates");
    let reference = raw_name(REFERENCE);
    let rate = |name: &&&str| rounds.per_second(&tokens_name(name));
    let best = names.iter().max_by(|one, other| rate(one).total_cmp(&rate(other)));
    let best = tokens_name(best.expect("a backend"));
    for name in names {
        let ratio = rounds.rate_ratio(&tokens_name(name), &reference);
        match *name {
            SLOWEST => report.figure("tokens with ring / raw aws-lc-rs", ratio, ""),
            REFERENCE => report.at_least("tokens with aws-lc-rs / raw aws-lc-rs", ratio, 0.95),
            name if report.machine().has_ifma() => {
                report.at_least(&format!("tokens with {name} / raw aws-lc-rs"), ratio, 2.4);
            }
            name => report.figure(&format!("tokens with {name} / raw aws-lc-rs"), ratio, ""),
        }
        let by_core = rounds.cpu_ratio(&tokens_name(name), &raw_name(name));
        report.figure(&format!("the same with {name} / its own raw rate, by the core"), by_core, "");
    }
    report.at_least("tokens / tokens with ring", rounds.rate_ratio(&best, &tokens_name(SLOWEST)), 4.2);
    // The difference of two that are twenty times as large says little, so the parts are added: all of a
    // request whose token is there already, and the writing of a token.
    let difference = rounds.cpu_micros(&tokens_name(REFERENCE)) - rounds.cpu_micros(&reference);
    report.figure("a token less a signature", difference, "µs");
    let mint =
        cpu::on(cpu::SERVER, || Pipeline::of_one_client(inputs::RS256).mint_nanoseconds(inputs::RS256));
    let own = rounds.cpu_micros(REUSED) + mint / 1e3;
    report.figure("time outside the signature", own, "µs");
    report.at_most("time outside the signature / a static answer", own / rounds.cpu_micros(KEY_SET), 1.5);
    report.at_least(
        "key set, 200 / refused token requests, by the core",
        rounds.cpu_ratio(KEY_SET, REFUSED),
        1.0,
    );
    report.at_least(
        "key set, 304 / refused token requests, by the core",
        rounds.cpu_ratio(NOT_MODIFIED, REFUSED),
        1.0,
    );
    report.at_most(
        "argon2 secret / SHA-256 secret, time on the core",
        rounds.cpu_ratio(&tokens_name(names[0]), IMPORTED),
        1.1,
    );
    for (name, goal) in [(ES256, 45_000.0), (EDDSA, 50_000.0)] {
        report.at_least(&format!("{name} a second"), rounds.per_second(name), goal);
        let of_raw = rounds.cpu_ratio(name, &verified_name(name));
        report.figure("the same / raw, signed and verified, by the core", of_raw, "");
    }
}
