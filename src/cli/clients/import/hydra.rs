//! Ory Hydra: `hydra list clients --format json`, the admin API (`GET /admin/clients`), one client
//! of either, or rows of the table `hydra_client` as JSON, which alone hold the hashes of secrets.

use serde_json::Value;

use super::json::{self, Object, objects};
use super::model::{Client, Credential, Export, Fate, METADATA, NO_MACHINE, PUBLIC, Proof, SCOPES_OF_USERS};
use crate::clock::UnixTime;

const NANOSECONDS: i64 = 1_000_000_000;

pub fn read(value: &Value) -> anyhow::Result<Export> {
    let mut export = Export::default();
    for object in entries(value, &mut export)? {
        if let Some(client) = client(&object, &mut export)? {
            export.clients.push(client);
        }
    }
    Ok(export)
}

fn entries<'v>(value: &'v Value, export: &mut Export) -> anyhow::Result<Vec<Object<'v>>> {
    if let Value::Array(clients) = value {
        return objects(clients, "");
    }
    let root = Object::of(value, "")?;
    if !root.has("items") && root.has("client_id") {
        return Ok(vec![root]);
    }
    if root.flag("is_last_page")? == Some(false) {
        export.note_all(
            Fate::NotCarried,
            "next_page_token",
            "this is one page of several; the rest is missing",
        );
    }
    root.objects("items")
}

fn client(object: &Object<'_>, export: &mut Export) -> anyhow::Result<Option<Client>> {
    let place = object.place.as_str();
    // The column of the table is called `id`.
    let id = match object.text("client_id")? {
        Some(id) => id,
        None => object.required_text("id")?,
    };
    let method = object.text("token_endpoint_auth_method")?.unwrap_or("client_secret_basic");
    if method == "none" {
        export.leave_out(id, place, "token_endpoint_auth_method", PUBLIC);
        return Ok(None);
    }
    if !list(object, "grant_types")?.iter().any(|grant| grant == "client_credentials") {
        export.leave_out(id, place, "grant_types", NO_MACHINE);
        return Ok(None);
    }
    let mut client = Client {
        place: place.to_owned(),
        id: id.to_owned(),
        name: object.text("client_name")?.map(ToOwned::to_owned),
        contacts: list(object, "contacts")?,
        method: Some(method.to_owned()),
        lifetime_seconds: lifetime(object, export, id)?,
        ..Client::default()
    };
    credentials(object, method, &mut client, export)?;
    for audience in list(object, "audience")? {
        client.grant(&audience, []);
    }
    for scope in object.text("scope")?.unwrap_or_default().split_whitespace() {
        if SCOPES_OF_USERS.contains(&scope) {
            export.note(Fate::NotCarried, id, place, "scope", &format!("`{scope}` speaks about users"));
        } else if scope.contains('*') {
            let reason = format!("`{scope}` is a pattern; scopes are compared exactly here, name each one");
            export.note(Fate::NotCarried, id, place, "scope", &reason);
        } else {
            client.unbound_scopes.push(scope.to_owned());
        }
    }
    if object.text("access_token_strategy")? == Some("opaque") {
        let reason = "tokens are JWTs here; those who introspect them verify offline instead";
        export.note(Fate::Changed, id, place, "access_token_strategy", reason);
    }
    // Text in rows of the table.
    let metadata = object.get("metadata").map(Value::to_string).unwrap_or_default();
    if !["", "{}", "\"\"", "\"{}\"", "\"null\""].contains(&metadata.as_str()) {
        export.note(Fate::NotCarried, id, place, "metadata", METADATA);
    }
    Ok(Some(client))
}

fn credentials(
    object: &Object<'_>,
    method: &str,
    client: &mut Client,
    export: &mut Export,
) -> anyhow::Result<()> {
    let (id, place) = (client.id.clone(), client.place.clone());
    if method == "private_key_jwt" {
        let keys = match object.get("jwks") {
            Some(Value::String(text)) if !text.is_empty() => {
                Some(json::parse(&format!("{place}.jwks"), text)?)
            }
            Some(keys @ Value::Object(_)) => Some(keys.clone()),
            _ => None,
        };
        let keys = keys.filter(|keys| keys.get("keys") != Some(&Value::Array(Vec::new())));
        if let Some(keys) = keys.filter(|keys| keys.as_object().is_some_and(|keys| !keys.is_empty())) {
            client.credentials.push(Credential { proof: Proof::Jwks(keys), member: "jwks", expires: None });
        } else if let Some(uri) = object.text("jwks_uri")? {
            let proof = Proof::JwksUri(uri.to_owned());
            client.credentials.push(Credential { proof, member: "jwks_uri", expires: None });
        }
        return Ok(());
    }
    let expires = object.number("client_secret_expires_at")?.filter(|expires| *expires > 0);
    match object.text("client_secret")? {
        Some(secret) => {
            client.add_secret(secret, "client_secret", expires.map(UnixTime::from_seconds));
        }
        None => {
            let reason =
                "the admin API never tells secrets; export the table `hydra_client`, which has their hashes";
            export.note(Fate::NotCarried, &id, &place, "client_secret", reason);
        }
    }
    for hash in list(object, "rotated_secrets")? {
        client.add_secret(&hash, "rotated_secrets", None);
    }
    Ok(())
}

/// `1h30m0s` from the API, nanoseconds from the table.
fn lifetime(object: &Object<'_>, export: &mut Export, id: &str) -> anyhow::Result<Option<i64>> {
    const MEMBER: &str = "client_credentials_grant_access_token_lifespan";
    let Some(text) = object.get(MEMBER).filter(|value| value.is_string()).and_then(Value::as_str) else {
        return Ok(object.number(MEMBER)?.map(|nanoseconds| nanoseconds / NANOSECONDS));
    };
    let seconds = text.parse::<jiff::SignedDuration>().ok().map(|duration| duration.as_secs());
    if seconds.is_none() && !text.is_empty() {
        export.note(Fate::NotCarried, id, &object.place, MEMBER, "it is no duration");
    }
    Ok(seconds)
}

/// A list; in a row of the table it may be the JSON text of one, or words with `|` between them.
fn list(object: &Object<'_>, name: &str) -> anyhow::Result<Vec<String>> {
    let Some(Value::String(text)) = object.get(name) else {
        return Ok(object.texts(name)?.into_iter().map(ToOwned::to_owned).collect());
    };
    if text.starts_with('[') {
        let place = format!("{}.{name}", object.place);
        let value = json::parse(&place, text)?;
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        return Ok(items.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect());
    }
    Ok(text.split('|').filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect())
}
