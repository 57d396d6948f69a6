//! A look at the files without reading them: names, link targets, sizes, times and inodes. A look
//! that is equal to the one before means that there is nothing to read.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Deepest directory that is looked at; the reading goes no deeper either.
const DEPTH_MAX: usize = 32;

/// Most entries that are seen; a path with more is a mistake. What lies beyond is read at SIGHUP.
const SEEN_MAX: usize = 100_000;

/// What was seen, in the order of the paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Look(Vec<Seen>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    path: PathBuf,
    /// Where the path leads when it is a link: a Kubernetes `..data` swap shows here first.
    target: Option<PathBuf>,
    /// Device, inode, length, modification and change time. The change time tells of a `chmod`
    /// that makes a file readable, and of a rewrite that sets the old modification time.
    numbers: Option<[i128; 5]>,
}

impl Look {
    pub(super) fn at<'p>(roots: impl IntoIterator<Item = &'p Path>) -> Self {
        let mut found = Vec::new();
        roots.into_iter().for_each(|root| visit(root, &mut Vec::new(), &mut found));
        found.sort_unstable();
        Self(found)
    }
}

/// `above` holds device and inode of every directory on the way, so that a link that leads back up
/// is not followed.
fn visit(path: &Path, above: &mut Vec<(u64, u64)>, found: &mut Vec<Seen>) {
    if found.len() >= SEEN_MAX {
        return;
    }
    let metadata = fs::metadata(path).ok();
    let target = fs::read_link(path).ok().and_then(|_| fs::canonicalize(path).ok());
    found.push(Seen { path: path.to_owned(), target, numbers: metadata.as_ref().map(numbers) });
    let Some(directory) = metadata.filter(Metadata::is_dir) else { return };
    let identity = (directory.dev(), directory.ino());
    if above.len() >= DEPTH_MAX || above.contains(&identity) {
        return;
    }
    let Ok(entries) = fs::read_dir(path) else { return };
    above.push(identity);
    for entry in entries.flatten() {
        // As the readers of clients and keys do: there Kubernetes keeps its versions.
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            visit(&entry.path(), above, found);
        }
    }
    above.pop();
}

fn numbers(metadata: &Metadata) -> [i128; 5] {
    let time = |seconds: i64, nanoseconds: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    [
        metadata.dev().into(),
        metadata.ino().into(),
        metadata.len().into(),
        time(metadata.mtime(), metadata.mtime_nsec()),
        time(metadata.ctime(), metadata.ctime_nsec()),
    ]
}
