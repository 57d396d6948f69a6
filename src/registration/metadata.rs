//! What a registration asks for (RFC 7591 §2): every known member has its type and is checked, even
//! one that means nothing here; unknown members are ignored. Nothing is fetched, whatever it names
//! (CVE-2026-22752), and no text of it comes back but names and scopes.

use serde_json::{Map, Value};

use crate::client_auth::key_set_of_registration;
use crate::client_auth::registered::{GRANT_TYPE, METHODS};
use crate::jose::compact;
use crate::jose::key_set::VerificationKey;
use crate::jose::strict_json;
use crate::oauth::{Refusal, parse_scope};

crate::oauth::reasons! {
    JSON_MALFORMED = InvalidClientMetadata METADATA_MALFORMED;
    MEMBER_TYPE = InvalidClientMetadata METADATA_TYPE;
    URL_REFUSED = InvalidClientMetadata METADATA_URL;
    REDIRECT_URI_REFUSED = InvalidRedirectUri METADATA_URL;
    STATEMENT_MALFORMED = InvalidSoftwareStatement SOFTWARE_STATEMENT;
    STATEMENT_UNTRUSTED = UnapprovedSoftwareStatement SOFTWARE_STATEMENT;
    JWKS_URI_REFUSED = InvalidClientMetadata METADATA_JWKS_URI;
    KEYS_REFUSED = InvalidClientMetadata METADATA_KEYS;
    METHOD_REFUSED = InvalidClientMetadata METADATA_METHOD;
    GRANT_REFUSED = InvalidClientMetadata METADATA_GRANT;
    SCOPE_MALFORMED = InvalidClientMetadata SCOPE_MALFORMED;
    NAME_REFUSED = InvalidClientMetadata METADATA_NAME;
}

/// Longest name: it travels in every request. In bytes.
const NAME_BYTES_MAX: usize = 64;

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Texts,
    TextOrTexts,
    Url,
    RedirectUris,
    Seconds,
    Object,
}

/// The members of RFC 7591 §2, and three of this server.
const MEMBERS: &[(&str, Kind)] = &[
    ("redirect_uris", Kind::RedirectUris),
    ("token_endpoint_auth_method", Kind::Text),
    ("grant_types", Kind::Texts),
    ("response_types", Kind::Texts),
    ("client_name", Kind::Text),
    ("client_uri", Kind::Url),
    ("logo_uri", Kind::Url),
    ("scope", Kind::Text),
    ("contacts", Kind::Texts),
    ("tos_uri", Kind::Url),
    ("policy_uri", Kind::Url),
    ("jwks_uri", Kind::Text),
    ("jwks", Kind::Object),
    ("software_id", Kind::Text),
    ("software_version", Kind::Text),
    ("software_statement", Kind::Text),
    ("audience", Kind::TextOrTexts),
    ("access_token_lifetime", Kind::Seconds),
    ("validity", Kind::Seconds),
];

/// A registration request, understood. Nothing of it is granted yet.
#[derive(Debug)]
pub struct ClientMetadata {
    pub name: Option<String>,
    pub scopes: Option<Vec<String>>,
    pub audiences: Option<Vec<String>>,
    /// One of [`METHODS`]; with keys always `private_key_jwt`.
    pub method: Option<&'static str>,
    pub keys: Vec<VerificationKey>,
    /// As it was sent, for the answer.
    pub jwks: Option<Value>,
    pub access_token_lifetime_seconds: Option<u32>,
    pub validity_seconds: Option<u32>,
}

impl ClientMetadata {
    /// # Errors
    /// `invalid_client_metadata`, `invalid_redirect_uri`, and the two of software statements.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let mut members = strict_json::object(body).map_err(|_| &JSON_MALFORMED)?;
        for (name, kind) in MEMBERS {
            if let Some(value) = members.get(*name) {
                check_type(name, *kind, value)?;
            }
        }
        refuse_statement(&members)?;
        check_grants(&members)?;
        let (keys, jwks) = keys(&mut members)?;
        Ok(Self {
            name: name(&members)?,
            scopes: scopes(&members)?,
            audiences: members.get("audience").map(texts),
            method: method(&members, jwks.is_some())?,
            keys,
            jwks,
            access_token_lifetime_seconds: seconds(&members, "access_token_lifetime"),
            validity_seconds: seconds(&members, "validity"),
        })
    }
}

