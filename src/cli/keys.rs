//! `signet keys new|list`: signing keys and their plan.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::json;

use super::exit::failure;
use super::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::config;
use crate::inputs;
use crate::jose::Algorithm;
use crate::keys::generate::{self, Activation, NewKey};
use crate::keys::{self, KeyStatus, LoadOptions};

const NEW_EXAMPLES: &str = "\
Examples:
  signet keys new                        the first key signs at once, a later one in 24 hours
  signet keys new --ahead 48h
  signet keys new --now                  in an emergency; verifiers that cache will refuse tokens";

const LIST_EXAMPLES: &str = "\
Examples:
  signet keys list
  signet keys list --format json";

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make a key file; existing ones are never touched
    #[command(after_help = NEW_EXAMPLES)]
    New(NewArgs),
    /// All keys, their states and when these change
    #[command(after_help = LIST_EXAMPLES)]
    List(DirectoryArgs),
}

#[derive(Args)]
pub struct DirectoryArgs {
    /// Directory of the signing keys
    #[arg(long, env = "SIGNET_KEYS", value_name = "DIR", default_value = "keys")]
    keys: PathBuf,
}

#[derive(Args)]
pub struct NewArgs {
    #[command(flatten)]
    directory: DirectoryArgs,
    /// Algorithm of the key
    #[arg(long, value_name = "ALG", default_value = "RS256", value_parser = algorithms())]
    alg: String,
    /// Size of an RSA key
    #[arg(long, value_name = "BITS", default_value = "2048", value_parser = ["2048", "3072", "4096"])]
    bits: String,
    /// How far ahead a later key becomes active (at least 1h) [default: 24h]
    #[arg(long, value_name = "DURATION", value_parser = config::seconds, conflicts_with = "now")]
    ahead: Option<u32>,
    /// Sign with the new key at once, although verifiers do not know it yet
    #[arg(long)]
    now: bool,
}

/// The names of what can be signed with.
fn algorithms() -> PossibleValuesParser {
    PossibleValuesParser::new(keys::algorithms().into_iter().map(Algorithm::name))
}

pub fn run(command: KeysCommand, global: Global) -> anyhow::Result<Exit> {
    match command {
        KeysCommand::New(args) => new(args, global),
        KeysCommand::List(args) => list(&args, global),
    }
}

fn new(args: NewArgs, global: Global) -> anyhow::Result<Exit> {
    let algorithm = Algorithm::from_name(&args.alg)
        .ok_or_else(|| failure(Exit::Usage, format!("{} is no algorithm of this program", args.alg)))?;
    let bits = args.bits.parse()?;
    let activation = match (args.now, args.ahead) {
        (true, _) => Activation::Now,
        (false, Some(seconds)) => Activation::Ahead { seconds: seconds.into() },
        (false, None) => Activation::default(),
    };
    let progress = output::spinner(&format!("making an RSA key of {bits} bits"));
    let made = generate::new_file(&args.directory.keys, algorithm, bits, SystemClock.now(), activation);
    progress.finish_and_clear();
    let key = made.map_err(|error| failure(Exit::Refused, error.to_string()))?;
    let path = key.path.display().to_string();
    match global.format {
        Format::Json => output::line(
            &json!({
                "version": 1,
                "file": path,
                "kid": key.jwk.kid(),
                "alg": algorithm.name(),
                "activation": key.activation.to_string(),
                "state": key.state.name(),
            })
            .to_string(),
        ),
        _ => {
            output::line(&path);
            output::talk(&format!("{algorithm}, {bits} bits, kid {}", key.jwk.kid()));
            output::talk(&what_happens(&key, args.now));
        }
    }
    Ok(Exit::Fine)
}

fn what_happens(key: &NewKey, now: bool) -> String {
    match (key.previous, now) {
        (Some(_), true) => EMERGENCY.to_owned(),
        (None, _) => "It signs from now on.".to_owned(),
        (Some(_), false) => {
            format!(
                "It is published as soon as every replica has the file, and signs from {} on.",
                key.activation
            )
        }
    }
}

/// How long verifiers go on refusing, by how they cache a key set.
const EMERGENCY: &str = "\
It signs from now on, and verifiers do not know it yet. They refuse its tokens for:
  those that fetch on an unknown kid (jose, PyJWT, go-oidc, Spring)   at most 30 seconds
  those that do so now and then (ASP.NET Core, keyfunc)               5 minutes
  those that poll (Envoy, Trino, Istio)                               10, 15, 20 minutes
  those that were given the keys by hand                              until they get the new one";

fn list(args: &DirectoryArgs, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    let options =
        LoadOptions { backend: None, retention: inputs::retention(0), require_private_permissions: true };
    let (keyring, findings) = keys::load(&args.keys, now, &options);
    let Some(keyring) = keyring else {
        return Ok(output::findings(&findings, global.format, global.color, Exit::Configuration));
    };
    let states = keyring.states(now);
    match global.format {
        Format::Json => {
            let keys: Vec<_> = states.iter().map(as_json).collect();
            output::line(&json!({"version": 1, "keys": keys}).to_string());
        }
        _ => {
            output::findings(&findings, global.format, global.color, Exit::Configuration);
            output::line(&format!("{:<9} {:<6} {:<5} {:<43}  {}", "state", "alg", "bits", "kid", "file"));
            for key in &states {
                output::line(&format!(
                    "{:<9} {:<6} {:<5} {:<43}  {}  {}",
                    key.state.name(),
                    key.algorithm.name(),
                    key.bits,
                    key.kid,
                    key.file,
                    next_step(key, now)
                ));
            }
        }
    }
    Ok(Exit::Fine)
}

/// When the state changes next.
fn next_step(key: &KeyStatus<'_>, now: UnixTime) -> String {
    let steps = [("signs from", Some(key.activation)), ("retires at", key.succeeded), ("gone at", key.gone)];
    let next =
        steps.into_iter().find_map(|(words, at)| at.filter(|at| *at > now).map(|at| format!("{words} {at}")));
    next.unwrap_or_default()
}

fn as_json(key: &KeyStatus<'_>) -> serde_json::Value {
    json!({
        "file": key.file,
        "kid": key.kid,
        "alg": key.algorithm.name(),
        "bits": key.bits,
        "state": key.state.name(),
        "activation": key.activation.to_string(),
        "succeeded": key.succeeded.map(|at| at.to_string()),
        "gone": key.gone.map(|at| at.to_string()),
        "private": key.has_private_half,
    })
}
