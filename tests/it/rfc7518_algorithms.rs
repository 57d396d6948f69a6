//! Every algorithm that tokens can be signed with (RFC 7518 §3, RFC 8037 §3.1): the contract of
//! every backend in `BACKENDS`, the forms of private keys that are read, and tokens as they leave
//! the server, judged by code that is not ours.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use ring::signature::{self, UnparsedPublicKey};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use signet::jose::{Algorithm, Jwk, compact};
use signet::keys::generate::{self, PrivateKey};
use signet::keys::{
    BACKENDS, Backend, Key, KeyRejected, Keyring, SigningError, SigningKey, backend, self_test,
};

use crate::key_fixtures::{KeyDirectory, another, element, generated, pem, rfc7520_3_4, unbase64url};
use crate::support::{CLIENTS, ISSUER, Options, TestServer};

/// Keys of an algorithm: of each size for RSA, one otherwise.
fn keys_of(algorithm: Algorithm) -> Vec<&'static (PrivateKey, Jwk)> {
    static ES256: OnceLock<(PrivateKey, Jwk)> = OnceLock::new();
    static EDDSA: OnceLock<(PrivateKey, Jwk)> = OnceLock::new();
    let made = |cell: &'static OnceLock<_>| {
        vec![cell.get_or_init(|| generate::private_key(algorithm, 0).expect("a key"))]
    };
    match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => [2048, 3072, 4096].map(generated).to_vec(),
        Algorithm::Es256 => made(&ES256),
        Algorithm::EdDsa => made(&EDDSA),
    }
}

fn load(backend: &dyn Backend, private: &PrivateKeyDer<'_>) -> Box<dyn SigningKey> {
    backend.load(private).unwrap_or_else(|error| panic!("{} {error:?}", backend.algorithm()))
}

fn sign(key: &dyn SigningKey, inputs: &[&[u8]]) -> Vec<Vec<u8>> {
    let length = key.signature_bytes();
    let mut signatures = vec![0; length * inputs.len()];
    key.sign(inputs, &mut signatures).expect("signed");
    signatures.chunks(length).map(<[u8]>::to_vec).collect()
}

/// Two judges that share no code: jsonwebtoken (over the published JSON) and ring.
fn both_accept(jwk: &Jwk, input: &[u8], made: &[u8]) -> bool {
    let published: jsonwebtoken::jwk::Jwk = serde_json::from_str(&jwk.to_json()).expect("a JWK for others");
    let key = jsonwebtoken::DecodingKey::from_jwk(&published).expect("a key for others");
    let algorithm: jsonwebtoken::Algorithm = jwk.algorithm().name().parse().expect("a name for others");
    let one = jsonwebtoken::crypto::verify(&compact::encode(made), input, &key, algorithm);
    let public = jwk.public_key();
    let other = match jwk.algorithm() {
        Algorithm::Rs256 | Algorithm::Ps256 => {
            let (n, e) = public.rsa_components().expect("RSA");
            let scheme = if jwk.algorithm() == Algorithm::Rs256 {
                &signature::RSA_PKCS1_2048_8192_SHA256
            } else {
                &signature::RSA_PSS_2048_8192_SHA256
            };
            signature::RsaPublicKeyComponents { n, e }.verify(scheme, input, made)
        }
        Algorithm::Es256 => {
            let point = public.p256_point().expect("P-256");
            UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(input, made)
        }
        Algorithm::EdDsa => {
            let octets = public.ed25519_octets().expect("Ed25519");
            UnparsedPublicKey::new(&signature::ED25519, octets).verify(input, made)
        }
    };
    assert_eq!(one.ok(), Some(other.is_ok()), "the judges agree");
    other.is_ok()
}

#[test]
fn every_backend_signs_none_one_or_many_and_both_judges_accept() {
    let mut names = BTreeSet::new();
    for backend in BACKENDS {
        let algorithm = backend.algorithm();
        assert!(names.insert((algorithm, backend.name())), "{algorithm} twice by {}", backend.name());
        for (private, _) in keys_of(algorithm) {
            let key = load(*backend, &private.der());
            let jwk = key.public_jwk();
            assert_eq!(jwk.algorithm(), algorithm);
            assert_eq!(self_test(key.as_ref()), Ok(()));
            let inputs: [&[u8]; 5] = [b"", b"one", b"two", &[0; 1000], b"one"];
            for many in 0..inputs.len() {
                let signatures = sign(key.as_ref(), &inputs[..many]);
                assert_eq!(signatures.len(), many);
                for (input, made) in inputs.iter().zip(&signatures) {
                    assert!(both_accept(jwk, input, made), "{algorithm} by {}", backend.name());
                }
            }
            let signatures = sign(key.as_ref(), &inputs[..2]);
            assert!(!both_accept(jwk, inputs[0], &signatures[1]), "the order is kept");
        }
    }
    let offered: Vec<_> = signet::keys::algorithms().into_iter().map(Algorithm::name).collect();
    assert_eq!(offered, ["RS256", "PS256", "ES256", "EdDSA"]);
}

