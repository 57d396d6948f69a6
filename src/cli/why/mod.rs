//! `signet why`: would this client get this scope for this audience, and from which line? The
//! answer is that of the pipeline (`issuer::why`); here it gets its lines of the files.

mod advice;
mod rows;

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use self::rows::{Row, rows};
use super::clients::keys_of;
use super::{Exit, Format, Global, output, registered};
use crate::client::Registry;
use crate::client_auth;
use crate::client_auth::registered::Clients;
use crate::clock::{Clock as _, SystemClock, UnixTime, duration_text};
use crate::config::{self, Lines};
use crate::issuer::{Question, Setting, Why, why};
use crate::oauth::IssuerUrl;
use crate::section::words;

const EXAMPLES: &str = "\
Examples:
  signet why --client billing-worker
  signet why --client billing-worker --scope invoices:write --audience https://invoices.example.com
  signet why --client billing-worker --clients clients/ --keys keys/ --at 2027-01-01
  signet why --client sgc_AQnI2k3y --keys keys/ --issuer https://auth.example.com

Only files are read, and no secret is needed: the client is taken at its word. Exit code 0: a token
would be issued, 1: refused, 3: the client list or the keys have errors.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct WhyArgs {
    /// File with settings; its members are named like the flags
    #[arg(long, env = "SIGNET_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Client id
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    client: String,
    /// Scopes to ask for, separated by spaces
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// Audience to ask for; may be repeated
    #[arg(long, value_name = "NAME")]
    audience: Vec<String>,
    /// Resource to ask for (RFC 8707); may be repeated
    #[arg(long, value_name = "URI")]
    resource: Vec<String>,
    /// Grant to use
    #[arg(long, value_name = "GRANT", default_value = "client_credentials")]
    grant: String,
    /// Authentication method to use [default: any that the client may use]
    #[arg(long, value_name = "METHOD", value_parser = PossibleValuesParser::new(client_auth::methods()),
          hide_possible_values = true)]
    method: Option<String>,
    /// Time to ask for: 2027-03-01 or 2027-03-01T09:00:00Z [default: now]
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    at: Option<UnixTime>,
    /// File or directory that lists the clients
    #[arg(long, env = "SIGNET_CLIENTS", value_name = "PATH", default_value = "clients.yaml")]
    clients: PathBuf,
    /// Directory of the signing keys; without it nothing is said about them
    #[arg(long, env = "SIGNET_KEYS", value_name = "DIR")]
    keys: Option<PathBuf>,
    /// Issuer, for a registered client
    #[arg(long, env = "SIGNET_ISSUER", value_name = "URL", value_parser = config::issuer)]
    issuer: Option<IssuerUrl>,
    /// Lifetime of access tokens where neither client nor resource sets one (at most 24h)
    #[arg(long, env = "SIGNET_ACCESS_TOKEN_LIFETIME", value_name = "DURATION", default_value = "15m",
          value_parser = config::lifetime)]
    access_token_lifetime: u32,
}

pub fn run(args: WhyArgs, global: Global) -> anyhow::Result<Exit> {
    let now = args.at.unwrap_or_else(|| SystemClock.now());
    let loaded = config::load(&args.clients, now, &config::Options::default());
    let Some(registry) = loaded.registry else {
        return Ok(output::findings(&loaded.findings, global.format, global.color, Exit::Configuration));
    };
    let keyring = args.keys.as_ref().map(|directory| keys_of(directory, now, global)).transpose();
    let keyring = match keyring {
        Ok(keyring) => keyring,
        Err(exit) => return Ok(exit),
    };
    let methods: Vec<&'static str> = client_auth::methods()
        .filter(|name| args.method.as_deref().is_none_or(|only| only == *name))
        .collect();
    let question = Question {
        client_id: &args.client,
        grant_type: &args.grant,
        scope: args.scope.as_deref(),
        resources: &args.resource,
        audiences: &args.audience,
        methods: &methods,
    };
    let setting =
        Setting { access_token_lifetime_seconds: args.access_token_lifetime, keyring: keyring.as_ref(), now };
    let recogniser =
        registered::recogniser(&args.client, &registry, keyring.as_ref(), args.issuer.as_ref(), now)?;
    let known = Clients::new(&registry, recogniser);
    let why = why(&known, &question, &setting);
    let context = Context {
        lines: config::locate(&args.clients, &args.client),
        registry: &registry,
        question: &question,
        revision: loaded.revision.to_string(),
        now,
    };
    let rows = rows(&why, &context);
    let help = why.outcome.as_ref().err().map(|refusal| advice::advice(refusal, &why, &context));
    match global.format {
        Format::Json => output::data(&as_json(&why, &rows, help.as_deref(), &context)),
        _ => print(&why, &rows, help.as_deref()),
    }
    Ok(if why.outcome.is_ok() { Exit::Fine } else { Exit::Refused })
}

