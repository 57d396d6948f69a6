//! Writing into the directory of keys: whoever reads it meanwhile sees a whole file or none, and
//! nothing is ever overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ring::rand::{SecureRandom, SystemRandom};

use super::directory;
use crate::clock::UnixTime;

/// Permissions of a private half: its owner's.
pub const PRIVATE: u32 = 0o600;
/// Permissions of a public half: to be read by everybody.
pub const PUBLIC: u32 = 0o644;

/// What a file is called until it is whole. The dot keeps it out of the key ring.
const TEMPORARY: &str = ".new-";
/// To write a key takes milliseconds; what is older than this has no writer any more.
const WRITING_SECONDS_MAX: i64 = 600;

/// Writes a file of its own first and links it to its name: a link is atomic and, other than a
/// rename, fails when the name is taken.
pub fn new_file(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let directory = directory_of(path)?;
    let mut random = [0; 8];
    SystemRandom::new().fill(&mut random).map_err(|_| io::Error::other("no random numbers"))?;
    let temporary = directory.join(format!("{TEMPORARY}{:016x}", u64::from_ne_bytes(random)));
    let written = write_and_link(&temporary, path, content, mode);
    // After a success the name points to the same file; after a failure nothing may stay.
    let removed = fs::remove_file(&temporary);
    written?;
    removed?;
    sync(directory)
}

/// What a writer left that was stopped in the middle; it may hold a whole private key. Sorted.
pub fn leftovers(directory: &Path, now: UnixTime) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(TEMPORARY));
        let is_ours = number.is_some_and(|n| n.len() == 16 && n.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let path = entry.path();
        let age = path.to_str().and_then(directory::written).map(|written| now.since(written));
        if is_ours && entry.file_type()?.is_file() && age.is_some_and(|age| age > WRITING_SECONDS_MAX) {
            found.push(path);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Gives a file another name, unless that is taken. Whoever looks in between sees both names.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to)?;
    fs::remove_file(from)?;
    sync(directory_of(to)?)
}

/// Removes a file; one that is gone already is no error.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync(directory_of(path)?),
    }
}

/// Names must survive a power cut as well.
fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn directory_of(path: &Path) -> io::Result<&Path> {
    path.parent().ok_or_else(|| io::Error::other("it has no directory"))
}

fn write_and_link(temporary: &Path, path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::hard_link(temporary, path)
}