#[test]
fn every_backend_wants_a_buffer_of_the_right_size_and_leaves_another_empty() {
    for backend in BACKENDS {
        let key = load(*backend, &keys_of(backend.algorithm())[0].0.der());
        let right = key.signature_bytes();
        for size in [0, right - 1, right + 1, 2 * right] {
            let mut buffer = vec![0; size];
            assert_eq!(key.sign(&[b"x"], &mut buffer), Err(SigningError), "{size}");
            assert!(buffer.iter().all(|byte| *byte == 0));
        }
    }
}

#[test]
fn every_changed_bit_of_a_signature_is_refused_and_no_other_algorithm_accepts_it() {
    for algorithm in Algorithm::ALL.iter().copied() {
        let (private, _) = keys_of(algorithm)[0];
        let key = load(backend(None, algorithm).expect("a backend"), &private.der());
        let good = sign(key.as_ref(), &[b"input"]).remove(0);
        for bit in (0..good.len() * 8).step_by(if good.len() > 64 { 61 } else { 7 }) {
            let mut changed = good.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!both_accept(key.public_jwk(), b"input", &changed), "{algorithm} bit {bit}");
        }
        for other in Algorithm::ALL.iter().filter(|other| **other != algorithm) {
            let public = key.public_jwk().public_key();
            assert!(
                !signet::jose::verify::is_signed(public, *other, b"input", &good),
                "{algorithm} as {other}"
            );
        }
    }
}

#[test]
fn only_rsa_has_a_choice_of_libraries() {
    let name = |wanted, algorithm| backend(wanted, algorithm).map(Backend::name);
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        assert_eq!(name(None, algorithm), Some("aws-lc-rs"));
        assert_eq!(name(Some("ring"), algorithm), Some("ring"));
        assert_eq!(name(Some("openssl"), algorithm), None);
    }
    assert_eq!(name(Some("multi-buffer"), Algorithm::Rs256), Some("multi-buffer"));
    assert_eq!(name(Some("auto"), Algorithm::Rs256), Some("auto"));
    for multi_buffer in ["multi-buffer", "auto"] {
        assert_eq!(name(Some(multi_buffer), Algorithm::Ps256), Some("aws-lc-rs"), "it makes RS256 only");
    }
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        assert_eq!(name(Some("ring"), algorithm), Some("aws-lc-rs"));
    }
}

// Forms of private keys.

/// prime256v1 and secp384r1 as OBJECT IDENTIFIER elements.
const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x22];
const EC_PUBLIC_KEY: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];

/// An ECPrivateKey (RFC 5915 §3); `curve` and `point` are optional there.
fn ec_private_key(d: &[u8], curve: Option<&[u8]>, point: Option<&[u8]>) -> Vec<u8> {
    let curve = curve.map_or(Vec::new(), |curve| element(0xa0, curve));
    let point = point.map_or(Vec::new(), |point| element(0xa1, &element(3, &[&[0], point].concat())));
    element(0x30, &[element(2, &[1]), element(4, d), curve, point].concat())
}

fn pkcs8(version: u8, algorithm: &[u8], key: &[u8], more: &[u8]) -> Vec<u8> {
    let parts = [element(2, &[version]), element(0x30, algorithm), element(4, key), more.to_vec()];
    element(0x30, &parts.concat())
}

/// RFC 7515 Appendix A.3.1: d, and the point.
fn rfc7515_a3() -> (Vec<u8>, Vec<u8>) {
    let [x, y, d] = [
        "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    ]
    .map(unbase64url);
    (d, [&[4], x.as_slice(), &y].concat())
}

fn sec1(document: Vec<u8>) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Sec1(PrivateSec1KeyDer::from(document))
}

fn of_pkcs8(document: Vec<u8>) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(document))
}

#[test]
fn d13_an_es256_key_is_read_as_sec1_and_as_pkcs8_with_and_without_its_point() {
    let (d, point) = rfc7515_a3();
    let es256 = backend(None, Algorithm::Es256).expect("ES256");
    let inner = [None, Some(point.as_slice())].map(|point| ec_private_key(&d, None, point));
    let named = [None, Some(point.as_slice())].map(|point| ec_private_key(&d, Some(P256), point));
    let algorithm = [EC_PUBLIC_KEY, P256].concat();
    let in_pkcs8 = inner.iter().map(|key| of_pkcs8(pkcs8(0, &algorithm, key, &[])));
    for private in named.into_iter().map(sec1).chain(in_pkcs8) {
        let key = load(es256, &private);
        assert_eq!(key.public_jwk().public_key().p256_point(), Some(point.clone()));
        // r and s at full length, never the DER that openssl prints (RFC 7518 §3.4).
        let made = sign(key.as_ref(), &[b"input".as_slice(); 50]);
        assert!(made.iter().all(|made| made.len() == 64 && both_accept(key.public_jwk(), b"input", made)));
    }
}

