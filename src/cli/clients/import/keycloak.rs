//! Keycloak: a realm export (`kc.sh export`, or the partial one of the console), or the clients
//! alone (`kcadm.sh get clients`). Members are those of `ClientRepresentation`.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::super::super::Exit;
use super::super::super::exit::failure;
use super::certificate::jwk;
use super::json::{Object, objects};
use super::keycloak_scopes::Scopes;
use super::model::{Client, Credential, Export, Fate, PUBLIC, Proof};
use crate::clock::{UnixTime, date_text};
use crate::jose::Algorithm;
use crate::section::shown;

/// What a partial export writes instead of a secret.
const MASK: &str = "**********";

pub fn read(value: &Value, now: UnixTime) -> anyhow::Result<Export> {
    let mut export = Export::default();
    let realm = match value {
        Value::Array(items) => match items.as_slice() {
            [realm] if realm.get("realm").is_some() => Some(Object::of(realm, "[0]")?),
            [realm, ..] if realm.get("realm").is_some() => {
                let message =
                    "the file holds several realms; export one: kc.sh export --realm NAME --file FILE";
                return Err(failure(Exit::Configuration, message));
            }
            _ => None,
        },
        other => Some(Object::of(other, "")?),
    };
    let clients = match (&realm, value) {
        (Some(realm), _) => realm.objects("clients")?,
        (None, Value::Array(items)) => objects(items, "")?,
        (None, _) => Vec::new(),
    };
    let scopes = Scopes::read(realm.as_ref())?;
    let mut accounts: HashMap<&str, Object<'_>> = HashMap::new();
    for user in realm.as_ref().map(|realm| realm.objects("users")).transpose()?.unwrap_or_default() {
        if let Some(id) = user.text("serviceAccountClientId")? {
            accounts.insert(id, user);
        }
    }
    export.lifetime_seconds =
        realm.as_ref().map(|one| one.number("accessTokenLifespan")).transpose()?.flatten();
    for object in &clients {
        let Some(mut client) = client(object, now, &mut export)? else { continue };
        scopes.add(&mut client, object, &mut export)?;
        roles(&client, accounts.get(client.id.as_str()), &mut export)?;
        export.clients.push(client);
    }
    Ok(export)
}

fn client(object: &Object<'_>, now: UnixTime, export: &mut Export) -> anyhow::Result<Option<Client>> {
    let (id, place) = (object.required_text("clientId")?, object.place.as_str());
    let mut leave_out = |member: &str, reason: &str| export.leave_out(id, place, member, reason);
    let protocol = object.text("protocol")?.unwrap_or("openid-connect");
    if protocol != "openid-connect" {
        leave_out("protocol", &format!("it speaks {protocol}"));
        return Ok(None);
    }
    if object.flag("publicClient")? == Some(true) {
        leave_out("publicClient", PUBLIC);
        return Ok(None);
    }
    if object.flag("bearerOnly")? == Some(true) {
        leave_out("bearerOnly", "it is an API that asks for no tokens");
        return Ok(None);
    }
    if object.flag("serviceAccountsEnabled")? != Some(true) {
        leave_out(
            "serviceAccountsEnabled",
            "it has no service account, so it may not use client_credentials",
        );
        return Ok(None);
    }
    let mut client = Client {
        place: place.to_owned(),
        id: id.to_owned(),
        // `${client_account}` is the name of a translation.
        name: object.text("name")?.filter(|name| !name.starts_with("${")).map(ToOwned::to_owned),
        disabled: object.flag("enabled")? == Some(false),
        ..Client::default()
    };
    let nothing = Value::Object(Map::new());
    let attributes = match object.object("attributes")? {
        Some(attributes) => attributes,
        None => Object::of(&nothing, format!("{place}.attributes"))?,
    };
    client.lifetime_seconds = attributes.number("access.token.lifespan")?.filter(|seconds| *seconds > 0);
    credentials(object, &attributes, &mut client, now, export)?;
    bindings(&attributes, id, export)?;
    Ok(Some(client))
}

/// `clientAuthenticatorType` names the one way that the client may authenticate.
fn credentials(
    object: &Object<'_>,
    attributes: &Object<'_>,
    client: &mut Client,
    now: UnixTime,
    export: &mut Export,
) -> anyhow::Result<()> {
    let (id, place) = (client.id.clone(), client.place.clone());
    match object.text("clientAuthenticatorType")?.unwrap_or("client-secret") {
        "client-secret" => {
            secret(object.text("secret")?, "secret", attributes, client, now, export)?;
            // Keycloak keeps the secret before a rotation for a while.
            if attributes.has("client.secret.rotated") {
                let rotated = attributes.text("client.secret.rotated")?;
                secret(rotated, "client.secret.rotated", attributes, client, now, export)?;
            }
        }
        "client-jwt" => keys(attributes, client, export)?,
        "client-secret-jwt" => {
            let reason = "an assertion signed with a secret (HMAC) is not accepted: the server would need the secret in \
                          clear. Give the client a key, and register it as `private_key_jwt`";
            export.note(Fate::NotCarried, &id, &place, "clientAuthenticatorType", reason);
        }
        "client-x509" => {
            let reason = "certificates of clients (`tls_client_auth`) are not supported by this version; give the \
                          client a key, and register it as `private_key_jwt`";
            export.note(Fate::NotCarried, &id, &place, "clientAuthenticatorType", reason);
        }
        other => {
            let reason = format!("`{other}` is not known");
            export.note(Fate::NotCarried, &id, &place, "clientAuthenticatorType", &reason);
        }
    }
    Ok(())
}

