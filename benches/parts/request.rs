//! A request up to the signature, and static answers.

use std::hint::black_box;

use crate::shared::cpu::nanoseconds_of;
use crate::shared::http::basic;
use crate::shared::inputs::{FORM, RS256};
use crate::shared::pipeline::{NOW, Pipeline};
use crate::shared::report::Report;

pub fn measure(report: &mut Report) {
    let pipeline = Pipeline::of_one_client(RS256);
    let authorization = basic(RS256).into_bytes();
    let refused = format!("{FORM}&scope=none");
    report.section("a request without a server and without a signature");
    let token = nanoseconds_of(|| assert!(pipeline.time(FORM.as_bytes(), &[&authorization]).1));
    report.figure("whole pipeline, a token up to its signature", token, "ns");
    report.figure("the same", 1e9 / token, "/s");
    let refusal = nanoseconds_of(|| assert!(!pipeline.time(refused.as_bytes(), &[&authorization]).1));
    report.figure("refused at the last check", refusal, "ns");
    report.figure("header and claims (mint)", pipeline.mint_nanoseconds(RS256), "ns");
    report.section("static answers, the bytes");
    let issuer = &pipeline.issuer;
    report.figure("key set", nanoseconds_of(|| drop(black_box(issuer.key_set(black_box(NOW))))), "ns");
    report.figure("metadata", nanoseconds_of(|| drop(black_box(issuer.metadata().clone()))), "ns");
}
