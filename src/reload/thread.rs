//! The reloading thread: waits for a signal or the next poll, reads, swaps, and frees what nobody
//! holds any more.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::guard::{Guard, Verdict};
use super::keys_alone::keys_alone;
use super::look::Look;
use super::{Reloader, Request, report};
use crate::clock::UnixTime;
use crate::config::{self, NamedFiles};
use crate::diagnostic::catalogue::reload as codes;
use crate::diagnostic::{Finding, Findings};
use crate::inputs::{Certificate, Contents, Failed, Snapshot};
use crate::issuer::Issuer;
use crate::keys::Keyring;

/// Files that change while they are read are read again, so many times in a row.
const READINGS_MAX: usize = 5;
/// Between two of them; writers need milliseconds.
const READING_PAUSE: Duration = Duration::from_millis(50);
/// An attempt that failed is made again after this time even when no file changed: what failed may
/// have been the system, or a matter of dates.
const RETRY_SECONDS: i64 = 60;
/// How long the thread waits for requests that still hold the old snapshot, so that it frees the
/// memory and none of them does. What is held longer is looked at again with the next poll.
const RETIREMENT_WAIT: Duration = Duration::from_millis(2);
const RETIREMENT_WAITS_MAX: usize = 50;

/// What stands in all files that are read again.
type Everything = (Contents, Option<[u8; 32]>);

pub(super) struct Thread {
    of: Reloader,
    guard: Guard,
    /// The files at the last look that is done with.
    seen: Look,
    /// What the last attempt read, when it was a whole.
    tried: Option<Everything>,
    /// Of the client files in force.
    end_markers: BTreeMap<String, bool>,
    /// Files that the client list named when it was last read, in force or not.
    named_files: NamedFiles,
    /// Snapshots that requests may still hold.
    retired: Vec<Arc<Issuer>>,
    /// Findings that the log has had, so that a retry says nothing twice.
    reported: Option<String>,
}

/// How an attempt ended.
enum Outcome {
    InForce,
    Failed(Failed, Findings),
    Refused(Findings),
    /// The files changed meanwhile.
    Unsettled,
}

impl Thread {
    pub(super) fn new(
        of: Reloader,
        contents: Contents,
        end_markers: BTreeMap<String, bool>,
        named_files: NamedFiles,
    ) -> Self {
        Self {
            guard: Guard::new(of.guard),
            // The files may have changed since they were read at the start: the first look is new.
            seen: Look::default(),
            tried: Some((contents, of.certificate.as_ref().map(Certificate::digest))),
            end_markers,
            named_files,
            retired: Vec::new(),
            reported: None,
            of,
        }
    }

