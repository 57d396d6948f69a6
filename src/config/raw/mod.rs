//! What the files say, entry by entry, after every check that needs no other entry. The tree of
//! an entry is dropped as soon as it is read; what is kept is small and knows its places.

mod claims;
mod client;
mod credential;
mod entries;
mod federated_subject;
mod registration;
mod resource;
mod team;

use std::sync::Arc;

pub(super) use entries::{RawClient, RawCredential, RawResource, RawTeam, ReadFile};
pub(super) use registration::{RawPolicy, RawRegistration};

use super::beside::FilesBeside;
use super::members::{Members, Spanned};
use super::schema::resource::SCOPES_MAX;
use super::schema::{CLIENTS_MAX, RESOURCES_MAX, SECTIONS, TEAMS_MAX};
use super::shared::Shared;
use super::yaml::Receiver;
use super::{LIFETIME_SECONDS_GOOD, LIFETIME_SECONDS_MAX, Options, nearest, shown};
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings, Place, Section, Value};
use crate::oauth::{Audience, ScopeToken};
use crate::section::table::names;

/// Words of the client file that a later version will act on.
const SECTIONS_TO_COME: &[&str] = &["issuers"];

/// The one section that is a mapping.
const REGISTRATION: &str = "registration";

/// What many entries have in common, kept once.
#[derive(Default)]
pub(super) struct Values {
    scopes: Shared<ScopeToken>,
    audiences: Shared<Audience>,
    contacts: Shared<Arc<[Box<str>]>>,
    grant_types: Shared<Arc<[&'static str]>>,
}

/// Everything that all files say.
pub(super) struct RawClients<'o> {
    pub resources: Vec<RawResource>,
    pub clients: Vec<RawClient>,
    pub teams: Vec<RawTeam>,
    /// An entry of `teams` was refused: nothing is said about who may grant what.
    pub teams_are_broken: bool,
    /// `None` as long as no file has the section: then nobody can register anything.
    pub registration: Option<RawRegistration>,
    /// Where the section begins, as long as nothing of it was read.
    registration_at: Option<Place>,
    pub files: Vec<ReadFile>,
    pub options: &'o Options,
    pub beside: FilesBeside<'o>,
    values: Values,
    /// Size of the files before this one.
    bytes_before: u64,
    /// The file that is being read had a member at the top level.
    has_content: bool,
    limit_reported: bool,
}

impl<'o> RawClients<'o> {
    pub(super) fn new(options: &'o Options, beside: FilesBeside<'o>) -> Self {
        Self {
            resources: Vec::new(),
            clients: Vec::new(),
            teams: Vec::new(),
            teams_are_broken: false,
            registration: None,
            registration_at: None,
            files: Vec::new(),
            options,
            beside,
            values: Values::default(),
            bytes_before: 0,
            has_content: false,
            limit_reported: false,
        }
    }

    /// Call before each file.
    pub(super) fn begin_file(&mut self, name: &str, relative: &str, bytes_before: u64) {
        self.files.push(ReadFile { name: name.into(), relative: relative.into() });
        self.beside.of(relative);
        self.bytes_before = bytes_before;
        self.has_content = false;
        self.registration_at = None;
    }

    pub(super) fn file_has_content(&self) -> bool {
        self.has_content
    }

    fn resource(&mut self, entry: Section, findings: &mut Findings) {
        if self.resources.len() >= RESOURCES_MAX {
            return self.over_limit("resources", RESOURCES_MAX, &entry, findings);
        }
        if let Some(members) = Members::open(entry, "a resource", findings) {
            self.resources.push(resource::read(members, self.options, &mut self.values, findings));
        }
    }

    fn client(&mut self, entry: Section, findings: &mut Findings) {
        if self.clients.len() >= CLIENTS_MAX {
            return self.over_limit("clients", CLIENTS_MAX, &entry, findings);
        }
        if let Some(members) = Members::open(entry, "a client", findings) {
            let file = self.files.last().map(|file| Arc::clone(&file.name)).unwrap_or_default();
            let client =
                client::read(members, file, self.options, &mut self.values, &mut self.beside, findings);
            self.clients.push(client);
        }
    }

    fn team(&mut self, entry: Section, findings: &mut Findings) {
        if self.teams.len() >= TEAMS_MAX {
            return self.over_limit("teams", TEAMS_MAX, &entry, findings);
        }
        let errors = findings.errors();
        if let Some(members) = Members::open(entry, "a team", findings) {
            let relative = self.files.last().map_or("", |file| &*file.relative);
            self.teams.push(team::read(members, relative, &mut self.values, findings));
        }
        self.teams_are_broken |= findings.errors() > errors;
    }

    /// Call after each file that was read whole.
    pub(super) fn end_file(&mut self, findings: &mut Findings) {
        // A list of entries, perhaps of none, stands in the place of the mapping.
        if let Some(place) = self.registration_at.take() {
            let message = format!("`{REGISTRATION}` must be a mapping, not a list");
            findings.push(
                Finding::new(&codes::WRONG_TYPE, message)
                    .at(place, "expected a mapping")
                    .help("write `policies:` below it, and the list below that"),
            );
        }
    }

