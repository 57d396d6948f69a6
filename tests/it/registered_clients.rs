//! Row K8: what is no id of a registered client, or no secret of one, is nothing. The ids are
//! sealed, so every bit counts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use signet::clock::UnixTime;

use crate::support::registration::{REGISTRARS, SEAL_KEY, nothing, with_registrars};
use crate::support::{NOW, Options, TestServer, write_seal_key};

const DAY: i64 = 86_400;
const SCOPE: &str = "&scope=catalog:read";

fn refused(server: &TestServer, id: &str, secret: &str, why: &str) {
    let answer = server.ask_as(id, secret, SCOPE);
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"), "{why}");
}

#[test]
fn k8_every_bit_of_the_id_and_of_the_secret_counts() {
    let server = TestServer::registering();
    let (id, secret) = server.registered(&json!({"scope": "catalog:read"}));
    assert_eq!(server.ask_as(&id, &secret, SCOPE).status, 200);
    let sealed = URL_SAFE_NO_PAD.decode(&id[4..]).expect("base64url");
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        refused(
            &server,
            &format!("sgc_{}", URL_SAFE_NO_PAD.encode(changed)),
            &secret,
            &format!("bit {bit} of the id"),
        );
    }
    for bit in 0..secret.len() * 8 {
        let mut changed = secret.clone().into_bytes();
        changed[bit / 8] ^= 1 << (bit % 8);
        let changed: String = changed.iter().map(|byte| format!("%{byte:02X}")).collect();
        let answer = server.ask_as(&id, &changed, SCOPE);
        assert_eq!(answer.status, 401, "bit {bit} of the secret");
    }
}

#[test]
fn k8_an_id_has_one_spelling() {
    let server = TestServer::registering();
    let (id, secret) = server.registered(&json!({"scope": "catalog:read", "client_name": "a"}));
    let upper = id.to_ascii_uppercase();
    for other in
        [&id[..id.len() - 1], &id[4..], &upper, &format!("{id}A"), &format!("{id}="), &format!("sgc_{id}")]
    {
        refused(&server, other, &secret, other);
    }
    // Bits behind the last byte that say nothing: base64url with any of them would be a second name.
    let last = id.chars().last().expect("a character");
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for other in alphabet.chars().filter(|other| *other != last) {
        refused(&server, &format!("{}{other}", &id[..id.len() - 1]), &secret, "another last character");
    }
}

#[test]
fn k8_the_secret_of_another_client_or_an_empty_one_is_none() {
    let server = TestServer::registering();
    let (id, _) = server.registered(&json!({"scope": "catalog:read"}));
    let (_, other) = server.registered(&json!({"scope": "catalog:read"}));
    for wrong in [other.as_str(), "x", &id] {
        refused(&server, &id, wrong, "another secret");
    }
    let (with_key, _) =
        server.registered(&json!({"jwks": {"keys": [crate::support::assertion::ClientKey::ec().jwk()]}}));
    refused(&server, &with_key, &other, "a client with a key has no secret");
}

#[test]
fn k8_an_id_of_another_deployment_is_nothing_here() {
    let server = TestServer::registering();
    let keys = TestServer::with(Options { seal_keys: vec![(SEAL_KEY, 2)], ..with_registrars() });
    let (id, secret) = keys.registered(&nothing());
    refused(&server, &id, &secret, "other seal keys");
    let issuer = TestServer::with(Options { issuer: "https://staging.example.com", ..with_registrars() });
    let (id, secret) = issuer.registered(&nothing());
    assert_eq!(issuer.ask_as(&id, &secret, SCOPE).status, 200);
    refused(&server, &id, &secret, "another issuer with the same seal keys");
}

#[test]
fn k8_a_registration_ends_by_itself() {
    let server = TestServer::registering();
    let (id, secret) = server.registered(&json!({"scope": "catalog:read", "validity": 3600}));
    server.clock.set(UnixTime::from_seconds(NOW + 3599));
    assert_eq!(server.ask_as(&id, &secret, SCOPE).status, 200);
    server.clock.set(UnixTime::from_seconds(NOW + 3600));
    refused(&server, &id, &secret, "expired");
    server.clock.set(UnixTime::from_seconds(NOW - 301));
    refused(&server, &id, &secret, "of the future, beyond what clocks differ");
    server.clock.set(UnixTime::from_seconds(NOW - 300));
    assert_eq!(server.ask_as(&id, &secret, SCOPE).status, 200);
}

#[test]
fn k8_seal_keys_rotate_and_a_key_that_is_gone_opens_nothing() {
    let later = "20261201T000000Z.seal.key";
    let both = vec![(SEAL_KEY, 1), (later, 2)];
    let server = TestServer::with(Options { seal_keys: both.clone(), ..with_registrars() });
    let (before, secret) = server.registered(&json!({"scope": "catalog:read"}));
    let takes_over = NOW + 8 * DAY;
    server.clock.set(UnixTime::from_seconds(takes_over));
    let (after, its_secret) = server.registered(&json!({"scope": "catalog:read"}));
    assert_eq!(server.ask_as(&before, &secret, SCOPE).status, 200, "the old one opens");
    assert_eq!(server.ask_as(&after, &its_secret, SCOPE).status, 200);
    // A replica without the later key, and one without the earlier.
    let behind = TestServer::registering();
    behind.clock.set(UnixTime::from_seconds(takes_over));
    refused(&behind, &after, &its_secret, "sealed with a key that is not here");
    std::fs::remove_file(server.directory.path().join("keys").join(SEAL_KEY)).expect("a file");
    server.reload_and_wait();
    refused(&server, &before, &secret, "the key was taken away");
    assert_eq!(server.ask_as(&after, &its_secret, SCOPE).status, 200);
}

#[test]
fn k8_a_replaced_seal_key_makes_no_new_clients() {
    let server = TestServer::registering();
    let (id, secret) = {
        // As somebody with a copy of the old key would: sealed long after its successor took over.
        let thief = TestServer::registering();
        thief.clock.set(UnixTime::from_seconds(NOW + 20 * DAY));
        thief.registered(&json!({"scope": "catalog:read"}))
    };
    server.clock.set(UnixTime::from_seconds(NOW + 20 * DAY));
    assert_eq!(server.ask_as(&id, &secret, SCOPE).status, 200, "as long as it is the one that seals");
    write_seal_key(&server.directory.path().join("keys"), "20261201T000000Z.seal.key", 2);
    server.reload_and_wait();
    refused(&server, &id, &secret, "the successor had taken over");
}

#[test]
fn k8_wrong_expired_denied_and_unknown_answer_the_same_bytes() {
    let server = TestServer::registering();
    let (id, secret) = server.registered(&json!({"scope": "catalog:read", "validity": 60}));
    let (living, _) = server.registered(&json!({"scope": "catalog:read"}));
    server.clock.set(UnixTime::from_seconds(NOW + 60));
    let ask = |id: &str, secret: &str| server.ask_as(id, secret, SCOPE).without_date();
    let unknown = ask("nobody", &secret);
    assert_eq!(unknown, ask(&id, &secret), "expired");
    assert_eq!(unknown, ask(&living, &secret), "wrong secret");
    assert_eq!(unknown, ask("sgc_AAAA", &secret), "no seal");
    server.write_clients(&format!("{REGISTRARS}  denied:\n    - registrar: portal\n"));
    server.reload_and_wait();
    assert_eq!(unknown, ask(&living, &secret), "denied");
}
