//! RFC 7515 §4.1 and RFC 8725 §3.10 to §3.12: what the header of an assertion may say. Keys in it, places
//! of keys and extensions are refused; `kid` only chooses among the registered keys.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::support::assertion::{ClientKey, claims, client_list};
use crate::support::{Door, SIGNER};

/// An assertion with more in its header.
fn with(key: &ClientKey, more: &Value) -> String {
    let mut header = json!({"alg": key.algorithm});
    let members = more.as_object().expect("an object").clone();
    header.as_object_mut().expect("an object").extend(members);
    key.jwt(&header, &claims(SIGNER, &format!("{more:.100}")))
}

fn door() -> (Door, ClientKey) {
    let key = ClientKey::ed25519();
    (Door::of(&[&key]), key)
}

/// CVE-2018-0114 and CVE-2026-27962: the key in the header verified the signature.
#[test]
fn b26_a_key_in_the_header_is_never_used() {
    let (door, key) = door();
    let attacker = ClientKey::ed25519();
    door.refuses(&with(&attacker, &json!({"jwk": attacker.jwk()})), "assertion_header");
    for value in [key.jwk(), json!({}), json!(null), json!("x")] {
        door.refuses(&with(&key, &json!({"jwk": value})), "assertion_header");
    }
    door.accepts(&with(&key, &json!({"x": attacker.jwk()})));
}

#[test]
fn b27_an_address_in_the_header_is_never_asked() {
    let (door, key) = door();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener");
    let own = format!("http://{}/keys.json", listener.local_addr().expect("an address"));
    let addresses = [
        own.as_str(),
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "https://attacker.example/keys.json",
        "//attacker.example",
        "",
    ];
    for name in ["jku", "x5u"] {
        for address in addresses {
            door.refuses(&with(&key, &json!({name: address})), "assertion_header");
        }
        door.refuses(&with(&key, &json!({name: null})), "assertion_header");
    }
    let kind = listener.accept().map_err(|error| error.kind()).expect_err("nobody came");
    assert_eq!(kind, std::io::ErrorKind::WouldBlock);
    door.accepts(&with(&key, &json!({"kid": own})));
}

#[test]
fn b28_a_certificate_chain_in_the_header_is_no_trust() {
    let (door, key) = door();
    let attacker = ClientKey::ed25519();
    let made = rcgen::generate_simple_self_signed(vec!["signer".to_owned()]).expect("a certificate");
    let chain = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, made.cert.der());
    door.refuses(&with(&attacker, &json!({"x5c": [chain]})), "assertion_header");
    door.refuses(&with(&key, &json!({"x5c": [chain]})), "assertion_header");
    // Thumbprints of certificates are only names.
    door.refuses(&with(&attacker, &json!({"x5t#S256": "AAAA"})), "assertion_signature");
    door.accepts(&with(&key, &json!({"x5t": "AAAA", "x5t#S256": "AAAA"})));
}

#[test]
fn b29_a_hostile_kid_finds_no_key_and_opens_no_file() {
    let key = ClientKey::ed25519();
    let mut jwk = key.jwk();
    jwk["kid"] = json!("the-key");
    let door = Door::with(&client_list(SIGNER, &[jwk], ""));
    let long = "k".repeat(2 * 1024);
    for kid in [
        "",
        "The-key",
        "the-key ",
        "the-key\0",
        "unknown",
        "../../../../etc/passwd",
        "/dev/stdin",
        "' OR '1'='1",
        "the-key'; DROP TABLE keys; --",
        "\0",
        "\u{1b}[31m\r\n{\"level\":\"INFO\"}",
        "$(reboot)",
        long.as_str(),
    ] {
        door.refuses(&with(&key, &json!({"kid": kid})), "assertion_key_unknown");
    }
    door.refuses(&with(&key, &json!({"kid": "k".repeat(10 * 1024)})), "assertion_malformed");
    for kid in [json!(1), json!(null), json!(["the-key"]), json!({"kid": "the-key"}), json!(true)] {
        door.refuses(&with(&key, &json!({"kid": kid})), "assertion_key_unknown");
    }
    door.accepts(&with(&key, &json!({"kid": "the-key"})));
    let parsed = signet::jose::key_set::parse_key(key.jwk().as_object().expect("an object")).expect("a key");
    door.accepts(&with(&key, &json!({"kid": signet::jose::thumbprint::sha256(&parsed.public_key)})));
}

/// Eight keys are the most of a credential, so eight tries are the most of an assertion.
#[test]
fn b29_without_kid_all_keys_of_the_client_are_tried() {
    let keys: Vec<ClientKey> = (0..8).map(|_| ClientKey::ed25519()).collect();
    let door = Door::of(&keys.iter().collect::<Vec<_>>());
    for (key, jti) in keys.iter().zip(["1", "2", "3", "4", "5", "6", "7", "8"]) {
        door.accepts(&key.assertion(SIGNER, jti));
    }
    door.refuses(&ClientKey::ed25519().assertion(SIGNER, "9"), "assertion_signature");
    let nine: Vec<_> = keys.iter().chain([&ClientKey::ed25519()]).map(ClientKey::jwk).collect();
    let directory = tempfile::TempDir::new().expect("a directory");
    let path = directory.path().join("clients.yaml");
    std::fs::write(&path, client_list(SIGNER, &nine, "")).expect("a list");
    let now = signet::clock::UnixTime::from_seconds(crate::support::NOW);
    let loaded = signet::config::load(&path, now, &signet::config::Options::default());
    let text = signet::diagnostic::human(&loaded.findings, false);
    assert!(text.contains("more than 8 keys"), "{text}");
}

/// CVE-2025-59420, CVE-2026-32597 and CVE-2026-35042: unknown extensions were passed over.
#[test]
fn b30_any_crit_is_refused() {
    let (door, key) = door();
    for crit in [
        json!(["x"]),
        json!([]),
        json!(["alg"]),
        json!(["exp"]),
        json!("x"),
        json!(null),
        json!({}),
        json!(["b64"]),
    ] {
        door.refuses(&with(&key, &json!({"crit": crit, "x": 1})), "assertion_header");
    }
    door.refuses(&with(&key, &json!({"crit": ["b64"], "b64": false})), "assertion_header");
    door.refuses(&with(&key, &json!({"b64": false})), "assertion_header");
    door.accepts(&with(&key, &json!({"x": ["crit"], "Crit": ["x"]})));
}

#[test]
fn b31_foreign_types_are_refused_and_known_ones_accepted() {
    let (door, key) = door();
    for typ in [
        "at+jwt",
        "application/at+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "token-introspection+jwt",
        "logout+jwt",
        "JOSE",
        "JWE",
        "",
        "application/",
        "application/application/jwt",
        "text/jwt",
        "jwt ",
        "jwt; charset=utf-8",
        "client-authentication",
    ] {
        door.refuses(&with(&key, &json!({"typ": typ})), "assertion_typ");
    }
    for typ in [json!(null), json!(1), json!(["JWT"]), json!({"typ": "JWT"})] {
        door.refuses(&with(&key, &json!({"typ": typ})), "assertion_typ");
    }
    for typ in [
        "JWT",
        "jwt",
        "application/jwt",
        "Application/JWT",
        "client-authentication+jwt",
        "Client-Authentication+JWT",
        "application/client-authentication+jwt",
    ] {
        door.accepts(&with(&key, &json!({"typ": typ})));
    }
    door.accepts(&with(&key, &json!({})));
}
