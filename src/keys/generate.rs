//! Makes a new key and its file. The first key of an algorithm is active at once; every later one
//! so far ahead that verifiers know it before its first use.

use std::fmt;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use super::file_name::{self, Entry, Half, KeyFileName};
use super::plan::State;
use super::{BACKENDS, backend, der, self_test, write};
use crate::clock::UnixTime;
use crate::jose::{Algorithm, Jwk};

/// How far ahead a later key becomes active, unless told otherwise.
pub const AHEAD_SECONDS: i64 = 86_400;
/// The shortest way ahead: twelve times the longest freshness of a key set.
pub const AHEAD_SECONDS_MIN: i64 = 3_600;
/// RSA keys are this large unless told otherwise.
pub const BITS: usize = 2048;

/// When the new key shall sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Now for the first key of the algorithm; for a later one so many seconds after now, or after
    /// the latest key when that lies ahead itself.
    Ahead { seconds: i64 },
    /// At this moment: after all other keys, and far enough ahead unless it is the first.
    At(UnixTime),
    /// At once, for an emergency: verifiers that keep the old key set refuse tokens until they
    /// fetch the new one. Keys that are next take over at their time all the same.
    Now,
}

impl Default for Activation {
    fn default() -> Self {
        Self::Ahead { seconds: AHEAD_SECONDS }
    }
}

/// What there is to say about the new key.
#[derive(Debug)]
pub struct NewKey {
    pub path: PathBuf,
    pub jwk: Jwk,
    pub bits: usize,
    pub activation: UnixTime,
    /// Next or signing.
    pub state: State,
    /// The latest activation that was there before.
    pub previous: Option<UnixTime>,
}

#[derive(Debug)]
pub enum GenerateError {
    /// Nothing here makes keys of the algorithm.
    Algorithm(Algorithm),
    Bits(usize),
    TooSoon {
        seconds: i64,
    },
    /// The moment lies in the past.
    Past {
        activation: UnixTime,
    },
    /// A key is there that becomes active at the same moment or later.
    NotTheLatest {
        existing: UnixTime,
    },
    /// A key of the algorithm, perhaps a withdrawn one, has this very second.
    Taken {
        activation: UnixTime,
    },
    Exists(PathBuf),
    /// The library failed, or what it made did not pass the self-test.
    Failed,
    Io(PathBuf, io::Error),
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm(algorithm) => write!(f, "keys of {algorithm} cannot be made here"),
            Self::Bits(bits) => write!(f, "an RSA key has 2048, 3072 or 4096 bits, not {bits}"),
            Self::TooSoon { seconds } => write!(
                f,
                "{seconds} s ahead is too soon: verifiers need {AHEAD_SECONDS_MIN} s to learn a key before \
                 its first use"
            ),
            Self::Past { activation } => write!(f, "{activation} is in the past"),
            Self::NotTheLatest { existing } => write!(
                f,
                "there is a key that becomes active at {existing}, and a new one must come after it: name a \
                 later moment, or remove that file first if it must not sign"
            ),
            Self::Taken { activation } => {
                write!(f, "a key with the activation {activation} is there already: try again in a second")
            }
            Self::Exists(path) => write!(f, "{} exists, and a key is never overwritten", path.display()),
            Self::Failed => f.write_str("the key could not be made"),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for GenerateError {}

/// A new private key, made by the first backend of the algorithm that makes keys, and tested.
pub fn private_key(algorithm: Algorithm, bits: usize) -> Result<(PrivateKey, Jwk), GenerateError> {
    let made = BACKENDS
        .iter()
        .filter(|backend| backend.algorithm() == algorithm)
        .map(|backend| backend.generate(bits))
        .find(|made| !matches!(made, Err(GenerateError::Algorithm(_))));
    let key = PrivateKey(made.unwrap_or(Err(GenerateError::Algorithm(algorithm)))?);
    let signer = backend(None, algorithm)
        .ok_or(GenerateError::Algorithm(algorithm))?
        .load(&key.der())
        .map_err(|_| GenerateError::Failed)?;
    self_test(signer.as_ref()).map_err(|_| GenerateError::Failed)?;
    let jwk = signer.public_jwk().clone();
    Ok((key, jwk))
}

/// The PKCS#8 document of a new key; wiped when it is dropped.
pub struct PrivateKey(Zeroizing<Vec<u8>>);

impl PrivateKey {
    pub fn der(&self) -> PrivateKeyDer<'_> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.0.as_slice()))
    }

    pub fn pem(&self) -> Zeroizing<String> {
        Zeroizing::new(der::pem("PRIVATE KEY", &self.0))
    }
}

/// Makes a key and writes its file, readable by the owner alone. The directory is made when it is
/// missing. Whoever reads the directory meanwhile sees the whole file or none.
pub fn new_file(
    directory: &Path,
    algorithm: Algorithm,
    bits: usize,
    now: UnixTime,
    activation: Activation,
) -> Result<NewKey, GenerateError> {
    let failed = |error| GenerateError::Io(directory.to_owned(), error);
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
    let existing = Existing::read(directory, algorithm).map_err(failed)?;
    let activation = choose(now, &existing, activation)?;
    let (key, jwk) = private_key(algorithm, bits)?;
    let name = KeyFileName { algorithm, activation, half: Half::Private }.to_string();
    let path = directory.join(name);
    match write::new_file(&path, key.pem().as_bytes(), write::PRIVATE) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(GenerateError::Exists(path));
        }
        Err(error) => return Err(GenerateError::Io(path, error)),
    }
    let state = if activation <= now { State::Signing } else { State::Next };
    Ok(NewKey { path, bits: jwk.public_key().bits(), jwk, activation, state, previous: existing.latest })
}

