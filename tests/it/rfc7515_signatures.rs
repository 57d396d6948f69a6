//! Signatures: known answers, damaged keys, and the verification of whole tokens (RFC 7515 §5,
//! RFC 7518 §3.3, RFC 9068 §4). The contract of the backends stands in `rfc7518_algorithms.rs`.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use signet::clock::UnixTime;
use signet::jose::verify::{Expected, Report, decode, is_signed, verify};
use signet::jose::{Algorithm, Jwk, PublicKey, compact};
use signet::keys::{BACKENDS, Backend, KeyRejected, SigningError, SigningKey, backend, self_test};

use crate::key_fixtures::{NOW, RsaIntegers, another, generated, rfc7515_a2, rfc7520_3_4};

const RFC7515_A2_INPUT: &str = "eyJhbGciOiJSUzI1NiJ9.\
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const RFC7515_A2_SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7\
    AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6x\
    BArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv\
    Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const RFC7520_4_1_INPUT: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.\
    SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUg\
    cm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0\
    IGJlIHN3ZXB0IG9mZiB0by4";
const RFC7520_4_1_SIGNATURE: &str = "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM\
    1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1u\
    SNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podG\
    U0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg";

fn rs256() -> impl Iterator<Item = &'static dyn Backend> {
    BACKENDS.iter().copied().filter(|backend| backend.algorithm() == Algorithm::Rs256)
}

fn sign(key: &dyn SigningKey, inputs: &[&[u8]]) -> Vec<Vec<u8>> {
    let length = key.signature_bytes();
    let mut signatures = vec![0; length * inputs.len()];
    key.sign(inputs, &mut signatures).expect("signed");
    signatures.chunks(length).map(<[u8]>::to_vec).collect()
}

/// Two judges that share no code: jsonwebtoken and ring.
fn both_accept(jwk: &Jwk, input: &[u8], signature: &[u8]) -> bool {
    let (n, e) = jwk.public_key().rsa_components().expect("RSA");
    let key = jsonwebtoken::DecodingKey::from_rsa_raw_components(n, e);
    let encoded = compact::encode(signature);
    let one = jsonwebtoken::crypto::verify(&encoded, input, &key, jsonwebtoken::Algorithm::RS256);
    let other = RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, input, signature);
    assert_eq!(one.ok(), Some(other.is_ok()), "the judges agree");
    other.is_ok()
}

#[test]
fn all_backends_make_the_same_bytes() {
    let (private, _) = generated(2048);
    let keys: Vec<_> = rs256().map(|backend| backend.load(&private.der()).expect("loaded")).collect();
    let messages: Vec<Vec<u8>> = (0..64_usize).map(|n| vec![n as u8; n * 7]).collect();
    let inputs: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    let (reference, others) = keys.split_last().expect("ring is the reference");
    let expected = sign(reference.as_ref(), &inputs);
    for key in others {
        assert_eq!(sign(key.as_ref(), &inputs), expected);
    }
}

#[test]
fn d13_rfc7515_a2_and_rfc7520_4_1_match_exactly() {
    let vectors = [
        (rfc7515_a2(), RFC7515_A2_INPUT, RFC7515_A2_SIGNATURE),
        (rfc7520_3_4(), RFC7520_4_1_INPUT, RFC7520_4_1_SIGNATURE),
    ];
    for (integers, input, signature) in vectors {
        for backend in rs256() {
            for private in [integers.pkcs1_key(), integers.pkcs8_key()] {
                let key = backend.load(&private).expect("loaded");
                let made = sign(key.as_ref(), &[input.as_bytes()]);
                assert_eq!(compact::encode(&made[0]), signature, "{}", backend.name());
            }
        }
    }
}

#[test]
fn d13_the_verifier_accepts_rfc7515_a2_and_nothing_beside_it() {
    let key =
        backend(None, Algorithm::Rs256).expect("RS256").load(&rfc7515_a2().pkcs8_key()).expect("loaded");
    let jwk = key.public_jwk();
    let signature = compact::decode(RFC7515_A2_SIGNATURE).expect("base64url");
    assert!(both_accept(jwk, RFC7515_A2_INPUT.as_bytes(), &signature));
    assert!(is_signed(jwk.public_key(), Algorithm::Rs256, RFC7515_A2_INPUT.as_bytes(), &signature));
    for bit in [0, 1, 1000, 2047] {
        let mut changed = signature.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!both_accept(jwk, RFC7515_A2_INPUT.as_bytes(), &changed), "bit {bit}");
    }
    assert!(!both_accept(jwk, RFC7515_A2_INPUT.as_bytes(), &signature[1..]));
    assert!(!both_accept(jwk, &RFC7515_A2_INPUT.as_bytes()[1..], &signature));
}

