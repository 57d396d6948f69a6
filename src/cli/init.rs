//! `signet init`: a directory to start with. All of its files or none; nothing is ever overwritten.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::exit::failure;
use super::starter::{self, Deploy, File};
use super::{Exit, Format, Global, output, replace_file};
use crate::client_auth::{generate_secret, stored_secret};
use crate::config;
use crate::oauth::IssuerUrl;

const EXAMPLES: &str = "\
Examples:
  signet init
  signet init auth --issuer https://auth.example.com --deploy systemd
  signet init --deploy github,kustomize

It writes signet.yaml, clients/ with one resource and one client, and keys/ without a key. The secret of that
client goes to standard output, once. Where a file exists already, nothing is written.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct InitArgs {
    /// The directory; made when it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Issuer identifier for the settings
    #[arg(long, env = "SIGNET_ISSUER", value_name = "URL", default_value = "http://localhost:8080",
          value_parser = config::issuer)]
    issuer: IssuerUrl,
    /// Files to check and deploy it with; may be repeated
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    deploy: Vec<Deploy>,
}

pub fn run(args: &InitArgs, global: Global) -> anyhow::Result<Exit> {
    let secret = generate_secret().map_err(|_| failure(Exit::Io, "the system gives no random numbers"))?;
    let issuer = args.issuer.as_str();
    let mut files = starter::files(issuer, &stored_secret(&secret));
    for file in args.deploy.iter().flat_map(|deploy| starter::deploy_files(*deploy, issuer)) {
        // Two platforms share the script.
        if files.iter().all(|(name, _)| *name != file.0) {
            files.push(file);
        }
    }
    let taken: Vec<String> = files
        .iter()
        .map(|(name, _)| args.directory.join(name))
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| path.display().to_string())
        .collect();
    if !taken.is_empty() {
        let message = format!("nothing was written, because these exist already: {}", taken.join(", "));
        return Err(failure(Exit::Refused, message));
    }
    write_all(&args.directory, &files)?;
    report(args, &files, &secret, global);
    Ok(Exit::Fine)
}

/// Takes back what it made when one of the files cannot be written.
fn write_all(directory: &Path, files: &[File]) -> anyhow::Result<()> {
    let mut made: Vec<PathBuf> = Vec::new();
    for (name, content) in files {
        let path = directory.join(name);
        let written = make_directories(path.parent().unwrap_or(directory), &mut made).and_then(|()| {
            let mode = if content.starts_with("#!") { 0o777 } else { 0o666 };
            replace_file::create(&path, content.as_bytes(), mode)
        });
        if let Err(error) = written {
            for path in made.iter().rev() {
                let _ = if path.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) };
            }
            return Err(error).with_context(|| format!("cannot write {}; nothing was kept", path.display()));
        }
        made.push(path);
    }
    Ok(())
}

fn make_directories(directory: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    if directory.as_os_str().is_empty() || directory.is_dir() {
        return Ok(());
    }
    if let Some(parent) = directory.parent() {
        make_directories(parent, made)?;
    }
    // As `keys new` would make it.
    let mode = if directory.ends_with("keys") { 0o700 } else { 0o777 };
    DirBuilder::new().mode(mode).create(directory)?;
    made.push(directory.to_owned());
    Ok(())
}

fn report(args: &InitArgs, files: &[File], secret: &str, global: Global) {
    let paths: Vec<String> =
        files.iter().map(|(name, _)| args.directory.join(name).display().to_string()).collect();
    if global.format == Format::Json {
        let document =
            json!({"version": 1, "files": paths, "client_id": starter::CLIENT_ID, "secret": secret});
        return output::line(&document.to_string());
    }
    for path in paths {
        output::talk(&format!("wrote {path}"));
    }
    output::talk(&format!(
        "\nThe secret of `{}`, shown once; give it to the client and keep no copy:",
        starter::CLIENT_ID
    ));
    output::line(secret);
    output::talk(&next_steps(args));
}

fn next_steps(args: &InitArgs) -> String {
    let mut lines = vec!["\nNext:".to_owned()];
    if args.directory != Path::new(".") {
        lines.push(format!("  cd {}", args.directory.display()));
    }
    lines.push("  export SIGNET_CONFIG=signet.yaml      every command reads it".to_owned());
    lines.push("  signet keys new                       the first key signs at once".to_owned());
    lines.push("  signet check".to_owned());
    lines.push("  signet serve".to_owned());
    lines.push(format!(
        "  curl --user {}:SECRET -d grant_type=client_credentials {}/oauth2/token",
        starter::CLIENT_ID,
        args.issuer.as_str()
    ));
    lines.push("  signet clients new ID --scope api:write".to_owned());
    for deploy in &args.deploy {
        lines.push(match deploy {
            Deploy::Github | Deploy::Gitlab => {
                "  ln -s ../../ci/pre-commit .git/hooks/pre-commit; the pipeline says what it needs".to_owned()
            }
            Deploy::Systemd => "  deploy/systemd/README.md says how to install the service".to_owned(),
            Deploy::Kustomize => {
                "  kubectl apply -k .                    after image and issuer are set; list every client file in \
                 kustomization.yaml"
                    .to_owned()
            }
        });
    }
    lines.join("\n")
}
