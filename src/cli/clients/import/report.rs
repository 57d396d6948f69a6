//! What became of an export: which clients are in the list, what was left out, and why.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::carry::Carried;
use super::model::{Fate, Note};
use crate::section::shown;

/// Longest id that keeps the reasons below each other.
const ID_COLUMNS_MAX: usize = 28;

/// For people.
pub fn text(carried: &Carried, notes: &[Note]) -> String {
    let mut text = String::new();
    for (fate, title) in [
        (Fate::LeftOut, "left out:"),
        (Fate::NotCarried, "not carried:"),
        (Fate::Changed, "carried in another form:"),
    ] {
        let of_fate: Vec<&Note> = notes.iter().filter(|note| note.fate == fate).collect();
        if of_fate.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{title}");
        for note in of_fate {
            let id = shown(note.client_id.as_deref().unwrap_or("(the export)"));
            let width = ID_COLUMNS_MAX;
            let _ = writeln!(text, "  {id:width$}  {}: {}", shown(&note.member), note.reason);
        }
    }
    let left_out = notes.iter().filter(|note| note.fate == Fate::LeftOut).count();
    let _ = write!(text, "{} clients carried over, {left_out} left out", carried.client_ids.len());
    match carried.warnings {
        0 => {}
        1 => text.push_str("; `signet check` will give 1 warning"),
        many => drop(write!(text, "; `signet check` will give {many} warnings")),
    }
    text
}

/// For programs. The list itself is there when no file gets it.
pub fn json(from: &str, carried: &Carried, notes: &[Note], output: Option<&str>) -> Value {
    let note = |note: &Note| {
        json!({
            "fate": note.fate.name(),
            "client_id": note.client_id,
            "place": note.place,
            "member": note.member,
            "reason": note.reason,
        })
    };
    json!({
        "version": 1,
        "from": from,
        "client_ids": carried.client_ids,
        "warnings": carried.warnings,
        "notes": notes.iter().map(note).collect::<Vec<_>>(),
        "output": output,
        "list": output.is_none().then_some(&carried.text),
    })
}
