//! `signet clients show ID`: everything about one client. What a request without scope gets is
//! asked of the server's own rule (`token::reach`), not worked out a second time.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::super::{Exit, Format, Global, output, registered};
use super::list::as_json;
use super::{ListPath, keys_of, state};
use crate::client::{Client, Credential, Registry};
use crate::client_auth::registered::Clients;
use crate::clock::{Clock as _, SystemClock, UnixTime, date_text};
use crate::config;
use crate::oauth::{ClientId, IssuerUrl, Params};
use crate::section::shown;
use crate::token::reach;

pub const EXAMPLES: &str = "\
Examples:
  signet clients show billing-worker
  signet clients show billing-worker --format json
  signet clients show sgc_AQnI2k3y --keys keys/ --issuer https://auth.example.com

Exit code 1: there is no such client.";

#[derive(Args)]
pub struct ShowArgs {
    /// The client's id
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    path: ListPath,
    /// Directory of the seal keys, for a registered client
    #[arg(long, env = "SIGNET_KEYS", value_name = "DIR")]
    keys: Option<PathBuf>,
    /// Issuer, for a registered client
    #[arg(long, env = "SIGNET_ISSUER", value_name = "URL", value_parser = config::issuer)]
    issuer: Option<IssuerUrl>,
}

pub fn run(args: &ShowArgs, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    let (registry, _) = match super::read(&args.path, now, global) {
        Ok(read) => read,
        Err(exit) => return Ok(exit),
    };
    // Only the id of a registered client is read with keys.
    let directory = args.keys.as_ref().filter(|_| ClientId::parse_registered(&args.id).is_some());
    let keyring = match directory.map(|directory| keys_of(directory, now, global)).transpose() {
        Ok(keyring) => keyring,
        Err(exit) => return Ok(exit),
    };
    let recogniser =
        registered::recogniser(&args.id, &registry, keyring.as_ref(), args.issuer.as_ref(), now)?;
    let clients = Clients::new(&registry, recogniser);
    let client = super::find(&clients, &registry, &args.id)?;
    match global.format {
        Format::Json => output::line(&format!("{:#}", document(client, &registry, now))),
        _ => output::data(&text(client, &registry, now)),
    }
    Ok(Exit::Fine)
}

fn document(client: &Client, registry: &Registry, now: UnixTime) -> Value {
    let mut document = json!({
        "version": 1,
        "contacts": &*client.contacts,
        "grant_types": &*client.grant_types,
        "token_endpoint_auth_method": client.token_endpoint_auth_method,
        "multiple_audiences": client.multiple_audiences,
        "access_token_lifetime_seconds": client.access_token_lifetime_seconds,
        "reuse_seconds": client.reuse_seconds,
        "claims": claims(client),
        "registered": registered::as_json(client, registry, now),
        "without_scope": without_scope(client).map_or_else(
            |error| json!({"error": error}),
            |(audience, scope)| json!({"audience": audience, "scope": scope}),
        ),
    });
    if let (Some(all), Value::Object(more)) = (document.as_object_mut(), as_json(client, now)) {
        all.extend(more);
    }
    document
}

fn claims(client: &Client) -> Value {
    let members = client.claims_json.strip_prefix(',').unwrap_or_default();
    serde_json::from_str(&format!("{{{members}}}")).unwrap_or_default()
}

/// Audience and scope of the token for a request that names neither, or the error it gets.
fn without_scope(client: &Client) -> Result<(String, String), String> {
    let params = Params::parse(b"", &[]).map_err(|refusal| refusal.description())?;
    let reach = reach(client, &params)
        .map_err(|refusal| format!("{}: {}", refusal.reason.error.as_str(), refusal.description()))?;
    let audiences: Vec<&str> = reach.resources().map(|resource| resource.audience.as_str()).collect();
    Ok((audiences.join(" "), reach.scope()))
}

fn text(client: &Client, registry: &Registry, now: UnixTime) -> String {
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "{}", format!("{name:16}{value}").trim_end());
    };
    row("client", client.id.as_str());
    row("name", &or_dash(shown(client.name.as_deref().unwrap_or_default())));
    if client.line > 0 {
        row("place", &format!("{}:{}", client.file, client.line));
    }
    match client.registered {
        Some(_) => registered::rows(client, registry, now).iter().for_each(|(name, value)| row(name, value)),
        None => row("state", if client.disabled { "disabled: every request is refused" } else { "enabled" }),
    }
    row(
        "contacts",
        &or_dash(client.contacts.iter().map(|contact| shown(contact)).collect::<Vec<_>>().join(", ")),
    );
    row("grant types", &or_dash(client.grant_types.join(", ")));
    row("authentication", client.token_endpoint_auth_method.unwrap_or("any method of its credentials"));
    if let Some(seconds) = client.reuse_seconds {
        row("reuse", &format!("a token is given out again for {seconds} s"));
    }
    row("claims", &if client.claims_json.is_empty() { "-".to_owned() } else { claims(client).to_string() });
    let without = match without_scope(client) {
        Ok((audience, scope)) => {
            format!("{audience} with {}", if scope.is_empty() { "no scope" } else { &scope })
        }
        Err(error) => error,
    };
    row("without scope", &without);
    for granted in &*client.granted {
        let names: Vec<&str> = granted.scopes.iter().map(|scope| scope.as_str()).collect();
        let resource = &granted.resource;
        row("audience", resource.audience.as_str());
        row("  scopes", &or_dash(names.join(" ")));
        row(
            "  token",
            &format!("{}, {}, {}", resource.typ.as_str(), resource.signing_alg, lifetime_at(client, granted)),
        );
    }
    for (number, credential) in client.credentials.iter().enumerate() {
        row(&format!("credential {}", number + 1), &credential_line(credential, now));
        for term in credential.verifier.terms() {
            row("", &term);
        }
    }
    if client.credentials.is_empty() {
        row("credentials", "none: every request is refused");
    }
    text
}

fn lifetime_at(client: &Client, granted: &crate::client::Granted) -> String {
    match (client.access_token_lifetime_seconds, granted.resource.access_token_lifetime_seconds) {
        (Some(seconds), _) => format!("lives {seconds} s, as set here"),
        (None, Some(seconds)) => format!("lives {seconds} s, as set at the resource"),
        (None, None) => "lives as long as the server's setting says".to_owned(),
    }
}

pub fn credential_line(credential: &Credential, now: UnixTime) -> String {
    const DAY_SECONDS: i64 = 24 * 60 * 60;
    let mut line = format!("{}, {}", credential.kind, state(credential, now).replace('_', " "));
    if let Some(from) = credential.validity.not_before {
        let _ = write!(line, ", from {}", date_text(from));
    }
    if let Some(expires) = credential.validity.expires {
        let _ = write!(line, ", until {}", date_text(expires));
        if expires > now {
            let _ = write!(line, " ({} days)", expires.since(now) / DAY_SECONDS);
        }
    }
    if let Some(origin) = credential.verifier.origin() {
        let _ = write!(line, ", {origin}");
    }
    let _ = write!(line, ", line {}", credential.line);
    if let Some(note) = &credential.note {
        let _ = write!(line, ", {}", shown(note));
    }
    line
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}