/// When the new key becomes active. But for an emergency it is never before or with a key that is
/// there, because then the new key would not be the one that signs last.
pub(super) fn choose(
    now: UnixTime,
    existing: &Existing,
    activation: Activation,
) -> Result<UnixTime, GenerateError> {
    let chosen = match (activation, existing.latest) {
        (Activation::Ahead { seconds }, _) if seconds < AHEAD_SECONDS_MIN => {
            return Err(GenerateError::TooSoon { seconds });
        }
        (Activation::Ahead { seconds }, Some(latest)) => latest.max(now).plus(seconds),
        (Activation::At(at), _) if at < now => return Err(GenerateError::Past { activation: at }),
        (Activation::At(at), Some(existing)) if at <= existing => {
            return Err(GenerateError::NotTheLatest { existing });
        }
        (Activation::At(at), Some(_)) if at.since(now) < AHEAD_SECONDS_MIN => {
            return Err(GenerateError::TooSoon { seconds: at.since(now) });
        }
        (Activation::At(at), _) => at,
        (Activation::Ahead { .. }, None) | (Activation::Now, _) => now,
    };
    if existing.taken.contains(&chosen) {
        return Err(GenerateError::Taken { activation: chosen });
    }
    Ok(chosen)
}

/// The activations of an algorithm, or of seal keys, that are in the directory.
#[derive(Default)]
pub(super) struct Existing {
    /// Of all files, withdrawn keys among them: one name must not mean two keys.
    pub(super) taken: Vec<UnixTime>,
    /// Of the keys that are not withdrawn.
    pub(super) latest: Option<UnixTime>,
}

impl Existing {
    fn read(directory: &Path, algorithm: Algorithm) -> io::Result<Self> {
        let mut existing = Self::default();
        for entry in fs::read_dir(directory)? {
            match file_name::read(&entry?.file_name().to_string_lossy()) {
                Entry::Key(name) if name.algorithm == algorithm => {
                    existing.latest = existing.latest.max(Some(name.activation));
                    existing.taken.push(name.activation);
                }
                Entry::Revoked(name) if name.algorithm == algorithm => existing.taken.push(name.activation),
                _ => {}
            }
        }
        Ok(existing)
    }
}

/// The latest activation of an algorithm, withdrawn keys left out; `None` without a directory.
pub fn latest_activation(directory: &Path, algorithm: Algorithm) -> io::Result<Option<UnixTime>> {
    match Existing::read(directory, algorithm) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(|existing| existing.latest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_seconds(1_000_000);

    fn chosen(previous: Option<i64>, activation: Activation) -> Option<i64> {
        let latest = previous.map(UnixTime::from_seconds);
        let existing = Existing { taken: latest.into_iter().collect(), latest };
        choose(NOW, &existing, activation).ok().map(UnixTime::seconds)
    }

    fn at(seconds: i64) -> Activation {
        Activation::At(UnixTime::from_seconds(seconds))
    }

    #[test]
    fn the_first_key_is_active_now_and_later_ones_a_day_ahead() {
        assert_eq!(chosen(None, Activation::default()), Some(1_000_000));
        assert_eq!(chosen(Some(500), Activation::default()), Some(1_086_400));
        assert_eq!(chosen(Some(1_000_000), Activation::default()), Some(1_086_400));
    }

    #[test]
    fn a_later_key_never_comes_before_an_existing_one() {
        assert_eq!(chosen(Some(1_050_000), Activation::default()), Some(1_136_400));
        assert_eq!(chosen(Some(999_999), Activation::Now), Some(1_000_000));
        assert_eq!(chosen(Some(1_000_000), Activation::Now), None);
        assert_eq!(chosen(Some(1_050_000), Activation::Now), Some(1_000_000), "the next one follows it");
    }

    #[test]
    fn a_moment_that_is_named_lies_ahead_and_after_all_others() {
        assert_eq!(chosen(Some(500), at(1_003_600)), Some(1_003_600));
        assert_eq!(chosen(Some(500), at(1_003_599)), None, "an hour at least");
        assert_eq!(chosen(Some(1_050_000), at(1_050_000)), None);
        assert_eq!(chosen(Some(1_050_000), at(1_050_001)), Some(1_050_001));
        assert_eq!(
            (chosen(None, at(1_000_000)), chosen(None, at(1_000_007))),
            (Some(1_000_000), Some(1_000_007))
        );
        assert_eq!(chosen(None, at(999_999)), None);
    }

    #[test]
    fn the_name_of_a_withdrawn_key_is_not_used_again() {
        let existing = Existing { taken: vec![NOW], latest: None };
        assert!(matches!(choose(NOW, &existing, Activation::Now), Err(GenerateError::Taken { .. })));
        assert_eq!(choose(NOW.plus(1), &existing, Activation::default()).ok(), Some(NOW.plus(1)));
    }

    #[test]
    fn an_hour_ahead_is_the_least() {
        assert_eq!(chosen(Some(500), Activation::Ahead { seconds: 3_600 }), Some(1_003_600));
        assert_eq!(chosen(Some(500), Activation::Ahead { seconds: 3_599 }), None);
        assert_eq!(chosen(None, Activation::Ahead { seconds: 0 }), None);
    }
}
