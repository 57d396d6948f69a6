//! What scopes and audiences a Keycloak client has: client scopes with their mappers, and mappers
//! of the client itself.

use std::collections::HashMap;

use serde_json::Value;

use super::json::Object;
use super::model::{Client, Export, Fate, SCOPES_OF_USERS, push_new};

/// Client scopes that every realm has. None of them means anything to an API of machines.
const BUILT_IN: &[&str] = &[
    "roles",
    "web-origins",
    "microprofile-jwt",
    "acr",
    "basic",
    "role_list",
    "service_account",
    "organization",
];

/// The client scopes of a realm, by name.
#[derive(Default)]
pub struct Scopes {
    by_name: HashMap<String, Scope>,
}

#[derive(Default)]
struct Scope {
    /// Does its name stand in `scope` of tokens?
    is_in_token: bool,
    audiences: Vec<String>,
}

impl Scopes {
    /// Those of the export; without a realm nothing is known of them but their names.
    pub fn read(realm: Option<&Object<'_>>) -> anyhow::Result<Self> {
        let mut scopes = Self::default();
        for object in realm.map(|realm| realm.objects("clientScopes")).transpose()?.unwrap_or_default() {
            let is_in_token = match object.object("attributes")? {
                Some(attributes) => attributes.text("include.in.token.scope")? != Some("false"),
                None => true,
            };
            let scope = Scope { is_in_token, audiences: audiences(&object)? };
            scopes.by_name.insert(object.required_text("name")?.to_owned(), scope);
        }
        Ok(scopes)
    }

    /// Adds what the client has of them.
    pub fn add(&self, client: &mut Client, object: &Object<'_>, export: &mut Export) -> anyhow::Result<()> {
        let place = object.place.clone();
        for audience in audiences(object)? {
            client.grant(&audience, []);
        }
        claims(object, client, export)?;
        let (defaults, optional) =
            (object.texts("defaultClientScopes")?, object.texts("optionalClientScopes")?);
        let mut default_scopes = Vec::new();
        for (name, is_default) in
            defaults.iter().map(|name| (*name, true)).chain(optional.iter().map(|name| (*name, false)))
        {
            let unknown = Scope { is_in_token: true, audiences: Vec::new() };
            let scope = self.by_name.get(name).unwrap_or(&unknown);
            let is_scope = scope.is_in_token && !BUILT_IN.contains(&name) && !SCOPES_OF_USERS.contains(&name);
            if is_scope && is_default {
                push_new(&mut default_scopes, name);
            }
            if is_scope && scope.audiences.is_empty() {
                push_new(&mut client.unbound_scopes, name);
            }
            for audience in &scope.audiences {
                client.grant(audience, is_scope.then_some(name));
            }
        }
        let is_all = default_scopes.len() == client.scope_count();
        if !is_all && default_scopes.is_empty() {
            let reason = "a request without scope got none of its optional scopes; here it gets all of them";
            export.note(Fate::Changed, &client.id, &place, "optionalClientScopes", reason);
        }
        client.default_scopes = if is_all { Vec::new() } else { default_scopes };
        Ok(())
    }
}

/// Values that `oidc-audience-mapper` puts into access tokens.
fn audiences(object: &Object<'_>) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for mapper in object.objects("protocolMappers")? {
        if mapper.text("protocolMapper")? != Some("oidc-audience-mapper") {
            continue;
        }
        let Some(config) = mapper.object("config")? else { continue };
        // Written as text.
        if config
            .get("access.token.claim")
            .is_some_and(|value| value != "true" && *value != Value::Bool(true))
        {
            continue;
        }
        // Where both stand, Keycloak takes the client.
        let audience = match config.text("included.client.audience")? {
            Some(client) => Some(client),
            None => config.text("included.custom.audience")?,
        };
        if let Some(audience) = audience {
            push_new(&mut found, audience);
        }
    }
    Ok(found)
}

/// Fixed claims can be carried; what other mappers write comes from users or sessions.
fn claims(object: &Object<'_>, client: &mut Client, export: &mut Export) -> anyhow::Result<()> {
    for mapper in object.objects("protocolMappers")? {
        let kind = mapper.text("protocolMapper")?.unwrap_or_default();
        // Keycloak adds these three to every service account: id, host and address of the client.
        if kind == "oidc-audience-mapper" || kind == "oidc-usersessionmodel-note-mapper" {
            continue;
        }
        let name = mapper.text("name")?.unwrap_or("without a name");
        let config = mapper.object("config")?;
        let claim = config.as_ref().map(|config| hardcoded(kind, config)).transpose()?.flatten();
        match claim {
            Some((name, value)) => {
                client.claims.insert(name, value);
            }
            None => {
                let reason =
                    format!("the mapper `{name}` ({kind}) has no counterpart; fixed values go into `claims`");
                export.note(Fate::NotCarried, &client.id, &mapper.place, "protocolMappers", &reason);
            }
        }
    }
    Ok(())
}

/// Name and value of `oidc-hardcoded-claim-mapper`, where it writes one claim at the top.
fn hardcoded(kind: &str, config: &Object<'_>) -> anyhow::Result<Option<(String, Value)>> {
    if kind != "oidc-hardcoded-claim-mapper" {
        return Ok(None);
    }
    let (Some(name), Some(text)) = (config.text("claim.name")?, config.text("claim.value")?) else {
        return Ok(None);
    };
    if name.contains('.') {
        return Ok(None);
    }
    let value = match config.text("jsonType.label")?.unwrap_or("String") {
        "String" => Some(Value::from(text)),
        "boolean" => text.parse::<bool>().ok().map(Value::from),
        "int" | "long" => text.parse::<i64>().ok().map(Value::from),
        _ => None,
    };
    Ok(value.map(|value| (name.to_owned(), value)))
}