#[test]
fn c15_c16_other_curves_and_points_of_other_keys_are_refused() {
    let (d, point) = rfc7515_a3();
    let es256 = backend(None, Algorithm::Es256).expect("ES256");
    let refused = |private: PrivateKeyDer<'_>| es256.load(&private).err();
    let other_curve = Some(KeyRejected::WrongType("EC (not P-256)"));
    assert_eq!(refused(sec1(ec_private_key(&[7; 48], Some(P384), None))), other_curve);
    let algorithm = [EC_PUBLIC_KEY, P384].concat();
    assert_eq!(
        refused(of_pkcs8(pkcs8(0, &algorithm, &ec_private_key(&[7; 48], None, None), &[]))),
        other_curve
    );
    assert_eq!(refused(sec1(ec_private_key(&d, None, Some(&point)))), other_curve, "it names no curve");
    assert_eq!(refused(another(0).0.der()), Some(KeyRejected::WrongType("RSA")));
    let foreign = keys_of(Algorithm::Es256)[0].1.public_key().p256_point();
    let mixed = ec_private_key(&d, Some(P256), foreign.as_deref());
    assert_eq!(refused(sec1(mixed)), Some(KeyRejected::Malformed));
    for d in [[0; 32], [0xff; 32]] {
        assert_eq!(refused(sec1(ec_private_key(&d, Some(P256), None))), Some(KeyRejected::Malformed));
    }
}

/// RFC 8037 Appendix A.1 to A.4: the key is read in every form, and its signature is the example's.
#[test]
fn d13_rfc8037_a4_matches_exactly_and_a_foreign_public_half_is_refused() {
    const OID: &[u8] = &[6, 3, 0x2b, 0x65, 0x70];
    let seed = element(4, &unbase64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"));
    let public = unbase64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    let with_public = |public: &[u8]| pkcs8(1, OID, &seed, &element(0x81, &[&[0], public].concat()));
    let eddsa = backend(None, Algorithm::EdDsa).expect("EdDSA");
    for document in [pkcs8(0, OID, &seed, &[]), with_public(&public)] {
        let key = load(eddsa, &of_pkcs8(document));
        assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "RFC 8037 A.3");
        let input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let expected =
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        assert_eq!(compact::encode(&sign(key.as_ref(), &[input])[0]), expected);
    }
    let refused = |private: PrivateKeyDer<'_>| eddsa.load(&private).err();
    assert_eq!(refused(of_pkcs8(with_public(&[9; 32]))), Some(KeyRejected::Malformed));
    assert_eq!(refused(of_pkcs8(pkcs8(0, OID, &element(4, &[1; 31]), &[]))), Some(KeyRejected::Malformed));
    let ec = keys_of(Algorithm::Es256)[0].0.der();
    assert_eq!(refused(ec), Some(KeyRejected::WrongType("EC P-256")));
}

#[test]
fn c15_a_key_that_is_bound_to_pss_is_not_taken_for_ps256() {
    const RSASSA_PSS: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
    let document = pkcs8(0, RSASSA_PSS, &rfc7520_3_4().pkcs1(), &[]);
    for backend in BACKENDS.iter().filter(|backend| backend.algorithm() == Algorithm::Ps256) {
        let refused = backend.load(&of_pkcs8(document.clone())).err();
        assert_eq!(refused, Some(KeyRejected::WrongType("RSA-PSS")));
        assert!(backend.load(&rfc7520_3_4().pkcs8_key()).is_ok(), "{}", backend.name());
    }
}

// Directories and tokens.

const NAMES: [&str; 4] = [
    "20261101T000000Z.rs256.pem",
    "20261101T000000Z.ps256.pem",
    "20261101T000000Z.es256.pem",
    "20261101T000000Z.eddsa.pem",
];