fn check_type(name: &str, kind: Kind, value: &Value) -> Result<(), Refusal> {
    let is_texts = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
    let fits = match kind {
        Kind::Text | Kind::Url => value.is_string(),
        Kind::Texts | Kind::RedirectUris => is_texts(value),
        Kind::TextOrTexts => value.is_string() || is_texts(value),
        Kind::Seconds => value.as_u64().is_some_and(|seconds| seconds > 0),
        Kind::Object => value.is_object(),
    };
    if !fits {
        return Err(Refusal::naming(&MEMBER_TYPE, name));
    }
    match kind {
        Kind::Url if !texts(value).iter().all(|url| is_web_url(url)) => {
            Err(Refusal::naming(&URL_REFUSED, name))
        }
        Kind::RedirectUris if !texts(value).iter().all(|url| is_web_url(url)) => {
            REDIRECT_URI_REFUSED.refuse()
        }
        _ => Ok(()),
    }
}

/// `https` or `http` with a host: what a page may link to. `javascript:` and `data:` are programs.
fn is_web_url(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()))
}

/// One text, or the texts of a list.
fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// `check_type` has seen that it is a number above zero; more than fit are the most that fit.
fn seconds(members: &Map<String, Value>, name: &str) -> Option<u32> {
    members.get(name)?.as_u64().map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// RFC 7591 §3.1.1: values of a statement would win over those of the request, so one that is not
/// trusted cannot be passed over.
fn refuse_statement(members: &Map<String, Value>) -> Result<(), Refusal> {
    match members.get("software_statement").and_then(Value::as_str) {
        None => Ok(()),
        Some(statement) if compact::split(statement).is_err() => STATEMENT_MALFORMED.refuse(),
        Some(_) => STATEMENT_UNTRUSTED.refuse(),
    }
}

/// Absent: the grant of this server, where RFC 7591 §2 says `authorization_code`.
fn check_grants(members: &Map<String, Value>) -> Result<(), Refusal> {
    let asked = members.get("grant_types").map(texts).unwrap_or_default();
    if let Some(other) = asked.iter().find(|grant| *grant != GRANT_TYPE) {
        return Err(Refusal::naming(&GRANT_REFUSED, other));
    }
    match members.get("response_types").map(texts).unwrap_or_default().first() {
        Some(other) => Err(Refusal::naming(&GRANT_REFUSED, other)),
        None => Ok(()),
    }
}

fn keys(members: &mut Map<String, Value>) -> Result<(Vec<VerificationKey>, Option<Value>), Refusal> {
    // Beside `jwks` it must not stand at all (RFC 7591 §2).
    if members.contains_key("jwks_uri") {
        return JWKS_URI_REFUSED.refuse();
    }
    let Some(jwks) = members.remove("jwks") else { return Ok((Vec::new(), None)) };
    let keys = key_set_of_registration(jwks.to_string().as_bytes());
    let keys = keys.map_err(|reason| Refusal::naming(&KEYS_REFUSED, &reason))?;
    Ok((keys, Some(jwks)))
}

fn method(members: &Map<String, Value>, has_keys: bool) -> Result<Option<&'static str>, Refusal> {
    const WITH_KEYS: &str = "private_key_jwt";
    let asked = members.get("token_endpoint_auth_method").and_then(Value::as_str);
    let known = asked.map(|asked| METHODS.iter().copied().find(|method| *method == asked));
    match (known, has_keys) {
        (Some(None), _) => Err(Refusal::naming(&METHOD_REFUSED, asked.unwrap_or_default())),
        (Some(Some(WITH_KEYS)), true) | (None, true) => Ok(Some(WITH_KEYS)),
        (Some(Some(WITH_KEYS)), false) | (Some(Some(_)), true) => METHOD_REFUSED.refuse(),
        (Some(method), false) => Ok(method),
        (None, false) => Ok(None),
    }
}

fn scopes(members: &Map<String, Value>) -> Result<Option<Vec<String>>, Refusal> {
    let Some(text) = members.get("scope").and_then(Value::as_str) else { return Ok(None) };
    let scopes = parse_scope(text).map_err(|()| &SCOPE_MALFORMED)?;
    // An empty value is none, as in a token request.
    let scopes: Vec<String> = scopes.into_iter().map(str::to_owned).collect();
    Ok(Some(scopes).filter(|scopes| !scopes.is_empty()))
}

/// Goes into logs and on screens: nothing in it may move a cursor or turn the direction of text.
fn name(members: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    let Some(name) = members.get("client_name").and_then(Value::as_str) else { return Ok(None) };
    let is_plain = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if name.len() > NAME_BYTES_MAX || !name.chars().all(is_plain) {
        return NAME_REFUSED.refuse();
    }
    Ok(Some(name.to_owned()).filter(|name| !name.is_empty()))
}