    fn over_limit(&mut self, what: &str, most: usize, entry: &Section, findings: &mut Findings) {
        if !std::mem::replace(&mut self.limit_reported, true) {
            let message = format!("there are more than {most} {what}");
            findings.push(
                Finding::new(&codes::LIMIT_EXCEEDED, message).at(entry.place(), "the first one too many"),
            );
        }
    }
}

impl Receiver for RawClients<'_> {
    fn member(&mut self, key: &str, place: Place, findings: &mut Findings) -> bool {
        self.has_content = true;
        if key == REGISTRATION {
            self.registration_at = Some(place.clone());
        }
        if names(SECTIONS).any(|name| name == key) {
            return true;
        }
        if SECTIONS_TO_COME.contains(&key) {
            let message = format!("`{key}` is not supported by this version");
            findings.push(
                Finding::new(&codes::SECTION_UNSUPPORTED, message)
                    .at(place, "a word of a later version")
                    .help("remove the section; nothing of it could be in force"),
            );
            return false;
        }
        let help = match nearest(key, names(SECTIONS)) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("known are: {}", names(SECTIONS).collect::<Vec<_>>().join(", ")),
        };
        let message = format!("`{}` is no section of a client file", shown(key));
        findings.push(Finding::new(&codes::MEMBER_UNKNOWN, message).at(place, "not known here").help(help));
        false
    }

    fn entry(&mut self, key: &str, entry: Section, findings: &mut Findings) {
        if let Some(progress) = &self.options.progress {
            progress.reached(self.bytes_before.saturating_add(entry.span.end.into()));
        }
        match key {
            "resources" => self.resource(entry, findings),
            "teams" => self.team(entry, findings),
            REGISTRATION => {}
            _ => self.client(entry, findings),
        }
    }

    fn value(&mut self, key: &str, value: Section, findings: &mut Findings) {
        if matches!(value.value, Value::Refused) {
            self.registration_at = None;
            return;
        }
        if key == REGISTRATION {
            self.registration_at = None;
            let file = self.files.last().map(|file| Arc::clone(&file.name)).unwrap_or_default();
            let known = self.registration.get_or_insert_default();
            return registration::read(value, &file, &mut self.values, known, findings);
        }
        let message = format!("`{key}` must be a list, not {}", value.kind());
        let finding = Finding::new(&codes::WRONG_TYPE, message).at(value.place(), "expected a list");
        findings.push(match value.value {
            Value::Null => finding.help(format!("write the entries below it, or `{key}: []`")),
            Value::Map(_) => finding.help("begin every entry with `- `"),
            _ => finding,
        });
    }
}

/// Scopes that follow the grammar. `None` when the member is absent.
fn scopes(
    members: &mut Members,
    name: &str,
    values: &mut Values,
    findings: &mut Findings,
) -> Option<Box<[Spanned<ScopeToken>]>> {
    let words = members.texts(name, true, findings)?;
    if let Some(first) = words.get(SCOPES_MAX) {
        let message = format!("`{name}` lists more than {SCOPES_MAX} scopes");
        let place = members.place(first.span);
        findings.push(Finding::new(&codes::LIMIT_EXCEEDED, message).at(place, "the first one too many"));
    }
    let mut scopes = Vec::with_capacity(words.len().min(SCOPES_MAX));
    for word in words.into_iter().take(SCOPES_MAX) {
        match values.scopes.get(word.value.as_str(), || ScopeToken::parse(&word.value)) {
            Some(value) => scopes.push(Spanned { value, span: word.span }),
            None => {
                let message = format!("`{}` is not a scope", shown(&word.value));
                let place = members.place(word.span);
                findings.push(
                    Finding::new(&codes::SCOPE_NAME_MALFORMED, message)
                        .at(place, "not a scope")
                        .help("1 to 128 visible ASCII characters without space, `\"` and `\\`"),
                );
            }
        }
    }
    Some(scopes.into())
}

fn audience(
    text: Spanned<String>,
    place: Place,
    values: &mut Values,
    findings: &mut Findings,
) -> Option<Spanned<Audience>> {
    let parsed = values.audiences.get(text.value.as_str(), || Audience::parse(&text.value));
    if parsed.is_none() {
        let message = format!("`{}` is not an audience", shown(&text.value));
        findings.push(
            Finding::new(&codes::AUDIENCE_MALFORMED, message)
                .at(place, "not an audience")
                .help("1 to 256 visible ASCII characters without space, `\"` and `\\`; usually a URL"),
        );
    }
    parsed.map(|value| Spanned { value, span: text.span })
}

/// A lifetime within the cap (row L6).
fn lifetime(members: &mut Members, findings: &mut Findings) -> Option<u32> {
    let seconds = members.seconds("access_token_lifetime", findings)?;
    let place = members.place(seconds.span);
    if seconds.value > LIFETIME_SECONDS_MAX {
        let finding = Finding::new(&codes::LIFETIME_ABOVE_CAP, "the lifetime is above 24 hours");
        findings.push(finding.at(place, "at most 24h").help("15m is the default, 1h is plenty"));
        return None;
    }
    if seconds.value > LIFETIME_SECONDS_GOOD {
        let finding = Finding::new(&codes::LIFETIME_LONG, "the lifetime is above one hour");
        findings.push(
            finding
                .at(place, "longer than advisable")
                .help("a token cannot be called back; prefer 1h or less"),
        );
    }
    Some(seconds.value)
}
