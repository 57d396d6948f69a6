//! What an entry of the list asks to reach, whoever it is for: a client, or the policy that
//! registrations are bound to. The rules about scopes, audiences and teams are the same for both.

use std::fmt;
use std::sync::Arc;

use super::super::members::Spanned;
use super::super::raw::{RawClient, RawPolicy};
use super::super::shown;
use crate::diagnostic::{Place, Source, Span};
use crate::oauth::{Audience, ScopeToken};

pub(super) struct Asked<'e> {
    pub file: &'e Arc<str>,
    source: &'e Arc<Source>,
    who: Who<'e>,
    /// Where the entry says who it is for; of the whole entry when it does not.
    pub span: Span,
    pub has_name: bool,
    pub scopes: &'e Option<Box<[Spanned<ScopeToken>]>>,
    pub default_scopes: &'e Option<Box<[Spanned<ScopeToken>]>>,
    pub audiences: &'e Option<Box<[Spanned<Audience>]>>,
    pub multiple_audiences: Option<Spanned<bool>>,
    /// Something of it was refused already: no more is said about it.
    pub is_broken: bool,
}

enum Who<'e> {
    Client(&'e str),
    Policy(&'e str),
}

impl<'e> Asked<'e> {
    pub(super) fn by_client(client: &'e RawClient) -> Self {
        Self {
            file: &client.file,
            source: &client.source,
            who: Who::Client(client.id_text()),
            span: client.id.as_ref().map_or(client.span, |id| id.span),
            has_name: client.id.is_some(),
            scopes: &client.scopes,
            default_scopes: &client.default_scopes,
            audiences: &client.audiences,
            multiple_audiences: client.multiple_audiences,
            is_broken: client.reach_is_broken,
        }
    }

    pub(super) fn by_policy(policy: &'e RawPolicy) -> Self {
        let first = policy.registrars.first();
        Self {
            file: &policy.file,
            source: &policy.source,
            who: Who::Policy(first.map_or("?", |id| id.value.as_str())),
            span: first.map_or(policy.span, |id| id.span),
            has_name: first.is_some(),
            scopes: &policy.scopes,
            default_scopes: &None,
            audiences: &policy.audiences,
            multiple_audiences: None,
            is_broken: policy.reach_is_broken,
        }
    }

    pub(super) fn place(&self, span: Span) -> Place {
        Place { source: Arc::clone(self.source), span }
    }

    pub(super) fn own_place(&self) -> Place {
        self.place(self.span)
    }
}

/// For messages: "client `billing`", "the policy of `sdk-portal`".
impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.who {
            Who::Client(id) => write!(f, "client `{id}`"),
            Who::Policy(registrar) => write!(f, "the policy of `{}`", shown(registrar)),
        }
    }
}
