//! Writing into the directory of keys: whoever reads it meanwhile sees a whole file or none, and
//! nothing is ever overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ring::rand::{SecureRandom, SystemRandom};

/// Permissions of a private half: its owner's.
pub const PRIVATE: u32 = 0o600;
/// Permissions of a public half: to be read by everybody.
pub const PUBLIC: u32 = 0o644;

/// Writes a file of its own first and links it to its name: a link is atomic and, other than a
/// rename, fails when the name is taken.
pub fn new_file(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let directory = directory_of(path)?;
    let mut random = [0; 8];
    SystemRandom::new().fill(&mut random).map_err(|_| io::Error::other("no random numbers"))?;
    // The dot keeps half-written files out of the key ring.
    let temporary = directory.join(format!(".new-{:016x}", u64::from_ne_bytes(random)));
    let written = write_and_link(&temporary, path, content, mode);
    // After a success the name points to the same file; after a failure nothing may stay.
    let removed = fs::remove_file(&temporary);
    written?;
    removed?;
    sync(directory)
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
