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
    let mut members = Members { key: None, entries: Vec::new() };
    let before = findings.errors();
    yaml::read(&source, &mut members, findings);
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
    key: Option<Place>,
    entries: Vec<Entry>,
}

impl Receiver for Members {
    fn member(&mut self, _key: &str, place: Place, _findings: &mut Findings) -> bool {
        self.key = Some(place);
        true
    }

    fn entry(&mut self, key: &str, entry: Section, findings: &mut Findings) {
        let message = format!("`{key}` must be one value, not a list");
        findings.push(Finding::new(&codes::SETTINGS_SHAPE, message).at(entry.place(), "in a list"));
    }

    fn value(&mut self, key: &str, value: Section, _findings: &mut Findings) {
        let key_span = self.key.as_ref().map_or(value.span, |place| place.span);
        self.entries.push(Entry { key: key.to_owned(), key_span, value });
    }
}
