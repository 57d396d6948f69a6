//! Makes a new seal key and its file, by the rules of signing keys: the first is active at once,
//! every later one so far ahead that all replicas have it before the first id is sealed with it.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::{SealKeyId, new_content, read};
use crate::clock::UnixTime;
use crate::keys::file_name::{self, Entry};
use crate::keys::generate::{Activation, Existing, GenerateError, choose};
use crate::keys::write;

/// What there is to say about the new key.
#[derive(Debug)]
pub struct NewSealKey {
    pub path: PathBuf,
    pub id: SealKeyId,
    pub activation: UnixTime,
    /// The latest activation that was there before.
    pub previous: Option<UnixTime>,
}

/// # Errors
/// As for a signing key; an existing file is never touched.
pub fn new_file(
    directory: &Path,
    now: UnixTime,
    activation: Activation,
) -> Result<NewSealKey, GenerateError> {
    let failed = |error| GenerateError::Io(directory.to_owned(), error);
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
    let existing = existing(directory).map_err(failed)?;
    let activation = choose(now, &existing, activation)?;
    let content = new_content().map_err(|_| GenerateError::Failed)?;
    let path = directory.join(file_name::seal(activation));
    let name = path.display().to_string();
    let key = read(&name, activation, content.as_bytes()).map_err(|_| GenerateError::Failed)?;
    match write::new_file(&path, content.as_bytes(), write::PRIVATE) {
        Ok(()) => Ok(NewSealKey { id: *key.id(), path, activation, previous: existing.latest }),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(GenerateError::Exists(path)),
        Err(error) => Err(GenerateError::Io(path, error)),
    }
}

/// The latest activation that is there; `None` without a directory.
///
/// # Errors
/// When the directory cannot be read.
pub fn latest_activation(directory: &Path) -> io::Result<Option<UnixTime>> {
    match existing(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(|existing| existing.latest),
    }
}

fn existing(directory: &Path) -> io::Result<Existing> {
    let mut existing = Existing::default();
    for entry in std::fs::read_dir(directory)? {
        if let Entry::Seal(activation) = file_name::read(&entry?.file_name().to_string_lossy()) {
            existing.latest = existing.latest.max(Some(activation));
            existing.taken.push(activation);
        }
    }
    Ok(existing)
}
