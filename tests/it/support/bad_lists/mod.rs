//! Bad client lists: what people, editors, merges and half-done writes leave behind. Those that
//! fit into git are files below `tests/fixtures/config-bad`, written from the tables here with
//! `UPDATE_FIXTURES=1 cargo test --test it config_bad`; those that do not (too large, or no
//! regular files) are made when they are wanted.

mod large;
mod members;
mod written;

use std::path::Path;

pub use members::{GOOD, GOOD_REGISTRATION, GOOD_TEAMS};

/// Something to stand in the place of a client file.
pub struct BadList {
    pub name: String,
    content: Content,
}

enum Content {
    Bytes(Vec<u8>),
    Made(fn() -> Vec<u8>),
    Placed(fn(&Path)),
}

impl BadList {
    /// Puts it in the place of `path`, whatever stood there. A file comes by a rename, as a
    /// careful writer does it.
    pub fn put(&self, path: &Path) {
        let bytes = match &self.content {
            Content::Bytes(bytes) => bytes.clone(),
            Content::Made(make) => make(),
            Content::Placed(place) => {
                remove(path);
                return place(path);
            }
        };
        if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_file()) {
            remove(path);
        }
        let new = path.with_extension("new");
        std::fs::write(&new, bytes).expect("a file");
        std::fs::rename(&new, path).expect("a rename");
    }
}

fn remove(path: &Path) {
    let Ok(metadata) = path.symlink_metadata() else { return };
    match metadata.is_dir() {
        true => std::fs::remove_dir_all(path).expect("removed"),
        false => std::fs::remove_file(path).expect("removed"),
    }
}

/// (Name, content) of those that are files of the repository.
pub fn fixtures() -> Vec<(String, Vec<u8>)> {
    let written = written::texts().into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes()));
    let bytes = written::BYTES.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
    let mut all: Vec<_> = members::mutations().into_iter().chain(written).chain(bytes).collect();
    all.sort();
    all
}

/// Those that are made when they are wanted.
pub fn made() -> Vec<BadList> {
    let bytes = large::MADE
        .iter()
        .map(|(name, make)| BadList { name: (*name).to_owned(), content: Content::Made(*make) });
    let placed = large::PLACED
        .iter()
        .map(|(name, place)| BadList { name: (*name).to_owned(), content: Content::Placed(*place) });
    bytes.chain(placed).collect()
}

/// All of them, each of which must be refused.
pub fn bad_lists() -> Vec<BadList> {
    let fixtures = fixtures().into_iter();
    let fixtures = fixtures.map(|(name, bytes)| BadList { name, content: Content::Bytes(bytes) });
    fixtures.chain(made()).collect()
}

/// The good file cut after each of its lines, and after half of each: (what, text).
pub fn truncations() -> Vec<(String, &'static str)> {
    let mut cuts = Vec::new();
    let mut at = 0;
    for (number, line) in GOOD.split_inclusive('\n').enumerate() {
        cuts.push((format!("half of line {}", number + 1), &GOOD[..at + line.len() / 2]));
        at += line.len();
        cuts.push((format!("after line {}", number + 1), &GOOD[..at]));
    }
    cuts.pop(); // The whole file.
    cuts
}
