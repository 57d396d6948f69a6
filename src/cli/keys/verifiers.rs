//! What a change of keys means for the verifiers of the field, for people and for programs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::keys::verifiers::{VERIFIERS, Verifier, duration};

/// One line for each length of time, the shortest first: `  30 s: PyJWT, jose (Node.js)`. `seconds`:
/// `None` when only people end it; verifiers with nothing to wait for are left out.
pub fn in_words(seconds: fn(&Verifier) -> Option<i64>) -> String {
    let mut groups: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for verifier in VERIFIERS {
        groups.entry(seconds(verifier).unwrap_or(i64::MAX)).or_default().push(verifier.title);
    }
    groups.remove(&0);
    let line = |(seconds, titles): (i64, Vec<&str>)| {
        let length =
            if seconds == i64::MAX { "until it is ended by hand".to_owned() } else { duration(seconds) };
        format!("\n  {length}: {}", titles.join(", "))
    };
    groups.into_iter().map(line).collect()
}

/// The same as a list of `{verifier, title, seconds}`.
pub fn as_json(seconds: fn(&Verifier) -> Option<i64>) -> Vec<Value> {
    VERIFIERS
        .iter()
        .filter(|verifier| seconds(verifier) != Some(0))
        .map(|verifier| {
            json!({"verifier": verifier.name, "title": verifier.title, "seconds": seconds(verifier)})
        })
        .collect()
}
