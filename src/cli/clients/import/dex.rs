//! Dex: `staticClients` of its configuration file. Any of its confidential clients may use the
//! client credentials grant where that is switched on; there are no scopes of APIs, and `aud` is
//! the client itself, or a client that trusts it as a peer.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::json::Object;
use super::model::{Client, Export, Fate, PUBLIC, push_new};
use crate::config::{Receiver, read_yaml};
use crate::diagnostic::{Findings, Place, Section, Source, Span};
use crate::section::json::{Limits, push};

const CLIENTS: &str = "staticClients";
/// One client; Dex's own members are flat.
const ENTRY: Limits = Limits { depth: 8, bytes: 1024 * 1024 };

/// # Errors
/// What is wrong with the YAML, with its places; or with a member.
pub fn read(
    source: &Arc<Source>,
    default_audience: Option<&str>,
) -> Result<anyhow::Result<Export>, Findings> {
    // Connectors and storage have secrets under names that nobody here knows.
    source.mask(Span::between(0, source.text.len()));
    let mut findings = Findings::default();
    let mut received = Received::default();
    let is_whole = read_yaml(source, &mut received, &mut findings);
    if !is_whole || findings.errors() > 0 {
        return Err(findings);
    }
    Ok(export(&received, default_audience))
}

/// The parts of the file that matter, as JSON, with their lines.
#[derive(Default)]
struct Received {
    clients: Vec<(u32, Value)>,
    oauth2: Option<Value>,
}

impl Receiver for Received {
    fn member(&mut self, key: &str, _place: Place, _findings: &mut Findings) -> bool {
        key == CLIENTS || key == "oauth2"
    }

    fn entry(&mut self, key: &str, entry: Section, _findings: &mut Findings) {
        if key == CLIENTS {
            self.clients.push((entry.source.line(entry.span.start), as_json(&entry)));
        }
    }

    fn value(&mut self, key: &str, value: Section, _findings: &mut Findings) {
        match key {
            "oauth2" => self.oauth2 = Some(as_json(&value)),
            _ => self.clients.push((value.source.line(value.span.start), as_json(&value))),
        }
    }
}

/// Null where it is too large or too deep, which the reader of its members refuses with its line.
fn as_json(section: &Section) -> Value {
    let mut text = String::new();
    match push(&mut text, section, &ENTRY) {
        Ok(()) => serde_json::from_str(&text).unwrap_or_default(),
        Err(_) => Value::Null,
    }
}

fn export(received: &Received, default_audience: Option<&str>) -> anyhow::Result<Export> {
    let mut export = Export::default();
    let places = received.clients.iter().enumerate();
    let objects: anyhow::Result<Vec<Object<'_>>> = places
        .map(|(at, (line, value))| Object::of(value, format!("{CLIENTS}[{at}] (line {line})")))
        .collect();
    let objects = objects?;
    let peers = peers(&objects)?;
    let oauth2 = received.oauth2.as_ref().map(|value| Object::of(value, "oauth2")).transpose()?;
    let grants = oauth2.map(|oauth2| oauth2.texts("grantTypes")).transpose()?.unwrap_or_default();
    let is_off = !grants.is_empty() && !grants.contains(&"client_credentials");
    for object in &objects {
        let place = object.place.as_str();
        let Some(id) = object.text("id")? else {
            let variable = object.required_text("idEnv")?;
            export.leave_out(
                &format!("${variable}"),
                place,
                "idEnv",
                "its id stands in the environment of Dex",
            );
            continue;
        };
        if object.flag("public")? == Some(true) {
            export.leave_out(id, place, "public", PUBLIC);
        } else if is_off {
            let reason =
                "client_credentials is not among `oauth2.grantTypes`; logins of users are not offered here";
            export.leave_out(id, place, "oauth2.grantTypes", reason);
        } else {
            let client = client(object, id, peers.get(id), default_audience, &mut export)?;
            export.clients.push(client);
        }
    }
    Ok(export)
}

/// Whom a client may ask tokens for: those that name it among their `trustedPeers`.
fn peers<'v>(objects: &[Object<'v>]) -> anyhow::Result<HashMap<&'v str, Vec<String>>> {
    let mut peers: HashMap<&str, Vec<String>> = HashMap::new();
    for object in objects {
        let Some(id) = object.text("id")? else { continue };
        for peer in object.texts("trustedPeers")? {
            push_new(peers.entry(peer).or_default(), id);
        }
    }
    Ok(peers)
}

fn client(
    object: &Object<'_>,
    id: &str,
    peers: Option<&Vec<String>>,
    default_audience: Option<&str>,
    export: &mut Export,
) -> anyhow::Result<Client> {
    let place = object.place.clone();
    let mut client = Client {
        place: place.clone(),
        id: id.to_owned(),
        name: object.text("name")?.map(ToOwned::to_owned),
        ..Client::default()
    };
    match (object.text("secret")?, object.text("secretEnv")?) {
        (Some(secret), _) => client.add_secret(secret, "secret", None),
        (None, Some(_)) => {
            let reason = "it stands in the environment of Dex; hash it with `signet secret hash`";
            export.note(Fate::NotCarried, id, &place, "secretEnv", reason);
        }
        (None, None) => export.note(Fate::NotCarried, id, &place, "secret", "the file holds none"),
    }
    for peer in peers.into_iter().flatten() {
        client.grant(peer, []);
    }
    if default_audience.is_none() {
        client.grant(id, []);
        let reason =
            "`aud` of its tokens is the client itself, as Dex does it; --audience names an API instead";
        export.note(Fate::Changed, id, &place, "id", reason);
    }
    let claims = object.object("clientCredentialsClaims")?;
    let groups = claims.map(|claims| claims.texts("groups")).transpose()?.unwrap_or_default();
    if !groups.is_empty() {
        client.claims.insert("groups".to_owned(), json!(groups));
        let reason =
            "`groups` stands in every token here, not only where the scope of that name is asked for";
        export.note(Fate::Changed, id, &place, "clientCredentialsClaims", reason);
    }
    Ok(client)
}
