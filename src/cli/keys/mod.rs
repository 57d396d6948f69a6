//! `signet keys`: signing keys and their plan. One file a command.

mod export;
mod list;
mod new;
mod plan;
mod prune;
mod revoke;
mod seal;
mod site;
mod verifiers;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Exit, Global, output};
use crate::clock::UnixTime;
use crate::inputs;
use crate::keys::{self, Keyring, LoadOptions};

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make a key file; existing ones are never touched
    #[command(after_help = new::EXAMPLES)]
    New(new::NewArgs),
    /// All keys, their states and when these change
    #[command(after_help = list::EXAMPLES)]
    List(DirectoryArgs),
    /// Delete what is of no use any more: keys that are gone, private halves of keys that retire
    #[command(after_help = prune::EXAMPLES)]
    Prune(prune::PruneArgs),
    /// Withdraw a leaked key at once
    #[command(after_help = revoke::EXAMPLES)]
    Revoke(revoke::RevokeArgs),
    /// Print the public key set as it is served now
    #[command(after_help = export::JWKS_EXAMPLES)]
    Jwks(DirectoryArgs),
    /// Public keys for others: as PEM, as a key set, or as files for a web server or bucket
    #[command(after_help = export::EXAMPLES)]
    Export(export::ExportArgs),
    /// When keys are published, sign, retire and go; and which verifiers would refuse tokens
    #[command(after_help = plan::EXAMPLES)]
    Plan(plan::PlanArgs),
}

#[derive(Args)]
pub struct DirectoryArgs {
    /// Directory of the signing keys
    #[arg(long, env = "SIGNET_KEYS", value_name = "DIR", default_value = "keys")]
    keys: PathBuf,
}

impl DirectoryArgs {
    /// The keys of the directory; warnings go to standard error.
    ///
    /// # Errors
    /// The exit code after the findings were printed.
    fn load(&self, now: UnixTime, global: Global) -> Result<Keyring, Exit> {
        let (keyring, findings) = keys::load(&self.keys, now, &options(true));
        match keyring {
            Some(keyring) => {
                // Standard output is for the result.
                output::findings(&findings, super::Format::Human, global.color, Exit::Configuration);
                Ok(keyring)
            }
            None => Err(output::findings(&findings, global.format, global.color, Exit::Configuration)),
        }
    }

    /// The keys of the files that are right, and the exit code for what is wrong with others: what
    /// an emergency and tidying up need does not wait for those.
    ///
    /// # Errors
    /// The exit code after the findings were printed: the directory cannot be read.
    fn load_sound(
        &self,
        now: UnixTime,
        require_private_permissions: bool,
        global: Global,
    ) -> Result<(Keyring, Exit), Exit> {
        let (keyring, findings) = keys::load_sound(&self.keys, now, &options(require_private_permissions));
        let format = if keyring.is_some() { super::Format::Human } else { global.format };
        let exit = output::findings(&findings, format, global.color, Exit::Configuration);
        keyring.map(|keyring| (keyring, exit)).ok_or(exit)
    }
}

fn options(require_private_permissions: bool) -> LoadOptions<'static> {
    LoadOptions { backend: None, retention: inputs::retention(0), require_private_permissions }
}

pub fn run(command: KeysCommand, global: Global) -> anyhow::Result<Exit> {
    match command {
        KeysCommand::New(args) => new::run(args, global),
        KeysCommand::List(args) => list::run(&args, global),
        KeysCommand::Prune(args) => prune::run(&args, global),
        KeysCommand::Revoke(args) => revoke::run(&args, global),
        KeysCommand::Jwks(args) => export::jwks(&args, global),
        KeysCommand::Export(args) => export::run(&args, global),
        KeysCommand::Plan(args) => plan::run(&args, global),
    }
}
