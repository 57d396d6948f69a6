//! What to do about a refusal, with the line where to do it. The refusals are those of the
//! pipeline; this only words them.

use super::super::clients::nearest_client;
use super::super::registered;
use super::Context;
use super::rows::{client_line, resource_lines};
use crate::client::Client;
use crate::client_auth;
use crate::config::Line;
use crate::diagnostic::Code;
use crate::diagnostic::catalogue::requests as codes;
use crate::issuer::{About, Why};
use crate::oauth::Refusal;
use crate::section::{nearest_of_all, shown};

/// One or two sentences.
pub(super) fn advice(refusal: &Refusal, why: &Why<'_>, context: &Context<'_>) -> String {
    let code = refusal.reason.code;
    let Some(client) = why.client else { return unknown_client(code, context) };
    let place = |member: &str| {
        let line = context.lines.client.as_ref().and_then(|lines| lines.member(member)).cloned();
        line.unwrap_or_else(|| client_line(client))
    };
    let is = |other: &'static Code| code == other;
    if is(&codes::SCOPE_NOT_GRANTED) && client.registered.is_none() {
        return scope(why, client, context, place("scope"));
    }
    if is(&codes::TARGET_NOT_GRANTED) && client.registered.is_none() {
        return target(why, context, place("audience"));
    }
    if client.registered.is_some() && !is(&codes::TARGET_AMBIGUOUS) {
        return of_registered(refusal, client, context);
    }
    if is(&codes::GRANT_NOT_ALLOWED) {
        return format!("Add it to `grant_types` at {}", place("grant_types"));
    }
    if is(&codes::CLIENT_DISABLED) {
        return format!("Remove `disabled: true` at {}", place("disabled"));
    }
    if is(&codes::CREDENTIAL_EXPIRED) || is(&codes::CREDENTIAL_NOT_YET_VALID) {
        let mut methods = client_auth::methods_of(client);
        let open = methods.find(|method| client_auth::provable(client, &[method], context.now).is_ok());
        return match open {
            Some(method) => {
                format!("Its credential for {method} is in force; or add one at {}", place("credentials"))
            }
            None => {
                format!("No credential is in force; add one at {}: signet secret new", place("credentials"))
            }
        };
    }
    if is(&codes::METHOD_NOT_ALLOWED) {
        return match client.token_endpoint_auth_method {
            Some(only) => format!("It may use {only} only, by {}", place("token_endpoint_auth_method")),
            None => format!("It has no credential for that; add one at {}", place("credentials")),
        };
    }
    if is(&codes::NO_DEFAULT_SCOPE) {
        return format!("Ask for a scope, or extend `default_scope` at {}", place("default_scope"));
    }
    if is(&codes::TARGETS_TOO_MANY) {
        return format!("Ask for one audience, or set `multiple_audiences: true` at {}", client_line(client));
    }
    if is(&codes::TARGET_AMBIGUOUS) {
        let names: Vec<&str> =
            client.granted.iter().map(|one| one.resource.audience.as_str()).take(4).collect();
        return format!(
            "Name one with --audience ({}), or set `default_scope` at {}",
            names.join(", "),
            place("default_scope")
        );
    }
    if is(&codes::NO_SIGNING_KEY) {
        return "Make a key for it: signet keys new --alg NAME".to_owned();
    }
    format!("{}. More: signet explain {}", refusal.private_description(), code.id)
}

/// What a registered client may do follows from its id and from the policy; only a new registration
/// or a change of the policy gives it more.
fn of_registered(refusal: &Refusal, client: &Client, context: &Context<'_>) -> String {
    if let Some(denial) = registered::denial(client, context.registry) {
        return format!("Remove the entry of `denied` at {}:{}", denial.file, denial.line);
    }
    let policy = if client.line > 0 { format!(" ({})", client_line(client)) } else { String::new() };
    format!(
        "{}. Register it again, within the policy of its registrar{policy}",
        refusal.private_description()
    )
}

fn unknown_client(code: &'static Code, context: &Context<'_>) -> String {
    if code != &codes::CLIENT_UNKNOWN {
        return format!("More: signet explain {}", code.id);
    }
    match nearest_client(context.registry, context.question.client_id) {
        Some(client) => format!("Did you mean `{}` ({})?", client.id, client_line(client)),
        None => "No client has this id".to_owned(),
    }
}

fn scope(why: &Why<'_>, client: &Client, context: &Context<'_>, add_at: Line) -> String {
    let refused = why.checks.iter().find_map(|check| match (&check.about, &check.verdict) {
        (About::Scope(scope), Err(refusal)) if *refusal.reason.code == codes::SCOPE_NOT_GRANTED => {
            Some(scope)
        }
        _ => None,
    });
    let Some(name) = refused else { return format!("Add it to `scope` at {add_at}") };
    let elsewhere =
        client.granted.iter().find(|granted| granted.scopes.iter().any(|one| one.as_str() == name));
    if let Some(granted) = elsewhere {
        return format!(
            "`{}` is granted for {}: ask for that audience",
            shown(name),
            granted.resource.audience
        );
    }
    let resources = context.registry.resources();
    let defines = resources.iter().find(|resource| resource.scopes.iter().any(|one| one.as_str() == name));
    if let Some(resource) = defines {
        let listed = context.lines.client.as_ref().and_then(|lines| lines.member("audience"));
        let reached = client.granted.iter().any(|granted| granted.resource.audience == resource.audience);
        return match listed.filter(|_| !reached) {
            Some(line) => format!("Add it at {add_at}, and {} to `audience` at {line}", resource.audience),
            None => format!("Add it at {add_at}"),
        };
    }
    let known = resources.iter().flat_map(|one| &one.scopes).map(|scope| scope.as_str());
    let Some(near) = nearest_of_all(name, known) else { return "No resource defines it".to_owned() };
    let owner = resources.iter().find(|resource| resource.scopes.iter().any(|one| one.as_str() == near));
    let lines = owner.and_then(|owner| resource_lines(context, owner.audience.as_str()));
    let line = lines
        .and_then(|lines| lines.word("scopes", near))
        .map_or_else(String::new, |line| format!(" ({line})"));
    format!("No resource defines it; did you mean `{near}`{line}?")
}

fn target(why: &Why<'_>, context: &Context<'_>, add_at: Line) -> String {
    let refused = why.checks.iter().find_map(|check| match (&check.about, &check.verdict) {
        (About::Audience(audience), Err(_)) => Some(audience),
        _ => None,
    });
    let Some(name) = refused else { return format!("Add it to `audience` at {add_at}") };
    let resources = context.registry.resources();
    if resources.iter().any(|resource| resource.audience.as_str() == name) {
        return format!("Grant the client a scope of it, or add it to `audience`, at {add_at}");
    }
    let known = resources.iter().map(|resource| resource.audience.as_str());
    let Some(near) = nearest_of_all(name, known) else { return "No resource has this audience".to_owned() };
    let lines = resource_lines(context, near).and_then(|lines| lines.member("audience"));
    let line = lines.map_or_else(String::new, |line| format!(" ({line})"));
    format!("No resource has this audience; did you mean `{near}`{line}?")
}
