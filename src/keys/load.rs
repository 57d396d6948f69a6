//! From a directory to a keyring: reads every file, tests every key, and says everything that is
//! wrong at once. Findings name files, types and sizes, never content.

use std::path::Path;
use std::sync::Arc;

use super::directory::{self, FoundFile, KeyFile, Unreadable};
use super::file_name::{Entry, Half, KeyFileName};
use super::keyring::{Key, KeyStatus, Keyring, RevokedKey};
use super::pem::{self, Content};
use super::plan::{Retention, State};
use super::{KeyRejected, findings, permissions, public_half, seal, self_test};
use crate::clock::UnixTime;
use crate::diagnostic::catalogue::keys as codes;
use crate::diagnostic::{Finding, Findings};

/// More published keys than this are a warning: verifiers fetch and try them all.
pub const PUBLISHED_WARNING: usize = 4;
/// More published keys than this are refused; several verifiers stop reading a set there.
pub const PUBLISHED_MAX: usize = 10;

/// Before every activation.
const EVER: UnixTime = UnixTime::from_seconds(i64::MIN);

/// What loading needs to know besides the files.
#[derive(Clone, Copy, Debug)]
pub struct LoadOptions<'o> {
    /// The library to sign with; `None` for the preferred one of each algorithm.
    pub backend: Option<&'o str>,
    pub retention: Retention,
    /// Off only where a file system has no permissions to speak of.
    pub require_private_permissions: bool,
}

/// A keyring, unless a finding is an error.
pub fn load(directory: &Path, now: UnixTime, options: &LoadOptions<'_>) -> (Option<Keyring>, Findings) {
    let (keyring, problems) = load_sound(directory, now, options);
    (keyring.filter(|_| problems.errors() == 0), problems)
}

/// What the files that are right say, whatever is wrong with others; nothing when the directory
/// cannot be read. For what must not wait until all are right: a revocation, and tidying up.
pub fn load_sound(directory: &Path, now: UnixTime, options: &LoadOptions<'_>) -> (Option<Keyring>, Findings) {
    let mut problems = Findings::default();
    let files = match directory::read(directory) {
        Ok(files) => files,
        Err(error) => {
            problems.push(findings::directory_unreadable(directory, &error));
            return (None, problems);
        }
    };
    let digest = directory::digest_of(&files);
    let revoked: Vec<RevokedKey> =
        files.iter().filter_map(|file| revoked_key(file, directory, &mut problems)).collect();
    let mut keys = Vec::new();
    let seals = seal::load(&files, directory, options.require_private_permissions, &mut problems);
    for file in files.iter().filter(|file| !matches!(file.entry, Entry::Revoked(_) | Entry::Seal(_))) {
        let path = directory.join(&file.name).display().to_string();
        // By its name before anything is read: no content keeps a revocation from taking effect.
        if let Some(by) = revoked_by_name(file, &revoked) {
            problems.push(findings::revoked_key_present(&path, by));
            continue;
        }
        match one_file(file, &path, options) {
            Ok(key) => keys.push(key),
            Err(finding) => problems.push(finding.in_file(path)),
        }
    }
    keys.retain(|key: &Key| {
        let by = revoked.iter().find(|revoked| revoked.kid.as_deref() == Some(key.jwk.kid()));
        by.into_iter().for_each(|by| problems.push(findings::revoked_key_present(&key.file, by)));
        by.is_none()
    });
    if keys.is_empty() && revoked.is_empty() && problems.errors() == 0 {
        problems.push(findings::no_keys(directory));
    }
    let keys = without_public_twins(keys, &mut problems);
    same_key_twice(&keys, &mut problems);
    let keyring = match Keyring::new(keys, options.retention) {
        Ok(keyring) => keyring.with_revoked(revoked).with_seals(Arc::new(seals)).with_digest(digest),
        // Named already by `without_public_twins`.
        Err(_) => return (None, problems),
    };
    over_time(&keyring, directory, now, &mut problems);
    (Some(keyring), problems)
}

