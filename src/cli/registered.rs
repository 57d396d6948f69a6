//! Registered clients on the command line: their ids are opened with the seal keys of a directory,
//! for the issuer that they are bound to.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Exit;
use super::exit::failure;
use crate::client::{Client, Denied, Registered, Registry, Standing};
use crate::client_auth::registered::{Recogniser, sha256_of};
use crate::clock::UnixTime;
use crate::keys::Keyring;
use crate::oauth::{ClientId, IssuerUrl};

/// What opens `id`; nothing for the id of a client of the list.
///
/// # Errors
/// What is missing to open it.
pub fn recogniser<'r>(
    id: &str,
    registry: &'r Registry,
    keyring: Option<&'r Keyring>,
    issuer: Option<&'r IssuerUrl>,
    now: UnixTime,
) -> anyhow::Result<Option<Recogniser<'r>>> {
    if ClientId::parse_registered(id).is_none() {
        return Ok(None);
    }
    let (Some(keyring), Some(issuer)) = (keyring, issuer) else {
        let message = "the id of a registered client is opened with a seal key, for one issuer: add --keys DIR and \
                       --issuer URL";
        return Err(failure(Exit::Usage, message));
    };
    let Some(registration) = registry.registration() else {
        let message = "the list lets nobody register clients: it has no section `registration`";
        return Err(failure(Exit::Refused, message));
    };
    Ok(Some(Recogniser { registration, seals: keyring.seals(), issuer: issuer.as_str(), now }))
}

/// The digest of an id as `denied` takes it.
pub fn digest_text(id: &ClientId) -> String {
    URL_SAFE_NO_PAD.encode(sha256_of(id.as_str()))
}

/// The entry of the list that denies the client.
pub fn denial<'r>(client: &Client, registry: &'r Registry) -> Option<&'r Denied> {
    let registered = client.registered.as_ref()?;
    let registration = registry.registration()?;
    let digest = || sha256_of(client.id.as_str());
    registration.denied(digest, registered.registrar.as_str(), registered.issued_at)
}

/// In words, for a person.
pub fn standing_text(registered: &Registered, now: UnixTime) -> &'static str {
    match registered.standing {
        Standing::Denied => "denied: every request is refused",
        Standing::WithoutPolicy => "no policy names its registrar: every request is refused",
        Standing::NothingLeft => "nothing of what it was granted is left: every request is refused",
        Standing::InForce if now >= registered.expires => "expired: every request is refused",
        Standing::InForce => "in force",
    }
}

/// Rows of `clients show`, one a line.
pub fn rows(client: &Client, registry: &Registry, now: UnixTime) -> Vec<(&'static str, String)> {
    let Some(registered) = client.registered.as_ref() else { return Vec::new() };
    let mut standing = standing_text(registered, now).to_owned();
    if let Some(denial) = denial(client, registry) {
        let _ = write!(standing, ", by {}:{}", denial.file, denial.line);
    }
    vec![
        ("registered by", registered.registrar.to_string()),
        ("registered at", registered.issued_at.to_string()),
        ("ends at", registered.expires.to_string()),
        ("state", standing),
        ("digest", digest_text(&client.id)),
    ]
}

/// The same as JSON; null for a client of the list.
pub fn as_json(client: &Client, registry: &Registry, now: UnixTime) -> Value {
    let Some(registered) = client.registered.as_ref() else { return Value::Null };
    let denial = denial(client, registry).map(|denial| json!({"file": &*denial.file, "line": denial.line}));
    json!({
        "registrar": registered.registrar.as_str(),
        "issued_at": registered.issued_at.to_string(),
        "expires": registered.expires.to_string(),
        "in_force": registered.standing == Standing::InForce && now < registered.expires,
        "denied_by": denial,
        "client_id_sha256": digest_text(&client.id),
    })
}
