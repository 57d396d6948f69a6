//! The rules that need more than one entry: what resources define, what clients may reach, what
//! stands twice. Raw entries in, `client::*` values out; every problem is a finding.

mod asked;
mod clients;
mod credentials;
mod reach;
mod registration;
mod relaxations;
mod resources;
mod teams;
mod token_size;

use std::sync::Arc;

use self::asked::Asked;
use super::raw::{RawClient, RawClients};
use crate::client::{Client, Granted, Registry};
use crate::clock::UnixTime;
use crate::diagnostic::Findings;

/// The registry of all entries; of use only when `findings` has no error. `complete` is false
/// when a file could not be read whole: then nothing is said about what seems to be missing.
pub(super) fn registry(
    raw: RawClients<'_>,
    complete: bool,
    now: UnixTime,
    findings: &mut Findings,
) -> Registry {
    let RawClients { resources, clients, teams, teams_are_broken, registration, files, options, .. } = raw;
    let index = resources::Index::new(&resources, findings);
    index.check_owners(options.notes, findings);
    clients::check_ids(&clients, findings);
    credentials::check_shared(&clients, findings);
    credentials::check_key_sources(&clients, findings);
    if options.notes {
        relaxations::note(&resources, &clients, findings);
    }
    let mut reach = reach::Checker::new(&index, complete);
    let teams = teams::Checker::new(if teams_are_broken { &[] } else { &teams }, &files);
    teams.check_homes(findings);
    if complete {
        teams.check_names(&files, &index, findings);
    }
    let registration = registration.map(|raw| {
        registration::Registrars::new(&clients).check(&raw.policies, complete, findings);
        registration::registration(raw, &mut reach, &teams, findings)
    });
    let mut valid = Vec::with_capacity(clients.len());
    for raw in clients {
        credentials::check_dates(&raw, now, options.expiring_within_seconds.into(), findings);
        credentials::check_own_id(&raw, now, findings);
        let asked = Asked::by_client(&raw);
        let granted = reach.granted(&asked, findings);
        teams.check(&asked, &granted, findings);
        token_size::check(&raw, &granted, findings);
        valid.extend(client(raw, granted).map(Arc::new));
    }
    Registry::new(valid, index.declared()).with_registration(registration)
}

fn client(raw: RawClient, granted: Arc<[Granted]>) -> Option<Client> {
    let id = raw.id?;
    Some(Client {
        line: raw.source.line(id.span.start),
        id: id.value,
        name: raw.name,
        contacts: raw.contacts,
        grant_types: raw.grant_types,
        credentials: raw.credentials.into_iter().map(|raw| raw.credential).collect(),
        token_endpoint_auth_method: raw.method,
        granted,
        names_default_scope: raw.default_scopes.is_some(),
        multiple_audiences: raw.multiple_audiences.is_some_and(|allowed| allowed.value),
        access_token_lifetime_seconds: raw.lifetime_seconds,
        reuse_seconds: raw.reuse_seconds,
        claims_json: raw.claims_json,
        disabled: raw.disabled,
        registered: None,
        file: raw.file,
    })
}
