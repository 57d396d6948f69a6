//! The name of one state of the client files: the same files give the same revision on every
//! replica, whatever the path they were mounted at.

use std::fmt;

use ring::digest::{Context, SHA256};

/// SHA-256 over the sorted (path below the root, content) list.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revision([u8; 32]);

/// Digits of the short form: enough to tell any two states of a repository apart.
const SHORT_DIGITS: usize = 12;

impl Revision {
    /// All 64 hexadecimal digits.
    pub fn full(&self) -> String {
        self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(hex_digit).collect()
    }
}

/// The first 12 hexadecimal digits.
impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.full().get(..SHORT_DIGITS).unwrap_or_default())
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Revision({self})")
    }
}

fn hex_digit(nibble: u8) -> Option<char> {
    char::from_digit(u32::from(nibble), 16)
}

/// Takes the files one after the other, so that no more than one is in memory.
pub(super) struct Builder(Context);

impl Builder {
    pub(super) fn new() -> Self {
        let mut context = Context::new(&SHA256);
        context.update(b"signet client files 1\n");
        Self(context)
    }

    /// In the order of the paths. Both parts carry their length, so that no byte can move from
    /// one to the other without changing the digest.
    pub(super) fn add(&mut self, path: &str, content: &[u8]) {
        for part in [path.as_bytes(), content] {
            self.0.update(&(part.len() as u64).to_be_bytes());
            self.0.update(part);
        }
    }

    pub(super) fn finish(self) -> Revision {
        // SHA-256 has 32 bytes; the default is never taken.
        Revision(self.0.finish().as_ref().try_into().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(files: &[(&str, &str)]) -> Revision {
        let mut builder = Builder::new();
        for (path, content) in files {
            builder.add(path, content.as_bytes());
        }
        builder.finish()
    }

    #[test]
    fn a_revision_changes_with_paths_contents_and_their_borders() {
        let states = [
            revision(&[]),
            revision(&[("a", "b")]),
            revision(&[("ab", "")]),
            revision(&[("a", ""), ("b", "")]),
            revision(&[("", "ab")]),
            revision(&[("a", "b"), ("c", "d")]),
            revision(&[("a", "bc"), ("", "d")]),
        ];
        for (at, one) in states.iter().enumerate() {
            assert!(!states[at + 1..].contains(one));
        }
        assert_eq!(revision(&[("a", "b")]), revision(&[("a", "b")]));
    }

    #[test]
    fn the_short_form_is_the_beginning_of_the_full_one() {
        let revision = revision(&[]);
        assert_eq!(revision.to_string().len(), 12);
        assert_eq!(revision.full().len(), 64);
        assert!(revision.full().starts_with(&revision.to_string()));
    }
}
