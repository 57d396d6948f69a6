//! From what another issuer says of a client to an entry of the client list. Nothing gets wider on
//! the way: where scopes or lifetimes do not fit, they are dropped and the report says so.

use std::collections::{HashMap, HashSet};

use super::credentials::credentials;
use super::model::{Client, Export, Fate, Note, Resource, push_new};
use crate::client_auth;
use crate::clock::{UnixTime, duration_text};
use crate::config::{self, LIFETIME_SECONDS_MAX, Loaded, NewClient, NewResource, Options, client_list};
use crate::diagnostic::{Findings, Severity};
use crate::jose::Algorithm;
use crate::oauth::{Audience, ClientId, ScopeToken};
use crate::section::members::TEXT_CHARACTERS_MAX;
use crate::section::shown;

/// A list that the reader of client files takes.
pub struct Carried {
    pub text: String,
    pub client_ids: Vec<String>,
    /// What `signet check` will say.
    pub warnings: usize,
}

/// `done` is called after each client: to hash a weak secret takes its time.
///
/// # Errors
/// Findings that are about no client, so that leaving one out does not help.
pub fn carry(
    mut export: Export,
    default_audience: Option<&str>,
    now: UnixTime,
    done: impl Fn(),
) -> Result<(Carried, Vec<Note>), Findings> {
    let mut ids = HashSet::new();
    let mut clients = std::mem::take(&mut export.clients);
    clients.retain_mut(|client| is_placed(client, default_audience, &mut ids, &mut export));
    let resources = Resources::of(&export, &clients);
    let mut entries: Vec<NewClient> = clients
        .into_iter()
        .map(|client| entry(client, &resources, now, &mut export))
        .inspect(|_| done())
        .collect();
    loop {
        let declared = resources.declared(&entries, &mut export);
        let (text, starts) = client_list(&declared, &entries);
        let loaded = config::load_text("the new list", &text, now, &Options::default());
        if loaded.findings.errors() == 0 {
            let client_ids: Vec<String> = entries.into_iter().map(|client| client.client_id).collect();
            let warnings = loaded.findings.warnings();
            forget_of_left_out(&client_ids, &mut export.notes);
            return Ok((Carried { text, client_ids, warnings }, export.notes));
        }
        let refused = refused(&loaded, &starts);
        if refused.is_empty() {
            return Err(loaded.findings);
        }
        let mut position = 0;
        entries.retain(|client| {
            let reason = refused.get(&position);
            position += 1;
            reason.inspect(|reason| export.leave_out(&client.client_id, "", "client", reason)).is_none()
        });
    }
}

/// What became of the members of a client that is not in the list is no news.
fn forget_of_left_out(client_ids: &[String], notes: &mut Vec<Note>) {
    let carried: HashSet<&str> = client_ids.iter().map(String::as_str).collect();
    let is_carried = |note: &Note| note.client_id.as_deref().is_none_or(|id| carried.contains(id));
    notes.retain(|note| note.fate == Fate::LeftOut || is_carried(note));
}

/// The clients that the reader refuses, by position, with its first reason.
fn refused(loaded: &Loaded, starts: &[u32]) -> HashMap<usize, String> {
    let mut refused = HashMap::new();
    for finding in loaded.findings.iter().filter(|finding| finding.severity == Severity::Error) {
        let Some(place) = &finding.place else { continue };
        let line = place.source.line(place.span.start);
        let after = starts.partition_point(|start| *start <= line);
        if let Some(position) = after.checked_sub(1) {
            refused.entry(position).or_insert_with(|| finding.message.clone());
        }
    }
    refused
}

/// Does the client have an id of ours and an audience? Malformed words are dropped.
fn is_placed(
    client: &mut Client,
    default_audience: Option<&str>,
    ids: &mut HashSet<String>,
    export: &mut Export,
) -> bool {
    let (id, place) = (client.id.clone(), client.place.clone());
    if ClientId::parse(&id).is_none() {
        let reason =
            "an id has 1 to 128 characters of A-Z a-z 0-9 . _ ~ - here; the client needs another one";
        export.leave_out(&id, &place, "client_id", reason);
        return false;
    }
    if !ids.insert(id.clone()) {
        export.leave_out(&id, &place, "client_id", "the id stands twice in the export");
        return false;
    }
    client.grants.retain(|grant| {
        let is_audience = Audience::parse(&grant.audience).is_some();
        if !is_audience {
            let reason =
                format!("`{}` is no audience of 1 to 256 visible characters", shown(&grant.audience));
            export.note(Fate::NotCarried, &id, &place, "audience", &reason);
        }
        is_audience
    });
    if let Some(audience) = default_audience.filter(|_| client.grants.is_empty()) {
        client.grant(audience, []);
    }
    if client.grants.is_empty() {
        let reason = "the export names no audience for it, and every token here has one: say --audience";
        export.leave_out(&id, &place, "audience", reason);
        return false;
    }
    for grant in &mut client.grants {
        for scope in &client.unbound_scopes {
            push_new(&mut grant.scopes, scope);
        }
        grant.scopes.retain(|scope| {
            let is_scope = ScopeToken::parse(scope).is_some();
            if !is_scope {
                let reason = format!("`{}` is no scope of 1 to 128 visible characters", shown(scope));
                export.note(Fate::NotCarried, &id, &place, "scope", &reason);
            }
            is_scope
        });
    }
    true
}

/// Audiences and their scopes, in the order of the export.
struct Resources(Vec<Resource>);

