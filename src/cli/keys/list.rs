//! `signet keys list`: all keys, their states and when these change.

use serde_json::json;

use super::{DirectoryArgs, seal};
use crate::cli::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::keys::{KeyStatus, RevokedKey, prune};

pub const EXAMPLES: &str = "\
Examples:
  signet keys list
  signet keys list --format json";

pub fn run(args: &DirectoryArgs, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    let (keyring, exit) = match args.load_sound(now, true, global) {
        Ok(sound) => sound,
        Err(exit) => return Ok(exit),
    };
    let states = keyring.states(now);
    if global.format == Format::Json {
        let keys: Vec<_> = states.iter().map(as_json).collect();
        let revoked: Vec<_> = keyring.revoked().iter().map(revoked_as_json).collect();
        let leftovers = prune::leftovers(&args.keys, now);
        let leftovers: Vec<_> = leftovers.iter().map(|path| path.display().to_string()).collect();
        let seals: Vec<_> = keyring.seals().states(now).iter().map(seal::as_json).collect();
        let document = json!({
            "version": 1, "keys": keys, "revoked": revoked, "seal_keys": seals, "leftovers": leftovers,
        });
        output::line(&document.to_string());
        return Ok(exit);
    }
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
    for key in keyring.revoked() {
        let kid = key.kid.as_deref().unwrap_or("unknown");
        output::line(&format!(
            "{:<9} {:<6} {:<5} {:<43}  {}",
            "revoked",
            key.algorithm.name(),
            "",
            kid,
            key.file
        ));
    }
    for key in keyring.seals().states(now) {
        output::line(&seal::row(&key, now));
    }
    let notes = prune::leftover_notes(&args.keys, now);
    output::findings(&notes, Format::Human, global.color, exit);
    Ok(exit)
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

fn revoked_as_json(key: &RevokedKey) -> serde_json::Value {
    json!({
        "file": key.file,
        "kid": key.kid,
        "alg": key.algorithm.name(),
        "activation": key.activation.to_string(),
    })
}
