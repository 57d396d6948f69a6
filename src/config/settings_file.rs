//! The settings file as members with their places; what they mean is the command line's to say.

use std::path::Path;

use super::yaml::{self, Receiver};
use crate::diagnostic::catalogue::settings as codes;
use crate::diagnostic::{Entry, Finding, Findings, Place, Section, Source};

/// Larger files are no settings.
const BYTES_MAX: u64 = 1024 * 1024;

/// The members of the top-level mapping; `None` when the file cannot be read as one.
pub fn read(path: &Path, findings: &mut Findings) -> Option<Vec<Entry>> {
    let name = path.display().to_string();
    let text = match text(path) {
        Ok(text) => text,
        Err(reason) => {
            let message = format!("the settings file {name} {reason}");
            findings.push(Finding::new(&codes::SETTINGS_UNREADABLE, message).in_file(name));
            return None;
        }
    };
    let source = Source::new(name.as_str(), text);
    let mut members = Members { open: None, entries: Vec::new() };
    let before = findings.errors();
    yaml::read(&source, &mut members, findings);
    members.close(findings);
    (findings.errors() == before).then_some(members.entries)
}

fn text(path: &Path) -> Result<String, String> {
    let metadata = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("is no regular file".to_owned());
    }
    if metadata.len() > BYTES_MAX {
        return Err("is larger than 1 MiB".to_owned());
    }
    std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))
}

struct Members {
    /// The member that has begun and has no value yet; an empty list never brings one.
    open: Option<(String, Place)>,
    entries: Vec<Entry>,
}

impl Members {
    fn close(&mut self, findings: &mut Findings) {
        if let Some((key, place)) = self.open.take() {
            list(&key, place, findings);
        }
    }
}

impl Receiver for Members {
    fn member(&mut self, key: &str, place: Place, findings: &mut Findings) -> bool {
        self.close(findings);
        self.open = Some((key.to_owned(), place));
        true
    }

    fn entry(&mut self, key: &str, entry: Section, findings: &mut Findings) {
        self.open = None;
        list(key, entry.place(), findings);
    }

    fn value(&mut self, key: &str, value: Section, _findings: &mut Findings) {
        let key_span = self.open.take().map_or(value.span, |(_, place)| place.span);
        self.entries.push(Entry { key: key.to_owned(), key_span, value });
    }
}

fn list(key: &str, place: Place, findings: &mut Findings) {
    let message = format!("`{key}` must be one value, not a list");
    findings.push(Finding::new(&codes::SETTINGS_SHAPE, message).at(place, "a list"));
}
