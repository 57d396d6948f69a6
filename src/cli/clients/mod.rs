//! `signet clients list|show|new`: the client list as people ask about it, and one more entry.

mod list;
mod new;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Exit, Global, output};
use crate::client::{Client, Credential, Phase, Registry};
use crate::clock::UnixTime;
use crate::config::{self, Revision};

#[derive(Subcommand)]
pub enum ClientsCommand {
    /// All clients: what they reach, when their credentials end, where they stand
    #[command(after_help = list::EXAMPLES)]
    List(list::ListArgs),
    /// Everything about one client
    #[command(after_help = show::EXAMPLES)]
    Show(show::ShowArgs),
    /// Add a client with a new secret, which is shown once
    #[command(after_help = new::EXAMPLES)]
    New(new::NewArgs),
}

#[derive(Args)]
pub struct ListPath {
    /// File or directory that lists the clients
    #[arg(long, env = "SIGNET_CLIENTS", value_name = "PATH", default_value = "clients.yaml")]
    clients: PathBuf,
}

pub fn run(command: ClientsCommand, global: Global) -> anyhow::Result<Exit> {
    match command {
        ClientsCommand::List(args) => list::run(&args, global),
        ClientsCommand::Show(args) => show::run(&args, global),
        ClientsCommand::New(args) => new::run(&args, global),
    }
}

/// The list, or the exit code after its errors were printed. Warnings are for `check`.
fn read(path: &ListPath, now: UnixTime, global: Global) -> Result<(Registry, Revision), Exit> {
    let loaded = config::load(&path.clients, now, &config::Options::default());
    let revision = loaded.revision;
    loaded
        .registry
        .map(|registry| (registry, revision))
        .ok_or_else(|| output::findings(&loaded.findings, global.format, global.color, Exit::Configuration))
}

/// `not_yet_valid`, `live` or `expired`.
fn state(credential: &Credential, now: UnixTime) -> &'static str {
    match credential.validity.phase(now) {
        Phase::Expired => "expired",
        Phase::NotYetValid => "not_yet_valid",
        Phase::Live => "live",
    }
}

/// When the first of the live credentials ends.
fn next_expiry(client: &Client, now: UnixTime) -> Option<UnixTime> {
    let live = client.credentials.iter().filter(|credential| credential.validity.phase(now) == Phase::Live);
    live.filter_map(|credential| credential.validity.expires).min()
}