/// What a file withdraws. A file that cannot be read withdraws by its name alone, with a warning: a
/// revocation never fails.
fn revoked_key(file: &FoundFile, directory: &Path, problems: &mut Findings) -> Option<RevokedKey> {
    let Entry::Revoked(name) = file.entry else { return None };
    let path = directory.join(&file.name).display().to_string();
    let content = file.key.as_ref().and_then(|read| read.as_ref().ok()).map(|key| pem::read(&key.content));
    let jwk = match content {
        Some(Ok(Content::Public(info))) => public_half::jwk(name.algorithm, &info).ok(),
        // Renamed by hand.
        Some(Ok(Content::Private(private))) => super::backend(None, name.algorithm)
            .and_then(|backend| backend.load(&private).ok())
            .map(|signer| signer.public_jwk().clone()),
        Some(Err(_)) | None => None,
    };
    let kid = jwk.map(|jwk| jwk.kid().to_owned());
    if kid.is_none() {
        problems.push(findings::revoked_by_name_alone(&path));
    }
    Some(RevokedKey { file: path, algorithm: name.algorithm, activation: name.activation, kid })
}

fn revoked_by_name<'r>(file: &FoundFile, revoked: &'r [RevokedKey]) -> Option<&'r RevokedKey> {
    let Entry::Key(name) = file.entry else { return None };
    revoked.iter().find(|key| (key.algorithm, key.activation) == (name.algorithm, name.activation))
}

/// The key of a file, or what is wrong with it.
fn one_file(file: &FoundFile, path: &str, options: &LoadOptions<'_>) -> Result<Key, Box<Finding>> {
    let name = match file.entry {
        Entry::Key(name) => name,
        Entry::Ignored | Entry::Foreign | Entry::Revoked(_) | Entry::Seal(_) => {
            return Err(findings::foreign_file(&file.name).into());
        }
        Entry::Misnamed => return Err(findings::misnamed(&file.name).into()),
        Entry::ImpossibleDate => return Err(findings::impossible_date(&file.name).into()),
    };
    let key = match &file.key {
        Some(Ok(key)) => key,
        Some(Err(error)) => return Err(findings::unreadable(&file.name, error).into()),
        None => return Err(findings::unreadable(&file.name, &Unreadable::NotAFile).into()),
    };
    if options.require_private_permissions {
        let exposure = match name.half {
            Half::Private => permissions::private_half(key.mode, key.owner, permissions::effective_user()),
            Half::Public => permissions::public_half(key.mode),
        };
        if let Some(exposure) = exposure {
            return Err(findings::exposed(&file.name, path, name.half, exposure).into());
        }
    }
    parse(&name, key, path, options)
        .map_err(|problem| findings::unusable(&file.name, path, &name, problem).into())
}

/// Why the content of a file is not the key that its name promises.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unusable<'o> {
    Pem(pem::Problem),
    WrongHalf,
    Rejected(KeyRejected),
    NoBackend { name: Option<&'o str> },
    SelfTest,
}

fn parse<'o>(
    name: &KeyFileName,
    file: &KeyFile,
    path: &str,
    options: &LoadOptions<'o>,
) -> Result<Key, Unusable<'o>> {
    let no_backend = Unusable::NoBackend { name: options.backend };
    let backend = super::backend(options.backend, name.algorithm).ok_or(no_backend)?;
    match (name.half, pem::read(&file.content).map_err(Unusable::Pem)?) {
        (Half::Private, Content::Private(private)) => {
            let signer = backend.load(&private).map_err(Unusable::Rejected)?;
            self_test(signer.as_ref()).map_err(|_| Unusable::SelfTest)?;
            Ok(Key::private(path, name.activation, Arc::from(signer)))
        }
        (Half::Public, Content::Public(info)) => {
            let jwk = public_half::jwk(name.algorithm, &info).map_err(Unusable::Rejected)?;
            Ok(Key { file: path.to_owned(), activation: name.activation, jwk, signer: None })
        }
        (Half::Private, Content::Public(_)) | (Half::Public, Content::Private(_)) => Err(Unusable::WrongHalf),
    }
}

