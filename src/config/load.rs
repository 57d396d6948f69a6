//! Files in, a registry or findings out. One function, no clock and no state: `serve`, `check`,
//! `diff` and every reload call the same.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::beside::{self, FilesBeside, Give, NamedFiles};
use super::files::{self, Found};
use super::raw::RawClients;
use super::revision::{Builder, Revision};
use super::{validate, yaml};
use crate::client::Registry;
use crate::clock::UnixTime;
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings, Place, Source, Span};
use crate::grant;
use crate::jose::Algorithm;
use crate::keys;

/// Time enough to roll out another credential.
const EXPIRING_SECONDS_DEFAULT: u32 = 30 * 24 * 60 * 60;

/// What the rest of the program can do (lists of the plug-in points), and what is looked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Names of grants; `client_credentials` is the default of a client when it is among them.
    pub known_grants: Vec<&'static str>,
    /// What tokens can be signed with.
    pub known_algorithms: Vec<Algorithm>,
    /// A credential that ends within this time is a finding.
    pub expiring_within_seconds: u32,
    /// Collect notes as well: for whoever reviews a list, not for a server that reads it again.
    pub notes: bool,
    pub progress: Option<Arc<dyn Progress>>,
}

/// What this program can do.
impl Default for Options {
    fn default() -> Self {
        Self {
            known_grants: grant::grant_types().collect(),
            known_algorithms: keys::algorithms(),
            expiring_within_seconds: EXPIRING_SECONDS_DEFAULT,
            notes: false,
            progress: None,
        }
    }
}

/// Is told how far the reading of large lists has come.
pub trait Progress: fmt::Debug + Send + Sync {
    /// Before the first file: the size of all.
    fn begin(&self, bytes: u64);
    /// After each entry: how much of it was read.
    fn reached(&self, bytes: u64);
}

/// The outcome of one reading of all files.
#[derive(Debug)]
pub struct Loaded {
    /// Only when no finding is an error.
    pub registry: Option<Registry>,
    /// Sorted by file and place.
    pub findings: Findings,
    /// Of what could be read.
    pub revision: Revision,
    pub files: Vec<LoadedFile>,
    /// Files that the list names, found or not.
    pub named_files: NamedFiles,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedFile {
    /// As findings name it.
    pub name: String,
    pub bytes: u64,
    /// The last line is the end marker `...`, which tells a whole file from a cut one.
    pub ends_with_marker: bool,
}

/// Reads the file or directory at `path`.
pub fn load(path: &Path, now: UnixTime, options: &Options) -> Loaded {
    let mut findings = Findings::default();
    let mut reading = Reading::new(options, beside::on_disk(path));
    let found = files::list(path, &mut findings);
    reading.complete = findings.errors() == 0;
    if let Some(progress) = &options.progress {
        let sizes = found.iter().filter_map(|file| std::fs::metadata(&file.path).ok());
        progress.begin(sizes.map(|metadata| metadata.len()).sum());
    }
    for file in &found {
        let is_whole = reading.file(file, &mut findings);
        reading.complete &= is_whole;
    }
    reading.finish(now, findings)
}

/// Reads the list at `path` as it would be with one file changed or added.
pub fn load_changed(path: &Path, changed: (&Path, &str), now: UnixTime, options: &Options) -> Loaded {
    let mut findings = Findings::default();
    let mut reading = Reading::new(options, beside::on_disk(path));
    let (changed, text) = changed;
    let mut found = files::list(path, &mut findings);
    if !found.iter().any(|file| file.path == changed) {
        found.push(Found { path: changed.to_owned(), relative: files::relative(path, changed) });
        found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    }
    reading.complete = findings.errors() == 0;
    for file in &found {
        let name = file.path.display().to_string();
        reading.complete &= match file.path == changed {
            true => reading.content(&name, &file.relative, text.as_bytes().to_vec(), &mut findings),
            false => reading.file(file, &mut findings),
        };
    }
    reading.finish(now, findings)
}

/// The files that `path` names, in their order; problems are findings.
pub fn client_files(path: &Path, findings: &mut Findings) -> Vec<PathBuf> {
    files::list(path, findings).into_iter().map(|found| found.path).collect()
}

/// The text of one client file.
pub fn read_source(path: &Path, findings: &mut Findings) -> Option<Arc<Source>> {
    let name = path.display().to_string();
    files::read(path, findings).and_then(|bytes| source(&name, bytes, findings))
}

/// The text of a client file that was read already.
pub fn source(name: &str, bytes: Vec<u8>, findings: &mut Findings) -> Option<Arc<Source>> {
    text(bytes, name, findings).map(|text| Source::new(name, text))
}

/// The revision that [`load`] would give, without what the files mean. Which files the list names
/// is known from the reading before.
pub fn revision(path: &Path, named: &NamedFiles) -> Revision {
    let mut unread = Findings::default();
    let mut revision = Builder::new();
    for file in files::list(path, &mut unread) {
        if let Some(bytes) = files::read(&file.path, &mut unread) {
            revision.add(&file.relative, &bytes);
        }
    }
    beside::add_named(path, named, &mut revision);
    revision.finish()
}

/// A file of a list that does not stand in a directory: in a git revision, say. The caller has
/// kept to [`is_client_file`](super::is_client_file) and [`FILE_BYTES_MAX`](super::FILE_BYTES_MAX).
#[derive(Debug)]
pub struct Content {
    /// Below the root of the list, with `/`.
    pub relative: String,
    /// As findings shall name it.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Reads a list that was brought along, with the files beside it from `give`. The same contents
/// have the same revision as files.
pub fn load_contents<'o>(
    root: &str,
    mut contents: Vec<Content>,
    give: Give<'o>,
    now: UnixTime,
    options: &'o Options,
) -> Loaded {
    let mut findings = Findings::default();
    let mut reading = Reading::new(options, give);
    contents.sort_by(|a, b| Path::new(&a.relative).cmp(Path::new(&b.relative)));
    if contents.is_empty() {
        files::none_found(root, &mut findings);
    }
    for content in contents {
        reading.complete &= reading.content(&content.name, &content.relative, content.bytes, &mut findings);
    }
    reading.finish(now, findings)
}

/// Reads a list that is one text: the one that the program brings along.
pub fn load_text(name: &str, text: &str, now: UnixTime, options: &Options) -> Loaded {
    let content = Content { relative: name.to_owned(), name: name.to_owned(), bytes: text.into() };
    load_contents(name, vec![content], beside::nowhere(), now, options)
}

struct Reading<'o> {
    raw: RawClients<'o>,
    revision: Builder,
    files: Vec<LoadedFile>,
    bytes: u64,
    complete: bool,
}

