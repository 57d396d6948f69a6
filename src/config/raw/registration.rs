//! The section `registration`: policies and denied clients (names after RFC 7591 §2 where that has
//! one).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::members::{Members, Spanned};
use super::super::schema::registration::{
    DENIED_MAX, DENIED_MEMBERS, MEMBERS, PER_MINUTE_DEFAULT, PER_MINUTE_MAX, POLICIES_MAX, POLICY_MEMBERS,
    REGISTRARS_MAX, VALIDITY_DAYS_MAX,
};
use super::super::{nearest, shown};
use super::client::audiences;
use super::{Values, lifetime, scopes};
use crate::client::{Denied, Which};
use crate::client_auth::registered::KINDS;
use crate::diagnostic::catalogue::{clients as codes, registrars};
use crate::diagnostic::{Code, Finding, Findings, Section, Source, Span, Value};
use crate::keys::seal::VALIDITY_SECONDS_MAX;
use crate::oauth::{Audience, ClientId, ScopeToken};
use crate::section::table::names;

/// What all files say of it.
#[derive(Default)]
pub(in crate::config) struct RawRegistration {
    pub policies: Vec<RawPolicy>,
    pub denied: Vec<Denied>,
}

pub(in crate::config) struct RawPolicy {
    pub source: Arc<Source>,
    pub file: Arc<str>,
    /// Of the whole entry.
    pub span: Span,
    pub registrars: Vec<Spanned<ClientId>>,
    pub scopes: Option<Box<[Spanned<ScopeToken>]>>,
    pub audiences: Option<Box<[Spanned<Audience>]>>,
    pub credentials: Vec<&'static str>,
    pub lifetime_seconds: Option<u32>,
    pub validity_seconds: u32,
    pub per_minute: u32,
    /// Something about its reach was refused already: no more is said about it.
    pub reach_is_broken: bool,
}

pub(super) fn read(
    section: Section,
    file: &Arc<str>,
    values: &mut Values,
    known: &mut RawRegistration,
    findings: &mut Findings,
) {
    let Some(mut members) = Members::open(section, "`registration`", findings) else { return };
    for entry in entries(&mut members, "policies", known.policies.len(), POLICIES_MAX, findings) {
        if let Some(members) = Members::open(entry, "a policy", findings) {
            known.policies.push(policy(members, file, values, findings));
        }
    }
    for entry in entries(&mut members, "denied", known.denied.len(), DENIED_MAX, findings) {
        if let Some(members) = Members::open(entry, "an entry of `denied`", findings) {
            known.denied.extend(denied(members, file, findings));
        }
    }
    members.close("`registration`", names(MEMBERS), findings);
}

/// The entries of a list, as many as may stand there beside those of other files.
fn entries(
    members: &mut Members,
    name: &str,
    already: usize,
    most: usize,
    findings: &mut Findings,
) -> Vec<Section> {
    let Some(entry) = members.take(name) else { return Vec::new() };
    let (place, kind) = (entry.value.place(), entry.value.kind());
    let mut items = match entry.value.value {
        Value::List(items) => items,
        Value::Refused => return Vec::new(),
        _ => {
            let message = format!("`{name}` must be a list, not {kind}");
            findings.push(Finding::new(&codes::WRONG_TYPE, message).at(place, "expected a list"));
            return Vec::new();
        }
    };
    let left = most.saturating_sub(already);
    if let Some(first) = items.get(left) {
        let message = format!("there are more than {most} {name}");
        findings
            .push(Finding::new(&codes::LIMIT_EXCEEDED, message).at(first.place(), "the first one too many"));
    }
    items.truncate(left);
    items
}

fn policy(mut members: Members, file: &Arc<str>, values: &mut Values, findings: &mut Findings) -> RawPolicy {
    let errors = findings.errors();
    let scopes = scopes(&mut members, "scope", values, findings);
    let audiences = audiences(&mut members, "a policy", values, findings);
    let reach_is_broken = findings.errors() > errors;
    let policy = RawPolicy {
        source: Arc::clone(&members.source),
        file: Arc::clone(file),
        span: members.span,
        registrars: registrars(&mut members, findings),
        scopes,
        audiences,
        credentials: credentials(&mut members, findings),
        lifetime_seconds: lifetime(&mut members, findings),
        validity_seconds: validity(&mut members, findings),
        per_minute: per_minute(&mut members, findings),
        reach_is_broken,
    };
    members.close("a policy", names(POLICY_MEMBERS), findings);
    policy
}

fn registrars(members: &mut Members, findings: &mut Findings) -> Vec<Spanned<ClientId>> {
    let texts = match members.has("registrars") {
        true => members.texts("registrars", false, findings),
        false => Some(Vec::new()),
    };
    let Some(texts) = texts else { return Vec::new() };
    if texts.is_empty() {
        missing("registrars", "registrars: [sdk-portal]", members, findings);
    }
    if let Some(first) = texts.get(REGISTRARS_MAX) {
        let message = format!("a policy lists more than {REGISTRARS_MAX} registrars");
        let place = members.place(first.span);
        findings.push(Finding::new(&codes::LIMIT_EXCEEDED, message).at(place, "the first one too many"));
    }
    texts.into_iter().take(REGISTRARS_MAX).filter_map(|text| client_id(text, members, findings)).collect()
}

