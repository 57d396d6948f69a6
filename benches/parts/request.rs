//! A request up to the signature, and static answers.

use std::hint::black_box;

use signet::client::Context;
use signet::client_auth::{Attempt, RequestView, authenticate, stored_secret};
use signet::oauth::Params;
use signet::token::{Authorization, MintSettings, Minter, reach};

use crate::shared::cpu;
use crate::shared::http::basic;
use crate::shared::inputs::{FORM, RS256};
use crate::shared::median;
use crate::shared::pipeline::{NOW, Pipeline};
use crate::shared::report::Report;

const ROUNDS: usize = 11;
const CALLS: usize = 20_000;

pub fn measure(report: &mut Report) {
    let (id, secret) = RS256.split_once(':').expect("a pair");
    let pipeline = Pipeline::of(&format!(
        "resources:\n  - {{audience: https://api.example.com, scopes: [read, write]}}\nclients:\n  - client_id: {id}\n    \
         credentials: [{{client_secret: \"{}\"}}]\n    scope: read write\n",
        stored_secret(secret)
    ));
    let authorization = basic(RS256).into_bytes();
    let refused = format!("{FORM}&scope=none");
    report.section("a request without a server and without a signature");
    let token = nanoseconds(|| assert!(pipeline.time(FORM.as_bytes(), &[&authorization]).1));
    report.figure("whole pipeline, a token up to its signature", token, "ns");
    report.figure("the same", 1e9 / token, "/s");
    let refusal = nanoseconds(|| assert!(!pipeline.time(refused.as_bytes(), &[&authorization]).1));
    report.figure("refused at the last check", refusal, "ns");
    report.figure("header and claims (mint)", mint(&pipeline, &authorization), "ns");
    report.section("static answers, the bytes");
    let issuer = &pipeline.issuer;
    report.figure("key set", nanoseconds(|| drop(black_box(issuer.key_set(black_box(NOW))))), "ns");
    report.figure("metadata", nanoseconds(|| drop(black_box(issuer.metadata().clone()))), "ns");
}

/// Header and claims of a client that has proved who it is.
fn mint(pipeline: &Pipeline, authorization: &[u8]) -> f64 {
    let params = Params::parse(FORM.as_bytes(), &["grant_type", "scope"]).expect("a form");
    let view = RequestView { authorization: &[authorization], params: &params };
    let (clients, mut attempt) = (pipeline.issuer.clients(NOW), Attempt::default());
    let context = Context::offline(NOW);
    let client = authenticate(&clients, &view, &context, &pipeline.memory, &mut attempt).expect("a client");
    let reach = reach(client.client(), &params).expect("a reach");
    let (authorization, settings) = (Authorization::new(client, reach), pipeline.issuer.settings());
    let minter = Minter::new(MintSettings::clone(&settings.mint));
    nanoseconds(|| {
        let token = minter.write(black_box(&authorization), pipeline.issuer.keyring(), NOW);
        assert!(black_box(token).is_ok());
    })
}

/// Of one call, on the core: the median of the rounds.
fn nanoseconds(call: impl Fn()) -> f64 {
    let rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let before = cpu::of_thread();
            (0..CALLS).for_each(|_| call());
            (cpu::of_thread() - before).as_nanos() as f64 / CALLS as f64
        })
        .collect();
    median(&rounds)
}
