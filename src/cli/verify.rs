//! `signet verify`: would a resource server accept this token, and if not, why not.

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::fetch::{self, TrustArgs};
use super::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock};
use crate::jose::verify::{self, Expected, Report};

const EXAMPLES: &str = "\
Examples:
  signet verify --issuer https://auth.example.com --audience https://invoices.example.com < token.txt
  signet verify --issuer https://auth.example.com --jwks jwks.json --audience NAME token.txt

With --jwks nothing is fetched. Exit code 0: accepted, 1: refused.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct VerifyArgs {
    /// File that holds the token; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: String,
    /// Issuer that the token must name; its metadata leads to the key set
    #[arg(long, env = "SIGNET_ISSUER", value_name = "URL")]
    issuer: String,
    /// Audience that the token must name
    #[arg(long, env = "SIGNET_AUDIENCE", value_name = "NAME")]
    audience: Option<String>,
    /// Key set file to verify with, instead of fetching it
    #[arg(long, value_name = "FILE")]
    jwks: Option<String>,
    /// How far the clocks may be apart
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=300))]
    leeway: i64,
    #[command(flatten)]
    trust: TrustArgs,
}

pub fn run(args: VerifyArgs, global: Global) -> anyhow::Result<Exit> {
    let token = output::read_input(&args.file)?;
    let key_set = match &args.jwks {
        Some(file) => std::fs::read(file).with_context(|| format!("cannot read {file}"))?,
        None => fetch_key_set(&args)?,
    };
    let expected = Expected {
        issuer: &args.issuer,
        audience: args.audience.as_deref(),
        now: SystemClock.now(),
        leeway_seconds: args.leeway,
    };
    let report = verify::verify(&token, &key_set, &expected);
    match global.format {
        Format::Json => output::line(&as_json(&report).to_string()),
        _ => print(&report, args.audience.is_none()),
    }
    Ok(if report.accepted() { Exit::Fine } else { Exit::Refused })
}

fn fetch_key_set(args: &VerifyArgs) -> anyhow::Result<Vec<u8>> {
    let metadata = fetch::metadata(&args.issuer, &args.trust)?;
    let url = fetch::member(&metadata, "jwks_uri")?;
    let answer = fetch::fetch(url, &args.trust, None)?;
    anyhow::ensure!(answer.status == 200, "{url} answers {}", answer.status);
    Ok(answer.body)
}

fn print(report: &Report, any_audience: bool) {
    for check in &report.checks {
        match &check.outcome {
            Ok(()) => output::line(&format!("  ok       {}", check.name)),
            Err(reason) => output::line(&format!("  refused  {}: {reason}", check.name)),
        }
    }
    report
        .ignored_keys
        .iter()
        .for_each(|reason| output::talk(&format!("  note     a key was ignored: {reason}")));
    if any_audience {
        output::talk(
            "  note     no --audience was given: a resource server must compare `aud` with its own name",
        );
    }
    output::line(if report.accepted() { "accepted" } else { "refused" });
}

fn as_json(report: &Report) -> serde_json::Value {
    let checks: Vec<_> = report
        .checks
        .iter()
        .map(|check| match &check.outcome {
            Ok(()) => json!({"check": check.name, "ok": true}),
            Err(reason) => json!({"check": check.name, "ok": false, "reason": reason}),
        })
        .collect();
    json!({"version": 1, "accepted": report.accepted(), "checks": checks})
}