/// What rows and advice are written from, besides the answer itself.
struct Context<'c> {
    lines: Lines,
    registry: &'c Registry,
    question: &'c Question<'c>,
    revision: String,
    now: UnixTime,
}

fn print(why: &Why<'_>, rows: &[Row], help: Option<&str>) {
    let width = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        let mark = match row.passed {
            Some(true) => '✓',
            Some(false) => '✗',
            None => '·',
        };
        let place = row.line.as_ref().map(ToString::to_string);
        let parts = [place, Some(row.detail.clone()).filter(|detail| !detail.is_empty())];
        let rest = parts.into_iter().flatten().collect::<Vec<_>>().join("  ");
        text.push_str(format!("  {mark} {:<width$}  {rest}", row.label).trim_end());
        text.push('\n');
    }
    text.push_str(&format!("  ⇒ would answer {}\n", verdict(why, help)));
    output::data(&text);
}

fn verdict(why: &Why<'_>, help: Option<&str>) -> String {
    match &why.outcome {
        Err(refusal) => {
            let (error, code) = (refusal.reason.error.as_str(), refusal.reason.code.id);
            format!("{error} ({code}). {}", help.unwrap_or_default())
        }
        Ok(token) => {
            let audiences: Vec<&str> = token.reach.resources().map(|one| one.audience.as_str()).collect();
            let scope = match token.reach.scope() {
                scope if scope.is_empty() => "no scope".to_owned(),
                scope => format!("scope {scope}"),
            };
            let lifetime = duration_text(token.lifetime.seconds);
            format!("200: {scope} for {}, valid for {lifetime}", audiences.join(" and "))
        }
    }
}

const VERSION: u32 = 1;

fn as_json(why: &Why<'_>, rows: &[Row], help: Option<&str>, context: &Context<'_>) -> String {
    let check = |row: &Row| {
        json!({
            "check": row.label,
            "passed": row.passed,
            "detail": row.detail,
            "code": row.code,
            "file": row.line.as_ref().map(|line| &line.file),
            "line": row.line.as_ref().map(|line| line.line),
        })
    };
    let (token, refusal) = match &why.outcome {
        Ok(token) => {
            let resource = token.reach.resource();
            let audiences: Vec<&str> = token.reach.resources().map(|one| one.audience.as_str()).collect();
            let token = json!({
                "scope": token.reach.scope(),
                "audience": audiences,
                "expires_in": token.lifetime.seconds,
                "typ": resource.typ.as_str(),
                "alg": resource.signing_alg.name(),
                "kid": token.kid,
            });
            (token, Value::Null)
        }
        Err(refusal) => {
            let refusal = json!({
                "error": refusal.reason.error.as_str(),
                "code": refusal.reason.code.id,
                "reason": refusal.reason.code.name,
                "message": refusal.private_description(),
                "help": help,
            });
            (Value::Null, refusal)
        }
    };
    let document = json!({
        "version": VERSION,
        "client_id": context.question.client_id,
        "config_revision": context.revision,
        "at": context.now.to_string(),
        "would_issue": why.outcome.is_ok(),
        "token": token,
        "refusal": refusal,
        "checks": rows.iter().map(check).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}
