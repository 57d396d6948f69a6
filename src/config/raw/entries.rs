//! What one entry of a client file says, with its places: between the text and the values.

use std::fmt;
use std::sync::Arc;

use super::super::pattern::Pattern;
use crate::client::{Credential, TokenType};
use crate::diagnostic::{Place, Source, Span};
use crate::jose::Algorithm;
use crate::oauth::{Audience, ClientId, ScopeToken};
use crate::section::members::Spanned;
use crate::section::shown;

pub(in crate::config) struct RawResource {
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

pub(in crate::config) struct RawClient {
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
    pub reuse_seconds: Option<u32>,
    pub claims_json: Box<str>,
    pub disabled: bool,
    /// Something about its reach was refused already: no more is said about it.
    pub reach_is_broken: bool,
    /// As above, for its credentials.
    pub credentials_are_broken: bool,
}

pub(in crate::config) struct RawCredential {
    pub credential: Credential,
    pub span: Span,
    pub expires_span: Span,
}

pub(in crate::config) struct RawTeam {
    pub source: Arc<Source>,
    /// Of the whole entry.
    pub span: Span,
    /// The file where it stands, as patterns see it.
    pub relative: Box<str>,
    pub name: Option<Box<str>>,
    pub files: Vec<Spanned<Pattern>>,
    pub audiences: Vec<Spanned<Audience>>,
}

/// A file of the list: as findings name it, and below the root, with `/`.
pub(in crate::config) struct ReadFile {
    pub name: Arc<str>,
    pub relative: Box<str>,
}

impl RawTeam {
    pub(in crate::config) fn place(&self, span: Span) -> Place {
        Place { source: Arc::clone(&self.source), span }
    }

    pub(in crate::config) fn covers(&self, relative: &str) -> bool {
        self.files.iter().any(|pattern| pattern.value.matches(relative))
    }
}

/// For messages: "team `payments`", or the first of its patterns in place of a name.
impl fmt::Display for RawTeam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = || self.files.first().map(|pattern| pattern.value.as_str());
        write!(f, "team `{}`", shown(self.name.as_deref().or_else(first).unwrap_or("?")))
    }
}

impl RawClient {
    pub(in crate::config) fn place(&self, span: Span) -> Place {
        Place { source: Arc::clone(&self.source), span }
    }

    /// Where the id stands, or the entry when it has none.
    pub(in crate::config) fn id_place(&self) -> Place {
        self.place(self.id.as_ref().map_or(self.span, |id| id.span))
    }

    /// For messages.
    pub(in crate::config) fn id_text(&self) -> &str {
        self.id.as_ref().map_or("?", |id| id.value.as_str())
    }
}

impl RawResource {
    pub(in crate::config) fn place(&self, span: Span) -> Place {
        Place { source: Arc::clone(&self.source), span }
    }

    pub(in crate::config) fn audience_place(&self) -> Place {
        self.place(self.audience.as_ref().map_or(self.span, |audience| audience.span))
    }
}