/// A `.pub.pem` beside its `.pem` says the same twice, and the private half is kept. Two different
/// keys for one instant leave open which one signs.
fn without_public_twins(mut keys: Vec<Key>, problems: &mut Findings) -> Vec<Key> {
    keys.sort_by_key(|key| (key.jwk.algorithm(), key.activation, key.signer.is_none()));
    let mut kept: Vec<Key> = Vec::with_capacity(keys.len());
    for key in keys {
        let twin = kept
            .last()
            .filter(|last| last.jwk.algorithm() == key.jwk.algorithm() && last.activation == key.activation);
        match twin {
            None => kept.push(key),
            Some(twin) if twin.jwk == key.jwk => {}
            Some(twin) => problems.push(findings::same_instant(&twin.file, &key.file)),
        }
    }
    kept
}

/// RFC 8725 §3.1: one key, one algorithm, one purpose. The thumbprint does not depend on the
/// algorithm, so it finds a key under two of them as well as under two instants.
fn same_key_twice(keys: &[Key], problems: &mut Findings) {
    let mut kids: Vec<(&str, &str)> = keys.iter().map(|key| (key.jwk.kid(), key.file.as_str())).collect();
    kids.sort_unstable();
    for (one, other) in kids.iter().zip(kids.iter().skip(1)) {
        if one.0 == other.0 {
            problems.push(findings::same_key(one.1, other.1));
        }
    }
}

/// What the clock has to say about the keys.
fn over_time(keyring: &Keyring, directory: &Path, now: UnixTime, problems: &mut Findings) {
    let states = keyring.states(now);
    nothing_left_after_revocation(keyring, &states, now, problems);
    for status in states.iter().filter(|status| !status.has_private_half) {
        match status.state {
            // A revocation takes effect although nothing can take over.
            State::Signing if keyring.is_revoked(status.algorithm, status.activation, now) => {}
            State::Signing => problems.push(findings::cannot_sign(status)),
            State::Next => problems.push(findings::will_not_sign(status)),
            State::Retiring | State::Gone => {}
        }
    }
    let mut waiting = states.iter().filter(|status| status.state == State::Next).peekable();
    while let Some(first) = waiting.next() {
        let signs =
            states.iter().any(|other| other.algorithm == first.algorithm && other.state != State::Next);
        if !signs && !keyring.is_revoked(first.algorithm, EVER, now) {
            problems.push(findings::nothing_active_yet(directory, first, now));
        }
        while waiting.next_if(|other| other.algorithm == first.algorithm).is_some() {}
    }
    let published = states.iter().filter(|status| status.state.is_published()).count();
    if published > PUBLISHED_MAX {
        problems.push(
            Finding::new(
                &codes::TOO_MANY_KEYS_PUBLISHED,
                format!("{published} keys would be published; more than {PUBLISHED_MAX} are refused"),
            )
            .in_file(directory.display().to_string())
            .help("remove next keys that are not needed yet; `signet keys list` shows all"),
        );
    } else if published > PUBLISHED_WARNING {
        problems.push(
            Finding::new(
                &codes::MANY_KEYS_PUBLISHED,
                format!("{published} keys are published; verifiers do best with at most {PUBLISHED_WARNING}"),
            )
            .in_file(directory.display().to_string())
            .help("`signet keys list` shows which ones; make new keys less often"),
        );
    }
}

/// Algorithms whose active keys were withdrawn so that none can sign now.
fn nothing_left_after_revocation(
    keyring: &Keyring,
    states: &[KeyStatus<'_>],
    now: UnixTime,
    problems: &mut Findings,
) {
    let signs = |algorithm| {
        let mut of_it = states.iter().filter(|status| status.algorithm == algorithm);
        of_it.any(|status| status.state == State::Signing && status.has_private_half)
    };
    let mut algorithms: Vec<_> = keyring.revoked().iter().map(|revoked| revoked.algorithm).collect();
    algorithms.sort_unstable();
    algorithms.dedup();
    for algorithm in algorithms {
        if keyring.is_revoked(algorithm, EVER, now) && !signs(algorithm) {
            problems.push(findings::nothing_signs(algorithm));
        }
    }
}
