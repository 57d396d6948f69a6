//! The checks of an answer as rows for people: a word, what was found, the line that decides it.

use super::super::registered;
use super::Context;
use crate::client::{Client, Credential, Phase};
use crate::clock::{UnixTime, date_text, duration_text};
use crate::config::{EntryLines, Line};
use crate::issuer::{About, Check, Why};
use crate::oauth::Refusal;
use crate::section::shown;
use crate::token::{Lifetime, LifetimeSource};

const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Most names in one row.
const NAMES_SHOWN_MAX: usize = 20;

pub(super) struct Row {
    /// `None` for what decides nothing by itself.
    pub passed: Option<bool>,
    pub label: String,
    pub detail: String,
    pub line: Option<Line>,
    /// Of the refusal.
    pub code: Option<&'static str>,
}

pub(super) fn rows(why: &Why<'_>, context: &Context<'_>) -> Vec<Row> {
    why.checks.iter().map(|check| row(check, why, context)).collect()
}

fn row(check: &Check<'_>, why: &Why<'_>, context: &Context<'_>) -> Row {
    let refusal = check.verdict.as_ref().err();
    let ours = context.lines.client.as_ref();
    let member = |name: &str| ours.and_then(|lines| lines.member(name)).cloned();
    let word = |list, word: &str| ours.and_then(|lines| lines.word(list, word)).cloned();
    let (label, detail, line) = match &check.about {
        About::Request => ("request".to_owned(), String::new(), None),
        About::Client => {
            let revision = match refusal {
                None => format!("(revision {})", context.revision),
                Some(_) => format!("not in revision {}", context.revision),
            };
            let registered = why.client.and_then(|client| client.registered.as_ref());
            let label = registered.map_or_else(
                || "client exists".to_owned(),
                |registered| format!("registered by {}", registered.registrar),
            );
            (label, revision, why.client.and_then(place))
        }
        About::Credential { position, credential } => {
            return credential_row(*position, credential, refusal, why, context);
        }
        About::Authentication(methods) => {
            let line = member("token_endpoint_auth_method").or_else(|| member("credentials"));
            let detail = if refusal.is_some() { String::new() } else { methods.join(", ") };
            ("may authenticate".to_owned(), detail, line)
        }
        About::Method(name) => {
            let detail = refusal.map(Refusal::private_description).unwrap_or_default();
            let line = member("token_endpoint_auth_method").or_else(|| member("credentials"));
            let label = format!("method {name}");
            return Row { passed: None, label, detail, line, code: refusal.map(|one| one.reason.code.id) };
        }
        About::Enabled => {
            let denial = why.client.and_then(|client| registered::denial(client, context.registry));
            let denial = denial.map(|denial| Line { file: denial.file.to_string(), line: denial.line });
            let label = if why.client.is_some_and(|client| client.registered.is_some()) {
                "in force"
            } else {
                "enabled"
            };
            (label.to_owned(), String::new(), denial.or_else(|| member("disabled")))
        }
        About::Grant => {
            let grant = context.question.grant_type;
            ("grant allowed".to_owned(), shown(grant), word("grant_types", grant))
        }
        About::Audience(audience) => {
            let line = word("audience", audience).or_else(|| {
                resource_lines(context, audience).and_then(|one| one.member("audience")).cloned()
            });
            let detail = if refusal.is_some() { audiences(why.client) } else { String::new() };
            (format!("audience {}", shown(audience)), detail, line)
        }
        About::Scope(scope) => {
            let line = word("scope", scope);
            let detail = if refusal.is_some() { scopes(why.client) } else { String::new() };
            (format!("scope {}", shown(scope)), detail, line)
        }
        About::Reach => ("scope and audience".to_owned(), String::new(), why.client.and_then(place)),
        About::Lifetime(lifetime) => lifetime_row(lifetime, context),
        About::Key(algorithm) => {
            let kid = why.outcome.as_ref().ok().and_then(|token| token.kid.clone()).unwrap_or_default();
            (format!("key for {algorithm}"), kid, None)
        }
    };
    let detail = match refusal {
        Some(refusal) if detail.is_empty() => refusal.private_description(),
        _ => detail,
    };
    let code = refusal.map(|refusal| refusal.reason.code.id);
    Row { passed: Some(refusal.is_none()), label, detail, line, code }
}

