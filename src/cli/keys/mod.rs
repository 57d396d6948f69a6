//! `signet keys`: signing keys and their plan. One file a command.

mod list;
mod new;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Exit, Global};

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make a key file; existing ones are never touched
    #[command(after_help = new::EXAMPLES)]
    New(new::NewArgs),
    /// All keys, their states and when these change
    #[command(after_help = list::EXAMPLES)]
    List(DirectoryArgs),
}

#[derive(Args)]
pub struct DirectoryArgs {
    /// Directory of the signing keys
    #[arg(long, env = "SIGNET_KEYS", value_name = "DIR", default_value = "keys")]
    keys: PathBuf,
}

pub fn run(command: KeysCommand, global: Global) -> anyhow::Result<Exit> {
    match command {
        KeysCommand::New(args) => new::run(args, global),
        KeysCommand::List(args) => list::run(&args, global),
    }
}