fn secret(
    secret: Option<&str>,
    member: &'static str,
    attributes: &Object<'_>,
    client: &mut Client,
    now: UnixTime,
    export: &mut Export,
) -> anyhow::Result<()> {
    let expires = match member {
        "secret" => attributes.number("client.secret.expiration.time")?,
        _ => attributes.number("client.secret.rotated.expiration.time")?,
    };
    let expires = expires.filter(|seconds| *seconds > 0).map(UnixTime::from_seconds);
    let reason = match (secret, expires) {
        (None, _) => "the export holds none".to_owned(),
        (Some(MASK), _) => "it is masked: a partial export hides secrets, `kc.sh export` has them".to_owned(),
        (Some(secret), _) if secret.starts_with("${vault.") => {
            "it stands in a vault, not in the export".to_owned()
        }
        (_, Some(expires)) if expires <= now => format!("it has expired, {}", date_text(expires)),
        (Some(secret), expires) => {
            client.add_secret(secret, member, expires);
            return Ok(());
        }
    };
    export.note(Fate::NotCarried, &client.id, &client.place, member, &reason);
    Ok(())
}

/// The public keys of `client-jwt`: a key set in the export, its address, a certificate or a key.
fn keys(attributes: &Object<'_>, client: &mut Client, export: &mut Export) -> anyhow::Result<()> {
    const ALG: &str = "token.endpoint.auth.signing.alg";
    let is_set = |name: &str| attributes.text(name).map(|text| text == Some("true"));
    let wanted = attributes.text(ALG)?;
    let algorithm = Algorithm::ALL.iter().copied().find(|algorithm| Some(algorithm.name()) == wanted);
    if let Some(wanted) = wanted.filter(|wanted| algorithm.is_none() && *wanted != "any") {
        let reason = format!("assertions signed with `{}` are not accepted", shown(wanted));
        export.note(Fate::NotCarried, &client.id, &attributes.place, ALG, &reason);
    }
    let (member, proof) = if is_set("use.jwks.url")? {
        ("jwks.url", attributes.text("jwks.url")?.map(|uri| Ok(Proof::JwksUri(uri.to_owned()))))
    } else if is_set("use.jwks.string")? || attributes.has("jwks.string") {
        let place = format!("{}.jwks.string", attributes.place);
        let text = attributes.text("jwks.string")?;
        let keys = text.map(|text| super::json::parse(&place, text)).transpose()?;
        ("jwks.string", keys.map(|keys| Ok(Proof::Jwks(keys))))
    } else if let Some(certificate) = attributes.text("jwt.credential.certificate")? {
        ("jwt.credential.certificate", Some(jwk(certificate, true, algorithm).map(Proof::Jwks)))
    } else {
        let key = attributes.text("jwt.credential.public.key")?;
        ("jwt.credential.public.key", key.map(|key| jwk(key, false, algorithm).map(Proof::Jwks)))
    };
    match proof.unwrap_or_else(|| Err("the export holds none".to_owned())) {
        Ok(proof) => client.credentials.push(Credential { proof, member, expires: None }),
        Err(reason) => export.note(Fate::NotCarried, &client.id, &client.place, member, &reason),
    }
    Ok(())
}

/// Tokens that are bound to a key of the client are worth nothing to a thief; here they would be.
fn bindings(attributes: &Object<'_>, id: &str, export: &mut Export) -> anyhow::Result<()> {
    for name in ["dpop.bound.access.tokens", "tls.client.certificate.bound.access.tokens"] {
        if attributes.text(name)? == Some("true") {
            let reason =
                "tokens are not bound to a key of the client by this version: they are bearer tokens";
            export.note(Fate::NotCarried, id, &attributes.place, name, reason);
        }
    }
    if let Some(alg) = attributes.text("access.token.signed.response.alg")?.filter(|alg| *alg != "RS256") {
        let reason =
            format!("`{alg}`: the algorithm is set at the resource here (`signing_alg`), not at the client");
        export.note(Fate::NotCarried, id, &attributes.place, "access.token.signed.response.alg", &reason);
    }
    Ok(())
}

/// Roles of the service account, where the export holds users.
fn roles(client: &Client, account: Option<&Object<'_>>, export: &mut Export) -> anyhow::Result<()> {
    let Some(account) = account else { return Ok(()) };
    let mut roles = account.texts("realmRoles")?;
    // Everybody has it.
    roles.retain(|role| !role.starts_with("default-roles-"));
    if !roles.is_empty() || account.object("clientRoles")?.is_some() {
        let reason = "roles of its service account are no scopes; if APIs decide by them, write them as `claims`: \
                      {realm_access: {roles: […]}}";
        export.note(Fate::NotCarried, &client.id, &account.place, "realmRoles, clientRoles", reason);
    }
    Ok(())
}
