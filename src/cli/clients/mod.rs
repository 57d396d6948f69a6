//! `signet clients list|show|new|import`: the client list as people ask about it, one more entry,
//! and the list of another issuer.

mod import;
mod list;
mod new;
mod show;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::exit::failure;
use super::{Exit, Global, output};
use crate::client::{Client, Credential, Phase, Registry};
use crate::client_auth::registered::Clients;
use crate::clock::UnixTime;
use crate::config::{self, Revision};
use crate::inputs;
use crate::keys::{self, Keyring, LoadOptions};
use crate::oauth::ClientId;
use crate::section::{nearest_of_all, shown};

pub use list::credential_json;
pub use show::credential_line;

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
    /// Make a client list from the export of another issuer
    #[command(after_help = import::EXAMPLES)]
    Import(import::ImportArgs),
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
        ClientsCommand::Import(args) => import::run(&args, global),
    }
}

/// The list, or the exit code after its errors were printed. Warnings are for `check`.
pub fn read(path: &ListPath, now: UnixTime, global: Global) -> Result<(Registry, Revision), Exit> {
    let loaded = config::load(&path.clients, now, &config::Options::default());
    let revision = loaded.revision;
    loaded
        .registry
        .map(|registry| (registry, revision))
        .ok_or_else(|| output::findings(&loaded.findings, global.format, global.color, Exit::Configuration))
}

/// The keys of a directory, or the exit code after its errors were printed.
pub fn keys_of(directory: &Path, now: UnixTime, global: Global) -> Result<Keyring, Exit> {
    let options =
        LoadOptions { backend: None, retention: inputs::retention(0), require_private_permissions: true };
    let (keyring, findings) = keys::load(directory, now, &options);
    keyring.ok_or_else(|| output::findings(&findings, global.format, global.color, Exit::Configuration))
}

/// The client of that id.
///
/// # Errors
/// There is none, with the nearest that is there.
pub fn find<'r>(clients: &'r Clients<'_>, registry: &Registry, id: &str) -> anyhow::Result<&'r Client> {
    clients.find(id).map(|client| &**client).ok_or_else(|| {
        if ClientId::parse_registered(id).is_some() {
            let message = "this id was not sealed with these keys for this issuer: signet explain SG0580";
            return failure(Exit::Refused, message.to_owned());
        }
        let hint = nearest_client(registry, id).map_or_else(
            || "`signet clients list` shows all".to_owned(),
            |near| format!("did you mean `{}`?", near.id),
        );
        failure(Exit::Refused, format!("there is no client `{}`; {hint}", shown(id)))
    })
}

/// The client that a misspelt id probably means; the same one in every run.
pub fn nearest_client<'r>(registry: &'r Registry, id: &str) -> Option<&'r Client> {
    let mut ids: Vec<&str> = registry.clients().map(|client| client.id.as_str()).collect();
    ids.sort_unstable();
    nearest_of_all(id, ids).and_then(|near| registry.find(near)).map(|client| &**client)
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
