//! Seal keys in what `signet keys` prints: the new one, and all of them with their states.

use serde_json::{Value, json};

use crate::cli::{Format, Global, output};
use crate::clock::UnixTime;
use crate::keys::seal::{NewSealKey, SealKeyId, SealStatus};

/// Stands where an algorithm stands of others.
pub const KIND: &str = "seal";

/// As it is shown: eight digits, hexadecimal.
pub fn id_text(id: &SealKeyId) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn print_new(key: &NewSealKey, now: UnixTime, global: Global) {
    let (path, id) = (key.path.display().to_string(), id_text(&key.id));
    let is_next = key.activation > now;
    if global.format == Format::Json {
        let state = if is_next { "next" } else { "sealing" };
        let activation = key.activation.to_string();
        let document = json!({"version": 1, "file": path, "id": id, "alg": KIND, "activation": activation, "state": state});
        output::line(&document.to_string());
        return;
    }
    output::line(&path);
    output::talk(&format!("seal key {id}"));
    output::talk(&match (is_next, key.previous) {
        (true, _) => format!(
            "Registrations are sealed with it from {} on; give it to every replica before.",
            key.activation
        ),
        (false, None) => "Registrations are sealed with it from now on; give it to every replica.".to_owned(),
        (false, Some(_)) => {
            "Registrations are sealed with it from now on; a replica without it refuses clients that another \
             registered."
                .to_owned()
        }
    });
}

/// One line of `keys list`.
pub fn row(key: &SealStatus<'_>, now: UnixTime) -> String {
    let steps =
        [("seals from", Some(key.activation)), ("opens only from", key.succeeded), ("gone at", key.gone)];
    let next =
        steps.into_iter().find_map(|(words, at)| at.filter(|at| *at > now).map(|at| format!("{words} {at}")));
    let line = format!(
        "{:<9} {KIND:<6} {:<5} {:<43}  {}  {}",
        key.state.name(),
        256,
        id_text(key.id),
        key.file,
        next.unwrap_or_default()
    );
    line.trim_end().to_owned()
}

pub fn as_json(key: &SealStatus<'_>) -> Value {
    json!({
        "file": key.file,
        "id": id_text(key.id),
        "state": key.state.name(),
        "activation": key.activation.to_string(),
        "succeeded": key.succeeded.map(|at| at.to_string()),
        "gone": key.gone.map(|at| at.to_string()),
    })
}
