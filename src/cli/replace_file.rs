//! A file gets new content: all of it or nothing, also when the power fails meanwhile.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};

use ring::rand::{SecureRandom as _, SystemRandom};

use crate::diagnostic::Finding;
use crate::diagnostic::catalogue::deployment as codes;

/// A file that is a link, or stands behind one, is not written.
pub fn link(path: &Path) -> Finding {
    let message = format!("{} is a link, or stands behind one", path.display());
    let finding = Finding::new(&codes::FILE_IS_LINK, message).in_file(path.display().to_string());
    finding.help("name the file that it leads to")
}

/// Puts `content` in the place of a file that holds `expected`. Owner and mode are kept.
///
/// # Errors
/// When the file holds something else by now, or cannot be written. Then it is as it was.
pub fn replace(path: &Path, expected: &[u8], content: &[u8]) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    through_temporary(path, content, 0o600, |file, temporary| {
        // Only its owner or root may give it away; where that fails it had the same owner already.
        let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
        file.set_permissions(metadata.permissions())?;
        if fs::read(path)? != expected {
            return Err(io::Error::other("it was changed meanwhile; nothing was written"));
        }
        fs::rename(temporary, path)
    })
}

/// Writes a file that does not exist yet, with what the umask leaves of `mode`.
///
/// # Errors
/// When the name is taken, or the file cannot be written.
pub fn create(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    through_temporary(path, content, mode, |_, temporary| {
        // Other than a rename, a link fails when the name is taken.
        fs::hard_link(temporary, path)?;
        fs::remove_file(temporary)
    })
}

fn through_temporary(
    path: &Path,
    content: &[u8],
    mode: u32,
    place: impl FnOnce(&File, &Path) -> io::Result<()>,
) -> io::Result<()> {
    let directory = directory_of(path);
    let mut random = [0; 8];
    SystemRandom::new().fill(&mut random).map_err(|_| io::Error::other("no random numbers"))?;
    // The dot keeps a half-written file out of the list that a running server reads.
    let temporary = directory.join(format!(".new-{:016x}", u64::from_ne_bytes(random)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    let placed = written.and_then(|()| place(&file, &temporary));
    match placed {
        // The name itself must survive a power cut as well; not every file system can promise that.
        Ok(()) => drop(File::open(&directory).and_then(|directory| directory.sync_all())),
        Err(_) => drop(fs::remove_file(&temporary)),
    }
    placed
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
