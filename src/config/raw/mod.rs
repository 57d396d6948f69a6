//! What the files say, entry by entry, after every check that needs no other entry. The tree of
//! an entry is dropped as soon as it is read; what is kept is small and knows its places.

mod claims;
mod client;
mod credential;
mod federated_subject;
mod resource;

use std::sync::Arc;

use super::members::{Members, Spanned};
use super::schema::resource::SCOPES_MAX;
use super::schema::{CLIENTS_MAX, RESOURCES_MAX, SECTIONS};
use super::shared::Shared;
use super::yaml::Receiver;
use super::{LIFETIME_SECONDS_GOOD, LIFETIME_SECONDS_MAX, Options, nearest, shown};
use crate::client::{Credential, TokenType};
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings, Place, Section, Source, Span, Value};
use crate::jose::Algorithm;
use crate::oauth::{Audience, ClientId, ScopeToken};
use crate::section::table::names;

/// Words of the client file that a later version will act on.
const SECTIONS_TO_COME: &[&str] = &["issuers", "teams"];

pub(super) struct RawResource {
    pub source: Arc<Source>,
    /// Of the whole entry.
    pub span: Span,
    /// `None` when it was refused; the entry still defines its scopes, so that nothing else is
    /// reported because of it.
    pub audience: Option<Spanned<Audience>>,
    pub name: Option<Box<str>>,
    pub scopes: Box<[Spanned<ScopeToken>]>,
    pub typ: TokenType,
    /// Where `typ` stands, when it does.
    pub typ_span: Option<Span>,
    pub signing_alg: Algorithm,
    pub lifetime_seconds: Option<u32>,
    pub owner: Option<Box<str>>,
}

pub(super) struct RawClient {
    pub source: Arc<Source>,
    pub file: Arc<str>,
    /// Of the whole entry.
    pub span: Span,
    pub id: Option<Spanned<ClientId>>,
    pub name: Option<Box<str>>,
    pub contacts: Arc<[Box<str>]>,
    pub grant_types: Arc<[&'static str]>,
    pub method: Option<&'static str>,
    pub credentials: Box<[RawCredential]>,
    pub scopes: Option<Box<[Spanned<ScopeToken>]>>,
    pub default_scopes: Option<Box<[Spanned<ScopeToken>]>>,
    pub audiences: Option<Box<[Spanned<Audience>]>>,
    pub multiple_audiences: Option<Spanned<bool>>,
    pub lifetime_seconds: Option<u32>,
    pub claims_json: Box<str>,
    pub disabled: bool,
    /// Something about its reach was refused already: no more is said about it.
    pub reach_is_broken: bool,
    /// As above, for its credentials.
    pub credentials_are_broken: bool,
}

pub(super) struct RawCredential {
    pub credential: Credential,
    pub span: Span,
    pub expires_span: Span,
}

impl RawClient {
    pub(super) fn place(&self, span: Span) -> Place {
        Place { source: Arc::clone(&self.source), span }
    }

    /// Where the id stands, or the entry when it has none.
    pub(super) fn id_place(&self) -> Place {
        self.place(self.id.as_ref().map_or(self.span, |id| id.span))
    }

    /// For messages.
    pub(super) fn id_text(&self) -> &str {
        self.id.as_ref().map_or("?", |id| id.value.as_str())
    }
}

impl RawResource {
    pub(super) fn place(&self, span: Span) -> Place {
        Place { source: Arc::clone(&self.source), span }
    }

    pub(super) fn audience_place(&self) -> Place {
        self.place(self.audience.as_ref().map_or(self.span, |audience| audience.span))
    }
}

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
    pub options: &'o Options,
    values: Values,
    file: Arc<str>,
    /// Size of the files before this one.
    bytes_before: u64,
    /// The file that is being read had a member at the top level.
    has_content: bool,
    limit_reported: bool,
}

impl<'o> RawClients<'o> {
    pub(super) fn new(options: &'o Options) -> Self {
        Self {
            resources: Vec::new(),
            clients: Vec::new(),
            options,
            values: Values::default(),
            file: "".into(),
            bytes_before: 0,
            has_content: false,
            limit_reported: false,
        }
    }

    /// Call before each file.
    pub(super) fn begin_file(&mut self, name: &str, bytes_before: u64) {
        self.file = name.into();
        self.bytes_before = bytes_before;
        self.has_content = false;
    }

    pub(super) fn file_has_content(&self) -> bool {
        self.has_content
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
        if key == "resources" {
            if self.resources.len() >= RESOURCES_MAX {
                return self.over_limit("resources", RESOURCES_MAX, &entry, findings);
            }
            if let Some(members) = Members::open(entry, "a resource", findings) {
                self.resources.push(resource::read(members, self.options, &mut self.values, findings));
            }
            return;
        }
        if self.clients.len() >= CLIENTS_MAX {
            return self.over_limit("clients", CLIENTS_MAX, &entry, findings);
        }
        if let Some(members) = Members::open(entry, "a client", findings) {
            let file = Arc::clone(&self.file);
            let client = client::read(members, file, self.options, &mut self.values, findings);
            self.clients.push(client);
        }
    }

    fn value(&mut self, key: &str, value: Section, findings: &mut Findings) {
        if matches!(value.value, Value::Refused) {
            return;
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
