//! `signet keys new`: a new key file.

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::json;

use super::DirectoryArgs;
use crate::cli::exit::failure;
use crate::cli::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock};
use crate::config;
use crate::jose::Algorithm;
use crate::keys;
use crate::keys::generate::{self, Activation, NewKey};

pub const EXAMPLES: &str = "\
Examples:
  signet keys new                        the first key signs at once, a later one in 24 hours
  signet keys new --ahead 48h
  signet keys new --now                  in an emergency; verifiers that cache will refuse tokens";

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

pub fn run(args: NewArgs, global: Global) -> anyhow::Result<Exit> {
    let algorithm = Algorithm::from_name(&args.alg)
        .ok_or_else(|| failure(Exit::Usage, format!("{} is no algorithm of this program", args.alg)))?;
    let bits = args.bits.parse()?;
    let activation = match (args.now, args.ahead) {
        (true, _) => Activation::Now,
        (false, Some(seconds)) => Activation::Ahead { seconds: seconds.into() },
        (false, None) => Activation::default(),
    };
    let progress = output::spinner(&format!("making a key for {algorithm}"));
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
            output::talk(&format!("{algorithm}, {} bits, kid {}", key.bits, key.jwk.kid()));
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