/// One credential; only when none is live does that refuse anything.
fn credential_row(
    position: usize,
    credential: &Credential,
    refusal: Option<&Refusal>,
    why: &Why<'_>,
    context: &Context<'_>,
) -> Row {
    let validity = credential.validity;
    let date = |time: Option<UnixTime>| time.map_or_else(String::new, date_text);
    let (state, dates) = match (validity.phase(context.now), validity.expires) {
        (Phase::Live, None) => ("live", "never expires".to_owned()),
        (Phase::Live, Some(end)) => {
            ("live", format!("expires {} ({})", ahead(end, context.now), date_text(end)))
        }
        (Phase::Expired, end) => ("expired", format!("since {}", date(end))),
        (Phase::NotYetValid, _) => ("not yet valid", format!("from {}", date(validity.not_before))),
    };
    let count = why.client.map_or(0, |client| client.credentials.len());
    let line = why.client.and_then(place).map(|place| Line { line: credential.line, ..place });
    Row {
        passed: refusal.is_none().then_some(true),
        label: format!("credential {position} of {count} {state}"),
        detail: [Some(credential.kind.to_owned()), credential.verifier.origin(), Some(dates)]
            .into_iter()
            .flatten()
            .chain(credential.verifier.terms())
            .collect::<Vec<_>>()
            .join(", "),
        line,
        code: refusal.map(|refusal| refusal.reason.code.id),
    }
}

/// `in 61 days`.
fn ahead(time: UnixTime, now: UnixTime) -> String {
    let left = time.since(now);
    match left.checked_div(DAY_SECONDS).unwrap_or(0) {
        0 => format!("in {}", duration_text(u32::try_from(left).unwrap_or(0))),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    }
}

fn lifetime_row(lifetime: &Lifetime<'_>, context: &Context<'_>) -> (String, String, Option<Line>) {
    const MEMBER: &str = "access_token_lifetime";
    let (whose, line) = match lifetime.source {
        LifetimeSource::Client => {
            ("the client's".to_owned(), context.lines.client.as_ref().and_then(|one| one.member(MEMBER)))
        }
        LifetimeSource::Resource(resource) => {
            let line = resource_lines(context, resource.audience.as_str()).and_then(|one| one.member(MEMBER));
            (format!("that of {}", resource.audience), line)
        }
        LifetimeSource::Server => ("the server's setting".to_owned(), None),
    };
    (format!("lifetime {}", duration_text(lifetime.seconds)), whose, line.cloned())
}

/// A registered client without a policy stands nowhere in the files.
fn place(client: &Client) -> Option<Line> {
    (client.line > 0).then(|| client_line(client))
}

pub(super) fn client_line(client: &Client) -> Line {
    Line { file: client.file.to_string(), line: client.line }
}

pub(super) fn resource_lines<'c>(context: &'c Context<'_>, audience: &str) -> Option<&'c EntryLines> {
    context.lines.resources.get(audience)
}

fn scopes(client: Option<&Client>) -> String {
    let granted = client.into_iter().flat_map(|client| client.granted.iter());
    let mut names: Vec<&str> = Vec::new();
    for scope in granted.flat_map(|granted| granted.scopes.iter()) {
        if !names.contains(&scope.as_str()) {
            names.push(scope.as_str());
        }
    }
    granted_text(&names)
}

fn audiences(client: Option<&Client>) -> String {
    let granted = client.into_iter().flat_map(|client| client.granted.iter());
    granted_text(&granted.map(|granted| granted.resource.audience.as_str()).collect::<Vec<_>>())
}

fn granted_text(names: &[&str]) -> String {
    let more = names.len().saturating_sub(NAMES_SHOWN_MAX);
    let shown: Vec<&str> = names.iter().take(NAMES_SHOWN_MAX).copied().collect();
    match (shown.is_empty(), more) {
        (true, _) => "granted to this client: nothing".to_owned(),
        (false, 0) => format!("granted to this client: {}", shown.join(" ")),
        (false, more) => format!("granted to this client: {} and {more} more", shown.join(" ")),
    }
}