impl Resources {
    fn of(export: &Export, clients: &[Client]) -> Self {
        let mut all = export.resources.clone();
        for grant in clients.iter().flat_map(|client| &client.grants) {
            if !all.iter().any(|resource| resource.audience == grant.audience) {
                all.push(Resource {
                    audience: grant.audience.clone(),
                    lifetime_seconds: export.lifetime_seconds,
                    ..Resource::default()
                });
            }
            for resource in all.iter_mut().filter(|resource| resource.audience == grant.audience) {
                grant.scopes.iter().for_each(|scope| push_new(&mut resource.scopes, scope));
            }
        }
        for resource in &mut all {
            resource.scopes.retain(|scope| ScopeToken::parse(scope).is_some());
        }
        Self(all)
    }

    fn defines(&self, audience: &str, scope: &str) -> bool {
        self.0.iter().any(|one| one.audience == audience && one.scopes.iter().any(|known| known == scope))
    }

    /// Those that the clients use.
    fn declared(&self, clients: &[NewClient], export: &mut Export) -> Vec<NewResource> {
        let used: HashSet<&str> = clients.iter().flat_map(|one| &one.audience).map(String::as_str).collect();
        let used = self.0.iter().filter(|resource| used.contains(resource.audience.as_str()));
        let declare = |resource: &Resource| NewResource {
            audience: resource.audience.clone(),
            name: resource.name.clone(),
            scopes: resource.scopes.clone(),
            signing_alg: signing_alg(resource, export),
            access_token_lifetime_seconds: match lifetime(resource.lifetime_seconds) {
                Ok(seconds) => seconds,
                Err(reason) => {
                    export.note_all(Fate::NotCarried, &format!("lifetime of {}", resource.audience), &reason);
                    None
                }
            },
        };
        used.map(declare).collect()
    }
}

/// Only where it is not the default, RS256.
fn signing_alg(resource: &Resource, export: &mut Export) -> Option<&'static str> {
    let wanted = resource.signing_alg.as_deref().filter(|alg| *alg != Algorithm::Rs256.name())?;
    let known = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).find(|name| *name == wanted);
    let (fate, reason) = match known {
        Some(name) => (Fate::Changed, format!("{name} needs a key of its own: signet keys new --alg {name}")),
        None => (
            Fate::NotCarried,
            format!("`{}` is not offered; its tokens are signed with RS256", shown(wanted)),
        ),
    };
    export.note_all(fate, &format!("signing_alg of {}", resource.audience), &reason);
    known
}

/// `None` for the default.
fn lifetime(seconds: Option<i64>) -> Result<Option<u32>, String> {
    let Some(seconds) = seconds.filter(|seconds| *seconds > 0) else { return Ok(None) };
    let cap = duration_text(LIFETIME_SECONDS_MAX);
    let seconds = u32::try_from(seconds).ok().filter(|seconds| *seconds <= LIFETIME_SECONDS_MAX);
    seconds.map(Some).ok_or_else(|| format!("it is above the cap of {cap}; the default holds instead"))
}

fn entry(client: Client, resources: &Resources, now: UnixTime, export: &mut Export) -> NewClient {
    let (id, place) = (client.id.as_str(), client.place.as_str());
    let scope = common_scopes(&client, resources, export);
    let method = client.method.as_deref().filter(|wanted| {
        let is_known = client_auth::methods().any(|known| known == *wanted);
        if !is_known {
            let reason = format!("`{}` is not supported", shown(wanted));
            export.note(Fate::NotCarried, id, place, "token_endpoint_auth_method", &reason);
        }
        is_known
    });
    let seconds = lifetime(client.lifetime_seconds).unwrap_or_else(|reason| {
        export.note(Fate::NotCarried, id, place, "access_token_lifetime", &reason);
        None
    });
    if client.grants.len() > 1 {
        let reason = "where one token named all of them, a request names one here (`resource` or `audience`); \
                      `multiple_audiences: true` allows several";
        export.note(Fate::Changed, id, place, "audience", reason);
    }
    let defaults = client.default_scopes.iter().filter(|name| scope.contains(name));
    let client_name = client.name.as_deref().filter(|name| {
        let fits = name.chars().count() <= TEXT_CHARACTERS_MAX;
        if !fits {
            let reason = format!("it has more than {TEXT_CHARACTERS_MAX} characters");
            export.note(Fate::NotCarried, id, place, "name", &reason);
        }
        fits
    });
    NewClient {
        client_id: client.id.clone(),
        client_name: client_name.map(ToOwned::to_owned),
        contacts: client.contacts.clone(),
        grant_types: Vec::new(),
        token_endpoint_auth_method: method.map(ToOwned::to_owned),
        credentials: credentials(&client, now, export),
        default_scope: defaults.cloned().collect(),
        scope,
        audience: client.grants.iter().map(|grant| grant.audience.clone()).collect(),
        access_token_lifetime_seconds: seconds,
        claims: client.claims.clone(),
        disabled: client.disabled,
    }
}

/// A scope of a client counts at each of its audiences that defines it. One that was granted at
/// some of these only would be granted at all, so it is left out.
fn common_scopes(client: &Client, resources: &Resources, export: &mut Export) -> Vec<String> {
    let mut common = Vec::new();
    let mut dropped = HashSet::new();
    for scope in client.grants.iter().flat_map(|grant| &grant.scopes) {
        let mut wider = client
            .grants
            .iter()
            .filter(|grant| !grant.scopes.contains(scope) && resources.defines(&grant.audience, scope));
        match wider.next() {
            None => push_new(&mut common, scope),
            Some(grant) if dropped.insert(scope) => {
                let reason = format!(
                    "`{scope}` is granted at one API only, and {} defines it too: here it would count for both. Rename it \
                     at one of them",
                    grant.audience
                );
                export.note(Fate::NotCarried, &client.id, &client.place, "scope", &reason);
            }
            Some(_) => {}
        }
    }
    common
}
