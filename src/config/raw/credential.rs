//! One entry of `credentials`: dates and a note, which all kinds share, and one section that its
//! kind reads by itself.

use super::super::members::Members;
use super::super::schema::credential::SHARED_MEMBERS;
use super::super::shown;
use super::{RawCredential, federated_subject};
use crate::client::{Credential, Validity};
use crate::client_auth::{CredentialKind, KINDS};
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Entry, Finding, Findings, Place, Section, Value};
use crate::section::beside::Beside;
use crate::section::table::names;

/// Kinds that a later version will know; their names mean something in the client file.
const KINDS_TO_COME: &[&str] =
    &["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth", "federated"];

/// `client`: where the id of the client stands, which findings of a kind name, because it does not
/// stand in the section that they are about.
pub(super) fn read(
    section: Section,
    client: Option<&Place>,
    beside: &mut dyn Beside,
    findings: &mut Findings,
) -> Option<RawCredential> {
    if let Value::Text(_) = section.value {
        // Most likely `- sha256:…` or `- the-secret` without the name of the kind.
        section.source.mask(section.source.line_span(section.span.start));
    }
    let mut members = Members::open(section, "a credential", findings)?;
    let validity = validity(&mut members, findings);
    let expires_span = validity.1;
    let note = members.note("note", findings);
    let kind_entry = kind_entry(&mut members, findings);
    let line = members.source.line(members.span.start);
    let span = members.span;
    let kinds = KINDS.iter().map(|kind| kind.name());
    members.close("a credential", kinds.chain(names(SHARED_MEMBERS)), findings);
    let (kind, entry) = kind_entry?;
    if !kind.members().is_empty() && matches!(entry.value.value, Value::Text(_)) {
        // Text in the place of a mapping may be a secret that was meant for another kind.
        entry.value.source.mask(entry.value.span);
    }
    let mut of_kind = Findings::default();
    let verifier = kind.configure(&entry.value, beside, &mut of_kind);
    if let Some(client) = client {
        of_kind.related(client, "of this client");
    }
    findings.extend(of_kind);
    let verifier = verifier?;
    let credential = Credential { kind: kind.name(), validity: validity.0, note, verifier, line };
    Some(RawCredential { credential, span, expires_span })
}

fn validity(members: &mut Members, findings: &mut Findings) -> (Validity, crate::diagnostic::Span) {
    let not_before = members.time("not_before", findings);
    let expires = members.time("expires", findings);
    let expires_span = expires.as_ref().map_or(members.span, |expires| expires.span);
    if let (Some(from), Some(until)) = (&not_before, &expires)
        && from.value >= until.value
    {
        let (from, until) = (members.place(from.span), members.place(until.span));
        findings.push(
            Finding::new(&codes::DATES_REVERSED, "the credential ends before it begins")
                .at(until, "ends here")
                .related(from, "begins here"),
        );
    }
    let validity =
        Validity { not_before: not_before.map(|time| time.value), expires: expires.map(|time| time.value) };
    (validity, expires_span)
}

/// The one member that names a kind. Kinds to come and second kinds are taken out and refused.
fn kind_entry(
    members: &mut Members,
    findings: &mut Findings,
) -> Option<(&'static dyn CredentialKind, Entry)> {
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
    let mut refused = false;
    for name in KINDS_TO_COME.iter().filter(|name| !names.contains(*name)) {
        let Some(entry) = members.take(name) else { continue };
        refused = true;
        if *name == "federated" {
            federated_subject::check(&entry.value, findings);
        }
        let message = format!("{} is not supported by this version", shown(name));
        findings.push(
            Finding::new(&codes::CREDENTIAL_KIND_UNSUPPORTED, message)
                .at(entry.key_place(), "not supported yet")
                .help(format!(
                    "{} are not supported by this version; kinds: {}",
                    KINDS_TO_COME.join(", "),
                    names.join(", ")
                )),
        );
    }
    let mut found: Vec<(&'static dyn CredentialKind, Entry)> = Vec::new();
    for kind in KINDS {
        found.extend(members.take(kind.name()).map(|entry| (*kind, entry)));
    }
    if let [(_, first), (_, second), ..] = found.as_slice() {
        findings.push(
            Finding::new(&codes::CREDENTIAL_MALFORMED, "a credential names two kinds")
                .at(second.key_place(), "the second kind")
                .related(first.key_place(), "the first kind")
                .help("make two entries of it, each beginning with `- `"),
        );
        return None;
    }
    if found.is_empty() && !refused {
        let place = members.place(members.span);
        findings.push(
            Finding::new(&codes::CREDENTIAL_MALFORMED, "a credential names no kind")
                .at(place, "this credential")
                .help(format!("kinds: {}", names.join(", "))),
        );
    }
    found.pop()
}