#[test]
fn c17_the_same_key_for_two_algorithms_is_refused_and_both_files_are_named() {
    let same = another(0).0.pem().to_string();
    let keys = KeyDirectory::new().with(NAMES[0], &same).with(NAMES[1], &same);
    let (keyring, findings) = keys.load(crate::key_fixtures::NOW);
    assert!(keyring.is_none());
    let finding = findings.iter().next().expect("a finding");
    assert_eq!((findings.iter().count(), finding.code.id), (1, "SG0218"));
    assert!(finding.message.contains(NAMES[0]) && finding.message.contains(NAMES[1]), "{}", finding.message);
    let public = signet::keys::public_key_pem(another(0).1.public_key());
    let halves = KeyDirectory::new()
        .with(NAMES[0], &same)
        .with(NAMES[1], another(1).0.pem().as_str())
        .with("20261001T000000Z.ps256.pub.pem", public);
    assert_eq!(halves.codes(crate::key_fixtures::NOW), (vec!["SG0218"], false));
    let two = KeyDirectory::new().with(NAMES[0], &same).with(NAMES[1], another(1).0.pem().as_str());
    assert_eq!(two.codes(crate::key_fixtures::NOW), (vec![], true));
}

#[test]
fn c15_a_key_under_the_name_of_another_algorithm_is_refused() {
    let ec = pem("PRIVATE KEY", keys_of(Algorithm::Es256)[0].0.der().secret_der());
    let ed = pem("PRIVATE KEY", keys_of(Algorithm::EdDsa)[0].0.der().secret_der());
    let rsa = another(0).0.pem().to_string();
    for (index, right) in [&rsa, &rsa, &ec, &ed].into_iter().enumerate() {
        for content in [&rsa, &ec, &ed] {
            let found = KeyDirectory::new().with(NAMES[index], content).codes(crate::key_fixtures::NOW);
            let expected = if content == right { (vec![], true) } else { (vec!["SG0212"], false) };
            assert_eq!(found, expected, "{}", NAMES[index]);
        }
    }
}

/// One resource and one client for each algorithm.
fn clients() -> String {
    let mut clients = CLIENTS.to_owned();
    for algorithm in Algorithm::ALL {
        let name = algorithm.name();
        clients = clients
            .replacen("resources:\n", &format!("resources:\n  - audience: https://{name}.example.com\n    scopes: [use:{name}]\n    signing_alg: {name}\n"), 1)
            .replacen("clients:\n", &format!("clients:\n  - client_id: {name}\n    credentials:\n      - client_secret: ${{secret:{name}-secret-of-the-tests}}\n    scope: use:{name}\n"), 1);
    }
    clients
}

#[test]
fn b20_d2_d9_tokens_of_every_algorithm_verify_and_the_metadata_names_what_is_used() {
    let now = signet::clock::UnixTime::from_seconds(crate::support::NOW);
    let keys: Vec<Key> = Algorithm::ALL
        .iter()
        .zip(0..)
        .map(|(algorithm, number)| {
            let private = if number < 2 { another(number).0.der() } else { keys_of(*algorithm)[0].0.der() };
            let signer = load(backend(None, *algorithm).expect("a backend"), &private);
            Key::private(algorithm.name(), now.minus(60), Arc::from(signer))
        })
        .collect();
    let keyring = Keyring::new(keys, signet::inputs::retention(5)).expect("a keyring");
    let options = Options { clients: clients(), keyring: Some(Arc::new(keyring)), ..Options::default() };
    let server = TestServer::with(options);
    let mut kids = BTreeSet::new();
    for algorithm in Algorithm::ALL {
        let token = server.judge(&server.ask(algorithm.name(), ""));
        assert_eq!(token.header["alg"], algorithm.name());
        assert_eq!(token.claims["aud"], format!("https://{algorithm}.example.com"));
        kids.insert(token.header["kid"].as_str().expect("text").to_owned());
        let compact = server.ask(algorithm.name(), "").access_token();
        let audience = format!("https://{algorithm}.example.com");
        let expected = signet::jose::verify::Expected {
            issuer: ISSUER,
            audience: Some(&audience),
            now,
            leeway_seconds: 0,
        };
        let report =
            signet::jose::verify::verify(&compact, server.key_set().to_string().as_bytes(), &expected);
        assert!(report.accepted(), "{algorithm}: {:?}", report.checks);
    }
    assert_eq!(kids.len(), 4, "a key for each");
    let metadata = server.get("/.well-known/openid-configuration").json();
    assert_eq!(
        metadata["id_token_signing_alg_values_supported"],
        serde_json::json!(["RS256", "PS256", "ES256", "EdDSA"])
    );
    let keys = server.key_set();
    let types: Vec<_> =
        keys["keys"].as_array().expect("keys").iter().map(|key| (&key["kty"], &key["crv"])).collect();
    assert!(types.contains(&(&"OKP".into(), &"Ed25519".into())), "RFC 8037 §2: {types:?}");
    assert!(types.contains(&(&"EC".into(), &"P-256".into())), "RFC 7518 §6.2.1: {types:?}");
}
