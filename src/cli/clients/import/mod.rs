//! `signet clients import`: the export of another issuer as a client list. One file a system, one
//! model between them, one way from there to entries.

mod auth0;
mod carry;
mod certificate;
mod credentials;
mod dex;
mod hydra;
mod json;
mod keycloak;
mod keycloak_scopes;
mod model;
mod report;

use std::fs::File;
use std::io::{ErrorKind, IsTerminal as _, Read, stdin};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use zeroize::Zeroizing;

use self::model::{Export, Fate};
use super::super::exit::failure;
use super::super::replace_file;
use super::super::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::config;
use crate::diagnostic::{Findings, Source};
use crate::oauth::Audience;

pub const EXAMPLES: &str = "\
Examples:
  signet clients import --from keycloak realm.json --output clients.yaml
  signet clients import --from hydra clients.json --audience https://api.example.com > clients.yaml
  signet clients import --from dex config.yaml
  signet clients import --from auth0 tenant.json --format json

Secrets in clear are hashed on the way. What cannot be carried is listed on standard error with the reason.
Exit code 0: there is a list; 1: no client could be carried, or the output exists; 3: the export cannot be read.";

/// As large as a client file may be; a realm with many users is exported without them.
const EXPORT_BYTES_MAX: u64 = config::FILE_BYTES_MAX;

#[derive(Args)]
pub struct ImportArgs {
    /// The export; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where it comes from
    #[arg(long, env = "SIGNET_FROM", value_name = "SYSTEM")]
    from: System,
    /// Audience of clients for which the export names none
    #[arg(long, env = "SIGNET_AUDIENCE", value_name = "AUDIENCE", value_parser = audience)]
    audience: Option<String>,
    /// File to write instead of standard output; it must not exist
    #[arg(short, long, env = "SIGNET_OUTPUT", value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// Realm export, or `kcadm.sh get clients`
    Keycloak,
    /// `hydra list clients`, the admin API, or rows of hydra_client
    Hydra,
    /// Configuration file with staticClients
    Dex,
    /// Answers of the Management API
    Auth0,
}

impl System {
    fn name(self) -> &'static str {
        match self {
            Self::Keycloak => "keycloak",
            Self::Hydra => "hydra",
            Self::Dex => "dex",
            Self::Auth0 => "auth0",
        }
    }
}

fn audience(text: &str) -> Result<String, &'static str> {
    Audience::parse(text)
        .map(|audience| audience.to_string())
        .ok_or("1 to 256 visible ASCII characters, usually a URL")
}

pub fn run(args: &ImportArgs, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    if let Some(path) = args.output.as_deref().filter(|path| path.symlink_metadata().is_ok()) {
        return Err(exists(path));
    }
    let text = read(&args.file)?;
    let export = match export(args, &text, now) {
        Ok(export) => export?,
        Err(findings) => {
            return Ok(output::findings(&findings, global.format, global.color, Exit::Configuration));
        }
    };
    if export.clients.is_empty() && !export.notes.iter().any(|note| note.fate == Fate::LeftOut) {
        let message = format!("{} holds no clients of {}", args.file.display(), args.from.name());
        return Err(failure(Exit::Configuration, message));
    }
    let bar = output::progress(export.clients.len());
    let carried = carry::carry(export, args.audience.as_deref(), now, || bar.inc(1));
    bar.finish_and_clear();
    let (carried, notes) = match carried {
        Ok(carried) => carried,
        Err(findings) => return Ok(output::findings(&findings, global.format, global.color, Exit::Refused)),
    };
    let is_empty = carried.client_ids.is_empty();
    if let Some(path) = args.output.as_deref().filter(|_| !is_empty) {
        write(path, &carried.text)?;
    }
    let target = args.output.as_ref().filter(|_| !is_empty).map(|path| path.display().to_string());
    match global.format {
        Format::Json => {
            let document = report::json(args.from.name(), &carried, &notes, target.as_deref());
            output::line(&format!("{document:#}"));
        }
        _ => {
            if target.is_none() && !is_empty {
                output::data(&carried.text);
            }
            output::talk(&report::text(&carried, &notes));
        }
    }
    Ok(if is_empty { Exit::Refused } else { Exit::Fine })
}

/// Findings are for YAML, which has places for them.
fn export(args: &ImportArgs, text: &str, now: UnixTime) -> Result<anyhow::Result<Export>, Findings> {
    let name = args.file.display().to_string();
    if args.from == System::Dex {
        return dex::read(&Source::new(name, text), args.audience.as_deref());
    }
    let value = match json::parse(&name, text) {
        Ok(value) => value,
        Err(error) => return Ok(Err(error)),
    };
    let export = match args.from {
        System::Keycloak => keycloak::read(&value, now),
        System::Hydra => hydra::read(&value),
        System::Auth0 | System::Dex => auth0::read(&value),
    };
    Ok(export.with_context(|| name))
}

fn read(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let bytes = if path == Path::new("-") {
        if stdin().is_terminal() {
            output::talk("reading standard input; end with Ctrl-D");
        }
        read_all(stdin().lock()).context("cannot read standard input")?
    } else {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        read_all(file).with_context(|| format!("cannot read {}", path.display()))?
    };
    if bytes.len() as u64 > EXPORT_BYTES_MAX {
        let message = format!("{} is larger than 64 MiB; export clients without users", path.display());
        return Err(failure(Exit::Configuration, message));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(error) => {
            let message = format!("{} is not UTF-8: byte {}", path.display(), error.valid_up_to());
            Err(failure(Exit::Configuration, message))
        }
    }
}

fn read_all(from: impl Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    from.take(EXPORT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    match replace_file::create(path, text.as_bytes(), 0o666) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(exists(path)),
        written => written.with_context(|| format!("cannot write {}", path.display())),
    }
}

fn exists(path: &Path) -> anyhow::Error {
    let message = format!("{} exists already; nothing was written", path.display());
    failure(Exit::Refused, message)
}
