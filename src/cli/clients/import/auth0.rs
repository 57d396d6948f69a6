//! Auth0: the answers of its Management API (`GET /api/v2/clients`, `client-grants`,
//! `resource-servers`), alone or in one object under these names.

use std::collections::HashMap;

use serde_json::Value;

use super::json::{Object, objects};
use super::model::{Client, Export, Fate, METADATA, NO_MACHINE, PUBLIC, Resource};

const CLIENT_CREDENTIALS: &str = "client_credentials";

pub fn read(value: &Value) -> anyhow::Result<Export> {
    let mut export = Export::default();
    let parts = Parts::of(value, &mut export)?;
    for object in &parts.resource_servers {
        if let Some(resource) = resource(object, &mut export)? {
            export.resources.push(resource);
        }
    }
    let mut grants: HashMap<&str, Vec<&Object<'_>>> = HashMap::new();
    for grant in &parts.grants {
        // Defaults for clients that register themselves name no client.
        if let Some(id) = grant.text("client_id")? {
            grants.entry(id).or_default().push(grant);
        }
    }
    for object in &parts.clients {
        if let Some(mut client) = client(object, &mut export)? {
            for grant in grants.get(client.id.as_str()).into_iter().flatten() {
                add_grant(&mut client, grant, &mut export)?;
            }
            export.clients.push(client);
        }
    }
    Ok(export)
}

#[derive(Default)]
struct Parts<'v> {
    clients: Vec<Object<'v>>,
    grants: Vec<Object<'v>>,
    resource_servers: Vec<Object<'v>>,
}

impl<'v> Parts<'v> {
    fn of(value: &'v Value, export: &mut Export) -> anyhow::Result<Self> {
        const GRANTS_MISSING: &str = "the file holds no `client_grants`, which say who may reach which API; put them \
                                      and `resource_servers` beside `clients` in one object";
        if let Value::Array(clients) = value {
            export.note_all(Fate::NotCarried, "client_grants", GRANTS_MISSING);
            return Ok(Self { clients: objects(clients, "")?, ..Self::default() });
        }
        let root = Object::of(value, "")?;
        if !root.has("client_grants") {
            export.note_all(Fate::NotCarried, "client_grants", GRANTS_MISSING);
        }
        Ok(Self {
            clients: page(&root, "clients", export)?,
            grants: page(&root, "client_grants", export)?,
            resource_servers: page(&root, "resource_servers", export)?,
        })
    }
}

/// A list, or the answer of the API with `include_totals=true`, which holds the list again.
fn page<'v>(root: &Object<'v>, name: &str, export: &mut Export) -> anyhow::Result<Vec<Object<'v>>> {
    let page = match root.get(name) {
        Some(Value::Object(_)) => root.object(name)?,
        _ => Some(root.clone()),
    };
    let Some(page) = page else { return Ok(Vec::new()) };
    let entries = page.objects(name)?;
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    if page.number("total")?.is_some_and(|total| total > count) {
        export.note_all(Fate::NotCarried, name, "this is one page of several; the rest is missing");
    }
    Ok(entries)
}

fn resource(object: &Object<'_>, export: &mut Export) -> anyhow::Result<Option<Resource>> {
    let audience = object.required_text("identifier")?;
    if object.flag("is_system")? == Some(true) {
        return Ok(None);
    }
    let scopes = object.objects("scopes")?;
    let scopes: anyhow::Result<Vec<&str>> = scopes.iter().map(|scope| scope.required_text("value")).collect();
    if object.flag("enforce_policies")? == Some(true) {
        let reason = format!("permissions of users (RBAC) at {audience} are no concern of machine clients");
        export.note_all(Fate::NotCarried, &format!("{}.enforce_policies", object.place), &reason);
    }
    Ok(Some(Resource {
        audience: audience.to_owned(),
        name: object.text("name")?.map(ToOwned::to_owned),
        scopes: scopes?.into_iter().map(ToOwned::to_owned).collect(),
        lifetime_seconds: object.number("token_lifetime")?,
        signing_alg: object.text("signing_alg")?.map(ToOwned::to_owned),
    }))
}

fn client(object: &Object<'_>, export: &mut Export) -> anyhow::Result<Option<Client>> {
    let (id, place) = (object.required_text("client_id")?, object.place.as_str());
    if object.flag("global")? == Some(true) {
        export.leave_out(id, place, "global", "it stands for the tenant and is no application");
        return Ok(None);
    }
    let method = object.text("token_endpoint_auth_method")?;
    if method == Some("none") {
        export.leave_out(id, place, "token_endpoint_auth_method", PUBLIC);
        return Ok(None);
    }
    let by_type = object.text("app_type")? == Some("non_interactive") && !object.has("grant_types");
    if !by_type && !object.texts("grant_types")?.contains(&CLIENT_CREDENTIALS) {
        export.leave_out(id, place, "grant_types", NO_MACHINE);
        return Ok(None);
    }
    let mut client = Client {
        place: place.to_owned(),
        id: id.to_owned(),
        name: object.text("name")?.map(ToOwned::to_owned),
        ..Client::default()
    };
    if let Some(methods) = object.object("client_authentication_methods")? {
        for name in ["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"] {
            if methods.has(name) {
                let reason = "the export names its credentials by id and has no keys; register the client's public \
                              keys as `private_key_jwt`";
                let member = format!("client_authentication_methods.{name}");
                export.note(Fate::NotCarried, id, place, &member, reason);
            }
        }
    } else if let Some(secret) = object.text("client_secret")? {
        client.add_secret(secret, "client_secret", None);
    }
    if object.object("client_metadata")?.is_some() {
        export.note(Fate::NotCarried, id, place, "client_metadata", METADATA);
    }
    Ok(Some(client))
}

fn add_grant(client: &mut Client, grant: &Object<'_>, export: &mut Export) -> anyhow::Result<()> {
    // Grants for users of an application are the other kind.
    if grant.text("subject_type")? == Some("user") {
        return Ok(());
    }
    let audience = grant.required_text("audience")?;
    if grant.flag("is_system")? == Some(true) || audience.ends_with(".auth0.com/api/v2/") {
        let reason = "it is Auth0's own Management API";
        export.note(Fate::NotCarried, &client.id, &grant.place, "audience", reason);
        return Ok(());
    }
    let known = export.resources.iter().find(|resource| resource.audience == audience);
    match known.filter(|_| grant.flag("allow_all_scopes").ok().flatten() == Some(true)) {
        Some(resource) => client.grant(audience, resource.scopes.iter().map(String::as_str)),
        None => client.grant(audience, grant.texts("scope")?),
    }
    Ok(())
}
