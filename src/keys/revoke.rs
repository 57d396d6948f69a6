//! Withdraws a key that has leaked. Its file becomes `.revoked.pem`, which every replica reads
//! alike: the key is out of the key set and signs nothing. The private half is destroyed.
//!
//! The plan simply goes on without the key, so what signs next is decided here, before, by names
//! alone: an earlier key that is still published signs again; failing that, the next key is
//! brought forward by renaming its file; failing that, nothing is withdrawn unless forced.
//!
//! The plan does not know when a key was withdrawn. So it takes the key before it to have signed
//! ever since, and publishes that until its retention after the next activation is over, even when
//! it was gone before: a key too many for a day, never one too few. It signs nothing then.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::file_name::{self, Entry, KeyFileName};
use super::keyring::{KeyStatus, Keyring};
use super::plan::State;
use super::{public_key_pem, write};
use crate::clock::UnixTime;
use crate::jose::Algorithm;

/// What was done.
#[derive(Debug)]
pub struct Revoked {
    pub kid: String,
    pub algorithm: Algorithm,
    /// What the key was until now.
    pub was: State,
    pub from: PathBuf,
    pub to: PathBuf,
    pub then: Then,
}

/// What signs with the algorithm from now on.
#[derive(Debug, PartialEq, Eq)]
pub enum Then {
    /// The key did not sign, so nothing changes.
    AsBefore,
    /// An earlier key that verifiers still know.
    Earlier { kid: String },
    /// The next key, ahead of its time: its file has a new name.
    BroughtForward { kid: String, from: PathBuf, to: PathBuf },
    /// A key that verifiers have forgotten. Only when forced.
    Forgotten { kid: String },
    /// No key. Only when forced.
    Nothing,
}

#[derive(Debug)]
pub enum RevokeError {
    /// Neither a kid nor a file of the directory.
    Unknown,
    /// No key that verifiers know could take over.
    NothingSigns {
        algorithm: Algorithm,
    },
    Io(PathBuf, io::Error),
}

impl fmt::Display for RevokeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str(
                "no key has this kid or this file name: `signet keys list` shows all. One that cannot be \
                     read is withdrawn by the name of its file: mv X.pem X.revoked.pem",
            ),
            Self::NothingSigns { algorithm } => write!(
                f,
                "this key signs {algorithm} now, and no other key that verifiers know could take over. Make one \
                 first: signet keys new --alg {algorithm} --now. Or withdraw it all the same: --force"
            ),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for RevokeError {}

/// Withdraws the key with this kid, or of this file (with or without the directory in front).
pub fn revoke(
    directory: &Path,
    keyring: &Keyring,
    wanted: &str,
    now: UnixTime,
    force: bool,
) -> Result<Revoked, RevokeError> {
    let file = Path::new(wanted).file_name();
    let states = keyring.states(now);
    let is_wanted = |key: &&KeyStatus<'_>| key.kid == wanted || Path::new(key.file).file_name() == file;
    let key = states.iter().find(is_wanted).ok_or(RevokeError::Unknown)?;
    let name = key_name(key.file).ok_or(RevokeError::Unknown)?;
    let then = if key.state == State::Signing {
        successor(directory, &states, key, now, force)?
    } else {
        Then::AsBefore
    };
    if let Then::BroughtForward { from, to, .. } = &then {
        write::rename(from, to).map_err(|error| RevokeError::Io(to.clone(), error))?;
    }
    let (from, to) = (PathBuf::from(key.file), directory.join(name.revoked()));
    let public = public_key_pem(key.jwk.public_key());
    // From here on it is withdrawn, although its file is still there.
    write::new_file(&to, public.as_bytes(), write::PUBLIC)
        .map_err(|error| RevokeError::Io(to.clone(), error))?;
    for path in files_of(directory, &name) {
        write::remove(&path).map_err(|error| RevokeError::Io(path, error))?;
    }
    Ok(Revoked { kid: key.kid.to_owned(), algorithm: key.algorithm, was: key.state, from, to, then })
}

/// Both halves, where they are.
pub(super) fn files_of(directory: &Path, name: &KeyFileName) -> [PathBuf; 2] {
    use file_name::Half::{Private, Public};
    [Private, Public].map(|half| directory.join(KeyFileName { half, ..*name }.to_string()))
}

pub(super) fn key_name(file: &str) -> Option<KeyFileName> {
    match file_name::read(&Path::new(file).file_name()?.to_string_lossy()) {
        Entry::Key(name) => Some(name),
        _ => None,
    }
}

/// What the plan will make of the other keys of the algorithm.
fn successor(
    directory: &Path,
    states: &[KeyStatus<'_>],
    key: &KeyStatus<'_>,
    now: UnixTime,
    force: bool,
) -> Result<Then, RevokeError> {
    let others = || states.iter().filter(|other| other.algorithm == key.algorithm && other.kid != key.kid);
    // The latest active one signs, or nothing does when its private half is gone.
    let earlier = others().rfind(|other| other.activation <= now).filter(|other| other.has_private_half);
    if let Some(earlier) = earlier.filter(|earlier| earlier.state.is_published()) {
        return Ok(Then::Earlier { kid: earlier.kid.to_owned() });
    }
    let next = others().find(|other| other.activation > now && other.has_private_half);
    if let Some((next, name)) = next.and_then(|next| Some((next, key_name(next.file)?))) {
        let to = directory.join(KeyFileName { activation: now, ..name }.to_string());
        return Ok(Then::BroughtForward { kid: next.kid.to_owned(), from: next.file.into(), to });
    }
    match earlier {
        _ if !force => Err(RevokeError::NothingSigns { algorithm: key.algorithm }),
        Some(earlier) => Ok(Then::Forgotten { kid: earlier.kid.to_owned() }),
        None => Ok(Then::Nothing),
    }
}
