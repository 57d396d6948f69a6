//! The members of a metadata document: those that the standards require, those that programs in the
//! field insist on, and what is wrong with the others.

use reqwest::Url;
use serde_json::Value;

use super::discovery::Document;
use super::members::{self, Kind};
use crate::diagnostic::catalogue::issuers as codes;
use crate::diagnostic::{Code, Findings, Severity};
use crate::jose::strict_json::shown;

/// AWS load balancers: longest URL of a key set.
const URL_BYTES_MAX: usize = 256;

/// Everything about one document that it alone shows. `asked`: the issuer that was asked for.
pub fn judge(document: &Document, asked: &str, findings: &mut Findings) {
    required(document, findings);
    wanted(document, findings);
    types(document, findings);
    unknown(document, findings);
    endpoints(document, asked, findings);
}

fn report(document: &Document, code: &'static Code, message: String, help: &str, findings: &mut Findings) {
    findings.push(document.visit.finding(code, message).help(help));
}

/// RFC 8414 §2; `jwks_uri` is required by OpenID and by everybody who verifies.
fn required(document: &Document, findings: &mut Findings) {
    for name in ["issuer", "token_endpoint", "jwks_uri", "response_types_supported"] {
        if !document.members.contains_key(name) {
            let help = match name {
                "response_types_supported" => "an issuer without a login sends an empty list",
                _ => "clients and verifiers cannot work without it",
            };
            report(document, &codes::MEMBER_MISSING, format!("there is no `{name}`"), help, findings);
        }
    }
    let algorithms = "token_endpoint_auth_signing_alg_values_supported";
    let methods = document.texts("token_endpoint_auth_methods_supported");
    let signing = methods.iter().find(|method| method.ends_with("_jwt"));
    if let (Some(method), false) = (signing, document.members.contains_key(algorithms)) {
        let message = format!("there is no `{algorithms}`, although `{}` is offered", shown(method));
        report(document, &codes::MEMBER_MISSING, message, "list the algorithms of assertions", findings);
    }
    if document.texts(algorithms).contains(&"none") {
        let message = format!("`{algorithms}` lists `none`");
        report(
            document,
            &codes::ASSERTION_NONE,
            message,
            "take `none` out, and refuse such assertions",
            findings,
        );
    }
}

/// What no standard requires of an issuer for machines, and who insists on it all the same.
const WANTED: &[(&str, &str, Severity)] = &[
    ("authorization_endpoint", "MCP clients and openidconnect (Rust) refuse the document", Severity::Warning),
    ("subject_types_supported", "Spring Security refuses the document at OpenID's place", Severity::Warning),
    (
        "id_token_signing_alg_values_supported",
        "Spring Security refuses the document, and go-oidc accepts RS256 only",
        Severity::Warning,
    ),
    ("grant_types_supported", "it then means `authorization_code` and `implicit`", Severity::Warning),
    ("token_endpoint_auth_methods_supported", "it then means `client_secret_basic` alone", Severity::Note),
];

fn wanted(document: &Document, findings: &mut Findings) {
    for (name, consequence, severity) in WANTED {
        if !document.members.contains_key(*name) {
            let message = format!("there is no `{name}`: {consequence}");
            let finding = document.visit.finding(&codes::MEMBER_WANTED, message).severity(*severity);
            findings.push(finding.help("add it; it may name what is never used"));
        }
    }
    let grants = "grant_types_supported";
    if document.members.contains_key(grants) && !document.texts(grants).contains(&"client_credentials") {
        let message = format!("`{grants}` does not list `client_credentials`");
        let help = "without it machines have no grant here; leave it if this issuer is for people only";
        let finding = document.visit.finding(&codes::MEMBER_WANTED, message).severity(Severity::Note);
        findings.push(finding.help(help));
    }
}

fn types(document: &Document, findings: &mut Findings) {
    for (name, value) in &document.members {
        let Some(kind) = members::kind(name) else { continue };
        if !kind.fits(value) {
            let message = format!("`{name}` must be {}, and is {}", kind.name(), found(value));
            report(
                document,
                &codes::MEMBER_TYPE,
                message,
                "readers in typed languages refuse it all",
                findings,
            );
        } else if value.as_array().is_some_and(Vec::is_empty) && name != "response_types_supported" {
            let message = format!("`{name}` is an empty list");
            report(document, &codes::MEMBER_EMPTY, message, "leave the member out", findings);
        }
    }
}

/// A value in words; long ones and those of others are never quoted whole.
fn found(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(text) => format!("`{}`", shown(text)),
        Value::Array(_) => "a list with other things in it".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn unknown(document: &Document, findings: &mut Findings) {
    let unknown: Vec<&String> =
        document.members.keys().filter(|name| members::kind(name).is_none()).collect();
    let mut others = Vec::new();
    for name in unknown {
        // A member and its misspelling side by side are two members.
        match members::nearest(name).filter(|near| !document.members.contains_key(*near)) {
            Some(near) => {
                let message = format!("`{}` is no registered member", shown(name));
                let finding = document.visit.finding(&codes::MEMBER_UNKNOWN, message);
                findings.push(finding.severity(Severity::Warning).help(format!("did you mean `{near}`?")));
            }
            None => others.push(format!("`{}`", shown(name))),
        }
    }
    if !others.is_empty() {
        let message = format!("these members are not registered: {}", others.join(", "));
        let help = "fine when they are the vendor's own and documented";
        report(document, &codes::MEMBER_UNKNOWN, message, help, findings);
    }
}

fn endpoints(document: &Document, asked: &str, findings: &mut Findings) {
    let issuer = document.text("issuer").and_then(|text| Url::parse(text).ok());
    let mut elsewhere = Vec::new();
    for (name, value) in &document.members {
        let url = value.as_str().and_then(|text| Url::parse(text).ok());
        let (Some(Kind::Endpoint), Some(url)) = (members::kind(name), url) else { continue };
        if !is_safe(&url, asked) {
            let message = format!("`{name}` is `{}`", shown(url.as_str()));
            report(document, &codes::ENDPOINT_FORM, message, "use https, and no fragment", findings);
        } else if issuer.as_ref().is_some_and(|issuer| issuer.host_str() != url.host_str()) {
            elsewhere.push(format!("`{name}` ({})", shown(url.host_str().unwrap_or_default())));
        }
    }
    if !elsewhere.is_empty() {
        let message = format!("these are on another host than the issuer: {}", elsewhere.join(", "));
        let help = "serve them below the issuer, or make sure that every client is told";
        report(document, &codes::ENDPOINT_ELSEWHERE, message, help, findings);
    }
    if let Some(length) = document.text("jwks_uri").map(str::len).filter(|length| *length > URL_BYTES_MAX) {
        let message = format!("`jwks_uri` has {length} characters; AWS load balancers take {URL_BYTES_MAX}");
        report(document, &codes::GATEWAY_LIMIT, message, "choose a shorter one", findings);
    }
}

/// May it be visited? `https`; or `http` on this machine, when the issuer is there too: a stranger's
/// metadata must not send anybody to their own services.
pub fn is_safe(url: &Url, asked: &str) -> bool {
    let is_loopback = |url: &Url| matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_here = || is_loopback(url) && Url::parse(asked).is_ok_and(|asked| is_loopback(&asked));
    url.fragment().is_none() && (url.scheme() == "https" || (url.scheme() == "http" && is_here()))
}
