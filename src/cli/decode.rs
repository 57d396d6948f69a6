//! `signet decode`: header and claims of a token with a word on each. Nothing is verified, and it
//! says so.

use clap::Args;
use serde_json::{Map, Value, json};

use super::exit::failure;
use super::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::jose::{meaning, verify};

const EXAMPLES: &str = "\
Examples:
  signet decode < token.txt
  signet token ... | signet decode";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct DecodeArgs {
    /// File that holds the token; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: String,
}

pub fn run(args: DecodeArgs, global: Global) -> anyhow::Result<Exit> {
    let token = output::read_input(&args.file)?;
    let decoded = verify::decode(&token).map_err(|error| failure(Exit::Refused, error.to_string()))?;
    match global.format {
        Format::Json => {
            let json =
                json!({"version": 1, "verified": false, "header": decoded.header, "claims": decoded.claims});
            output::line(&json.to_string());
        }
        _ => {
            let now = SystemClock.now();
            output::line("header");
            rows(&decoded.header, now);
            output::line("claims");
            rows(&decoded.claims, now);
            output::talk("Nothing was verified. To verify: signet verify --issuer URL --audience NAME");
        }
    }
    Ok(Exit::Fine)
}

fn rows(members: &Map<String, Value>, now: UnixTime) {
    for (name, value) in members {
        output::line(&format!("  {name:<10} {value}  {}", explained(name, value, now)));
    }
}

/// What a registered member says.
fn explained(name: &str, value: &Value, now: UnixTime) -> String {
    match meaning::meaning(name) {
        None => String::new(),
        Some(words) if meaning::DATES.contains(&name) => at(words, value, now),
        Some(words) => format!("# {words}"),
    }
}

fn at(words: &str, value: &Value, now: UnixTime) -> String {
    let Some(time) = value.as_i64().map(UnixTime::from_seconds) else {
        return "# not a whole number".to_owned();
    };
    let distance = time.since(now);
    let relation =
        if distance >= 0 { format!("in {distance} s") } else { format!("{} s ago", distance.unsigned_abs()) };
    format!("# {words} {time} ({relation})")
}
