//! Credentials of another issuer as credentials of the client list, each tried on the reader of
//! client files before it is taken.

use serde_json::{Map, Value, json};

use super::model::{Client, Export, Fate, Proof};
use crate::client_auth::{STRENGTH_BITS_MIN, TakenOver, take_over};
use crate::clock::{UnixTime, date_text};
use crate::config::{self, NewClient, NewCredential, NewProof, NewResource, Options, client_list};
use crate::jose::key_set::PRIVATE_MEMBERS;
use crate::section::shown;

/// What describes a public key (RFC 7517 §4, RFC 7518 §6); the rest, certificates say, stays behind.
const PUBLIC_MEMBERS: &[&str] = &["kty", "kid", "use", "alg", "n", "e", "crv", "x", "y"];
/// How the reader begins what it says of the only key of a set.
const TRIED_ALONE: &str = "a key of the client cannot be used: key 1 is not used: ";
/// Most keys in one credential; more become several credentials.
const KEYS_OF_CREDENTIAL_MAX: usize = 8;

pub fn credentials(client: &Client, now: UnixTime, export: &mut Export) -> Vec<NewCredential> {
    let mut all = Vec::new();
    for credential in &client.credentials {
        let (found, fate, reason) = match &credential.proof {
            Proof::Secret(secret) => of_secret(secret, &client.id),
            Proof::Jwks(keys) => of_keys(keys, now, |reason| {
                export.note(Fate::NotCarried, &client.id, &client.place, credential.member, reason);
            }),
            Proof::JwksUri(uri) => of_uri(uri, now),
        };
        all.extend(found.into_iter().map(|proof| NewCredential {
            proof,
            expires: credential.expires.map(date_text),
            note: None,
        }));
        if !reason.is_empty() {
            export.note(fate, &client.id, &client.place, credential.member, &reason);
        }
    }
    all
}

type Found = (Vec<NewProof>, Fate, String);

fn of_secret(secret: &str, client_id: &str) -> Found {
    match take_over(secret, client_id) {
        Err(reason) => {
            let reason = format!("{reason}; make a new one: signet secret new");
            (Vec::new(), Fate::NotCarried, reason)
        }
        Ok((stored, how)) => {
            let reason = match how {
                TakenOver::Hash => "its hash is carried as it is; the client keeps its secret".to_owned(),
                TakenOver::Digest => "kept as its SHA-256; the client keeps its secret".to_owned(),
                TakenOver::SlowHash { bits } => format!(
                    "it holds at most {bits} bits, below {STRENGTH_BITS_MIN}, so it is kept as an argon2id hash; the \
                     client keeps it for now, but replace it soon: signet secret new"
                ),
            };
            (vec![NewProof::ClientSecret(stored)], Fate::Changed, reason)
        }
    }
}

/// The keys that can be used; `refuse` hears of the others.
fn of_keys(set: &Value, now: UnixTime, mut refuse: impl FnMut(&str)) -> Found {
    let keys = match set.get("keys").and_then(Value::as_array) {
        Some(keys) => keys.clone(),
        None => vec![set.clone()],
    };
    let mut usable = Vec::new();
    for (key, number) in keys.iter().zip(1_usize..) {
        match public_key(key)
            .and_then(|key| accepted(&with_keys(std::slice::from_ref(&key)), now).map(|()| key))
        {
            Ok(key) => usable.push(key),
            Err(reason) => {
                let kid = key.get("kid").and_then(Value::as_str).unwrap_or("without kid");
                // It was tried alone.
                let reason = reason.strip_prefix(TRIED_ALONE).unwrap_or(&reason);
                refuse(&format!("key {number} ({}): {reason}", shown(kid)));
            }
        }
    }
    let found: Vec<NewProof> = usable.chunks(KEYS_OF_CREDENTIAL_MAX).map(with_keys).collect();
    match found.is_empty() {
        true => (found, Fate::NotCarried, "it holds no key that can be used".to_owned()),
        false => {
            (found, Fate::Changed, "its assertions must name this issuer in `aud`, as plain text".to_owned())
        }
    }
}

fn public_key(key: &Value) -> Result<Value, String> {
    let Value::Object(members) = key else { return Err("it is no JWK".to_owned()) };
    if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
        return Err("it is private or symmetric; only the public half belongs into a client list".to_owned());
    }
    let public = members.iter().filter(|(name, _)| PUBLIC_MEMBERS.contains(&name.as_str()));
    Ok(Value::Object(public.map(|(name, value)| (name.clone(), value.clone())).collect()))
}

fn with_keys(keys: &[Value]) -> NewProof {
    NewProof::PrivateKeyJwt(Map::from_iter([("jwks".to_owned(), json!({"keys": keys}))]))
}

fn of_uri(uri: &str, now: UnixTime) -> Found {
    let proof = NewProof::PrivateKeyJwt(Map::from_iter([("jwks_uri".to_owned(), Value::from(uri))]));
    match accepted(&proof, now) {
        Ok(()) => (
            vec![proof],
            Fate::Changed,
            "its assertions must name this issuer in `aud`, as plain text".to_owned(),
        ),
        Err(reason) => (Vec::new(), Fate::NotCarried, format!("{}: {reason}", shown(uri))),
    }
}

/// Asks the reader of client files.
fn accepted(proof: &NewProof, now: UnixTime) -> Result<(), String> {
    let audience = "a".to_owned();
    let resource = NewResource { audience: audience.clone(), ..NewResource::default() };
    let credential = NewCredential { proof: proof.clone(), expires: None, note: None };
    let client = NewClient {
        client_id: "a".to_owned(),
        credentials: vec![credential],
        audience: vec![audience],
        ..NewClient::default()
    };
    let (text, _) = client_list(&[resource], &[client]);
    let findings = config::load_text("a credential", &text, now, &Options::default()).findings;
    let error = findings.iter().find(|finding| finding.severity == crate::diagnostic::Severity::Error);
    error.map_or(Ok(()), |error| Err(error.message.clone()))
}