#[test]
fn d13_the_verifier_knows_the_other_algorithms_by_their_rfc_examples() {
    let coordinate =
        |text: &str| <[u8; 32]>::try_from(compact::decode(text).expect("base64url")).expect("32");
    // RFC 7515 Appendix A.3.
    let es256 = PublicKey::p256(
        coordinate("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
        coordinate("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
    );
    let es256_input = RFC7515_A2_INPUT.replace("eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJFUzI1NiJ9");
    let es256_signature =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    // RFC 8037 Appendix A.4.
    let eddsa = PublicKey::ed25519(coordinate("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
    let eddsa_input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".to_owned();
    let eddsa_signature =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    for (key, algorithm, input, signature) in [
        (&es256, Algorithm::Es256, es256_input, es256_signature),
        (&eddsa, Algorithm::EdDsa, eddsa_input, eddsa_signature),
    ] {
        let mut signature = compact::decode(signature).expect("base64url");
        assert!(is_signed(key, algorithm, input.as_bytes(), &signature), "{algorithm}");
        assert!(!is_signed(key, Algorithm::Rs256, input.as_bytes(), &signature), "{algorithm} as RS256");
        signature[40] ^= 1;
        assert!(!is_signed(key, algorithm, input.as_bytes(), &signature), "{algorithm}, changed");
        assert!(!is_signed(key, algorithm, input.as_bytes(), &[0; 64]), "{algorithm}, zeros");
    }
    // PS256 has random salt and so no example to match; ring signs.
    let pair = ring::rsa::KeyPair::from_der(&rfc7515_a2().pkcs1()).expect("RSA");
    let mut signature = [0; 256];
    pair.sign(&ring::signature::RSA_PSS_SHA256, &ring::rand::SystemRandom::new(), b"x", &mut signature)
        .expect("signed");
    let key = PublicKey::rsa(&rfc7515_a2().n, &[1, 0, 1]).expect("RSA");
    assert!(is_signed(&key, Algorithm::Ps256, b"x", &signature));
    assert!(!is_signed(&key, Algorithm::Rs256, b"x", &signature));
}

#[test]
fn d12_a_key_with_one_wrong_bit_in_a_crt_parameter_is_never_used() {
    type Member = (&'static str, fn(&mut RsaIntegers) -> &mut Vec<u8>);
    let members: [Member; 5] = [
        ("p", |key| &mut key.p),
        ("q", |key| &mut key.q),
        ("dP", |key| &mut key.dp),
        ("dQ", |key| &mut key.dq),
        ("qInv", |key| &mut key.qi),
    ];
    for (name, member) in members {
        for bit in [0, 1, 7, 300, 511, 1000] {
            let mut damaged = rfc7520_3_4();
            let bytes = member(&mut damaged);
            let place = bytes.len() - 1 - bit / 8;
            bytes[place] ^= 1 << (bit % 8);
            for private in [damaged.pkcs1_key(), damaged.pkcs8_key()] {
                for backend in rs256() {
                    let outcome = backend.load(&private).map(|key| self_test(key.as_ref()));
                    let refused = matches!(outcome, Err(KeyRejected::Malformed) | Ok(Err(SigningError)));
                    assert!(refused, "{} took {name} with bit {bit} wrong", backend.name());
                }
            }
        }
    }
}

/// Signs with another key than the one it publishes, or not at all.
struct Fake {
    inner: Box<dyn SigningKey>,
    jwk: Jwk,
    spoil: fn(&mut [u8]),
}

impl SigningKey for Fake {
    fn public_jwk(&self) -> &Jwk {
        &self.jwk
    }

    fn signature_bytes(&self) -> usize {
        self.inner.signature_bytes()
    }

    fn backend(&self) -> &'static str {
        "fake"
    }

    fn sign(&self, inputs: &[&[u8]], signatures: &mut [u8]) -> Result<(), SigningError> {
        self.inner.sign(inputs, signatures)?;
        (self.spoil)(signatures);
        Ok(())
    }
}

#[test]
fn c16_a_key_whose_public_half_does_not_match_fails_its_self_test() {
    let load = |number: usize| {
        let backend = backend(None, Algorithm::Rs256).expect("RS256");
        backend.load(&another(number).0.der()).expect("loaded")
    };
    let fake = |published: usize, spoil: fn(&mut [u8])| {
        self_test(&Fake { inner: load(0), jwk: another(published).1.clone(), spoil })
    };
    assert_eq!(fake(0, |_| {}), Ok(()));
    assert_eq!(fake(1, |_| {}), Err(SigningError));
    assert_eq!(fake(0, |signatures| signatures[0] ^= 1), Err(SigningError));
    assert_eq!(fake(0, |signatures| signatures[511] ^= 1), Err(SigningError), "the second of the batch");
    assert_eq!(fake(0, |signatures| signatures.fill(0)), Err(SigningError));
    assert_eq!(fake(0, |signatures| signatures.rotate_left(256)), Err(SigningError));
}

#[test]
fn c15_keys_below_2048_or_above_4096_bits_are_refused() {
    for backend in rs256() {
        let outcome = |bits| backend.load(&RsaIntegers::of_size(bits).pkcs8_key()).map(|_| ());
        for bits in [512, 1024, 1536, 2040] {
            assert_eq!(outcome(bits), Err(KeyRejected::TooSmall { bits }));
        }
        for bits in [4104, 8192] {
            assert_eq!(outcome(bits), Err(KeyRejected::TooLarge { bits }));
        }
        assert_eq!(outcome(2048), Err(KeyRejected::Malformed), "the right size, but no key");
        let mut small_exponent = rfc7515_a2();
        small_exponent.e = vec![3];
        let outcome = backend.load(&small_exponent.pkcs8_key()).map(|_| ());
        assert_eq!(outcome, Err(KeyRejected::SmallExponent));
    }
}

// Whole tokens.

const ISSUER: &str = "https://auth.example.com";
const AUDIENCE: &str = "https://invoices.example.com";

fn token(number: usize, header: &str, claims: &str) -> String {
    let key = backend(None, Algorithm::Rs256).expect("RS256").load(&another(number).0.der()).expect("loaded");
    let input = format!("{}.{}", compact::encode(header.as_bytes()), compact::encode(claims.as_bytes()));
    let signature = sign(key.as_ref(), &[input.as_bytes()]).remove(0);
    format!("{input}.{}", compact::encode(&signature))
}

fn header(number: usize) -> String {
    format!(r#"{{"alg":"RS256","typ":"at+jwt","kid":"{}"}}"#, another(number).1.kid())
}

fn claims(now: UnixTime) -> String {
    let (issued, expiry) = (now.seconds() - 5, now.seconds() + 900);
    format!(
        r#"{{"iss":"{ISSUER}","sub":"a","client_id":"a","aud":"{AUDIENCE}","iat":{issued},"exp":{expiry}}}"#
    )
}

fn key_set(numbers: &[usize]) -> String {
    let keys: Vec<_> = numbers.iter().map(|number| another(*number).1.to_json()).collect();
    format!("{{\"keys\":[{}]}}", keys.join(","))
}

fn judge(token: &str, set: &str, now: UnixTime) -> Report {
    let expected = Expected { issuer: ISSUER, audience: Some(AUDIENCE), now, leeway_seconds: 5 };
    verify(token, set.as_bytes(), &expected)
}

/// The names of the failed checks and their reasons.
fn failures(report: &Report) -> Vec<(&'static str, &str)> {
    report
        .checks
        .iter()
        .filter_map(|check| check.outcome.as_ref().err().map(|reason| (check.name, reason.as_str())))
        .collect()
}

#[test]
fn a_right_token_passes_every_check() {
    let report = judge(&token(0, &header(0), &claims(NOW)), &key_set(&[1, 0]), NOW);
    let names: Vec<_> = report.checks.iter().map(|check| check.name).collect();
    assert_eq!(names, ["form", "header", "signature", "typ", "iss", "aud", "exp", "iat"]);
    assert!(report.accepted(), "{:?}", report.checks);
}

#[test]
fn a_kid_that_the_key_set_does_not_hold_is_named_beside_those_it_holds() {
    let report = judge(&token(0, &header(0), &claims(NOW)), &key_set(&[1, 2]), NOW);
    let kid = |number: usize| another(number).1.kid();
    let expected =
        format!("signed by kid {}, which the key set does not hold: it holds {}, {}", kid(0), kid(1), kid(2));
    assert_eq!(failures(&report), [("signature", expected.as_str())]);
}

#[test]
fn several_faults_are_all_reported() {
    let claims = format!(
        r#"{{"iss":"{ISSUER}/","aud":["https://b.example"],"iat":{},"exp":{},"nbf":{}}}"#,
        NOW.seconds() + 60,
        NOW.seconds() - 300,
        NOW.seconds() + 60,
    );
    let header =
        format!(r#"{{"alg":"RS256","typ":"dpop+jwt","crit":["exp"],"kid":"{}"}}"#, another(0).1.kid());
    let report = judge(&token(0, &header, &claims), &key_set(&[0]), NOW);
    let failures = failures(&report);
    let names: Vec<_> = failures.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["header", "typ", "iss", "aud", "exp", "iat", "nbf"]);
    assert!(failures[4].1.starts_with("expired 5 min ago"), "{}", failures[4].1);
    assert!(failures[2].1.contains("slash"), "{}", failures[2].1);
}

#[test]
fn b20_the_header_cannot_choose_the_algorithm() {
    let kid = another(0).1.kid();
    for algorithm in ["PS256", "HS256", "none", "None", "rs256", " RS256", "ES256", ""] {
        let header = format!(r#"{{"alg":"{algorithm}","typ":"at+jwt","kid":"{kid}"}}"#);
        let report = judge(&token(0, &header, &claims(NOW)), &key_set(&[0]), NOW);
        assert_eq!(failures(&report).len(), 1, "{algorithm}");
        assert!(failures(&report)[0].1.contains("but the key is for: RS256"), "{algorithm}");
    }
    // A key without `alg` is for RS256 alone, although a PS256 signature could be made with it.
    let set = key_set(&[0]).replace("\"alg\":\"RS256\",", "");
    assert!(judge(&token(0, &header(0), &claims(NOW)), &set, NOW).accepted());
    let ps256 = format!(r#"{{"alg":"PS256","typ":"at+jwt","kid":"{kid}"}}"#);
    assert!(!judge(&token(0, &ps256, &claims(NOW)), &set, NOW).accepted());
}

#[test]
fn tokens_that_two_readers_could_read_differently_are_refused() {
    let twice = claims(NOW).replace("\"sub\":\"a\"", "\"sub\":\"a\",\"sub\":\"b\"");
    let report = judge(&token(0, &header(0), &twice), &key_set(&[0]), NOW);
    assert!(failures(&report)[0].1.contains("\"sub\" stands twice"), "{:?}", report.checks);
    let good = token(0, &header(0), &claims(NOW));
    for bad in [format!("{good}="), format!(" {good}"), format!("{good}."), good.replace('.', "..")] {
        let report = judge(&bad, &key_set(&[0]), NOW);
        assert_eq!((report.checks.len(), report.checks[0].name), (1, "form"), "{bad}");
        assert!(!report.accepted());
    }
}

#[test]
fn a_changed_token_is_refused() {
    let good = token(0, &header(0), &claims(NOW));
    let (input, signature) = good.rsplit_once('.').expect("three parts");
    let changed = claims(NOW).replace("\"client_id\":\"a\"", "\"client_id\":\"b\"");
    let other = format!("{}.{}", input.split_once('.').expect("two").0, compact::encode(changed.as_bytes()));
    let report = judge(&format!("{other}.{signature}"), &key_set(&[0]), NOW);
    assert_eq!(failures(&report)[0].0, "signature");
    // Without a `kid` every key is tried.
    let anonymous = r#"{"alg":"RS256","typ":"at+jwt"}"#;
    assert!(judge(&token(0, anonymous, &claims(NOW)), &key_set(&[1, 2, 0]), NOW).accepted());
    assert!(!judge(&token(0, anonymous, &claims(NOW)), &key_set(&[1, 2]), NOW).accepted());
    assert!(!judge(&good, "not JSON", NOW).accepted());
    assert!(!judge(&good, r#"{"keys":[]}"#, NOW).accepted());
}

#[test]
fn decode_reads_without_verifying() {
    let decoded = decode(&format!("{}.AAAA", RFC7515_A2_INPUT)).expect("readable");
    assert_eq!(decoded.header["alg"], "RS256");
    assert_eq!(decoded.claims["iss"], "joe");
    assert!(decode("a.b").is_err());
}
