//! Removes what is of no use any more: files of keys that are gone, half-written files and, when asked
//! for, the private halves of keys that retire. Says what it would do before it does it.

use std::io;
use std::path::{Path, PathBuf};

use super::keyring::{KeyStatus, Keyring};
use super::plan::State;
use super::revoke::{files_of, key_name};
use super::seal::SealState;
use super::{findings, public_key_pem, write};
use crate::clock::UnixTime;
use crate::diagnostic::Findings;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub kid: String,
    /// Gone or retiring.
    pub state: State,
    /// The files that are deleted.
    pub files: Vec<PathBuf>,
    /// The public half that takes the place of the private one.
    pub replacement: Option<PathBuf>,
    public: String,
}

/// Everything there is to do at `now`. `private`: destroy the private halves of retiring keys too.
pub fn steps(directory: &Path, keyring: &Keyring, now: UnixTime, private: bool) -> Vec<Step> {
    let due = |key: &KeyStatus<'_>| match key.state {
        State::Gone => true,
        State::Retiring => private && key.has_private_half,
        State::Next | State::Signing => false,
    };
    let states = keyring.states(now);
    states.iter().filter(|key| due(key)).filter_map(|key| step(directory, key)).collect()
}

fn step(directory: &Path, key: &KeyStatus<'_>) -> Option<Step> {
    let [private, public] = files_of(directory, &key_name(key.file)?);
    let (files, replacement) = match key.state {
        State::Gone => ([private, public].into_iter().filter(|path| path.exists()).collect(), None),
        _ => (vec![private], Some(public)),
    };
    Some(Step {
        kid: key.kid.to_owned(),
        state: key.state,
        files,
        replacement,
        public: public_key_pem(key.jwk.public_key()),
    })
}

impl Step {
    /// # Errors
    /// The file that could not be written or deleted. What was done before stays done, and a second
    /// run goes on from there.
    pub fn run(&self) -> Result<(), (PathBuf, io::Error)> {
        if let Some(path) = &self.replacement {
            // The public half first: the key must stay published.
            match write::new_file(path, self.public.as_bytes(), write::PUBLIC) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err((path.clone(), error));
                }
                _ => {}
            }
        }
        self.files.iter().try_for_each(|path| write::remove(path).map_err(|error| (path.clone(), error)))
    }
}

/// Files that a command which was stopped left in the directory, sorted; none where that cannot be
/// read, which whoever loads the keys says.
pub fn leftovers(directory: &Path, now: UnixTime) -> Vec<PathBuf> {
    write::leftovers(directory, now).unwrap_or_default()
}

/// The same as notes.
pub fn leftover_notes(directory: &Path, now: UnixTime) -> Findings {
    let mut notes = Findings::default();
    leftovers(directory, now).iter().for_each(|path| notes.push(findings::leftover(path)));
    notes
}

/// The files of seal keys with which nothing can be sealed any more that is still valid.
pub fn gone_seals(keyring: &Keyring, now: UnixTime) -> Vec<PathBuf> {
    let states = keyring.seals().states(now);
    states.iter().filter(|key| key.state == SealState::Gone).map(|key| PathBuf::from(key.file)).collect()
}

/// Deletes one of [`leftovers`] or of [`gone_seals`].
///
/// # Errors
/// The file could not be deleted.
pub fn remove_file(path: &Path) -> io::Result<()> {
    write::remove(path)
}
