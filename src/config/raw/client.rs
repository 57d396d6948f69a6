//! One entry of `clients` (names after RFC 7591 §2).

use std::sync::Arc;

use super::super::members::{Members, Spanned};
use super::super::schema::client::{AUDIENCES_MAX, CONTACTS_MAX, CREDENTIALS_MAX, MEMBERS};
use super::super::{Options, nearest, shown};
use super::{RawClient, RawCredential, Values, audience, claims, credential, lifetime, scopes};
use crate::client_auth::{KINDS, methods};
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings, Place, Value};
use crate::oauth::{Audience, CLIENT_ID_BYTES_MAX, ClientId, REGISTERED_ID_PREFIX};
use crate::section::beside::Beside;
use crate::section::table::names;

/// The default of this server; RFC 7591 §2 says `authorization_code`, which is not offered.
const DEFAULT_GRANT: &str = "client_credentials";

pub(super) fn read(
    mut members: Members,
    file: Arc<str>,
    options: &Options,
    values: &mut Values,
    beside: &mut dyn Beside,
    findings: &mut Findings,
) -> RawClient {
    let id = client_id(&mut members, findings);
    let reach_errors = findings.errors();
    let scopes_granted = scopes(&mut members, "scope", values, findings);
    let default_scopes = scopes(&mut members, "default_scope", values, findings);
    let audiences = audiences(&mut members, "a client", values, findings);
    let reach_is_broken = findings.errors() > reach_errors;
    let credential_errors = findings.errors();
    misplaced_kinds(&mut members, findings);
    let id_place = id.as_ref().map(|id| members.place(id.span));
    let credentials = credentials(&mut members, id_place.as_ref(), beside, findings);
    let credentials_are_broken = findings.errors() > credential_errors;
    let client = RawClient {
        source: Arc::clone(&members.source),
        file,
        span: members.span,
        id,
        name: members.note("client_name", findings),
        contacts: contacts(&mut members, values, findings),
        grant_types: grant_types(&mut members, options, values, findings),
        method: method(&mut members, findings),
        credentials,
        scopes: scopes_granted,
        default_scopes,
        audiences,
        multiple_audiences: members.boolean("multiple_audiences", findings),
        lifetime_seconds: lifetime(&mut members, findings),
        reuse_seconds: reuse(&mut members, findings),
        claims_json: members
            .take("claims")
            .map_or_else(String::new, |entry| claims::read(entry, findings))
            .into(),
        disabled: members.boolean("disabled", findings).is_some_and(|disabled| disabled.value),
        reach_is_broken,
        credentials_are_broken,
    };
    members.close("a client", names(MEMBERS), findings);
    client
}

fn client_id(members: &mut Members, findings: &mut Findings) -> Option<Spanned<ClientId>> {
    if !members.has("client_id") {
        let place = members.place(members.span);
        findings.push(
            Finding::new(&codes::MEMBER_MISSING, "a client has no `client_id`")
                .at(place, "this client")
                .help("add `client_id: some-name`"),
        );
        return None;
    }
    let text = members.text("client_id", findings)?;
    let parsed = ClientId::parse(&text.value);
    if parsed.is_none() {
        let place = members.place(text.span);
        let message = format!("`{}` is not a client id", shown(&text.value));
        findings.push(
            Finding::new(&codes::CLIENT_ID_MALFORMED, message)
                .at(place, why_no_client_id(&text.value))
                .help("1 to 128 characters of A-Z a-z 0-9 . _ ~ -"),
        );
    }
    parsed.map(|value| Spanned { value, span: text.span })
}

/// What would go wrong in the most used place of an id: HTTP Basic with form-encoded halves.
fn why_no_client_id(text: &str) -> &'static str {
    if text.is_empty() {
        "empty"
    } else if text.contains(':') {
        "a colon ends the id in HTTP Basic (RFC 7617 section 2)"
    } else if text.contains(['%', '+']) {
        "reads differently once it is form-decoded (RFC 6749 section 2.3.1)"
    } else if !text.is_ascii() {
        "clients encode what is not ASCII in different ways (RFC 7617 section 2.1)"
    } else if text.contains(|c: char| c.is_ascii_whitespace() || c.is_ascii_control()) {
        "white space is encoded by some clients and cut by others"
    } else if text.len() > CLIENT_ID_BYTES_MAX {
        "longer than 128 characters"
    } else if text.starts_with(REGISTERED_ID_PREFIX) {
        "ids of registered clients begin so, and no others"
    } else {
        "some clients encode such a character in HTTP Basic and some do not"
    }
}

/// `what` completes "… lists more than".
pub(super) fn audiences(
    members: &mut Members,
    what: &str,
    values: &mut Values,
    findings: &mut Findings,
) -> Option<Box<[Spanned<Audience>]>> {
    let texts = members.texts("audience", false, findings)?;
    if let Some(first) = texts.get(AUDIENCES_MAX) {
        let message = format!("{what} lists more than {AUDIENCES_MAX} audiences");
        let place = members.place(first.span);
        findings.push(Finding::new(&codes::LIMIT_EXCEEDED, message).at(place, "the first one too many"));
    }
    let parse = |text: Spanned<String>| {
        let place = members.place(text.span);
        audience(text, place, values, findings)
    };
    Some(texts.into_iter().take(AUDIENCES_MAX).filter_map(parse).collect())
}

