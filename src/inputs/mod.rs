//! What the program is made from: files → clients and keys → an `Issuer`, and the certificate of
//! the public listener. One reading, for `serve`, `check` and every reload; lists and keys at once.

mod certificate;
mod publication;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::client::Registry;
use crate::clock::UnixTime;
use crate::config::{self, NamedFiles};
use crate::diagnostic::catalogue::settings;
use crate::diagnostic::{Finding, Findings, Severity};
use crate::issuer::{Issuer, IssuerSettings};
use crate::keys::seal::SealKeys;
use crate::keys::{self, Keyring, Retention};

pub use certificate::Certificate;
pub use publication::tokens_outlive_keys;

/// Where clients and keys come from, and what they are read for.
#[derive(Clone, Debug)]
pub struct Inputs {
    pub clients: PathBuf,
    pub keys: PathBuf,
    /// Name of the signing backend.
    pub signer: String,
    pub clock_allowance_seconds: u32,
    /// Used instead of files: what `dev` brings along.
    pub built_in: BuiltIn,
}

/// What stands in for files that are not there.
#[derive(Clone, Debug, Default)]
pub struct BuiltIn {
    pub clients: Option<&'static str>,
    pub keyring: Option<Arc<Keyring>>,
    /// For keys that come without seal keys.
    pub seals: Option<Arc<SealKeys>>,
}

/// What one reading gave.
#[derive(Debug)]
pub struct Parts {
    /// Only when no finding about clients is an error.
    pub registry: Option<Registry>,
    /// What the key files that are right say; nothing when the directory cannot be read.
    pub sound_keys: Option<Arc<Keyring>>,
    /// The same, only when no finding about keys is an error.
    pub keyring: Option<Arc<Keyring>>,
    pub revision: config::Revision,
    /// Names of the client files that were read: does the file end with the end marker `...`?
    pub end_markers: BTreeMap<String, bool>,
    /// Files that the client list names.
    pub named_files: NamedFiles,
    pub findings: Findings,
}

/// What stands in the files, without what it means: equal as long as a reading would give the
/// same. `None` for what is built in, and for a key directory that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    pub clients: Option<config::Revision>,
    pub keys: Option<[u8; 32]>,
}

/// An issuer, and what the next reading is compared with.
#[derive(Debug)]
pub struct Snapshot {
    pub issuer: Issuer,
    pub contents: Contents,
    /// As [`Parts::end_markers`].
    pub end_markers: BTreeMap<String, bool>,
    /// As [`Parts::named_files`].
    pub named_files: NamedFiles,
}

/// Which inputs kept a snapshot from being built; at least one of them.
#[derive(Clone, Debug)]
pub struct Failed {
    pub clients: bool,
    pub keys: bool,
    /// As [`Parts::sound_keys`].
    pub sound_keys: Option<Arc<Keyring>>,
    /// As [`Parts::keyring`].
    pub keyring: Option<Arc<Keyring>>,
    /// As [`Parts::named_files`]: where the mistake may be, or the file that is missing.
    pub named_files: NamedFiles,
}

/// A rule beyond those of `check`.
pub type Rule = fn(&Registry) -> Findings;

impl Inputs {
    pub fn read(&self, now: UnixTime) -> Parts {
        self.read_with(now, &config::Options::default())
    }

    pub fn read_with(&self, now: UnixTime, options: &config::Options) -> Parts {
        let (loaded, (sound_keys, of_keys)) = std::thread::scope(|scope| {
            let read_keys = || self.read_keys(now);
            let keys = std::thread::Builder::new().name("keys".to_owned()).spawn_scoped(scope, read_keys);
            let loaded = match self.built_in.clients {
                Some(text) => config::load_text("clients.yaml (built in)", text, now, options),
                None => config::load(&self.clients, now, options),
            };
            let keys = match keys {
                Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                // No more threads are to be had: one after the other, then.
                Err(_) => read_keys(),
            };
            (loaded, keys)
        });
        let end_markers = loaded.files.into_iter().map(|file| (file.name, file.ends_with_marker)).collect();
        let (mut findings, named_files) = (loaded.findings, loaded.named_files);
        let sound_keys = sound_keys.map(|keyring| self.with_built_in_seals(keyring));
        let keyring = sound_keys.clone().filter(|_| of_keys.errors() == 0);
        findings.extend(of_keys);
        if let (Some(registry), Some(keyring)) = (&loaded.registry, &keyring) {
            findings.extend(self.wanted_algorithms(registry, keyring, now));
            findings.extend(self.wanted_seals(registry, keyring, now));
        }
        Parts {
            registry: loaded.registry,
            sound_keys,
            keyring,
            revision: loaded.revision,
            end_markers,
            named_files,
            findings,
        }
    }

    fn read_keys(&self, now: UnixTime) -> (Option<Arc<Keyring>>, Findings) {
        match &self.built_in.keyring {
            Some(keyring) => (Some(Arc::clone(keyring)), Findings::default()),
            None => {
                let (sound, of_keys) = keys::load_sound(&self.keys, now, &self.key_options());
                (sound.map(Arc::new), of_keys)
            }
        }
    }

