//! What a change of keys means for the verifiers of the field, for people and for programs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::keys::verifiers::{VERIFIERS, Verifier, duration};

/// One line for each length of time, the shortest first: `  30 s: PyJWT, jose (Node.js)`. `seconds`:
/// `None` when no time ends it; verifiers with nothing to wait for are left out.
pub fn in_words(seconds: fn(&Verifier) -> Option<i64>) -> String {
    let mut groups: BTreeMap<(i64, String), Vec<&str>> = BTreeMap::new();
    for verifier in VERIFIERS {
        let length = match seconds(verifier) {
            Some(0) => continue,
            Some(seconds) => (seconds, duration(seconds)),
            None => (i64::MAX, verifier.without_end().to_owned()),
        };
        groups.entry(length).or_default().push(verifier.title);
    }
    let line =
        |((_, length), titles): ((i64, String), Vec<&str>)| format!("\n  {length}: {}", titles.join(", "));
    groups.into_iter().map(line).collect()
}

/// The same as a list of `{verifier, title, seconds, until}`; one of the last two is null.
pub fn as_json(seconds: fn(&Verifier) -> Option<i64>) -> Vec<Value> {
    VERIFIERS
        .iter()
        .filter(|verifier| seconds(verifier) != Some(0))
        .map(|verifier| {
            let seconds = seconds(verifier);
            let until = seconds.is_none().then(|| verifier.without_end());
            json!({"verifier": verifier.name, "title": verifier.title, "seconds": seconds, "until": until})
        })
        .collect()
}
