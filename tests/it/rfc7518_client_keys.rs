//! RFC 7518 §3.3 and RFC 8725 §3.4: which public keys a client may register, and that a key which is
//! none verifies nothing, should it ever come so far.

use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use signet::clock::UnixTime;
use signet::config::{self, load};
use signet::diagnostic::human;
use signet::jose::verify::is_signed;
use signet::jose::{Algorithm, PublicKey, compact};

use crate::support::NOW;
use crate::support::assertion::{ClientKey, client_list, client_list_with};

/// What is said of a list with these keys; nothing when it is good.
fn said(files: &[(&str, &str)], clients: &str) -> String {
    let directory = tempfile::TempDir::new().expect("a directory");
    for (name, content) in files {
        std::fs::write(directory.path().join(name), content).expect("a file");
    }
    let path = directory.path().join("clients.yaml");
    std::fs::write(&path, clients).expect("a list");
    let loaded = load(&path, UnixTime::from_seconds(NOW), &config::Options::default());
    if loaded.findings.errors() == 0 { String::new() } else { human(&loaded.findings, false) }
}

/// Both places of a key set.
fn refused(keys: &[Value], code: &str, words: &str) {
    let inline = said(&[], &client_list("weak-client", keys, ""));
    let file = json!({"keys": keys}).to_string();
    let beside = said(&[("set.json", &file)], &client_list_with("weak-client", "jwks_file: set.json", ""));
    for text in [inline, beside] {
        assert!(
            text.contains(code) && text.contains(words) && text.contains("weak-client"),
            "{keys:?}: {text}"
        );
    }
}

fn changed(key: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut key = key.clone();
    key[name] = value.into();
    key
}

#[test]
fn b24_a_point_off_the_curve_is_refused_when_the_list_is_read() {
    let key = ClientKey::ec().jwk();
    let coordinate = |name: &str| compact::decode(key[name].as_str().expect("text")).expect("base64url");
    let (x, y) = (coordinate("x"), coordinate("y"));
    let mut off = y.clone();
    off[31] ^= 1;
    let point =
        |x: &[u8], y: &[u8]| changed(&changed(&key, "x", compact::encode(x)), "y", compact::encode(y));
    for wrong in [
        point(&x, &off),
        point(&y, &x),
        point(&[0; 32], &[0; 32]),
        point(&x, &[0; 32]),
        point(&[0xff; 32], &[0xff; 32]),
    ] {
        refused(&[wrong], "SG0182", "no point of its curve");
    }
    for wrong in
        [point(&x[1..], &y), point(&x, &y[1..]), point(&[&[0], x.as_slice()].concat(), &y), point(&[], &[])]
    {
        refused(&[wrong], "SG0181", "does not have 32 bytes");
    }
    assert_eq!(said(&[], &client_list("weak-client", &[key], "")), "");
}

/// A point of small order: one signature fits everything that it verifies.
#[test]
fn b24_an_ed25519_key_of_small_order_is_refused_when_the_list_is_read() {
    let key = ClientKey::ed25519().jwk();
    let hex = |text: &str| -> [u8; 32] {
        let digit = |at: usize| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("hex");
        std::array::from_fn(digit)
    };
    let (mut identity, mut prime) = ([0; 32], [0xff_u8; 32]);
    identity[0] = 1;
    (prime[0], prime[31]) = (0xed, 0x7f);
    let order = |more: u8| -> [u8; 32] {
        let mut value = prime;
        value[0] = value[0].wrapping_add(more).wrapping_sub(1);
        value
    };
    let eight = [
        hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    ];
    for point in [[0; 32], identity, order(0), order(1), order(2)].into_iter().chain(eight) {
        for sign in [0, 0x80] {
            let mut point = point;
            point[31] ^= sign;
            refused(&[changed(&key, "x", compact::encode(&point))], "SG0182", "no point of its curve");
        }
    }
    for wrong in [&[9; 31][..], &[9; 33], &[]] {
        refused(&[changed(&key, "x", compact::encode(wrong))], "SG0181", "does not have 32 bytes");
    }
    assert_eq!(said(&[], &client_list("weak-client", &[key], "")), "");
}

#[test]
fn b24_a_point_off_the_curve_verifies_nothing_at_use() {
    let key = ClientKey::ec();
    let (message, jwk) = (b"a message", key.jwk());
    let signature = key.sign(message);
    let coordinate = |name: &str| -> [u8; 32] {
        compact::decode(jwk[name].as_str().expect("text")).expect("base64url").try_into().expect("32 bytes")
    };
    let (x, y) = (coordinate("x"), coordinate("y"));
    let fits =
        |x, y, signature: &[u8]| is_signed(&PublicKey::p256(x, y), Algorithm::Es256, message, signature);
    assert!(fits(x, y, &signature));
    let mut off = y;
    off[31] ^= 1;
    for (x, y) in [(x, off), (y, x), ([0; 32], [0; 32]), ([0xff; 32], [0xff; 32])] {
        for signature in [signature.as_slice(), &[0; 64], &[1; 64], &[0xff; 64]] {
            assert!(!fits(x, y, signature));
        }
    }
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
    let point: [u8; 32] = pair.public_key().as_ref().try_into().expect("32 bytes");
    let signature = pair.sign(message);
    assert!(is_signed(&PublicKey::ed25519(point), Algorithm::EdDsa, message, signature.as_ref()));
    assert!(!is_signed(&PublicKey::ed25519([0xff; 32]), Algorithm::EdDsa, message, signature.as_ref()));
}

