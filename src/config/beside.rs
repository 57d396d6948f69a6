//! The files that a client list names, keys of clients for now: where they may stand, and what was
//! read of them. They count as parts of the list: for its revision, for reloads, for `diff`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{FILES_MAX, read_regular};
use super::revision;
use crate::section::beside::{Beside, NotRead};

/// One file: eight keys of 4096 bits stay below 16 KiB.
pub const NAMED_FILE_BYTES_MAX: u64 = 64 * 1024;
/// All of them, which are held until the list is read.
const TOTAL_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Longest path that is looked for.
const NAME_BYTES_MAX: usize = 1024;

/// Names of files: paths below the directory of the list, with `/`.
pub type NamedFiles = BTreeSet<String>;

/// Where files come from: the content of the one at a path below the directory of the list, or
/// why there is none, to follow "the file".
pub type Give<'g> = Box<dyn FnMut(&str) -> Result<Vec<u8>, String> + 'g>;

pub(super) struct FilesBeside<'g> {
    give: Give<'g>,
    /// Directory of the client file that is being read: empty, or with `/` at its end.
    directory: String,
    /// Each file is read once, so that all who name it get the same.
    read: BTreeMap<String, Result<Arc<[u8]>, String>>,
    bytes: usize,
}

impl<'g> FilesBeside<'g> {
    pub(super) fn new(give: Give<'g>) -> Self {
        Self { give, directory: String::new(), read: BTreeMap::new(), bytes: 0 }
    }

    /// Call before each client file, with its path below the root of the list.
    pub(super) fn of(&mut self, relative: &str) {
        self.directory =
            relative.rfind('/').and_then(|at| relative.get(..=at)).unwrap_or_default().to_owned();
    }

    pub(super) fn add_to(&self, revision: &mut revision::Builder) {
        for (name, content) in &self.read {
            if let Ok(content) = content {
                revision.add(name, content);
            }
        }
    }

    /// All that were named, found or not.
    pub(super) fn names(&self) -> NamedFiles {
        self.read.keys().cloned().collect()
    }

    fn first_reading(&mut self, path: &str) -> Result<Arc<[u8]>, String> {
        if self.read.len() >= FILES_MAX {
            return Err(format!("is one too many: a list names at most {FILES_MAX} files"));
        }
        let content: Arc<[u8]> = (self.give)(path)?.into();
        self.bytes = self.bytes.saturating_add(content.len());
        if self.bytes > TOTAL_BYTES_MAX {
            return Err(format!("makes all named files larger than {} MiB", TOTAL_BYTES_MAX >> 20));
        }
        Ok(content)
    }
}

impl Beside for FilesBeside<'_> {
    fn read(&mut self, name: &str) -> Result<Arc<[u8]>, NotRead> {
        if let Some(reason) = fault_of(name) {
            return Err(NotRead::Name(reason));
        }
        let path = format!("{}{name}", self.directory);
        if let Some(known) = self.read.get(&path) {
            return known.clone().map_err(NotRead::File);
        }
        let content = self.first_reading(&path);
        self.read.insert(path, content.clone());
        content.map_err(NotRead::File)
    }
}

/// Who reviews a directory sees all that counts in it: nothing above it, and nothing hidden.
fn fault_of(name: &str) -> Option<&'static str> {
    let has = |test: fn(&str) -> bool| name.split('/').any(test);
    match name {
        _ if name.len() > NAME_BYTES_MAX => Some("is too long"),
        _ if name.chars().any(char::is_control) => Some("holds control characters"),
        _ if name.starts_with('/') => Some("begins with `/`"),
        _ if has(|part| part == "..") => Some("leads upwards"),
        _ if has(str::is_empty) => Some("has an empty part"),
        _ if has(|part| part.starts_with('.')) => Some("has a part that begins with a dot"),
        _ => None,
    }
}

/// The files beside the list at `root`.
pub(super) fn on_disk(root: &Path) -> Give<'static> {
    let directory = directory(root);
    Box::new(move |name| read(&directory, name))
}

/// For a list that is a text by itself.
pub fn nowhere() -> Give<'static> {
    Box::new(|_| Err("cannot be read: this list came alone, without a directory".to_owned()))
}

/// Where the named files of the list at `root` stand.
pub fn named_paths(root: &Path, names: &NamedFiles) -> Vec<PathBuf> {
    let directory = directory(root);
    names.iter().map(|name| directory.join(name)).collect()
}

/// A list that is one file has its directory for a root.
fn directory(root: &Path) -> PathBuf {
    let is_directory = fs::metadata(root).is_ok_and(|metadata| metadata.is_dir());
    match root.parent() {
        Some(parent) if !is_directory && parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) if !is_directory => parent.to_owned(),
        _ => root.to_owned(),
    }
}

/// Links are followed as far as the directory reaches: a Kubernetes ConfigMap is made of links, and
/// a link in a repository must not bring in what stands elsewhere on the machine.
fn read(directory: &Path, name: &str) -> Result<Vec<u8>, String> {
    let words = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::FileTooLarge => format!("is larger than {} KiB", NAMED_FILE_BYTES_MAX >> 10),
        _ => format!("cannot be read: {error}"),
    };
    let real = fs::canonicalize(directory.join(name)).map_err(words)?;
    if !real.starts_with(fs::canonicalize(directory).map_err(words)?) {
        return Err("leads through a link to a place outside of the directory of the list".to_owned());
    }
    read_regular(&real, NAMED_FILE_BYTES_MAX).map_err(words)
}

/// Adds what stands in the named files of the list at `root` now.
pub(super) fn add_named(root: &Path, names: &NamedFiles, revision: &mut revision::Builder) {
    let directory = directory(root);
    for name in names {
        if let Ok(content) = read(&directory, name) {
            revision.add(name, &content);
        }
    }
}
