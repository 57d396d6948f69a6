//! Which files make up the list, and their bytes. `--clients` names a file or a directory; below a
//! directory every `*.yaml` and `*.yml` counts, sorted by path. Links are followed, because a
//! Kubernetes ConfigMap is made of links; names that begin with a dot are skipped, because that
//! is where it keeps its versions.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings};

/// One file; the limit follows from 1,000,000 clients in several files, not from a library.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// All files together.
pub(super) const TOTAL_BYTES_MAX: u64 = 1024 * 1024 * 1024;
pub const FILES_MAX: usize = 10_000;
/// Deeper directories are a loop that the check below missed, or a mistake.
const DIRECTORY_DEPTH_MAX: usize = 32;

/// A file of the list.
pub(super) struct Found {
    pub path: PathBuf,
    /// Below the root, with `/`: the same on every machine.
    pub relative: String,
}

/// The files in order. Problems are findings; what could be listed is returned all the same.
pub(super) fn list(root: &Path, findings: &mut Findings) -> Vec<Found> {
    let metadata = match fs::metadata(root) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            missing(root, findings);
            return Vec::new();
        }
        Err(error) => {
            unreadable(root, &error.to_string(), findings);
            return Vec::new();
        }
    };
    if metadata.is_file() {
        let relative = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return vec![Found { path: root.to_owned(), relative }];
    }
    if !metadata.is_dir() {
        unreadable(root, "it is no regular file and no directory", findings);
        return Vec::new();
    }
    let mut found = Vec::new();
    let errors = findings.errors();
    walk(root, &mut Vec::new(), &mut found, findings);
    found.sort_unstable();
    if found.is_empty() && findings.errors() == errors {
        none_found(&root.display().to_string(), findings);
    }
    found.into_iter().map(|path| Found { relative: relative(root, &path), path }).collect()
}

pub(super) fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn walk(directory: &Path, above: &mut Vec<PathBuf>, found: &mut Vec<PathBuf>, findings: &mut Findings) {
    let real = match fs::canonicalize(directory) {
        Ok(real) => real,
        Err(error) => return unreadable(directory, &error.to_string(), findings),
    };
    if above.contains(&real) || above.len() >= DIRECTORY_DEPTH_MAX {
        return unreadable(directory, "the directory contains itself through a link", findings);
    }
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => return unreadable(directory, &error.to_string(), findings),
    };
    above.push(real);
    for entry in entries {
        match entry {
            Ok(entry) => visit(&entry.path(), above, found, findings),
            Err(error) => unreadable(directory, &error.to_string(), findings),
        }
    }
    above.pop();
}

fn visit(path: &Path, above: &mut Vec<PathBuf>, found: &mut Vec<PathBuf>, findings: &mut Findings) {
    if is_hidden(&path.file_name().unwrap_or_default().to_string_lossy()) {
        return;
    }
    let is_yaml = is_yaml(path);
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if is_yaml => return unreadable(path, &error.to_string(), findings),
        Err(_) => return,
    };
    if metadata.is_dir() {
        walk(path, above, found, findings);
    } else if is_yaml && !metadata.is_file() {
        unreadable(path, "it is no regular file", findings);
    } else if is_yaml && found.len() < FILES_MAX {
        found.push(path.to_owned());
    } else if is_yaml {
        let message = format!("there are more than {FILES_MAX} client files");
        findings.push(Finding::new(&codes::FILE_TOO_LARGE, message).in_file(path.display().to_string()));
    }
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Does a file count that stands at this path below the directory of a list?
pub fn is_client_file(relative: &str) -> bool {
    is_yaml(Path::new(relative)) && !relative.split('/').any(is_hidden)
}

/// The bytes of one file; `None` with a finding when it cannot be read or is too large.
pub(super) fn read(path: &Path, findings: &mut Findings) -> Option<Vec<u8>> {
    match read_regular(path, FILE_BYTES_MAX) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == ErrorKind::FileTooLarge => {
            let message = format!("the file is larger than {} MiB", FILE_BYTES_MAX >> 20);
            findings.push(
                Finding::new(&codes::FILE_TOO_LARGE, message)
                    .in_file(path.display().to_string())
                    .help("split it into several files of one directory"),
            );
            None
        }
        Err(error) => {
            unreadable(path, &error.to_string(), findings);
            None
        }
    }
}

/// The bytes of a regular file of at most `bytes_max`. It never waits, even when the file becomes
/// a pipe at the wrong moment, and a file of terabytes that holds nothing costs no memory.
///
/// # Errors
/// `FileTooLarge` above the limit, else whatever the system said.
pub fn read_regular(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    // Without NONBLOCK, to open a pipe waits for a writer; for a regular file it means nothing.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    if metadata.len() <= bytes_max {
        // One byte more than allowed, because the file may grow while it is read.
        file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    }
    if metadata.len().max(bytes.len() as u64) > bytes_max {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn missing(root: &Path, findings: &mut Findings) {
    let message = format!("the client list {} does not exist", root.display());
    findings.push(Finding::new(&codes::PATH_MISSING, message).in_file(root.display().to_string()).help(
        "`signet dev` works without one; to start, write clients.yaml with `resources:` and `clients:`",
    ));
}

pub(super) fn none_found(root: &str, findings: &mut Findings) {
    let message = format!("the directory {root} holds no client file");
    let finding = Finding::new(&codes::NO_FILES, message).in_file(root);
    findings.push(finding.help("files end in .yaml or .yml; names that begin with a dot are skipped"));
}

fn unreadable(path: &Path, why: &str, findings: &mut Findings) {
    let message = format!("{} cannot be read: {why}", path.display());
    findings.push(Finding::new(&codes::FILE_UNREADABLE, message).in_file(path.display().to_string()));
}
