//! `signet decode`: header and claims of a token with a word on each. Nothing is verified, and it
//! says so.

use clap::Args;
use serde_json::{Map, Value, json};

use super::exit::failure;
use super::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::jose::verify;

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
        output::line(&format!("  {name:<10} {value}  {}", meaning(name, value, now)));
    }
}

/// What a registered member says (RFC 7515 §4.1, RFC 7519 §4.1, RFC 9068 §2.2).
fn meaning(name: &str, value: &Value, now: UnixTime) -> String {
    let text = match name {
        "alg" => "signature algorithm",
        "typ" => "kind of token",
        "kid" => "key that signed it",
        "iss" => "who issued it",
        "sub" => "whom it speaks of: the client itself",
        "client_id" => "the client that asked for it",
        "aud" => "who shall accept it, and nobody else",
        "jti" => "unique name of this token",
        "scope" => "what it allows",
        "iat" => return at("issued", value, now),
        "exp" => return at("valid until before", value, now),
        "nbf" => return at("valid from", value, now),
        _ => return String::new(),
    };
    format!("# {text}")
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
