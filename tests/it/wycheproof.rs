//! The vectors of project Wycheproof (tests/fixtures/wycheproof) through the verification that assertions
//! go through: what is read, which keys are taken, what is a signature. Every count is asserted, so that
//! an empty file or a filter too many fails.

use std::collections::BTreeMap;

use serde_json::Value;
use signet::jose::key_set::{self, VerificationKey};
use signet::jose::verify::{is_signed, signature_is_valid};
use signet::jose::{Algorithm, PublicKey, compact, strict_json};
use signet::keys::check_public_key;

fn vectors(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/wycheproof/{name}_test.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file of vectors")).expect("JSON")
}

/// Every test of a file, with its group.
fn tests(file: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let groups = file["testGroups"].as_array().expect("groups");
    let of_group = |group: &'_ Value| group["tests"].as_array().expect("tests").len();
    assert_eq!(
        groups.iter().map(of_group).sum::<usize>() as u64,
        file["numberOfTests"].as_u64().expect("a number")
    );
    groups
        .iter()
        .flat_map(|group| group["tests"].as_array().expect("tests").iter().map(move |test| (group, test)))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}"))
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}

/// Runs a file of messages and signatures; how often each expected result came out.
fn signatures(name: &str, algorithm: Algorithm, key: impl Fn(&Value) -> PublicKey) -> BTreeMap<String, u32> {
    let (file, mut counts) = (vectors(name), BTreeMap::new());
    for (group, test) in tests(&file) {
        let (message, signature) = (unhex(text(test, "msg")), unhex(text(test, "sig")));
        let verdict = is_signed(&key(group), algorithm, &message, &signature);
        let expected = text(test, "result");
        // What only old verifiers take is not taken.
        assert_eq!(verdict, expected == "valid", "{name} {}: {}", test["tcId"], test["comment"]);
        *counts.entry(expected.to_owned()).or_default() += 1;
    }
    counts
}

fn counts<const N: usize>(expected: [(&str, u32); N]) -> BTreeMap<String, u32> {
    expected.into_iter().map(|(result, count)| (result.to_owned(), count)).collect()
}

fn of_jwk(member: &str) -> impl Fn(&Value) -> PublicKey {
    move |group| key_set::parse_key(group[member].as_object().expect("a JWK")).expect("a key").public_key
}

/// Rows B22 and B25: signatures of RSASSA-PKCS1-v1_5 whose padding or DER is not the one.
#[test]
fn rs256_signatures_are_judged_as_expected() {
    let found = signatures("rsa_signature_2048_sha256", Algorithm::Rs256, of_jwk("keyJwk"));
    assert_eq!(found, counts([("valid", 9), ("acceptable", 1), ("invalid", 249)]));
}

/// Row B22: salts of other lengths, and padding that is not the one.
#[test]
fn ps256_signatures_are_judged_as_expected() {
    let found = signatures("rsa_pss_2048_sha256_mgf1_32", Algorithm::Ps256, of_jwk("publicKeyJwk"));
    assert_eq!(found, counts([("valid", 63), ("invalid", 45)]));
}

/// Row B23: numbers that no signer makes, and points that are hard to add.
#[test]
fn es256_signatures_are_judged_as_expected() {
    let key = |group: &Value| {
        let point = unhex(text(&group["publicKey"], "uncompressed"));
        let key = PublicKey::p256_from_point(&point).expect("a point");
        assert_eq!(check_public_key(&key), Ok(()), "{point:?}");
        key
    };
    let found = signatures("ecdsa_secp256r1_sha256_p1363", Algorithm::Es256, key);
    assert_eq!(found, counts([("valid", 173), ("invalid", 89)]));
}

/// Row B22: numbers above the order, and points that are none.
#[test]
fn eddsa_signatures_are_judged_as_expected() {
    let found = signatures("ed25519", Algorithm::EdDsa, of_jwk("publicKeyJwk"));
    assert_eq!(found, counts([("valid", 88), ("invalid", 63)]));
}

/// The keys of a JWK or of a JWK Set that a client could register.
fn registrable(json: &Value) -> Vec<VerificationKey> {
    let set = key_set::parse(json.to_string().as_bytes()).expect("a key or a set");
    set.keys.into_iter().filter(|key| check_public_key(&key.public_key).is_ok()).collect()
}

/// In the order of `client_auth::assertion_key`: strict reading, then the key of that name, its algorithm, the signature.
fn is_accepted(keys: &[VerificationKey], jws: &str) -> bool {
    let Ok(parts) = compact::split(jws) else { return false };
    let Ok(header) = strict_json::object(&parts.header) else { return false };
    let Some(algorithm) = header.get("alg").and_then(Value::as_str) else { return false };
    let kid = header.get("kid").and_then(Value::as_str);
    keys.iter().any(|key| {
        (kid.is_none() || key.kid.as_deref() == kid)
            && key.algorithm.is_named(algorithm)
            && signature_is_valid(key, &parts)
    })
}

/// What is valid in a file of JWS and refused here; everything that is invalid is refused.
fn jws_valid_but_refused(name: &str) -> (u32, Vec<u64>) {
    let (file, mut accepted, mut refused) = (vectors(name), 0, Vec::new());
    for (group, test) in tests(&file) {
        let keys = registrable(group.get("public").unwrap_or(&group["private"]));
        // The JSON form is an object in the file.
        let jws = test["jws"].as_str().map_or_else(|| test["jws"].to_string(), str::to_owned);
        let number = test["tcId"].as_u64().expect("a number");
        match (text(test, "result"), is_accepted(&keys, &jws)) {
            ("valid", true) => accepted += 1,
            ("valid", false) => refused.push(number),
            ("invalid", false) => {}
            (expected, _) => panic!("{name} {number} is {expected} and accepted: {}", test["comment"]),
        }
    }
    (accepted, refused)
}

/// Rows B17, B18, B20, B22, B23, B26, B32 and B33. Refused although valid: MACs, algorithms with SHA-384 or
/// SHA-512, and an empty payload, which no JWT has.
#[test]
fn jws_are_judged_as_expected() {
    let (accepted, refused) = jws_valid_but_refused("json_web_signature");
    let macs = [1, 348, 352, 357, 358, 359, 372, 373, 376, 377];
    let other_algorithms = (264..=271).chain(320..=323).chain(325..=328).chain([346, 347, 350, 351]);
    let empty = [259, 272];
    let mut expected: Vec<u64> = macs.into_iter().chain(other_algorithms).chain(empty).collect();
    expected.sort_unstable();
    assert_eq!((accepted, refused), (14, expected));
}

/// Rows B21, B24 and B25. Refused although valid: MACs.
#[test]
fn keys_are_judged_as_expected() {
    let (accepted, refused) = jws_valid_but_refused("json_web_key");
    assert_eq!((accepted, refused), (1, vec![2, 13, 14, 15]));
}
