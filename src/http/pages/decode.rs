//! `/decode`: the token decoder. The page brings the key set of this server, the words on claims and the
//! rules of verifiers; the script in the browser does the rest, and no token reaches the server.

use askama::Template;
use serde_json::{Value, json};

use super::{Frame, Page};
use crate::clock::UnixTime;
use crate::jose::{meaning, token_checks};
use crate::keys::acceptance::{ACCEPTANCES, RULES};

#[derive(Template)]
#[template(path = "decode.html", config = "src/http/pages/askama.toml")]
pub struct DecodePage<'a> {
    frame: &'a Frame<'a>,
    /// JSON; as the value of an attribute it is escaped like any other text.
    facts: String,
}

pub fn page<'a>(frame: &'a Frame<'a>, now: UnixTime) -> DecodePage<'a> {
    let keyring = frame.issuer.keyring();
    let states: serde_json::Map<String, Value> =
        keyring.states(now).iter().map(|key| (key.kid.to_owned(), key.state.to_string().into())).collect();
    let key_set: Value =
        serde_json::from_slice(&frame.issuer.key_set(now).document.bytes).unwrap_or_default();
    let pairs = |list: &[(&str, &str)]| -> Value {
        let pairs = list.iter().map(|(name, words)| ((*name).to_owned(), Value::from(*words)));
        pairs.collect::<serde_json::Map<_, _>>().into()
    };
    let facts = json!({
        "issuer": frame.url(),
        "now": now.seconds(),
        "keys": key_set.get("keys"),
        "states": states,
        "meanings": pairs(meaning::MEANINGS),
        "dates": meaning::DATES,
        "types": token_checks::TYPES,
        "not_plain": token_checks::NOT_PLAIN,
        "rules": RULES,
        "verifiers": ACCEPTANCES,
    });
    DecodePage { frame, facts: facts.to_string() }
}
