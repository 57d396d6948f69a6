//! Credentials against the clock, against each other, and against the name of their client.

use std::collections::BTreeSet;

use super::super::raw::{RawClient, RawCredential};
use crate::client::{Context, Credential, Phase, Proof};
use crate::client_auth::guesses_from;
use crate::clock::UnixTime;
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings};

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Expired, soon to expire, or none that is valid. A disabled client needs none.
pub(super) fn check_dates(client: &RawClient, now: UnixTime, soon_seconds: i64, findings: &mut Findings) {
    if client.disabled || client.id.is_none() {
        return;
    }
    let id = client.id_text();
    if !client.credentials.iter().any(|raw| raw.credential.validity.phase(now) == Phase::Live) {
        if client.credentials_are_broken {
            return;
        }
        let message = format!("client `{id}` has no credential that is valid now");
        findings.push(
            Finding::new(&codes::CREDENTIAL_NONE_LIVE, message)
                .at(client.id_place(), "every request of it is refused")
                .help("add one with `signet secret new`, or set `disabled: true`"),
        );
        return;
    }
    for raw in &client.credentials {
        let Some(expires) = raw.credential.validity.expires else { continue };
        let place = client.place(raw.expires_span);
        let left = expires.since(now);
        if left <= 0 {
            let message = format!("a credential of client `{id}` has expired");
            findings.push(
                Finding::new(&codes::CREDENTIAL_OUTDATED, message)
                    .at(place, "it is refused since then")
                    .help("remove it"),
            );
        } else if left <= soon_seconds {
            let days = left / DAY_SECONDS;
            let message = format!("a credential of client `{id}` expires within {}", span_text(soon_seconds));
            findings.push(
                Finding::new(&codes::CREDENTIAL_EXPIRES_SOON, message)
                    .at(place, format!("{days} full days from now"))
                    .help("add a second credential now, roll it out, then remove this one"),
            );
        }
    }
}

/// `30 days`, or `36 hours` where it is no number of days.
fn span_text(seconds: i64) -> String {
    match seconds % DAY_SECONDS {
        0 => format!("{} days", seconds / DAY_SECONDS),
        _ => format!("{} hours", seconds.div_euclid(60 * 60)),
    }
}

/// Two clients that accept the same proof: reported once for each client after the first. Sorted
/// rather than hashed: a million fingerprints in one table would cost more than the clients.
pub(super) fn check_shared(clients: &[RawClient], findings: &mut Findings) {
    let mut all: Vec<Used> = Vec::with_capacity(clients.len());
    for (client, number) in clients.iter().zip(0..) {
        for (raw, position) in client.credentials.iter().zip(0..) {
            let Credential { kind, verifier, .. } = &raw.credential;
            all.push(Used { kind, fingerprint: verifier.fingerprint(), client: number, position });
        }
    }
    all.sort_unstable();
    let same = |a: &Used, b: &Used| (a.kind, a.fingerprint) == (b.kind, b.fingerprint);
    let mut pairs: Vec<(&Used, &Used)> = Vec::new();
    for group in all.chunk_by(same) {
        let Some((first, others)) = group.split_first() else { continue };
        pairs.extend(others.iter().filter(|other| other.client != first.client).map(|other| (other, first)));
    }
    pairs.sort_unstable_by_key(|(second, _)| (second.client, second.position));
    for (second, first) in pairs {
        let (Some((client, raw)), Some((owner, first_raw))) = (second.find(clients), first.find(clients))
        else {
            continue;
        };
        let message =
            format!("the clients `{}` and `{}` share a credential", owner.id_text(), client.id_text());
        findings.push(
            Finding::new(&codes::CREDENTIAL_SHARED, message)
                .at(client.place(raw.span), "the same credential")
                .related(owner.place(first_raw.span), "first used here")
                .help("make one for each client: `signet secret new`"),
        );
    }
}

/// Each address that keys are fetched from is asked every few minutes: a thousand of them are
/// three requests a second. A list with more has its keys in files.
const KEY_SOURCES_MAX: usize = 1_000;

/// Reported once, at the first one too many.
pub(super) fn check_key_sources(clients: &[RawClient], findings: &mut Findings) {
    let mut sources = BTreeSet::new();
    for client in clients.iter().filter(|client| !client.disabled) {
        for raw in &client.credentials {
            sources.extend(raw.credential.verifier.key_source());
            if sources.len() > KEY_SOURCES_MAX {
                let message =
                    format!("the list names more than {KEY_SOURCES_MAX} addresses of keys (`jwks_uri`)");
                findings.push(
                    Finding::new(&codes::LIMIT_EXCEEDED, message)
                        .at(client.place(raw.span), "the first one too many")
                        .help("write keys into the list or into files: `jwks`, `jwks_file`"),
                );
                return;
            }
        }
    }
}

/// Who has a credential, and where it stands among theirs.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Used {
    kind: &'static str,
    fingerprint: [u8; 32],
    client: u32,
    position: u32,
}

impl Used {
    fn find<'c>(&self, clients: &'c [RawClient]) -> Option<(&'c RawClient, &'c RawCredential)> {
        let client = clients.get(self.client as usize)?;
        Some((client, client.credentials.get(self.position as usize)?))
    }
}

/// The id of a client is public, so it proves nothing, and neither does what people make of it
/// (row L7).
pub(super) fn check_own_id(client: &RawClient, now: UnixTime, findings: &mut Findings) {
    let Some(id) = &client.id else { return };
    let id = id.value.as_str();
    let proofs = guesses_from(id).map(|guess| Proof::secret(guess.into_bytes()));
    for raw in &client.credentials {
        let fits = |proof| raw.credential.verifier.verify(proof, &Context::offline(now)).is_ok();
        if proofs.iter().any(fits) {
            let message = format!("the secret of client `{id}` is made of its own id");
            findings.push(
                Finding::new(&codes::SECRET_WEAK, message)
                    .at(client.place(raw.span), "the digest of the id, or of the id and `secret`")
                    .help("`signet secret new` makes a secret and the line for this file"),
            );
        }
    }
}
