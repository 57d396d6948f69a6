//! Reading clients and keys again: on SIGHUP at once, else when a look at the files shows a
//! change. The new snapshot is built on a thread of its own and swapped in as one pointer; files
//! that are not right change nothing but a metric and the log.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, UNIX_EPOCH};

use arc_swap::ArcSwap;

use crate::clock::Clock;
use crate::diagnostic::{Findings, human};
use crate::inputs::{Certificate, Inputs, Rule};
use crate::issuer::{Issuer, IssuerSettings};

/// Deepest directory that is looked at for changes; clients are read no deeper.
const DEPTH_MAX: usize = 16;

/// Told of the old and the new snapshot after a swap.
pub type Swapped = Box<dyn Fn(&Issuer, &Issuer) + Send>;

/// What is known of the last reading.
#[derive(Debug)]
pub struct ReloadStatus {
    succeeded: AtomicBool,
    loaded_at_seconds: AtomicI64,
}

impl ReloadStatus {
    pub fn new(loaded_at_seconds: i64) -> Self {
        Self { succeeded: AtomicBool::new(true), loaded_at_seconds: AtomicI64::new(loaded_at_seconds) }
    }

    pub fn succeeded(&self) -> bool {
        self.succeeded.load(Ordering::Relaxed)
    }

    pub fn loaded_at_seconds(&self) -> i64 {
        self.loaded_at_seconds.load(Ordering::Relaxed)
    }
}

/// What the reloading thread is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Read the files now, changed or not.
    Now,
    Stop,
}

/// The parts of the server that a reload works on.
pub struct Reloader {
    pub inputs: Inputs,
    pub issuer: IssuerSettings,
    pub rules: Vec<Rule>,
    pub certificate: Option<Certificate>,
    pub current: Arc<ArcSwap<Issuer>>,
    pub clock: Arc<dyn Clock>,
    pub status: Arc<ReloadStatus>,
    pub swapped: Swapped,
}

impl Reloader {
    /// Starts the thread. Dropping the sender stops it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(self, poll_interval: Duration) -> std::io::Result<Sender<Request>> {
        let (sender, receiver) = channel();
        let seen = self.fingerprint();
        std::thread::Builder::new()
            .name("reload".to_owned())
            .spawn(move || self.run(&receiver, poll_interval, seen))?;
        Ok(sender)
    }

    fn run(&self, requests: &Receiver<Request>, poll_interval: Duration, mut seen: Fingerprint) {
        loop {
            let asked = match requests.recv_timeout(poll_interval) {
                Ok(Request::Now) => true,
                Err(RecvTimeoutError::Timeout) => false,
                Ok(Request::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            };
            // The look comes before the reading: a change in between is seen again next time.
            let look = self.fingerprint();
            if asked || look != seen {
                self.reload();
                seen = look;
            }
        }
    }

    fn fingerprint(&self) -> Fingerprint {
        let mut found = Vec::new();
        look(&self.inputs.clients, 0, &mut found);
        look(&self.inputs.keys, 0, &mut found);
        let certificate = self.certificate.iter().flat_map(Certificate::files);
        certificate.for_each(|path| look(path, 0, &mut found));
        found.sort();
        found
    }

    /// Reads the files and swaps what is right; what is not right leaves what is in force.
    fn reload(&self) {
        let certificate_is_right = self.reload_certificate();
        let snapshot_is_right = self.reload_snapshot();
        self.status.succeeded.store(certificate_is_right && snapshot_is_right, Ordering::Relaxed);
    }

    fn reload_certificate(&self) -> bool {
        let outcome = self.certificate.as_ref().map_or(Ok(()), Certificate::reload);
        if let Err(error) = &outcome {
            tracing::error!("the certificate is not right, the one in force stays: {error}");
        }
        outcome.is_ok()
    }

    fn reload_snapshot(&self) -> bool {
        let now = self.clock.now();
        let (issuer, findings) = self.inputs.build(&self.issuer, &self.rules, now);
        let errors = findings.errors();
        report(findings);
        match issuer {
            Some(issuer) => {
                let new = Arc::new(issuer);
                let old = self.current.swap(Arc::clone(&new));
                self.status.loaded_at_seconds.store(now.seconds(), Ordering::Relaxed);
                tracing::info!(
                    config_revision = new.revision(),
                    clients = new.registry().client_count(),
                    "clients and keys reloaded"
                );
                (self.swapped)(&old, &new);
                true
            }
            None => {
                let in_force = self.current.load();
                tracing::error!(
                    errors,
                    config_revision = in_force.revision(),
                    "clients or keys are not right: the revision in force stays"
                );
                false
            }
        }
    }
}

/// Findings into the log, each as `check` prints it.
pub fn report(findings: Findings) {
    if !findings.is_empty() {
        let text = human(&findings.sorted(), false);
        tracing::warn!("{text}");
    }
}

/// Path, length, modification time and, where the system has one, inode of every file.
type Fingerprint = Vec<(PathBuf, u64, u128, u64)>;

/// Follows links, so that a Kubernetes `..data` swap shows as new files.
fn look(path: &Path, depth: usize, found: &mut Fingerprint) {
    let Ok(metadata) = std::fs::metadata(path) else { return };
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    if metadata.is_file() {
        found.push((
            path.to_owned(),
            metadata.len(),
            modified.map_or(0, |time| time.as_nanos()),
            inode(&metadata),
        ));
    } else if metadata.is_dir() && depth < DEPTH_MAX {
        let Ok(entries) = std::fs::read_dir(path) else { return };
        for entry in entries.flatten() {
            if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                look(&entry.path(), depth + 1, found);
            }
        }
    }
}

#[cfg(unix)]
fn inode(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_metadata: &std::fs::Metadata) -> u64 {
    0
}
