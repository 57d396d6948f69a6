//! What a client, or a client registered under a policy, may reach: its scopes and audiences against what resources define. The audience
//! follows from the scopes unless the client names audiences itself.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::members::Spanned;
use super::super::nearest;
use super::asked::Asked;
use super::resources::{Definition, Index};
use crate::client::Granted;
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings};
use crate::oauth::ScopeToken;

/// So many misspelt words get a suggestion; to look for more would cost seconds in a list that is
/// wrong altogether.
const SUGGESTIONS_MAX: u32 = 1_000;

pub(super) struct Checker<'i, 'r> {
    index: &'i Index<'r>,
    complete: bool,
    suggestions_left: u32,
    /// What clients with the same words for their reach were granted; most have many alike.
    known: HashMap<String, Arc<[Granted]>>,
    /// The words of the client at hand.
    words: String,
}

/// An audience that a client may reach, while its scopes are collected.
struct Reached {
    resource: usize,
    /// Positions among the scopes of the resource.
    scopes: Vec<usize>,
}

impl<'i, 'r> Checker<'i, 'r> {
    pub(super) fn new(index: &'i Index<'r>, complete: bool) -> Self {
        let (known, words) = (HashMap::new(), String::new());
        Self { index, complete, suggestions_left: SUGGESTIONS_MAX, known, words }
    }

    /// In the order of the client's `audience`, else in the order of its scopes.
    pub(super) fn granted(&mut self, asked: &Asked<'_>, findings: &mut Findings) -> Arc<[Granted]> {
        if !self.complete {
            return Arc::default();
        }
        write_words(asked, &mut self.words);
        if let Some(granted) = self.known.get(&self.words) {
            return Arc::clone(granted);
        }
        let errors = findings.errors();
        let granted: Arc<[Granted]> = self.work_out(asked, findings).into();
        // Only what passed every check is good for the next client.
        if findings.errors() == errors && !asked.is_broken && asked.has_name {
            self.known.insert(self.words.clone(), Arc::clone(&granted));
        }
        granted
    }

    fn work_out(&mut self, asked: &Asked<'_>, findings: &mut Findings) -> Vec<Granted> {
        let errors = findings.errors();
        let mut reached = self.named_audiences(asked, findings);
        for scope in asked.scopes.iter().flatten() {
            self.add_scope(asked, scope, &mut reached, findings);
        }
        self.check_default_scopes(asked, findings);
        if reached.is_empty() && findings.errors() == errors && !asked.is_broken && asked.has_name {
            let message = format!("{asked} has no audience that it could reach");
            findings.push(
                Finding::new(&codes::AUDIENCE_MISSING, message)
                    .at(asked.own_place(), "no `scope` and no `audience`")
                    .help("add `scope:` with scopes of a resource, or `audience:` with an audience"),
            );
        }
        let granted: Vec<Granted> =
            reached.into_iter().filter_map(|reached| self.finish(asked, reached)).collect();
        check_agreement(asked, &granted, findings);
        granted
    }

    fn named_audiences(&mut self, asked: &Asked<'_>, findings: &mut Findings) -> Vec<Reached> {
        let mut reached: Vec<Reached> = Vec::new();
        for audience in asked.audiences.iter().flatten() {
            match self.index.audience(&audience.value) {
                Some(resource) if reached.iter().any(|known| known.resource == resource) => {}
                Some(resource) => reached.push(Reached { resource, scopes: Vec::new() }),
                None => {
                    let message = format!(
                        "{asked} names the audience `{}`, which no resource declares",
                        audience.value
                    );
                    let mut finding = Finding::new(&codes::AUDIENCE_UNDECLARED, message)
                        .at(asked.place(audience.span), "not declared");
                    let near = self.suggest(|index| nearest(audience.value.as_str(), index.audiences()));
                    if let Some(near) = near {
                        finding = finding.help(format!("did you mean `{near}`?"));
                    }
                    findings.push(finding);
                }
            }
        }
        reached
    }

    fn add_scope(
        &mut self,
        asked: &Asked<'_>,
        scope: &Spanned<ScopeToken>,
        reached: &mut Vec<Reached>,
        findings: &mut Findings,
    ) {
        let definitions = self.index.definitions(&scope.value);
        let Some(first) = definitions.first() else {
            return self.undefined(asked, scope, findings);
        };
        if asked.audiences.is_some() {
            let mut is_granted = false;
            for definition in definitions {
                let known = reached.iter_mut().find(|known| known.resource == definition.resource);
                if let Some(known) = known {
                    known.scopes.push(definition.position);
                    is_granted = true;
                }
            }
            if !is_granted && !asked.is_broken {
                self.outside(asked, scope, *first, findings);
            }
            return;
        }
        if definitions.len() > 1 {
            return self.ambiguous(asked, scope, definitions, findings);
        }
        match reached.iter_mut().find(|known| known.resource == first.resource) {
            Some(known) => known.scopes.push(first.position),
            None => reached.push(Reached { resource: first.resource, scopes: vec![first.position] }),
        }
    }

    fn undefined(&mut self, asked: &Asked<'_>, scope: &Spanned<ScopeToken>, findings: &mut Findings) {
        let message = format!("{asked} asks for scope `{}`, which no resource defines", scope.value.as_str());
        let mut finding = Finding::new(&codes::SCOPE_UNDEFINED, message)
            .at(asked.place(scope.span), "no resource defines this");
        let near = self.suggest(|index| nearest(scope.value.as_str(), index.scopes()));
        if let Some(near) = near {
            let place = self.index.scope_place(near).map_or_else(String::new, |place| format!(" ({place})"));
            finding = finding.help(format!("did you mean `{near}`{place}?"));
        }
        findings.push(finding);
    }

