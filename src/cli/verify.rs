//! `signet verify`: would a resource server accept this token, and if not, why not.

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::fetch::{self, TrustArgs};
use super::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::jose::key_set;
use crate::jose::verify::{self, Expected, Report};
use crate::keys::acceptance::{self, ACCEPTANCES, Acceptance, Rule, Shown};

const EXAMPLES: &str = "\
Examples:
  signet verify --issuer https://auth.example.com --audience https://invoices.example.com < token.txt
  signet verify --issuer https://auth.example.com --jwks jwks.json --audience NAME token.txt
  signet verify --issuer https://auth.example.com --as spring < token.txt
  signet verify --issuer https://auth.example.com --as all < token.txt

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
    /// Judge type, algorithm and times as this verifier does by default: spring, jose, pyjwt, envoy, …, or
    /// all of them; a wrong name lists what there is
    #[arg(long = "as", env = "SIGNET_VERIFY_AS", value_name = "NAME", value_parser = names(), hide_possible_values = true)]
    judge: Option<String>,
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
    let mut report = verify::verify(&token, &key_set, &expected);
    let verdicts = match &args.judge {
        Some(name) => judge(name, &mut report, &key_set, &args.issuer, expected.now),
        None => Vec::new(),
    };
    let accepted = report.accepted() && verdicts.iter().all(|(_, broken)| broken.is_empty());
    match global.format {
        Format::Json => output::line(&as_json(&report, &verdicts, accepted).to_string()),
        _ => print(&report, &verdicts, accepted, args.audience.is_none()),
    }
    Ok(if accepted { Exit::Fine } else { Exit::Refused })
}

/// A verifier, and the rules of it that the token breaks.
type Verdict = (&'static Acceptance, Vec<Rule>);

/// Replaces the checks that each verifier makes in its own way by those of the named ones. What every
/// verifier refuses stays in the report.
fn judge(name: &str, report: &mut Report, key_set: &[u8], issuer: &str, now: UnixTime) -> Vec<Verdict> {
    report.checks.retain(|check| !["typ", "exp", "iat", "nbf"].contains(&check.name));
    let (Some(decoded), true) = (&report.decoded, report.accepted()) else { return Vec::new() };
    let keys = key_set::parse(key_set).map_or(0, |set| set.keys.len());
    let token = Shown { header: &decoded.header, claims: &decoded.claims, issuer, keys, now };
    let chosen: Vec<&Acceptance> = match acceptance::find(name) {
        Some(one) => vec![one],
        None => ACCEPTANCES.iter().collect(),
    };
    chosen.into_iter().map(|verifier| (verifier, verifier.broken(&token))).collect()
}

fn names() -> clap::builder::PossibleValuesParser {
    ACCEPTANCES.iter().map(|verifier| verifier.name).chain(["all"]).collect::<Vec<_>>().into()
}

fn fetch_key_set(args: &VerifyArgs) -> anyhow::Result<Vec<u8>> {
    let metadata = fetch::metadata(&args.issuer, &args.trust)?;
    let url = fetch::member(&metadata, "jwks_uri")?;
    let answer = fetch::fetch(url, &args.trust, None)?;
    anyhow::ensure!(answer.status == 200, "{url} answers {}", answer.status);
    Ok(answer.body)
}

fn print(report: &Report, verdicts: &[Verdict], accepted: bool, any_audience: bool) {
    for check in &report.checks {
        match &check.outcome {
            Ok(()) => output::line(&format!("  ok       {}", check.name)),
            Err(reason) => output::line(&format!("  refused  {}: {reason}", check.name)),
        }
    }
    for (verifier, broken) in verdicts {
        let reasons: Vec<_> = broken.iter().map(|rule| rule.words).collect();
        let (verdict, reasons) = match reasons.is_empty() {
            true => ("accepts", String::new()),
            false => ("refuses", format!(": {}", reasons.join("; "))),
        };
        output::line(&format!("  {verdict}  {}{reasons}", verifier.title));
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
    output::line(if accepted { "accepted" } else { "refused" });
}

fn as_json(report: &Report, verdicts: &[Verdict], accepted: bool) -> serde_json::Value {
    let checks: Vec<_> = report
        .checks
        .iter()
        .map(|check| match &check.outcome {
            Ok(()) => json!({"check": check.name, "ok": true}),
            Err(reason) => json!({"check": check.name, "ok": false, "reason": reason}),
        })
        .collect();
    let verifiers: Vec<_> = verdicts
        .iter()
        .map(|(verifier, broken)| {
            let ids: Vec<_> = broken.iter().map(|rule| rule.id).collect();
            json!({"name": verifier.name, "title": verifier.title, "accepted": ids.is_empty(),
                   "broken": ids, "evidence": verifier.evidence})
        })
        .collect();
    let mut json = json!({"version": 1, "accepted": accepted, "checks": checks});
    if let (Some(members), false) = (json.as_object_mut(), verifiers.is_empty()) {
        members.insert("verifiers".to_owned(), verifiers.into());
    }
    json
}
