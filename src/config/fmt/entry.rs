//! Entries of a client file as text, in the form of `signet fmt`: a client that is added, and a
//! whole list that was made elsewhere.

use serde_json::{Map, Value};

use super::layout::STEP;
use crate::clock::duration_text;
use crate::config::yaml::is_text;

/// What a new entry of `clients` says; what is empty is not written.
#[derive(Clone, Debug, Default)]
pub struct NewClient {
    pub client_id: String,
    pub client_name: Option<String>,
    pub contacts: Vec<String>,
    pub grant_types: Vec<String>,
    pub token_endpoint_auth_method: Option<String>,
    /// Written even when it is empty: a client without proof is a question to whoever reads it.
    pub credentials: Vec<NewCredential>,
    pub scope: Vec<String>,
    pub default_scope: Vec<String>,
    pub audience: Vec<String>,
    pub access_token_lifetime_seconds: Option<u32>,
    pub claims: Map<String, Value>,
    pub disabled: bool,
}

#[derive(Clone, Debug)]
pub struct NewCredential {
    pub proof: NewProof,
    /// A day or a time.
    pub expires: Option<String>,
    pub note: Option<String>,
}

/// The member that names the kind of a credential.
#[derive(Clone, Debug)]
pub enum NewProof {
    /// As stored: `sha256:…`, or a password hash.
    ClientSecret(String),
    /// The members of `private_key_jwt`.
    PrivateKeyJwt(Map<String, Value>),
}

impl NewCredential {
    pub fn secret(stored: &str, expires: Option<String>) -> Self {
        Self { proof: NewProof::ClientSecret(stored.to_owned()), expires, note: None }
    }
}

/// What a new entry of `resources` says.
#[derive(Clone, Debug, Default)]
pub struct NewResource {
    pub audience: String,
    pub name: Option<String>,
    pub scopes: Vec<String>,
    pub signing_alg: Option<&'static str>,
    pub access_token_lifetime_seconds: Option<u32>,
}

/// The text of a file that holds nothing but this client.
pub fn client_file(client: &NewClient) -> String {
    format!("clients:\n{}...\n", entry(client, STEP))
}

/// The text of a whole list, and the 1-based line of each client.
pub fn client_list(resources: &[NewResource], clients: &[NewClient]) -> (String, Vec<u32>) {
    let mut text = String::from(if resources.is_empty() { "resources: []\n" } else { "resources:\n" });
    for resource in resources {
        text.push_str(&indented(&resource_lines(resource), STEP));
    }
    text.push_str(if clients.is_empty() { "\nclients: []\n" } else { "\nclients:\n" });
    let mut line = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
    let mut starts = Vec::with_capacity(clients.len());
    for client in clients {
        let entry = entry(client, STEP);
        starts.push(line.saturating_add(1));
        line = line.saturating_add(u32::try_from(entry.lines().count()).unwrap_or(u32::MAX));
        text.push_str(&entry);
    }
    text.push_str("...\n");
    (text, starts)
}

fn resource_lines(resource: &NewResource) -> Vec<String> {
    let mut lines = vec![format!("audience: {}", scalar(&resource.audience))];
    lines.extend(resource.name.iter().map(|name| format!("name: {}", scalar(name))));
    lines.push(format!("scopes: {}", list(&resource.scopes)));
    lines.extend(resource.signing_alg.iter().map(|alg| format!("signing_alg: {alg}")));
    lines.extend(resource.access_token_lifetime_seconds.map(lifetime_line));
    lines
}

/// One entry of `clients`, its dash at `column`.
pub(super) fn entry(client: &NewClient, column: usize) -> String {
    let mut lines = vec![format!("client_id: {}", scalar(&client.client_id))];
    lines.extend(client.client_name.iter().map(|name| format!("client_name: {}", scalar(name))));
    let mut push_list = |name: &str, items: &[String]| {
        if !items.is_empty() {
            lines.push(format!("{name}: {}", list(items)));
        }
    };
    push_list("contacts", &client.contacts);
    push_list("grant_types", &client.grant_types);
    let method = client.token_endpoint_auth_method.iter();
    lines.extend(method.map(|method| format!("token_endpoint_auth_method: {}", scalar(method))));
    push_credentials(&client.credentials, &mut lines);
    for (name, scopes) in [("scope", &client.scope), ("default_scope", &client.default_scope)] {
        if !scopes.is_empty() {
            lines.push(format!("{name}: {}", scalar(&scopes.join(" "))));
        }
    }
    if !client.audience.is_empty() {
        lines.push(format!("audience: {}", list(&client.audience)));
    }
    lines.extend(client.access_token_lifetime_seconds.map(lifetime_line));
    if !client.claims.is_empty() {
        lines.push(format!("claims: {}", flow(&Value::Object(client.claims.clone()))));
    }
    if client.disabled {
        lines.push("disabled: true".to_owned());
    }
    indented(&lines, column)
}

fn push_credentials(credentials: &[NewCredential], lines: &mut Vec<String>) {
    if credentials.is_empty() {
        lines.push("credentials: []".to_owned());
        return;
    }
    lines.push("credentials:".to_owned());
    for credential in credentials {
        lines.push(match &credential.proof {
            NewProof::ClientSecret(stored) => format!("  - client_secret: {}", scalar(stored)),
            NewProof::PrivateKeyJwt(members) => {
                format!("  - private_key_jwt: {}", flow(&Value::Object(members.clone())))
            }
        });
        lines.extend(credential.expires.iter().map(|expires| format!("    expires: {expires}")));
        lines.extend(credential.note.iter().map(|note| format!("    note: {}", scalar(note))));
    }
}

fn lifetime_line(seconds: u32) -> String {
    format!("access_token_lifetime: {}", duration_text(seconds))
}

fn indented(lines: &[String], column: usize) -> String {
    let indentation = " ".repeat(column);
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let dash = if number == 0 { "- " } else { "  " };
        text.push_str(&format!("{indentation}{dash}{line}\n"));
    }
    text
}

fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| scalar(item)).collect();
    format!("[{}]", items.join(", "))
}

/// A JSON value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{}: {}", scalar(name), flow(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Without quotation marks where every reader takes it for text; else as JSON, which YAML is.
fn scalar(text: &str) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b" _-.~/:+".contains(&byte);
    let is_plain = text.bytes().all(is_safe)
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && is_text(text);
    if is_plain { text.to_owned() } else { Value::from(text).to_string() }
}