fn client_id(text: Spanned<String>, members: &Members, findings: &mut Findings) -> Option<Spanned<ClientId>> {
    let parsed = ClientId::parse(&text.value);
    if parsed.is_none() {
        let message = format!("`{}` is not the id of a client of a list", shown(&text.value));
        findings.push(
            Finding::new(&codes::CLIENT_ID_MALFORMED, message)
                .at(members.place(text.span), "not such an id")
                .help("1 to 128 characters of A-Z a-z 0-9 . _ ~ -"),
        );
    }
    parsed.map(|value| Spanned { value, span: text.span })
}

fn credentials(members: &mut Members, findings: &mut Findings) -> Vec<&'static str> {
    let Some(texts) = members.texts("credentials", false, findings) else { return KINDS.to_vec() };
    let mut kinds = Vec::new();
    if texts.is_empty() {
        let message = "`credentials` lists no kind, so that nothing could be registered";
        let finding = Finding::new(&registrars::REGISTRATION_CREDENTIAL, message);
        findings.push(
            finding.at(members.place(members.span), "this policy").help("remove the member, or the policy"),
        );
    }
    for text in texts {
        match KINDS.iter().find(|kind| **kind == text.value) {
            Some(kind) => kinds.push(*kind),
            None => {
                let message =
                    format!("credentials of the kind `{}` cannot be registered", shown(&text.value));
                let help = match nearest(&text.value, KINDS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("what can be registered: {}", KINDS.join(", ")),
                };
                let finding = Finding::new(&registrars::REGISTRATION_CREDENTIAL, message);
                findings.push(finding.at(members.place(text.span), "not these").help(help));
            }
        }
    }
    kinds
}

fn validity(members: &mut Members, findings: &mut Findings) -> u32 {
    if !members.has("validity") {
        missing("validity", "validity: 30d", members, findings);
        return 0;
    }
    let Some(seconds) = members.seconds("validity", findings) else { return 0 };
    if seconds.value > VALIDITY_SECONDS_MAX {
        let message = format!("registrations may be valid for {VALIDITY_DAYS_MAX} days at most");
        findings.push(
            Finding::new(&registrars::REGISTRATION_VALIDITY, message)
                .at(members.place(seconds.span), "too long")
                .help("nobody can call a registration back but by `denied`; 30d is plenty for most"),
        );
    }
    seconds.value
}

fn per_minute(members: &mut Members, findings: &mut Findings) -> u32 {
    let Some(number) = members.integer("per_minute", findings) else { return PER_MINUTE_DEFAULT };
    match u32::try_from(number.value).ok().filter(|count| (1..=PER_MINUTE_MAX).contains(count)) {
        Some(count) => count,
        None => {
            let message = format!("`per_minute` is a number from 1 to {PER_MINUTE_MAX}");
            findings.push(
                Finding::new(&registrars::REGISTRATION_QUOTA, message)
                    .at(members.place(number.span), "not such a number")
                    .help("to let nobody register, remove the policy"),
            );
            PER_MINUTE_DEFAULT
        }
    }
}

fn denied(mut members: Members, file: &Arc<str>, findings: &mut Findings) -> Option<Denied> {
    let errors = findings.errors();
    let digest = members.text("client_id_sha256", findings);
    let registrar = members.text("registrar", findings);
    let registrar = registrar.and_then(|text| client_id(text, &members, findings)).map(|id| id.value);
    let issued_before = members.time("issued_before", findings).map(|time| time.value);
    let note = members.note("note", findings);
    let (span, line, place) =
        (members.span, members.source.line(members.span.start), members.place(members.span));
    let digest_place = members.place(digest.as_ref().map_or(span, |digest| digest.span));
    members.close("an entry of `denied`", names(DENIED_MEMBERS), findings);
    if findings.errors() > errors {
        return None;
    }
    let all = Which::All { registrar, issued_before };
    let is_all = !matches!(&all, Which::All { registrar: None, issued_before: None });
    let refuse = |place, message: &str, help: &str, findings: &mut Findings| {
        findings.push(
            Finding::new(&registrars::DENIED_MALFORMED, message).at(place, "not understood").help(help),
        );
        None
    };
    let which = match (digest, is_all) {
        (None, true) => all,
        (Some(digest), false) => match decoded(&digest.value) {
            Some(digest) => Which::Id(digest),
            None => {
                let help = "`signet clients show ID` prints the digest of an id";
                return refuse(digest_place, "this is not the digest of a client id", help, findings);
            }
        },
        (None, false) => {
            let help = "write `client_id_sha256`, `registrar`, `issued_before`, or the last two";
            return refuse(place, "an entry of `denied` does not say which clients", help, findings);
        }
        (Some(_), true) => {
            let help = "make two entries of it";
            return refuse(place, "an entry of `denied` names one client and many", help, findings);
        }
    };
    Some(Denied { which, note, file: Arc::clone(file), line })
}

/// The engine refuses trailing bits, so that one digest has one spelling.
fn decoded(digest: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(digest).ok()?.try_into().ok()
}

fn missing(name: &str, example: &str, members: &Members, findings: &mut Findings) {
    let code: &'static Code = &codes::MEMBER_MISSING;
    findings.push(
        Finding::new(code, format!("a policy has no `{name}`"))
            .at(members.place(members.span), "this policy")
            .help(format!("write, for example, `{example}`")),
    );
}
