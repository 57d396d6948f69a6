//! Where the members of one client and of some resources stand, for `why`. The registry keeps
//! two lines of a client; whoever wants to know more reads the files again.

use std::collections::HashMap;
use std::path::Path;

use super::{client_files, read_source, yaml};
use crate::diagnostic::{Findings, Place, Section, Value};
use crate::section::members::Members;

/// Members whose words have a place of their own.
const LISTS: &[&str] = &["scope", "default_scope", "scopes", "audience", "grant_types"];

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub file: String,
    /// 1-based.
    pub line: u32,
}

/// Where the parts of one entry stand.
#[derive(Debug, Default)]
pub struct EntryLines {
    members: HashMap<String, Line>,
    words: HashMap<(&'static str, String), Line>,
}

/// What was looked for and found.
#[derive(Debug, Default)]
pub struct Lines {
    pub client: Option<EntryLines>,
    /// By audience.
    pub resources: HashMap<String, EntryLines>,
}

/// Reads the files at `path` again. They were valid; what is not readable now has no lines.
pub fn locate(path: &Path, client_id: &str) -> Lines {
    let mut findings = Findings::default();
    let mut search = Search { client_id, lines: Lines::default() };
    for file in client_files(path, &mut findings) {
        if let Some(source) = read_source(&file, &mut findings) {
            yaml::read(&source, &mut search, &mut findings);
        }
    }
    search.lines
}

struct Search<'q> {
    client_id: &'q str,
    lines: Lines,
}

impl yaml::Receiver for Search<'_> {
    fn member(&mut self, key: &str, _place: Place, _findings: &mut Findings) -> bool {
        matches!(key, "clients" | "resources")
    }

    fn entry(&mut self, key: &str, entry: Section, _findings: &mut Findings) {
        match (key, text(&entry, "client_id"), text(&entry, "audience")) {
            ("clients", Some(id), _) if id == self.client_id => {
                self.lines.client = EntryLines::of(entry);
            }
            ("resources", _, Some(audience)) => {
                let audience = audience.to_owned();
                self.lines.resources.extend(EntryLines::of(entry).map(|lines| (audience, lines)));
            }
            _ => {}
        }
    }

    fn value(&mut self, _key: &str, _value: Section, _findings: &mut Findings) {}
}

fn text<'s>(entry: &'s Section, name: &str) -> Option<&'s str> {
    let Value::Map(members) = &entry.value else { return None };
    match &members.iter().find(|member| member.key == name)?.value.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

impl EntryLines {
    fn of(entry: Section) -> Option<Self> {
        let mut lines = Self::default();
        if let Value::Map(members) = &entry.value {
            let places = members.iter().map(|member| (member.key.clone(), line(&member.key_place())));
            lines.members.extend(places);
        }
        let mut ignored = Findings::default();
        let mut members = Members::open(entry, "an entry", &mut ignored)?;
        for list in LISTS {
            for word in members.texts(list, true, &mut ignored).unwrap_or_default() {
                let place = members.place(word.span);
                lines.words.entry((list, word.value)).or_insert_with(|| line(&place));
            }
        }
        Some(lines)
    }

    pub fn member(&self, name: &str) -> Option<&Line> {
        self.members.get(name)
    }

    /// The word in the list, else the list.
    pub fn word(&self, list: &'static str, word: &str) -> Option<&Line> {
        self.words.get(&(list, word.to_owned())).or_else(|| self.member(list))
    }
}

fn line(place: &Place) -> Line {
    Line { file: place.source.name.clone(), line: place.line_column().0 }
}

/// `clients.yaml:4`.
impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
