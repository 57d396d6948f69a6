//! `signet clients new ID`: one more client, with a secret that is shown once. The whole list is
//! read with the new entry before a byte is written.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::super::exit::failure;
use super::super::replace_file::{self, link};
use super::super::{Exit, Format, Global, output};
use super::ListPath;
use crate::client_auth::{generate_secret, stored_secret};
use crate::clock::{Clock as _, SystemClock, UnixTime, date_text};
use crate::config::{self, NewClient, NewCredential};
use crate::diagnostic::{Findings, Source};
use crate::oauth::ClientId;

pub const EXAMPLES: &str = "\
Examples:
  signet clients new billing-worker --scope invoices:read --expires 365d
  signet clients new indexer --clients clients/ --file search/indexer.yaml --scope search:read
  SECRET=$(signet clients new cron --audience https://search.example.com)

The secret goes to standard output, everything else to standard error. In a directory the client gets a file of
its own, ID.yaml, unless --file names another one. Comments, order and every other byte stay.";

#[derive(Args)]
pub struct NewArgs {
    /// The new client's id
    #[arg(value_name = "ID", value_parser = client_id)]
    id: String,
    #[command(flatten)]
    path: ListPath,
    /// File of the directory of --clients; made when it is not there
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Name for people
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// A scope that it may have; repeat it, or separate several by spaces
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// An audience that it may reach, when it does not follow from the scopes; may be repeated
    #[arg(long, value_name = "AUDIENCE")]
    audience: Vec<String>,
    /// A grant type, when it is not client_credentials; may be repeated
    #[arg(long, value_name = "GRANT")]
    grant: Vec<String>,
    /// When the secret ends: so long from now, in whole days (`90d`), a day, or a time with offset
    #[arg(long, value_name = "WHEN", value_parser = expires)]
    expires: Option<String>,
}

fn client_id(text: &str) -> Result<String, &'static str> {
    ClientId::parse(text).map(|id| id.to_string()).ok_or("1 to 128 characters of A-Z a-z 0-9 . _ ~ -")
}

/// What the file says: days from now become a date, at least that far away.
fn expires(text: &str) -> Result<String, String> {
    const DAY_SECONDS: i64 = 24 * 60 * 60;
    let now = SystemClock.now();
    let Ok(seconds) = config::seconds(text) else {
        let time = crate::section::words::time(text).map_err(|help| format!("{help}, or days: `90d`"))?;
        return if time > now { Ok(text.to_owned()) } else { Err("it lies in the past".to_owned()) };
    };
    let days = now.plus(seconds.into()).seconds().div_euclid(DAY_SECONDS).saturating_add(1);
    Ok(date_text(UnixTime::from_seconds(days.saturating_mul(DAY_SECONDS))))
}

/// The file that changes.
struct Target {
    path: PathBuf,
    /// `None` when it is to be made.
    source: Option<Arc<Source>>,
}

pub fn run(args: &NewArgs, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    let registry = match super::read(&args.path, now, global) {
        Ok((registry, _)) => registry,
        Err(exit) => return Ok(exit),
    };
    let mut findings = Findings::default();
    let path = target_path(args)?;
    let source = match path.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => {
            findings.push(link(&path));
            None
        }
        Ok(_) => config::read_source(&path, &mut findings),
        Err(_) => None,
    };
    if findings.errors() > 0 {
        return Ok(output::findings(&findings, global.format, global.color, Exit::Refused));
    }
    let target = Target { path, source };
    let secret = generate_secret().map_err(|_| failure(Exit::Io, "the system gives no random numbers"))?;
    let text = changed_text(args, &target, &stored_secret(&secret))?;
    let options = config::Options::default();
    let after = config::load_changed(&args.path.clients, (&target.path, &text), now, &options);
    let Some(client) = after.registry.as_ref().and_then(|registry| registry.find(&args.id)) else {
        let exit = output::findings(&after.findings, global.format, global.color, Exit::Refused);
        output::talk("nothing was written");
        return Ok(exit);
    };
    if after.registry.as_ref().map(|after| after.client_count()) != Some(registry.client_count() + 1) {
        return Err(failure(Exit::Refused, "the file would lose a client; nothing was written"));
    }
    write(&target, &text)?;
    match global.format {
        Format::Json => output::line(
            &json!({
                "version": 1,
                "client_id": args.id,
                "secret": &**secret,
                "expires": args.expires,
                "file": &*client.file,
                "line": client.line,
            })
            .to_string(),
        ),
        _ => {
            output::talk(&format!("client `{}` stands at {}:{}", args.id, client.file, client.line));
            output::talk("The secret, shown once; give it to the client and keep no copy:");
            output::line(&secret);
            output::talk(
                "A server that runs with this list knows it within seconds; in git, commit the file now.",
            );
        }
    }
    Ok(Exit::Fine)
}

/// A list that is one file grows; in a directory the client gets its own, or the one that is named.
fn target_path(args: &NewArgs) -> anyhow::Result<PathBuf> {
    let root = &args.path.clients;
    let is_directory = root.is_dir();
    let Some(file) = &args.file else {
        return Ok(if is_directory { root.join(format!("{}.yaml", args.id)) } else { root.clone() });
    };
    if !is_directory {
        let message = format!("--file names a file of a directory, and {} is none", root.display());
        return Err(failure(Exit::Usage, message));
    }
    let below = file.strip_prefix(root).unwrap_or(file);
    let is_plain = |part: Component<'_>| match part {
        Component::Normal(name) => !name.to_string_lossy().starts_with('.'),
        _ => false,
    };
    let is_yaml = below.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    if !is_yaml || !below.components().all(is_plain) {
        let message = format!(
            "{} is no client file of {}: it must stand below that directory, end in .yaml or .yml, and no part of it \
             may begin with a dot",
            file.display(),
            root.display()
        );
        return Err(failure(Exit::Usage, message));
    }
    Ok(root.join(below))
}

fn changed_text(args: &NewArgs, target: &Target, client_secret: &str) -> anyhow::Result<String> {
    let scope = args.scope.iter().flat_map(|scopes| scopes.split_whitespace()).map(ToOwned::to_owned);
    let client = NewClient {
        client_id: args.id.clone(),
        client_name: args.name.clone(),
        grant_types: args.grant.clone(),
        credentials: vec![NewCredential::secret(client_secret, args.expires.clone())],
        scope: scope.collect(),
        audience: args.audience.clone(),
        ..NewClient::default()
    };
    match &target.source {
        None => Ok(config::client_file(&client)),
        Some(source) => config::append_client(source, &client).map_err(|reason| {
            let message = format!("{} has no place for another client: {reason}", target.path.display());
            failure(Exit::Refused, message)
        }),
    }
}

fn write(target: &Target, text: &str) -> anyhow::Result<()> {
    let path = &target.path;
    let written = match &target.source {
        Some(source) => replace_file::replace(path, source.text.as_bytes(), text.as_bytes()),
        None => std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))
            .and_then(|()| replace_file::create(path, text.as_bytes(), 0o666)),
    };
    written.with_context(|| format!("cannot write {}; nothing was registered", path.display()))
}