#[test]
fn b25_a_weak_or_absurd_key_is_refused_when_the_list_is_read() {
    let key = ClientKey::rsa().jwk();
    let modulus = |bytes: usize| {
        let mut n = vec![0xc5; bytes];
        n[bytes - 1] |= 1;
        changed(&key, "n", compact::encode(&n))
    };
    refused(&[modulus(128)], "SG0182", "1024 bits");
    refused(&[modulus(255)], "SG0182", "2040 bits");
    refused(&[modulus(513)], "SG0182", "4104 bits");
    refused(&[modulus(4096)], "SG0182", "32768 bits");
    for exponent in [&[1][..], &[3], &[0xff, 0xff]] {
        refused(&[changed(&key, "e", compact::encode(exponent))], "SG0182", "below 65537");
    }
    for exponent in [&[1, 0, 2][..], &[2, 0, 0, 0], &[0xff; 256]] {
        refused(&[changed(&key, "e", compact::encode(exponent))], "SG0182", "no RSA key");
    }
    refused(&[changed(&key, "e", "AA")], "SG0181", "is zero");
    let even = changed(&key, "n", compact::encode(&[0xc4; 256]));
    refused(&[even], "SG0182", "no RSA key");
    for curve in ["P-192", "P-224", "secp256k1", "P-384", "P-521", "Ed25519", ""] {
        refused(&[changed(&ClientKey::ec().jwk(), "crv", curve)], "SG0181", "its curve is");
    }
    refused(&[json!({"kty": "oct", "k": "AAAA", "alg": "HS256"})], "SG0181", "private member `k`");
    refused(&[changed(&key, "alg", "HS256")], "SG0181", "\"HS256\"");
    refused(&[changed(&key, "alg", "ES256")], "SG0181", "\"ES256\"");
    // One bad key is one too many, wherever it stands.
    refused(&[key.clone(), modulus(128)], "SG0182", "key 2");
    for good in [modulus(256), modulus(512), key.clone()] {
        assert_eq!(said(&[], &client_list("weak-client", &[good], "")), "");
    }
}

/// A right signature with a key of 1024 bits, made by OpenSSL for this test.
#[test]
fn b25_a_weak_key_verifies_nothing_at_use() {
    const N: &str = "1cdCHSTfMYiMSorYFvcKGCUDPTna4cvos0KkxAjKLCspfO14__vsseqoB71tLo4dw-UAfiq0DEQlCUvyNxSWrAzg_ZkfqTsZQtF0iLcYHyZ_fI0GexRgsEbgDhFPPjClt5Lck-RjfX2ai6egr01Fn6-mc6Si1rbMCgrzHhVRR5U";
    const SIGNATURE: &str = "U4snrZ9EhR-FFQHKqHYonoZWPVZA2oU2LNT3N_OUVj2dQ3NCgzk3eEygOACtIE_YKP3b6F3IUc_xm7zouREJqHkbYM15EDcztvdQFZ_QmApiwlyNc2N95ihFgPi1hMdM_uh57SyG588bfghGWvn8Jx9KJGPnZqKluhcXOxGMJ2E";
    let [n, signature] = [N, SIGNATURE].map(|text| compact::decode(text).expect("base64url"));
    let (e, message) = (vec![1, 0, 1], b"a message");
    let components = ring::signature::RsaPublicKeyComponents { n: &n, e: &e };
    let any_size = &ring::signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
    assert_eq!(components.verify(any_size, message, &signature), Ok(()), "the signature is right");
    let key = PublicKey::rsa(&n, &e).expect("a key");
    assert!(!is_signed(&key, Algorithm::Rs256, message, &signature));
}

/// RFC 8725 §3.1: a key has one algorithm.
#[test]
fn b21_one_key_under_two_algorithms_is_refused_when_the_list_is_read() {
    let (rsa, pss) = (ClientKey::rsa().jwk(), ClientKey::pss().jwk());
    refused(&[rsa.clone(), pss.clone()], "SG0181", "cannot have two algorithms");
    refused(&[pss, ClientKey::ed25519().jwk(), rsa.clone()], "SG0181", "cannot have two algorithms");
    let [rsa_2, other] = [rsa.clone(), ClientKey::ec().jwk()];
    assert_eq!(said(&[], &client_list("weak-client", &[rsa, other], "")), "");
    assert_eq!(said(&[], &client_list("weak-client", &[rsa_2], "")), "");
}
