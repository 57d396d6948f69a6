//! Resources: one for each audience, and an index of what they define.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::raw::RawResource;
use crate::client::Resource;
use crate::diagnostic::catalogue::{clients as codes, rules};
use crate::diagnostic::{Finding, Findings, Place, Severity, Span};
use crate::oauth::{Audience, ScopeToken};

/// A resource as clients see it.
pub(super) struct Declared<'r> {
    pub raw: &'r RawResource,
    /// `None` when its entry was refused.
    pub resource: Option<Arc<Resource>>,
}

/// Who defines a scope: the resource, and the position among its scopes.
#[derive(Clone, Copy)]
pub(super) struct Definition {
    pub resource: usize,
    pub position: usize,
    pub span: Span,
}

pub(super) struct Index<'r> {
    all: Vec<Declared<'r>>,
    by_audience: HashMap<&'r str, usize>,
    by_scope: HashMap<&'r str, Vec<Definition>>,
}

impl<'r> Index<'r> {
    pub(super) fn new(resources: &'r [RawResource], findings: &mut Findings) -> Self {
        let mut index = Self { all: Vec::new(), by_audience: HashMap::new(), by_scope: HashMap::new() };
        for raw in resources {
            index.add(raw, findings);
        }
        index
    }

    fn add(&mut self, raw: &'r RawResource, findings: &mut Findings) {
        let number = self.all.len();
        let mut scopes: Vec<ScopeToken> = Vec::with_capacity(raw.scopes.len());
        for scope in &raw.scopes {
            let definitions = self.by_scope.entry(scope.value.as_str()).or_default();
            if definitions.last().is_some_and(|last| last.resource == number) {
                continue; // A double means nothing (RFC 6749 §3.3).
            }
            definitions.push(Definition { resource: number, position: scopes.len(), span: scope.span });
            scopes.push(scope.value.clone());
        }
        let audience = raw.audience.as_ref().map(|audience| audience.value.clone());
        let audience = audience.filter(|audience| self.is_first(audience, raw, findings));
        if let Some(audience) = &raw.audience {
            self.by_audience.entry(audience.value.as_str()).or_insert(number);
        }
        let resource = audience.map(|audience| {
            Arc::new(Resource {
                audience,
                name: raw.name.clone(),
                scopes,
                typ: raw.typ,
                signing_alg: raw.signing_alg,
                access_token_lifetime_seconds: raw.lifetime_seconds,
                owner: raw.owner.clone(),
            })
        });
        self.all.push(Declared { raw, resource });
    }

    fn is_first(&self, audience: &Audience, raw: &RawResource, findings: &mut Findings) -> bool {
        let Some(first) = self.by_audience.get(audience.as_str()).and_then(|at| self.all.get(*at)) else {
            return true;
        };
        findings.push(
            Finding::new(&codes::AUDIENCE_DUPLICATE, format!("the audience `{audience}` is defined twice"))
                .at(raw.audience_place(), "the second definition")
                .related(first.raw.audience_place(), "the first definition")
                .help("join the two resources"),
        );
        false
    }

    /// A scope belongs to one resource, or at least to resources of one owner. Reported once, where
    /// it is defined for the second time.
    pub(super) fn check_owners(&self, notes: bool, findings: &mut Findings) {
        for (number, declared) in self.all.iter().enumerate() {
            for scope in &declared.raw.scopes {
                let definitions = self.definitions(&scope.value);
                let [first, second, ..] = definitions else { continue };
                let Some(first_raw) = self.get(first.resource).map(|first| first.raw) else { continue };
                if second.resource != number || second.span != scope.span {
                    continue;
                }
                let owner = first_raw.owner.as_ref();
                let is_of_owner = |at: &Definition| {
                    self.get(at.resource).is_some_and(|one| one.raw.owner.as_ref() == owner)
                };
                let one_owner = owner.is_some() && definitions.iter().all(is_of_owner);
                if one_owner && !notes {
                    continue;
                }
                let message =
                    format!("{} resources define scope `{}`", definitions.len(), scope.value.as_str());
                findings.push(
                    Finding::new(&rules::SCOPE_SHARED, message)
                        .severity(if one_owner { Severity::Note } else { Severity::Warning })
                        .at(declared.raw.place(second.span), "defined again")
                        .related(first_raw.place(first.span), "defined first")
                        .help("name it after its resource; a client that has it must list its audiences"),
                );
            }
        }
    }

    pub(super) fn get(&self, number: usize) -> Option<&Declared<'r>> {
        self.all.get(number)
    }

    pub(super) fn audience(&self, audience: &Audience) -> Option<usize> {
        self.by_audience.get(audience.as_str()).copied()
    }

    pub(super) fn audiences(&self) -> impl Iterator<Item = &str> {
        self.all.iter().filter_map(|declared| Some(declared.raw.audience.as_ref()?.value.as_str()))
    }

    pub(super) fn definitions(&self, scope: &ScopeToken) -> &[Definition] {
        self.by_scope.get(scope.as_str()).map_or(&[], Vec::as_slice)
    }

    /// In the order of the files.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.all.iter().flat_map(|declared| &declared.raw.scopes).map(|scope| scope.value.as_str())
    }

    /// Where the scope is defined first.
    pub(super) fn scope_place(&self, scope: &str) -> Option<Place> {
        let definition = self.by_scope.get(scope)?.first()?;
        Some(self.get(definition.resource)?.raw.place(definition.span))
    }

    pub(super) fn declared(&self) -> Vec<Arc<Resource>> {
        self.all.iter().filter_map(|declared| declared.resource.clone()).collect()
    }
}
