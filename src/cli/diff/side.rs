//! One side of a comparison: a file, a directory, a git revision, or standard input.

use std::convert::Infallible;
use std::fmt;
use std::io::Read as _;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context as _;

use super::git;
use crate::clock::UnixTime;
use crate::config::{self, Content, FILE_BYTES_MAX, Loaded};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    Path(PathBuf),
    /// `REV:PATH`, as git spells a file or directory of a revision.
    Git {
        revision: String,
        path: String,
    },
    Stdin,
}

/// What exists as a path is a path; `./a:b` is never anything else.
impl FromStr for Side {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let path = PathBuf::from(text);
        if text == "-" {
            return Ok(Self::Stdin);
        }
        if text.starts_with(['.', '/']) || path.exists() {
            return Ok(Self::Path(path));
        }
        Ok(match text.split_once(':') {
            Some((revision, below)) => Self::Git { revision: revision.to_owned(), path: below.to_owned() },
            None => Self::Path(path),
        })
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Git { revision, path } => write!(f, "{revision}:{path}"),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

impl Side {
    /// # Errors
    /// When standard input or the git repository cannot be read; problems of files are findings.
    pub fn load(&self, now: UnixTime) -> anyhow::Result<Loaded> {
        let options = config::Options::default();
        let (contents, give) = match self {
            Self::Path(path) => return Ok(config::load(path, now, &options)),
            Self::Git { revision, path } => git::read(revision, path)?,
            Self::Stdin => (vec![stdin()?], config::nowhere()),
        };
        Ok(config::load_contents(&self.to_string(), contents, give, now, &options))
    }
}

fn stdin() -> anyhow::Result<Content> {
    let mut bytes = Vec::new();
    let mut input = std::io::stdin().lock().take(FILE_BYTES_MAX + 1);
    input.read_to_end(&mut bytes).context("cannot read standard input")?;
    anyhow::ensure!(
        bytes.len() as u64 <= FILE_BYTES_MAX,
        "standard input holds more than {} MiB",
        FILE_BYTES_MAX >> 20
    );
    Ok(Content { relative: "-".to_owned(), name: "standard input".to_owned(), bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_with_a_colon_is_a_git_revision_unless_it_says_that_it_is_a_path() {
        let git = |revision: &str, path: &str| Side::Git { revision: revision.into(), path: path.into() };
        for (text, side) in [
            ("main:clients", git("main", "clients")),
            ("origin/main:clients.yaml", git("origin/main", "clients.yaml")),
            ("HEAD~2:", git("HEAD~2", "")),
            ("v1:a:b", git("v1", "a:b")),
            ("clients", Side::Path("clients".into())),
            ("./main:clients", Side::Path("./main:clients".into())),
            ("/tmp/a:b", Side::Path("/tmp/a:b".into())),
            ("-", Side::Stdin),
        ] {
            assert_eq!(text.parse(), Ok(side), "{text}");
        }
    }
}