    pub(super) fn run(mut self, requests: &Receiver<Request>, poll_interval: Duration) {
        loop {
            let asked = match requests.recv_timeout(poll_interval) {
                Ok(Request::Now) => true,
                Err(RecvTimeoutError::Timeout) => false,
                Ok(Request::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            };
            let attempted = self.look(asked);
            let now = self.of.clock.now().seconds();
            self.of.status.change(|report| report.looked_at_seconds = now);
            if attempted || !self.retired.is_empty() {
                self.free_retired();
            }
        }
    }

    /// Reads the files when asked, when they changed, or when the last attempt is due again; tells
    /// whether it did.
    fn look(&mut self, asked: bool) -> bool {
        let report = self.of.status.report();
        let age = self.of.clock.now().seconds().saturating_sub(report.attempted_at_seconds);
        let must = asked || (!report.succeeded && age >= RETRY_SECONDS);
        let look = self.look_at_files();
        if !must && look == self.seen {
            return false;
        }
        let contents = self.contents();
        if !must && Some(contents) == self.tried {
            // Touched, or moved to another inode; nothing new stands there.
            self.seen = look;
            return false;
        }
        if asked {
            self.reported = None;
        }
        self.attempt(asked, look, contents);
        true
    }

    fn attempt(&mut self, asked: bool, mut look: Look, mut contents: Everything) {
        let started = Instant::now();
        let mut kept = Findings::default();
        let certificate_failed = !self.reload_certificate(&mut kept);
        let mut outcome = self.reload_snapshot(asked, &look, &contents.0);
        for _ in 1..READINGS_MAX {
            if !matches!(outcome, Outcome::Unsettled) {
                break;
            }
            std::thread::sleep(READING_PAUSE);
            (look, contents) = (self.look_at_files(), self.contents());
            outcome = self.reload_snapshot(asked, &look, &contents.0);
        }
        // Unsettled files are new at the next look, whatever it shows.
        let is_settled = !matches!(outcome, Outcome::Unsettled);
        self.seen = if is_settled { look } else { Look::default() };
        self.tried = is_settled.then_some(contents);
        self.note(&outcome, certificate_failed, started.elapsed());
        match outcome {
            Outcome::InForce => {}
            Outcome::Failed(_, findings) | Outcome::Refused(findings) => kept.extend(findings),
            Outcome::Unsettled => kept.push(unsettled()),
        }
        self.tell_what_was_kept_out(kept);
    }

    fn note(&self, outcome: &Outcome, certificate_failed: bool, duration: Duration) {
        let now = self.of.clock.now().seconds();
        let failed = match outcome {
            Outcome::InForce => None,
            Outcome::Failed(failed, _) => Some((failed.clients, failed.keys)),
            Outcome::Refused(_) | Outcome::Unsettled => Some((true, false)),
        };
        self.of.status.change(|report| {
            report.attempted_at_seconds = now;
            report.duration = duration;
            report.succeeded = failed.is_none() && !certificate_failed;
            report.clients_failed = failed.is_some_and(|(clients, _)| clients);
            report.keys_failed = failed.is_some_and(|(_, keys)| keys);
            report.certificate_failed = certificate_failed;
            let count = match outcome {
                Outcome::InForce if !certificate_failed => &mut report.successes,
                Outcome::Refused(_) if !certificate_failed => &mut report.refusals,
                _ => &mut report.failures,
            };
            *count = count.saturating_add(1);
            if failed.is_none() {
                report.succeeded_at_seconds = now;
            }
        });
    }

    fn reload_certificate(&self, kept: &mut Findings) -> bool {
        let outcome = self.of.certificate.as_ref().map_or(Ok(()), Certificate::reload);
        if let Err(error) = &outcome {
            let help = "write chain and key again; the certificate in force stays until both are right";
            kept.push(Finding::new(&codes::CERTIFICATE_REFUSED, error.to_string()).help(help));
        }
        outcome.is_ok()
    }

    /// `look` and `contents` are from before the reading: when they still hold after it, everything
    /// that was read belongs together.
    fn reload_snapshot(&mut self, asked: bool, look: &Look, contents: &Contents) -> Outcome {
        let now = self.of.clock.now();
        let (built, findings) = self.of.inputs.build(&self.of.issuer, &self.of.rules, now);
        if self.look_at_files() != *look {
            return Outcome::Unsettled;
        }
        let named = match &built {
            Ok(new) => &new.named_files,
            Err(failed) => &failed.named_files,
        };
        if *named != self.named_files {
            // Nobody looked at these files yet: read once more, with them in the look.
            self.named_files.clone_from(named);
            return Outcome::Unsettled;
        }
        let new = match built {
            Ok(new) if new.contents != *contents => return Outcome::Unsettled,
            Ok(new) => new,
            Err(failed) => {
                self.take_keys(failed.keyring.as_ref(), failed.sound_keys.as_ref(), now);
                return Outcome::Failed(failed, findings);
            }
        };
        let old = self.of.current.load_full();
        match self.guard.judge(&old, &self.end_markers, &new, asked, now) {
            Verdict::Accepted => {}
            Verdict::Confirmed => tracing::warn!(
                config_revision = new.issuer.revision(),
                "what was refused before is accepted: SIGHUP came twice"
            ),
            Verdict::Refused(refusal) => {
                self.take_keys(Some(new.issuer.keyring()), None, now);
                return Outcome::Refused(refusal);
            }
        }
        report::report(findings);
        self.swap(new);
        Outcome::InForce
    }

    fn swap(&mut self, new: Snapshot) {
        self.end_markers = new.end_markers;
        let new = Arc::new(new.issuer);
        let old = self.of.current.swap(Arc::clone(&new));
        tracing::info!(
            config_revision = new.revision(),
            previous_revision = old.revision(),
            clients = new.registry().client_count(),
            "clients and keys reloaded"
        );
        report::access(&old, &new);
        self.retired.push(old);
    }

    /// Clients that are not taken hold back no key, above all no revocation.
    fn take_keys(&mut self, keyring: Option<&Arc<Keyring>>, sound: Option<&Arc<Keyring>>, now: UnixTime) {
        let old = self.of.current.load_full();
        let Some(keys) = keys_alone(&self.of.inputs, &old, keyring, sound, now) else { return };
        self.retired.push(self.of.current.swap(Arc::new(old.with_keys(keys))));
        let message = "keys are taken without the rest; the client list in force stays";
        tracing::warn!(config_revision = old.revision(), "{message}");
    }

    /// Says why what is in force stays, once for as long as the reason is the same.
    fn tell_what_was_kept_out(&mut self, findings: Findings) {
        let text = report::text_of(&findings);
        if let Some(text) = &text {
            self.of.status.failed(self.of.clock.now(), text.clone());
        }
        if findings.is_empty() || text == self.reported {
            self.reported = text;
            return;
        }
        self.reported = text;
        tracing::error!(
            errors = findings.errors(),
            codes = codes_of(&findings),
            config_revision = self.of.current.load().revision(),
            "what the files say now is not taken, the revision in force stays"
        );
        report::report(findings);
    }

    /// Frees snapshots that nobody holds any more, then gives back what the attempt left behind.
    fn free_retired(&mut self) {
        for _ in 0..RETIREMENT_WAITS_MAX {
            // Nobody can take a new hold of them: they are no longer in force.
            self.retired.retain(|snapshot| Arc::strong_count(snapshot) > 1);
            if self.retired.is_empty() {
                signet_trim::trim();
                return;
            }
            std::thread::sleep(RETIREMENT_WAIT);
        }
    }

    fn look_at_files(&self) -> Look {
        let named = config::named_paths(&self.of.inputs.clients, &self.named_files);
        let certificate = self.of.certificate.iter().flat_map(Certificate::files);
        let inputs: [&Path; 2] = [&self.of.inputs.clients, &self.of.inputs.keys];
        Look::at(inputs.into_iter().chain(certificate).chain(named.iter().map(PathBuf::as_path)))
    }

    fn contents(&self) -> Everything {
        (self.of.inputs.contents(&self.named_files), self.of.certificate.as_ref().map(Certificate::digest))
    }
}

fn unsettled() -> Finding {
    let message = format!("the files changed each of the {READINGS_MAX} times that they were read");
    let help = "write new files beside the old ones and rename them; signet looks again by itself";
    Finding::new(&codes::FILES_UNSETTLED, message).help(help)
}

/// `SG0106 SG0352`, for searches in the log.
fn codes_of(findings: &Findings) -> String {
    let mut codes: Vec<&str> = findings.iter().map(|finding| finding.code.id).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.join(" ")
}