/// Above this the tokens of one replica tell little about who uses them.
const REUSE_SECONDS_MAX: u32 = 300;

/// For how long a token is given out again.
fn reuse(members: &mut Members, findings: &mut Findings) -> Option<u32> {
    let seconds = members.seconds("reuse", findings)?;
    if seconds.value > REUSE_SECONDS_MAX {
        let place = members.place(seconds.span);
        let finding = Finding::new(&codes::REUSE_ABOVE_CAP, "`reuse` is above five minutes");
        findings.push(finding.at(place, "at most 5m").help("60s covers the start of a fleet"));
        return None;
    }
    Some(seconds.value)
}

fn contacts(members: &mut Members, values: &mut Values, findings: &mut Findings) -> Arc<[Box<str>]> {
    let texts = members.texts("contacts", false, findings).unwrap_or_default();
    if let Some(first) = texts.get(CONTACTS_MAX) {
        let place = members.place(first.span);
        let message = format!("a client lists more than {CONTACTS_MAX} contacts");
        findings.push(Finding::new(&codes::LIMIT_EXCEEDED, message).at(place, "the first one too many"));
    }
    let texts: Vec<Box<str>> = texts.into_iter().take(CONTACTS_MAX).map(|text| text.value.into()).collect();
    values.contacts.get(texts.as_slice(), || Some(texts.as_slice().into())).unwrap_or_default()
}

fn grant_types(
    members: &mut Members,
    options: &Options,
    values: &mut Values,
    findings: &mut Findings,
) -> Arc<[&'static str]> {
    let names = grant_names(members, options, findings);
    values.grant_types.get(names.as_slice(), || Some(names.as_slice().into())).unwrap_or_default()
}

fn grant_names(members: &mut Members, options: &Options, findings: &mut Findings) -> Vec<&'static str> {
    let known = &options.known_grants;
    let default = || known.iter().copied().filter(|name| *name == DEFAULT_GRANT).collect();
    let Some(texts) = members.texts("grant_types", false, findings) else { return default() };
    let mut grants = Vec::new();
    for text in texts {
        if let Some(name) = known.iter().copied().find(|name| *name == text.value) {
            if !grants.contains(&name) {
                grants.push(name);
            }
            continue;
        }
        let help = match nearest(&text.value, known.iter().copied()) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("supported are: {}", known.join(", ")),
        };
        let place = members.place(text.span);
        let message = format!("grant type `{}` is not supported", shown(&text.value));
        findings
            .push(Finding::new(&codes::GRANT_TYPE_UNKNOWN, message).at(place, "not supported").help(help));
    }
    grants
}

/// Row A19: `none` makes a public client, which RFC 6749 §4.4 shuts out of this grant.
fn method(members: &mut Members, findings: &mut Findings) -> Option<&'static str> {
    let text = members.text("token_endpoint_auth_method", findings)?;
    let known: Vec<&'static str> = methods().collect();
    if let Some(method) = known.iter().copied().find(|method| *method == text.value) {
        return Some(method);
    }
    let help = match nearest(&text.value, known.iter().copied()) {
        Some(method) => format!("did you mean `{method}`?"),
        None => format!("supported are: {}", known.join(", ")),
    };
    let message = match text.value.as_str() {
        "none" => "public clients cannot use this service: every client authenticates".to_owned(),
        other => format!("authentication method `{}` is not supported", shown(other)),
    };
    let place = members.place(text.span);
    findings.push(Finding::new(&codes::AUTH_METHOD_UNKNOWN, message).at(place, "not supported").help(help));
    None
}

/// RFC 7591 has `client_secret` beside `client_id`; here it has dates and neighbours.
fn misplaced_kinds(members: &mut Members, findings: &mut Findings) {
    for kind in KINDS {
        let Some(entry) = members.take(kind.name()) else { continue };
        let message = format!("`{}` stands beside `client_id`, not below `credentials`", kind.name());
        findings.push(
            Finding::new(&codes::MEMBER_UNKNOWN, message)
                .at(entry.key_place(), "not here")
                .help(format!("write `credentials:`, and below it `- {}: …`", kind.name())),
        );
    }
}

fn credentials(
    members: &mut Members,
    client: Option<&Place>,
    beside: &mut dyn Beside,
    findings: &mut Findings,
) -> Box<[RawCredential]> {
    let Some(entry) = members.take("credentials") else { return Box::default() };
    let (place, kind) = (entry.value.place(), entry.value.kind());
    let items = match entry.value.value {
        Value::List(items) => items,
        Value::Refused => return Box::default(),
        _ => {
            // What stands in the place of credentials may be one in clear.
            place.source.mask(place.span);
            let message = format!("`credentials` must be a list, not {kind}");
            findings.push(
                Finding::new(&codes::WRONG_TYPE, message)
                    .at(place, "expected a list")
                    .help("write `- client_secret: sha256:…` below it"),
            );
            return Box::default();
        }
    };
    if let Some(first) = items.get(CREDENTIALS_MAX) {
        let message = format!("a client has more than {CREDENTIALS_MAX} credentials");
        findings
            .push(Finding::new(&codes::LIMIT_EXCEEDED, message).at(first.place(), "the first one too many"));
    }
    let read = |item| credential::read(item, client, beside, findings);
    items.into_iter().take(CREDENTIALS_MAX).filter_map(read).collect()
}
