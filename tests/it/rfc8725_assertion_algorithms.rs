//! RFC 8725 §3.1 and §3.2: the algorithm of an assertion is that of the registered key. The header
//! may only say the same.

use ring::hmac;
use serde_json::{Value, json};
use signet::jose::compact;

use crate::support::assertion::{ClientKey, claims, client_list};
use crate::support::{Door, SIGNER};

/// Good claims.
fn payload() -> String {
    compact::encode(claims(SIGNER, "1").to_string().as_bytes())
}

fn header(members: &Value) -> String {
    compact::encode(members.to_string().as_bytes())
}

fn keys() -> [ClientKey; 4] {
    [ClientKey::rsa(), ClientKey::pss(), ClientKey::ec(), ClientKey::ed25519()]
}

/// CVE-2026-11800: the assertion's own `alg` was believed. RFC 8725 §2.1: lists of what is forbidden
/// do not know every spelling.
#[test]
fn b17_none_in_any_spelling_is_no_algorithm() {
    for key in keys() {
        let door = Door::of(&[&key]);
        let names = ["none", "None", "NONE", "noNE", "nOnE", "none ", "", "null", "alg"].map(Value::from);
        let others =
            [json!(null), json!(["none"]), json!([key.algorithm]), json!(0), json!({"alg": key.algorithm})];
        for name in names.into_iter().chain(others) {
            let input = format!("{}.{}", header(&json!({"alg": name})), payload());
            door.refuses(&key.signed(&input), "assertion_algorithm");
            door.refuses(&format!("{input}.AA"), "assertion_algorithm");
            door.refuses(&format!("{input}."), "assertion_malformed");
        }
        door.refuses(&key.signed(&format!("{}.{}", header(&json!({})), payload())), "assertion_algorithm");
        door.accepts(&key.assertion(SIGNER, "good"));
    }
}

/// CVE-2015-9235, CVE-2022-29217, CVE-2024-33663, CVE-2023-48223 and CVE-2026-34950: the public key,
/// which everybody has, was the secret of a MAC; white space in front of it was enough.
#[test]
fn b18_a_mac_with_the_public_key_is_no_signature() {
    for key in keys() {
        let door = Door::of(&[&key]);
        let (pem, jwk) = (key.pem(), key.jwk());
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der =
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &base64).expect("base64");
        let members = ["n", "x"].iter().filter_map(|name| compact::decode(jwk[*name].as_str()?));
        let mut secrets: Vec<Vec<u8>> = vec![
            pem.clone().into_bytes(),
            pem.trim_end().into(),
            format!(" {pem}").into(),
            format!("\n{pem}").into(),
            format!("\u{feff}{pem}").into(),
            pem.replace('\n', "\r\n").into(),
            base64.into(),
            der,
            jwk.to_string().into(),
            Vec::new(),
        ];
        secrets.extend(members);
        assert_eq!(secrets.len(), 11);
        for (name, algorithm) in [
            ("HS256", hmac::HMAC_SHA256),
            ("HS384", hmac::HMAC_SHA384),
            ("HS512", hmac::HMAC_SHA512),
            (key.algorithm, hmac::HMAC_SHA256),
        ] {
            let input = format!("{}.{}", header(&json!({"alg": name})), payload());
            for secret in &secrets {
                let mac = hmac::sign(&hmac::Key::new(algorithm, secret), input.as_bytes());
                let reason =
                    if name == key.algorithm { "assertion_signature" } else { "assertion_algorithm" };
                door.refuses(&format!("{input}.{}", compact::encode(mac.as_ref())), reason);
            }
        }
        door.accepts(&key.assertion(SIGNER, "good"));
    }
}

#[test]
fn b19_rs256_is_refused_of_a_client_that_registered_another() {
    let rsa = ClientKey::rsa();
    for key in [ClientKey::pss(), ClientKey::ec(), ClientKey::ed25519()] {
        let door = Door::of(&[&key]);
        door.refuses(&rsa.assertion(SIGNER, "1"), "assertion_algorithm");
        let claims = claims(SIGNER, "2");
        door.refuses(&rsa.jwt(&json!({"alg": key.algorithm}), &claims), "assertion_signature");
        door.accepts(&key.assertion(SIGNER, "good"));
    }
    Door::of(&[&rsa]).accepts(&rsa.assertion(SIGNER, "good"));
}

/// CVE-2026-22817: of a key without `alg` the header decided.
#[test]
fn b20_the_header_cannot_choose_and_a_key_without_alg_has_the_default_of_its_type() {
    const NAMES: [&str; 16] = [
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "ES256K",
        "EdDSA",
        "Ed25519",
        "Ed448",
        "ML-DSA-44",
        "rs256",
        "RSA-OAEP",
    ];
    for key in keys() {
        let door = Door::of(&[&key]);
        for name in NAMES {
            let assertion = key.jwt(&json!({"alg": name}), &claims(SIGNER, name));
            let own = name == key.algorithm || (key.algorithm == "EdDSA" && name == "Ed25519");
            if own {
                door.accepts(&assertion)
            } else {
                door.refuses(&assertion, "assertion_algorithm")
            };
        }
    }
    let (rsa, pss) = (ClientKey::rsa(), ClientKey::pss());
    let mut jwk = rsa.jwk();
    jwk.as_object_mut().expect("an object").remove("alg");
    let door = Door::with(&client_list(SIGNER, &[jwk], ""));
    door.refuses(&pss.assertion(SIGNER, "1"), "assertion_algorithm");
    door.refuses(&pss.jwt(&json!({"alg": "RS256"}), &claims(SIGNER, "2")), "assertion_signature");
    door.accepts(&rsa.assertion(SIGNER, "3"));
}

#[test]
fn b21_a_key_that_verified_rs256_verifies_nothing_else_later() {
    let (rsa, pss) = (ClientKey::rsa(), ClientKey::pss());
    assert_eq!(rsa.jwk()["n"], pss.jwk()["n"], "one key");
    for (registered, other) in [(&rsa, &pss), (&pss, &rsa)] {
        let door = Door::of(&[registered]);
        door.accepts(&registered.assertion(SIGNER, "1"));
        door.refuses(&other.assertion(SIGNER, "2"), "assertion_algorithm");
        door.accepts(&registered.assertion(SIGNER, "3"));
    }
}

/// RFC 9864 §2.2: `Ed25519` is the new name of what `EdDSA` means with this key. A client says
/// either, whatever its key was registered with; no third name counts.
#[test]
fn b41_both_names_of_the_ed25519_algorithm_mean_the_one_of_the_key() {
    let key = ClientKey::ed25519();
    for registered in [None, Some("EdDSA"), Some("Ed25519")] {
        let mut jwk = key.jwk();
        if let Some(name) = registered {
            jwk["alg"] = json!(name);
        }
        let door = Door::with(&client_list(SIGNER, &[jwk], ""));
        for name in ["EdDSA", "Ed25519"] {
            door.accepts(&key.jwt(&json!({"alg": name}), &claims(SIGNER, name)));
        }
        for name in ["eddsa", "ED25519", "Ed448", "ES256"] {
            door.refuses(&key.jwt(&json!({"alg": name}), &claims(SIGNER, name)), "assertion_algorithm");
        }
    }
    let ec = ClientKey::ec();
    Door::of(&[&ec])
        .refuses(&key.jwt(&json!({"alg": "Ed25519"}), &claims(SIGNER, "1")), "assertion_algorithm");
}
