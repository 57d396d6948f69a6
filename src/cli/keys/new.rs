//! `signet keys new`: a new key file.

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::json;

use super::verifiers::{as_json, in_words};
use super::{DirectoryArgs, seal};
use crate::cli::exit::failure;
use crate::cli::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::config;
use crate::jose::Algorithm;
use crate::keys;
use crate::keys::generate::{self, Activation, GenerateError, NewKey};
use crate::keys::verifiers::Verifier;

pub const EXAMPLES: &str = "\
Examples:
  signet keys new                        the first key signs at once, a later one in 24 hours
  signet keys new --alg ES256 --ahead 48h
  signet keys new --activate 2027-01-01T00:00:00Z
  signet keys new --every 30d            for a daily job: a key only when one is due
  signet keys new --now                  in an emergency; verifiers that cache will refuse tokens
  signet keys new --seal                 a key that registrations are sealed with";

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
    #[arg(long, value_name = "DURATION", value_parser = config::seconds, conflicts_with_all = ["now", "activate"])]
    ahead: Option<u32>,
    /// The moment from which the key signs, in RFC 3339 form; at least 1h ahead
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with = "now")]
    activate: Option<UnixTime>,
    /// Make a key only when the newest one has signed for so long when the new one begins
    #[arg(long, value_name = "DURATION", value_parser = config::seconds, conflicts_with_all = ["now", "activate"])]
    every: Option<u32>,
    /// Sign with the new key at once, although verifiers do not know it yet
    #[arg(long)]
    now: bool,
    /// A seal key, for registered clients, instead of one that signs
    #[arg(long, conflicts_with_all = ["alg", "bits"])]
    seal: bool,
}

/// The names of what can be signed with.
fn algorithms() -> PossibleValuesParser {
    PossibleValuesParser::new(keys::algorithms().into_iter().map(Algorithm::name))
}

fn moment(text: &str) -> Result<UnixTime, String> {
    let time: jiff::Timestamp =
        text.parse().map_err(|_| format!("`{text}` is no time; write 2027-01-01T00:00:00Z"))?;
    Ok(UnixTime::from_seconds(time.as_second()))
}

pub fn run(args: NewArgs, global: Global) -> anyhow::Result<Exit> {
    let algorithm = Algorithm::from_name(&args.alg)
        .ok_or_else(|| failure(Exit::Usage, format!("{} is no algorithm of this program", args.alg)))?;
    let now = SystemClock.now();
    let activation = match (args.now, args.activate, args.ahead) {
        (true, ..) => Activation::Now,
        (false, Some(moment), _) => Activation::At(moment),
        (false, None, Some(seconds)) => Activation::Ahead { seconds: seconds.into() },
        (false, None, None) => Activation::default(),
    };
    let what = if args.seal { seal::KIND } else { algorithm.name() };
    if let Some(newest) = not_due(&args, algorithm, activation, now)? {
        say_not_due(what, newest, global);
        return Ok(Exit::Fine);
    }
    if args.seal {
        let made = keys::seal::new_file(&args.directory.keys, now, activation).map_err(refusal)?;
        seal::print_new(&made, now, global);
        return Ok(Exit::Fine);
    }
    let progress = output::spinner(&format!("making a key for {algorithm}"));
    let made = generate::new_file(&args.directory.keys, algorithm, args.bits.parse()?, now, activation);
    progress.finish_and_clear();
    print(&made.map_err(refusal)?, args.now, global);
    Ok(Exit::Fine)
}

fn refusal(error: GenerateError) -> anyhow::Error {
    let exit = if matches!(error, GenerateError::Io(..)) { Exit::Io } else { Exit::Refused };
    failure(exit, error.to_string())
}

/// With `--every`: the activation of the newest key when that is too young.
fn not_due(
    args: &NewArgs,
    algorithm: Algorithm,
    activation: Activation,
    now: UnixTime,
) -> anyhow::Result<Option<UnixTime>> {
    let (Some(every), Activation::Ahead { seconds }) = (args.every, activation) else { return Ok(None) };
    let directory = &args.directory.keys;
    let newest = match args.seal {
        true => keys::seal::latest_activation(directory),
        false => generate::latest_activation(directory, algorithm),
    };
    let newest = newest.map_err(|error| failure(Exit::Io, format!("{}: {error}", directory.display())))?;
    Ok(newest.filter(|newest| now.plus(seconds) < newest.plus(every.into())))
}

fn say_not_due(what: &str, newest: UnixTime, global: Global) {
    if global.format == Format::Json {
        let newest = newest.to_string();
        output::line(&json!({"version": 1, "file": null, "alg": what, "newest": newest}).to_string());
    } else {
        output::talk(&format!("No key is due: the newest of {what} is active from {newest} on."));
    }
}

fn print(key: &NewKey, at_once: bool, global: Global) {
    let path = key.path.display().to_string();
    let algorithm = key.jwk.algorithm();
    if global.format == Format::Json {
        let unprepared = at_once && key.previous.is_some();
        let unprepared = if unprepared { as_json(refuses_seconds) } else { Vec::new() };
        output::line(
            &json!({
                "version": 1,
                "file": path,
                "kid": key.jwk.kid(),
                "alg": algorithm.name(),
                "activation": key.activation.to_string(),
                "state": key.state.name(),
                "unprepared": unprepared,
            })
            .to_string(),
        );
    } else {
        output::line(&path);
        output::talk(&format!("{algorithm}, {} bits, kid {}", key.bits, key.jwk.kid()));
        output::talk(&what_happens(key, at_once));
    }
}

fn what_happens(key: &NewKey, at_once: bool) -> String {
    match (key.previous, at_once) {
        (Some(_), true) => {
            format!("{EMERGENCY}{}", in_words(refuses_seconds))
        }
        (None, _) if key.state == keys::State::Signing => "It signs from now on.".to_owned(),
        (None, _) => format!("It is the first of its algorithm: nothing is signed until {}.", key.activation),
        (Some(_), false) => {
            format!(
                "It is published as soon as every replica has the file, and signs from {} on.",
                key.activation
            )
        }
    }
}

const EMERGENCY: &str =
    "It signs from now on, and verifiers do not know it yet. They refuse its tokens for at most:";

/// At the worst: the copy of the key set was taken a moment before.
fn refuses_seconds(verifier: &Verifier) -> Option<i64> {
    verifier.refuses_seconds(0)
}
