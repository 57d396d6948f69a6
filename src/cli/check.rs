//! `signet check`: everything that `serve` would read, and every problem of it at once.

use std::path::PathBuf;

use clap::Args;

use super::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{self, InputSettings, TokenSettings};
use crate::inputs::{BuiltIn, Inputs};
use crate::oauth::IssuerUrl;

const EXAMPLES: &str = "\
Examples:
  signet check
  signet check --clients clients/ --clients-only
  signet check --format json

Exit code 0: no errors, 1: errors.";

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
    #[arg(long)]
    clients_only: bool,
    #[command(flatten)]
    token: TokenSettings,
}

pub fn run(args: CheckArgs, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    let (registry, revision, findings) = if args.clients_only {
        let loaded = config::load(&args.inputs.clients, now, &config::Options::default());
        (loaded.registry, loaded.revision, loaded.findings)
    } else {
        let inputs = Inputs {
            clients: args.inputs.clients,
            keys: args.inputs.keys,
            signer: args.token.signer,
            clock_allowance_seconds: args.token.clock_allowance,
            built_in: BuiltIn::default(),
        };
        let parts = inputs.read(now);
        (parts.registry, parts.revision, parts.findings)
    };
    let exit = output::findings(&findings, global.format, global.color, Exit::Refused);
    if let (Format::Human, 0, Some(registry)) = (global.format, findings.errors(), registry) {
        output::line(&format!("no errors: {} clients, revision {revision}", registry.client_count()));
    }
    Ok(exit)
}