impl<'o> Reading<'o> {
    fn new(options: &'o Options, give: Give<'o>) -> Self {
        Self {
            raw: RawClients::new(options, FilesBeside::new(give)),
            revision: Builder::new(),
            files: Vec::new(),
            bytes: 0,
            complete: true,
        }
    }

    fn finish(mut self, now: UnixTime, mut findings: Findings) -> Loaded {
        self.raw.beside.add_to(&mut self.revision);
        let named_files = self.raw.beside.names();
        let registry = validate::registry(self.raw, self.complete, now, &mut findings);
        Loaded {
            registry: (findings.errors() == 0).then_some(registry),
            findings: findings.sorted(),
            revision: self.revision.finish(),
            files: self.files,
            named_files,
        }
    }

    /// `false` when the file could not be read to its end.
    fn file(&mut self, file: &Found, findings: &mut Findings) -> bool {
        let Some(bytes) = files::read(&file.path, findings) else { return false };
        self.content(&file.path.display().to_string(), &file.relative, bytes, findings)
    }

    fn content(&mut self, name: &str, relative: &str, bytes: Vec<u8>, findings: &mut Findings) -> bool {
        let bytes_before = self.bytes;
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.bytes > files::TOTAL_BYTES_MAX {
            let message = "all client files together are larger than 1 GiB";
            findings.push(Finding::new(&codes::FILE_TOO_LARGE, message).in_file(name));
            return false;
        }
        self.revision.add(relative, &bytes);
        self.files.push(LoadedFile {
            name: name.to_owned(),
            bytes: bytes.len() as u64,
            ends_with_marker: bytes.trim_ascii_end().ends_with(b"\n..."),
        });
        let Some(source) = source(name, bytes, findings) else { return false };
        check_byte_order_mark(&source, findings);
        self.raw.begin_file(name, relative, bytes_before);
        let errors = findings.errors();
        let is_whole = yaml::read(&source, &mut self.raw, findings);
        if is_whole {
            self.raw.end_file(findings);
        }
        if is_whole && !self.raw.file_has_content() && findings.errors() == errors {
            report_empty(name, findings);
        }
        is_whole
    }
}

pub(super) fn check_byte_order_mark(source: &Arc<Source>, findings: &mut Findings) {
    if source.text.starts_with('\u{feff}') {
        let place = Place { source: Arc::clone(source), span: Span::at(0) };
        findings.push(
            Finding::new(&codes::NOT_UTF8, "the file begins with a byte order mark")
                .at(place, "here")
                .help("save it as UTF-8 without a byte order mark"),
        );
    }
}

pub(super) fn report_empty(name: &str, findings: &mut Findings) {
    findings.push(
        Finding::new(&codes::FILE_EMPTY, format!("{name} holds nothing"))
            .in_file(name)
            .help("a list without entries is written `clients: []`"),
    );
}

/// UTF-8 or a finding that says where it stops being UTF-8.
fn text(bytes: Vec<u8>, name: &str, findings: &mut Findings) -> Option<String> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Some(text),
        Err(error) => error,
    };
    let valid = error.utf8_error().valid_up_to();
    let bytes = error.as_bytes();
    let is_utf16 = matches!(bytes.get(..2), Some([0xff, 0xfe] | [0xfe, 0xff]));
    let before = bytes.get(..valid).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let message = match is_utf16 {
        true => format!("{name} is UTF-16"),
        false => format!("{name} is not UTF-8: byte {valid}, line {line}"),
    };
    findings.push(Finding::new(&codes::NOT_UTF8, message).in_file(name).help("save it as UTF-8"));
    None
}