    /// The snapshot is there only when no finding is an error.
    pub fn build(
        &self,
        issuer: &IssuerSettings,
        rules: &[Rule],
        now: UnixTime,
    ) -> (Result<Snapshot, Failed>, Findings) {
        let Parts { registry, sound_keys, keyring, revision, end_markers, named_files, mut findings } =
            self.read(now);
        let before = findings.errors();
        if let Some(registry) = &registry {
            rules.iter().for_each(|rule| findings.extend(rule(registry)));
        }
        let clients = registry.is_none() || findings.errors() > before;
        if let (Some(registry), Some(keyring)) = (&registry, &keyring) {
            findings.extend(self.outlived(issuer, registry, keyring, now));
        }
        let (registry, keyring) = match (registry, keyring) {
            (Some(registry), Some(keyring)) if findings.errors() == 0 => (registry, keyring),
            // With both there and no rule broken, what is wrong is a key that a resource wants.
            (_, keyring) => {
                let keys = keyring.is_none() || !clients;
                return (Err(Failed { clients, keys, sound_keys, keyring, named_files }), findings);
            }
        };
        let contents = Contents {
            clients: self.built_in.clients.is_none().then_some(revision),
            keys: self.built_in.keyring.is_none().then_some(*keyring.digest()),
        };
        let issuer = Issuer::new(issuer.clone(), registry, keyring, &revision.to_string());
        (Ok(Snapshot { issuer, contents, end_markers, named_files }), findings)
    }

    /// What stands on disk now. Which files the client list names is known from reading it.
    pub fn contents(&self, named_files: &NamedFiles) -> Contents {
        let of_clients = || config::revision(&self.clients, named_files);
        Contents {
            clients: self.built_in.clients.is_none().then(of_clients),
            keys: match self.built_in.keyring {
                Some(_) => None,
                None => keys::directory::digest(&self.keys).ok(),
            },
        }
    }

    /// Do these keys serve these clients? The rules that need both, for parts that were not read
    /// together.
    pub fn fit(
        &self,
        issuer: &IssuerSettings,
        registry: &Registry,
        keyring: &Keyring,
        now: UnixTime,
    ) -> bool {
        self.wanted_algorithms(registry, keyring, now).errors() == 0
            && self.wanted_seals(registry, keyring, now).errors() == 0
            && self.outlived(issuer, registry, keyring, now).errors() == 0
    }

    /// An error, but after a revocation: that takes effect even when nothing is left to sign with,
    /// and loading has said so.
    fn wanted_algorithms(&self, registry: &Registry, keyring: &Keyring, now: UnixTime) -> Findings {
        let ever = UnixTime::from_seconds(i64::MIN);
        let held =
            |algorithm| keyring.algorithms().contains(&algorithm) || keyring.is_revoked(algorithm, ever, now);
        let mut findings = Findings::default();
        if self.built_in.keyring.is_some() {
            return findings;
        }
        for resource in registry.resources().iter().filter(|resource| !held(resource.signing_alg)) {
            let (audience, algorithm) = (&resource.audience, resource.signing_alg);
            let message = format!("resource `{audience}` wants {algorithm}, and there is no key for it");
            let help = format!("make one: signet keys new --alg {algorithm}");
            let finding = Finding::new(&settings::ALGORITHM_WITHOUT_KEY, message);
            findings.push(finding.in_file(self.keys.display().to_string()).help(help));
        }
        findings
    }

    /// What `dev` made at its start, where the files bring none.
    fn with_built_in_seals(&self, keyring: Arc<Keyring>) -> Arc<Keyring> {
        match &self.built_in.seals {
            Some(seals) if keyring.seals().is_empty() => {
                Arc::new(Keyring::clone(&keyring).with_seals(Arc::clone(seals)))
            }
            _ => keyring,
        }
    }

    /// Registrations are sealed; without a key for it nobody registers anything, and whoever was
    /// registered is not recognised.
    fn wanted_seals(&self, registry: &Registry, keyring: &Keyring, now: UnixTime) -> Findings {
        let mut findings = Findings::default();
        let is_on = registry.registration().is_some_and(|registration| !registration.policies().is_empty());
        if is_on && keyring.seals().sealing(now).is_none() {
            let message = match keyring.seals().is_empty() {
                true => "clients may be registered, and there is no seal key",
                false => "clients may be registered, and no seal key is active yet",
            };
            let help = format!("make one: signet keys new --seal --keys {}", self.keys.display());
            let severity = if keyring.seals().is_empty() { Severity::Error } else { Severity::Warning };
            let finding = Finding::new(&settings::SEAL_KEY_MISSING, message).severity(severity);
            findings.push(finding.in_file(self.keys.display().to_string()).help(help));
        }
        findings
    }

    fn outlived(
        &self,
        issuer: &IssuerSettings,
        registry: &Registry,
        keyring: &Keyring,
        now: UnixTime,
    ) -> Findings {
        let lifetime = issuer.mint.access_token_lifetime_seconds;
        tokens_outlive_keys(registry, keyring, lifetime, self.clock_allowance_seconds, now)
    }

    fn key_options(&self) -> keys::LoadOptions<'_> {
        keys::LoadOptions {
            backend: Some(&self.signer),
            retention: retention(self.clock_allowance_seconds),
            require_private_permissions: true,
        }
    }
}

/// How long keys stay published after their time: for the longest lifetime that any list may set,
/// so that the key plan depends on file names and clock alone, not on the client list.
pub fn retention(clock_allowance_seconds: u32) -> Retention {
    Retention::for_lifetime(config::LIFETIME_SECONDS_MAX.into(), clock_allowance_seconds.into())
}