    fn suggest(&mut self, find: impl FnOnce(&'i Index<'r>) -> Option<&'i str>) -> Option<&'i str> {
        self.suggestions_left = self.suggestions_left.checked_sub(1)?;
        find(self.index)
    }

    fn outside(
        &self,
        asked: &Asked<'_>,
        scope: &Spanned<ScopeToken>,
        definition: Definition,
        findings: &mut Findings,
    ) {
        let message =
            format!("scope `{}` belongs to an audience that {asked} does not list", scope.value.as_str());
        let mut finding = Finding::new(&codes::SCOPE_OUTSIDE_AUDIENCE, message)
            .at(asked.place(scope.span), "not at the audiences of this client");
        if let Some(declared) = self.index.get(definition.resource) {
            finding = finding.related(declared.raw.audience_place(), "defined for this audience");
        }
        findings.push(finding.help("add that audience to `audience`, or remove the scope"));
    }

    fn ambiguous(
        &self,
        asked: &Asked<'_>,
        scope: &Spanned<ScopeToken>,
        definitions: &[Definition],
        findings: &mut Findings,
    ) {
        const PLACES_MAX: usize = 3;
        let message = format!(
            "{} resources define scope `{}`, and {asked} names no audience",
            definitions.len(),
            scope.value.as_str()
        );
        let mut finding =
            Finding::new(&codes::SCOPE_AMBIGUOUS, message).at(asked.place(scope.span), "which one?");
        for definition in definitions.iter().take(PLACES_MAX) {
            if let Some(declared) = self.index.get(definition.resource) {
                finding = finding.related(declared.raw.audience_place(), "defined for this audience");
            }
        }
        findings.push(finding.help("name the audiences of the client: `audience: [https://…]`"));
    }

    fn check_default_scopes(&self, asked: &Asked<'_>, findings: &mut Findings) {
        let granted: std::collections::HashSet<&str> =
            asked.scopes.iter().flatten().map(|scope| scope.value.as_str()).collect();
        for scope in asked.default_scopes.iter().flatten() {
            if granted.contains(scope.value.as_str()) || asked.is_broken {
                continue;
            }
            let message =
                format!("default scope `{}` is not among the scopes of {asked}", scope.value.as_str());
            let finding = Finding::new(&codes::DEFAULT_SCOPE_OUTSIDE, message)
                .at(asked.place(scope.span), "not in `scope`");
            let near = nearest(scope.value.as_str(), granted.iter().copied());
            findings.push(match near {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("add it to `scope`, or remove it here"),
            });
        }
    }

    fn finish(&self, asked: &Asked<'_>, mut reached: Reached) -> Option<Granted> {
        let resource = self.index.get(reached.resource)?.resource.clone()?;
        reached.scopes.sort_unstable();
        reached.scopes.dedup();
        let scopes: Box<[ScopeToken]> =
            reached.scopes.iter().filter_map(|position| resource.scopes.get(*position)).cloned().collect();
        let default_scopes = match &asked.default_scopes {
            None => scopes.clone(),
            Some(defaults) => {
                let defaults: std::collections::HashSet<&str> =
                    defaults.iter().map(|scope| scope.value.as_str()).collect();
                scopes.iter().filter(|scope| defaults.contains(scope.as_str())).cloned().collect()
            }
        };
        Some(Granted { resource, scopes, default_scopes })
    }
}

/// Everything of a client that decides about its reach. Scopes and audiences hold no spaces and no
/// line breaks, so different words make different texts.
fn write_words(asked: &Asked<'_>, text: &mut String) {
    text.clear();
    text.push_str(if asked.multiple_audiences.is_some_and(|allowed| allowed.value) {
        "multiple"
    } else {
        ""
    });
    let audiences = asked.audiences.as_ref().map(|all| all.iter().map(|one| one.value.as_str()));
    push_words(audiences, text);
    for scopes in [&asked.scopes, &asked.default_scopes] {
        push_words(scopes.as_ref().map(|all| all.iter().map(|one| one.value.as_str())), text);
    }
}

/// An absent member is not an empty one.
fn push_words<'a>(words: Option<impl Iterator<Item = &'a str>>, text: &mut String) {
    text.push_str(if words.is_some() { "\n=" } else { "\n" });
    for word in words.into_iter().flatten() {
        text.push(' ');
        text.push_str(word);
    }
}

/// One token for several resources has one `typ` and one signature.
fn check_agreement(asked: &Asked<'_>, granted: &[Granted], findings: &mut Findings) {
    let Some(allowed) = asked.multiple_audiences.as_ref().filter(|allowed| allowed.value) else { return };
    let Some(first) = granted.first() else { return };
    let differs = |other: &&Granted| {
        other.resource.typ != first.resource.typ || other.resource.signing_alg != first.resource.signing_alg
    };
    if let Some(other) = granted.iter().find(differs) {
        let message = format!(
            "the resources of {asked} disagree on `typ` or `signing_alg`: `{}` and `{}`",
            first.resource.audience, other.resource.audience
        );
        findings.push(
            Finding::new(&codes::RESOURCES_DISAGREE, message)
                .at(asked.place(allowed.span), "one token cannot serve both")
                .help("align the resources, or remove `multiple_audiences`"),
        );
    }
}
