//! The directory of keys as it is on disk: names, permissions and contents, in the order of the
//! names. Judges nothing. Names that start with a dot are stepped over and links are followed,
//! which is what the `..data` links of Kubernetes volumes need.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::UNIX_EPOCH;

use ring::digest::{Context, SHA256};
use rustix::fs::OFlags;
use zeroize::Zeroizing;

use super::file_name::{self, Entry};
use crate::clock::UnixTime;

/// Largest key file. RSA-4096 as PKCS#8 has 3.2 KiB; the rest is room for text around it.
pub const FILE_BYTES_MAX: usize = 32 * 1024;
/// Most entries that are looked at: decades of daily keys, and no accident with a wrong path.
pub const ENTRIES_MAX: usize = 10_000;

/// One file of the directory that is not ignored.
pub struct FoundFile {
    pub name: String,
    pub entry: Entry,
    /// Read only for files that are named as keys are.
    pub key: Option<Result<KeyFile, Unreadable>>,
}

pub struct KeyFile {
    /// Permission bits, `0o777` at most.
    pub mode: u32,
    pub owner: u32,
    pub content: Zeroizing<Vec<u8>>,
}

#[derive(Debug)]
pub enum Unreadable {
    Io(io::Error),
    NotAFile,
    TooLarge,
}

/// All files, sorted by name.
pub fn read(directory: &Path) -> io::Result<Vec<FoundFile>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = file_name::read(&name);
        let path = entry.path();
        let key = match kind {
            Entry::Ignored => continue,
            Entry::Foreign | Entry::Misnamed | Entry::ImpossibleDate if path.is_dir() => continue,
            Entry::Foreign | Entry::Misnamed | Entry::ImpossibleDate => None,
            Entry::Key(_) | Entry::Revoked(_) | Entry::Seal(_) => Some(read_file(&path)),
        };
        if files.len() >= ENTRIES_MAX {
            return Err(io::Error::other(format!("it holds more than {ENTRIES_MAX} files")));
        }
        files.push(FoundFile { name, entry: kind, key });
    }
    files.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn read_file(path: &Path) -> Result<KeyFile, Unreadable> {
    // Without NONBLOCK, to open a pipe waits for a writer.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = File::options().read(true).custom_flags(flags).open(path).map_err(Unreadable::Io)?;
    // Asked of the open file, so that permissions and content are of the same one.
    let metadata = file.metadata().map_err(Unreadable::Io)?;
    if !metadata.is_file() {
        return Err(Unreadable::NotAFile);
    }
    // Full size from the start: a buffer that grows leaves copies of a private key behind.
    let limit = FILE_BYTES_MAX.saturating_add(1);
    let mut content = Zeroizing::new(Vec::with_capacity(limit));
    file.take(limit as u64).read_to_end(&mut content).map_err(Unreadable::Io)?;
    if content.len() > FILE_BYTES_MAX {
        return Err(Unreadable::TooLarge);
    }
    Ok(KeyFile { mode: metadata.mode() & 0o777, owner: metadata.uid(), content })
}

/// SHA-256 over names, permissions and contents: changes exactly when a reload could come to
/// another result. Permissions belong to it, because a `chmod` repairs a refused key.
pub fn digest_of(files: &[FoundFile]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    let mut field = |bytes: &[u8]| {
        // With its length, so that no two lists run together into the same bytes.
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes);
    };
    for file in files {
        field(file.name.as_bytes());
        match &file.key {
            None => field(b"not read"),
            Some(Err(_)) => field(b"unreadable"),
            Some(Ok(key)) => {
                field(&key.mode.to_be_bytes());
                field(&key.owner.to_be_bytes());
                field(&key.content);
            }
        }
    }
    let mut digest = [0; 32];
    let finished = context.finish();
    for (to, from) in digest.iter_mut().zip(finished.as_ref()) {
        *to = *from;
    }
    digest
}

/// The digest of what is on disk now; for asking whether anything has changed.
pub fn digest(directory: &Path) -> io::Result<[u8; 32]> {
    Ok(digest_of(&read(directory)?))
}

/// When a file was last written; `None` where the system does not say.
pub fn written(file: &str) -> Option<UnixTime> {
    let modified = fs::metadata(file).ok()?.modified().ok()?;
    let seconds = modified.duration_since(UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds).ok().map(UnixTime::from_seconds)
}
