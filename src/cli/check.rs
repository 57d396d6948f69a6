//! `signet check`: everything that `serve` would read, and every problem of it at once.

use std::path::PathBuf;

use clap::Args;

use super::deny::{self, DenyArgs};
use super::reading_bar::ReadingBar;
use super::verifier_args::VerifierArgs;
use super::{Exit, Format, Global, output};
use crate::client::Registry;
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::config::{self, InputSettings, Revision, TokenSettings};
use crate::diagnostic::catalogue::{self, settings};
use crate::diagnostic::{Finding, Findings, Severity};
use crate::inputs::{self, BuiltIn, Inputs, tokens_outlive_keys};
use crate::keys::{Keyring, directory, lead, prune};
use crate::oauth::IssuerUrl;

const EXAMPLES: &str = "\
Examples:
  signet check
  signet check --clients clients/ --clients-only --deny warnings      in a pull request
  signet check --verifier envoy,poll=12h      and would these know the next key in time?
  signet check --strict --expiring-within 14d                         before a release, or every night
  signet check --format github                                        also: sarif, markdown, json

Exit code 0: nothing denied, 1: errors, or what --strict or --deny make errors.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    /// File with settings; its members are named like the flags
    #[arg(long, env = "SIGNET_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Issuer identifier that `serve` will get; its form is checked
    #[arg(long, env = "SIGNET_ISSUER", value_name = "URL", value_parser = config::issuer)]
    issuer: Option<IssuerUrl>,
    #[command(flatten)]
    inputs: InputSettings,
    /// Look at the client list only: pull requests have no keys
    #[arg(long, env = "SIGNET_CLIENTS_ONLY")]
    clients_only: bool,
    /// Make errors of expired and soon expiring credentials and of published secrets
    #[arg(long, env = "SIGNET_STRICT")]
    strict: bool,
    #[command(flatten)]
    deny: DenyArgs,
    /// Find credentials that end within this time
    #[arg(long, env = "SIGNET_EXPIRING_WITHIN", value_name = "DURATION", default_value = "30d",
          value_parser = config::seconds)]
    expiring_within: u32,
    #[command(flatten)]
    token: TokenSettings,
    #[command(flatten)]
    verifiers: VerifierArgs,
}

impl CheckArgs {
    fn denies(&self, severity: Severity, code: &str) -> bool {
        self.deny.denies(severity)
            || (self.strict && catalogue::STRICT.iter().any(|strict| strict.id == code))
    }
}

pub fn run(args: CheckArgs, global: Global) -> anyhow::Result<Exit> {
    let (registry, revision, mut findings) = read(&args);
    if let Some(registry) = &registry {
        findings.extend(published_secrets(registry));
    }
    let findings = findings.denying(|severity, code| args.denies(severity, code));
    let (exit, also) = deny::print(&findings, "check", global, Exit::Refused);
    if let (Format::Human, Exit::Fine, Some(registry)) = (global.format, exit, registry) {
        let clients = match registry.client_count() {
            1 => "1 client".to_owned(),
            many => format!("{many} clients"),
        };
        output::line(&format!("no errors: {clients}, revision {revision}{also}"));
    }
    Ok(exit)
}

/// The registry is there when no finding about clients is an error.
fn read(args: &CheckArgs) -> (Option<Registry>, Revision, Findings) {
    let now = SystemClock.now();
    let bar = ReadingBar::new();
    let options = config::Options {
        expiring_within_seconds: args.expiring_within,
        notes: true,
        progress: Some(bar.clone()),
        ..config::Options::default()
    };
    let read = if args.clients_only {
        let loaded = config::load(&args.inputs.clients, now, &options);
        (loaded.registry, loaded.revision, loaded.findings)
    } else {
        let inputs = Inputs {
            clients: args.inputs.clients.clone(),
            keys: args.inputs.keys.clone(),
            signer: args.token.signer.clone(),
            clock_allowance_seconds: args.token.clock_allowance,
            built_in: BuiltIn::default(),
        };
        let mut parts = inputs.read_with(now, &options);
        let (lifetime, allowance) = (args.token.access_token_lifetime, args.token.clock_allowance);
        if let (Some(registry), Some(keyring)) = (&parts.registry, &parts.keyring) {
            parts.findings.extend(tokens_outlive_keys(registry, keyring, lifetime, allowance, now));
        }
        parts.findings.extend(long_lifetime(args));
        parts.findings.extend(prune::leftover_notes(&args.inputs.keys, now));
        if let Some(keyring) = &parts.keyring {
            parts.findings.extend(short_leads(args, keyring, now));
        }
        (parts.registry, parts.revision, parts.findings)
    };
    bar.clear();
    read
}

/// Keys that the verifiers in use cannot know in time.
fn short_leads(args: &CheckArgs, keyring: &Keyring, now: UnixTime) -> Findings {
    let Some(verifiers) = args.verifiers.named() else { return Findings::default() };
    let states = keyring.states(now);
    let retention = inputs::retention(args.token.clock_allowance);
    let lifetime = args.token.access_token_lifetime.into();
    let rotation = lead::rotation(&states, directory::written, now, retention, lifetime);
    lead::findings(&states, &rotation, verifiers, now)
}

/// `serve` refuses them. Here they are a note, because `dev` is what they are for.
fn published_secrets(registry: &Registry) -> Findings {
    let mut notes = Findings::default();
    for finding in config::published_secrets(registry).iter() {
        notes.push(finding.clone().severity(Severity::Note));
    }
    notes
}

/// Clients and resources have this warning at their line (`lifetime_long`).
fn long_lifetime(args: &CheckArgs) -> Findings {
    let mut findings = Findings::default();
    if args.token.access_token_lifetime > config::LIFETIME_SECONDS_GOOD {
        let message = "the default lifetime of tokens is above one hour";
        let help = "set `access_token_lifetime` at the one resource or client that needs it";
        let finding = Finding::new(&settings::LIFETIME_SETTING_LONG, message).help(help);
        findings.push(match &args.config {
            Some(file) => finding.in_file(file.display().to_string()),
            None => finding,
        });
    }
    findings
}
