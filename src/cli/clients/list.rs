//! `signet clients list`: one line a client.

use clap::Args;
use serde_json::{Value, json};

use super::super::{Exit, Format, Global, output};
use super::{ListPath, next_expiry, state};
use crate::client::{Client, Credential};
use crate::clock::{Clock as _, SystemClock, UnixTime, date_text};
use crate::config;
use crate::oauth::ScopeToken;
use crate::section::shown;

pub const EXAMPLES: &str = "\
Examples:
  signet clients list
  signet clients list --audience https://invoices.example.com
  signet clients list --expiring-within 30d
  signet clients list --format json";

#[derive(Args)]
pub struct ListArgs {
    #[command(flatten)]
    path: ListPath,
    /// Only clients that reach this audience
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<String>,
    /// Only clients that may have this scope
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// Only clients with a live credential that ends within this time
    #[arg(long, value_name = "DURATION", value_parser = config::seconds)]
    expiring_within: Option<u32>,
    /// Only clients that are disabled
    #[arg(long)]
    disabled: bool,
}

pub fn run(args: &ListArgs, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    let (registry, revision) = match super::read(&args.path, now, global) {
        Ok(read) => read,
        Err(exit) => return Ok(exit),
    };
    let mut clients: Vec<&Client> =
        registry.clients().map(AsRef::as_ref).filter(|client| is_wanted(client, args, now)).collect();
    clients.sort_unstable_by_key(|client| client.id.as_str());
    match global.format {
        Format::Json => {
            let clients: Vec<Value> = clients.into_iter().map(|client| as_json(client, now)).collect();
            let document = json!({"version": 1, "revision": revision.full(), "clients": clients});
            output::line(&format!("{document:#}"));
        }
        _ => {
            output::data(&table(&clients, now));
            output::talk(&format!(
                "{} of {} clients, revision {revision}",
                clients.len(),
                registry.client_count()
            ));
        }
    }
    Ok(Exit::Fine)
}

fn is_wanted(client: &Client, args: &ListArgs, now: UnixTime) -> bool {
    let reaches = |audience: &String| {
        client.granted.iter().any(|granted| granted.resource.audience.as_str() == audience)
    };
    let may_have = |wanted: &String| {
        client.granted.iter().flat_map(|granted| &granted.scopes).any(|scope| scope.as_str() == wanted)
    };
    args.audience.as_ref().is_none_or(reaches)
        && args.scope.as_ref().is_none_or(may_have)
        && args.expiring_within.is_none_or(|seconds| {
            next_expiry(client, now).is_some_and(|expires| expires.since(now) <= seconds.into())
        })
        && (!args.disabled || client.disabled)
}

pub(super) fn as_json(client: &Client, now: UnixTime) -> Value {
    let granted: Vec<Value> = client
        .granted
        .iter()
        .map(|granted| {
            let names = |scopes: &[ScopeToken]| {
                scopes.iter().map(|scope| scope.as_str().to_owned()).collect::<Vec<_>>()
            };
            json!({
                "audience": granted.resource.audience.as_str(),
                "scopes": names(&granted.scopes),
                "default_scopes": names(&granted.default_scopes),
            })
        })
        .collect();
    let credentials: Vec<Value> =
        client.credentials.iter().map(|credential| credential_json(credential, now)).collect();
    json!({
        "client_id": client.id.as_str(),
        "client_name": client.name,
        "disabled": client.disabled,
        "granted": granted,
        "credentials": credentials,
        "file": &*client.file,
        "line": client.line,
    })
}

pub fn credential_json(credential: &Credential, now: UnixTime) -> Value {
    json!({
        "kind": credential.kind,
        "state": state(credential, now),
        "not_before": credential.validity.not_before.map(|time| time.to_string()),
        "expires": credential.validity.expires.map(|time| time.to_string()),
        "note": credential.note,
        "origin": credential.verifier.origin(),
        "terms": credential.verifier.terms(),
        "line": credential.line,
    })
}

const HEAD: [&str; 6] = ["client", "scopes", "audiences", "credentials", "place", "name"];

fn table(clients: &[&Client], now: UnixTime) -> String {
    let rows: Vec<[String; HEAD.len()]> = clients.iter().map(|client| row(client, now)).collect();
    let width = |column: usize, head: &str| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(head.len())
    };
    let widths: Vec<usize> = HEAD.iter().enumerate().map(|(column, head)| width(column, head)).collect();
    let mut text = String::new();
    for row in std::iter::once(&HEAD.map(str::to_owned)).chain(&rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(&format!("{cell:width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn row(client: &Client, now: UnixTime) -> [String; HEAD.len()] {
    let scopes: usize = client.granted.iter().map(|granted| granted.scopes.len()).sum();
    let audiences = match &*client.granted {
        [only] => only.resource.audience.to_string(),
        [first, others @ ..] => format!("{} +{}", first.resource.audience, others.len()),
        [] => String::new(),
    };
    let live = client.credentials.iter().filter(|credential| state(credential, now) == "live").count();
    let credentials = match (client.disabled, live, next_expiry(client, now)) {
        (true, ..) => "disabled".to_owned(),
        (false, 0, _) => "none live".to_owned(),
        (false, live, None) => format!("{live} live"),
        (false, live, Some(expires)) => format!("{live} live, until {}", date_text(expires)),
    };
    [
        client.id.to_string(),
        scopes.to_string(),
        audiences,
        credentials,
        format!("{}:{}", client.file, client.line),
        client.name.as_deref().map(shown).unwrap_or_default(),
    ]
}
