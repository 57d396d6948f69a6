//! `signet keys jwks` and `signet keys export`: public halves for others. Nothing here can print a
//! private key: what is printed is made from published keys, which have no private member.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::{DirectoryArgs, site};
use crate::cli::exit::failure;
use crate::cli::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{self, InputSettings, TokenSettings};
use crate::keys::{key_set_json, public_key_pem};
use crate::oauth::IssuerUrl;

pub const EXAMPLES: &str = "\
Examples:
  signet keys export --pem                        for gateways that are given keys by hand
  signet keys export --jwks > jwks.json
  signet keys export --site public/ --issuer https://auth.example.com

--site writes key set and metadata at the paths that the issuer has, and public/_headers with the
headers to set. Upload it after every `keys new` and `keys revoke`, and when a key is gone.";

pub const JWKS_EXAMPLES: &str = "\
Examples:
  signet keys jwks
  signet keys jwks > jwks.json && signet verify --jwks jwks.json --issuer URL < token.txt";

#[derive(Args)]
pub struct ExportArgs {
    #[command(flatten)]
    what: What,
    /// Issuer identifier; its path says where the files of --site stand
    #[arg(long, env = "SIGNET_ISSUER", value_name = "URL", value_parser = config::issuer)]
    issuer: Option<IssuerUrl>,
    #[command(flatten)]
    inputs: InputSettings,
    #[command(flatten)]
    token: TokenSettings,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct What {
    /// Print every published key as PEM, with its kid
    #[arg(long)]
    pem: bool,
    /// Print the key set, as `keys jwks` does
    #[arg(long)]
    jwks: bool,
    /// Write key set and metadata as files below this directory
    #[arg(long, value_name = "DIR")]
    site: Option<PathBuf>,
}

pub fn run(args: &ExportArgs, global: Global) -> anyhow::Result<Exit> {
    let directory = DirectoryArgs { keys: args.inputs.keys.clone() };
    match &args.what {
        What { site: Some(site), .. } => {
            let issuer = args.issuer.clone().ok_or_else(|| failure(Exit::Usage, "--site needs --issuer"))?;
            site::run(site, issuer, &args.inputs, &args.token, global)
        }
        What { pem: true, .. } => pem(&directory, global),
        What { .. } => jwks(&directory, global),
    }
}

/// The bytes that a server with these keys serves at this moment.
pub fn jwks(directory: &DirectoryArgs, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    let keyring = match directory.load(now, global) {
        Ok(keyring) => keyring,
        Err(exit) => return Ok(exit),
    };
    output::line(&String::from_utf8_lossy(&key_set_json(&keyring.published(now))));
    Ok(Exit::Fine)
}

fn pem(directory: &DirectoryArgs, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    let keyring = match directory.load(now, global) {
        Ok(keyring) => keyring,
        Err(exit) => return Ok(exit),
    };
    let published = keyring.published(now);
    let parts = published
        .iter()
        .map(|key| (key.jwk.kid(), key.jwk.algorithm(), key.state, public_key_pem(key.jwk.public_key())));
    if global.format == Format::Json {
        let keys: Vec<Value> = parts
            .map(|(kid, algorithm, state, pem)| {
                json!({"kid": kid, "alg": algorithm.name(), "state": state.name(), "pem": pem})
            })
            .collect();
        output::line(&json!({"version": 1, "keys": keys}).to_string());
    } else {
        for (kid, algorithm, state, pem) in parts {
            // Text before a section is allowed (RFC 7468 §2).
            output::data(&format!("# {algorithm}, {state}, kid {kid}\n{pem}"));
        }
    }
    Ok(Exit::Fine)
}
