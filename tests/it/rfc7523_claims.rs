//! RFC 7523 §3: what the claims of a client assertion must say, each read with the type that it has
//! or not at all.

use serde_json::{Value, json};

use crate::support::assertion::{ClientKey, claims, client_list_of, form};
use crate::support::{Door, ISSUER, NOW, SIGNER};

const HEADER: &str = r#"{"alg":"EdDSA"}"#;

/// A door, and the key to it.
fn door() -> (Door, ClientKey) {
    let key = ClientKey::ed25519();
    (Door::of(&[&key]), key)
}

/// Good claims with one that is not, or is gone; the `jti` is the text of both.
fn with(name: &str, value: impl Into<Option<Value>>) -> Value {
    let value = value.into();
    let mut claims = claims(SIGNER, &format!("{name} {value:.60?}"));
    let members = claims.as_object_mut().expect("an object");
    match value {
        Some(value) => members.insert(name.to_owned(), value),
        None => members.remove(name),
    };
    claims
}

impl Door {
    fn accepts_claims(&self, key: &ClientKey, claims: &Value) {
        self.accepts(&key.jwt_of(HEADER, claims.to_string()));
    }

    fn refuses_claims(&self, key: &ClientKey, claims: &Value, reason: &str) {
        self.refuses(&key.jwt_of(HEADER, claims.to_string()), reason);
    }
}

/// Values of every type that is no text.
fn no_texts() -> [Option<Value>; 7] {
    [
        None,
        Some(json!(null)),
        Some(json!(7)),
        Some(json!(true)),
        Some(json!({"a": SIGNER})),
        Some(json!([])),
        Some(json!([SIGNER])),
    ]
}

/// CVE-2026-25537 and CVE-2024-5798: an audience of another type was no audience at all.
#[test]
fn b4_an_audience_that_is_missing_or_of_another_type_is_nobodys() {
    let (door, key) = door();
    for audience in no_texts().into_iter().chain([Some(json!(""))]) {
        door.refuses_claims(&key, &with("aud", audience), "assertion_audience");
    }
    door.accepts_claims(&key, &with("aud", json!(ISSUER)));
}

/// CVE-2020-15234: addresses were compared without case.
#[test]
fn b5_the_audience_is_compared_letter_by_letter() {
    let (door, key) = door();
    for audience in [
        "https://auth.example.com/",
        "https://AUTH.example.com",
        "HTTPS://auth.example.com",
        "https://auth.example.com:443",
        "http://auth.example.com",
        "https://signer@auth.example.com",
        "https://auth.example.com?",
        "https://auth.example.com#",
        "https://%61uth.example.com",
        "https://auth.example.com.",
        " https://auth.example.com",
        "https://auth.example.com\0",
        "https://auth.example.co",
        "auth.example.com",
    ] {
        door.refuses_claims(&key, &with("aud", json!(audience)), "assertion_audience");
    }
    door.accepts_claims(&key, &with("aud", json!("https://auth.example.com")));
    let escaped = claims(SIGNER, "escaped").to_string().replace("https:", "\\u0068ttps:");
    door.accepts(&key.jwt_of(HEADER, escaped));
}

#[test]
fn b6_issuer_and_subject_are_both_the_client_as_text() {
    let (door, key) = door();
    let other = ["other", "Signer", "signer ", "", "https://auth.example.com"].map(|text| Some(json!(text)));
    for issuer in no_texts().into_iter().chain(other.clone()) {
        door.refuses_claims(&key, &with("iss", issuer), "assertion_issuer");
    }
    for subject in no_texts() {
        let assertion = key.jwt_of(HEADER, with("sub", subject).to_string());
        door.refuses_form(&format!("{}&client_id={SIGNER}", form(&assertion)), "assertion_issuer");
        door.refuses(&assertion, "client_unknown");
    }
    door.refuses_claims(&key, &with("sub", json!("")), "client_unknown");
    let assertion = key.assertion(SIGNER, "named");
    assert_eq!(door.quiet.post(&format!("{}&client_id={SIGNER}", form(&assertion))).status, 200);
}

#[test]
fn b7_an_assertion_speaks_for_the_client_whose_key_signed_it() {
    let (first, second) = (ClientKey::ed25519(), ClientKey::ec());
    let door = Door::with(&client_list_of(&[(SIGNER, &first), ("second", &second)]));
    door.refuses(&first.assertion("second", "1"), "assertion_algorithm");
    door.refuses(&second.assertion(SIGNER, "1"), "assertion_algorithm");
    let third = ClientKey::ed25519();
    door.refuses(&third.assertion(SIGNER, "1"), "assertion_signature");
    door.refuses(&first.assertion("nobody", "1"), "client_unknown");

    let assertion = form(&first.assertion(SIGNER, "1"));
    for client_id in ["second", "nobody", "Signer", "signer%20"] {
        let answer = door.quiet.post(&format!("{assertion}&client_id={client_id}"));
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{client_id}");
    }
    assert_eq!(door.quiet.post(&format!("{assertion}&client_id={SIGNER}")).status, 200);
}

#[test]
fn b8_exp_is_a_whole_number_of_the_future() {
    let (door, key) = door();
    let wrong = [json!("1795435260"), json!("never"), json!(1_795_435_260.5), json!(1e300), json!(u64::MAX)];
    for value in no_texts().into_iter().filter(|value| *value != Some(json!(7))).chain(wrong.map(Some)) {
        door.refuses_claims(&key, &with("exp", value), "assertion_expiry");
    }
    for past in [NOW, NOW - 1, NOW - 300, 0, -1, i64::MIN] {
        door.refuses_claims(&key, &with("exp", json!(past)), "assertion_expired");
    }
    door.refuses_claims(&key, &with("exp", json!(i64::MAX)), "assertion_lifetime");
    for number in ["1e400", "-1e400", "0x10", "01", "1795435260.", "NaN", "Infinity"] {
        let text = claims(SIGNER, "text").to_string().replace(&(NOW + 60).to_string(), number);
        assert!(text.contains(number));
        door.refuses(&key.jwt_of(HEADER, text), "assertion_malformed");
    }
    door.accepts_claims(&key, &with("exp", json!(NOW + 1)));
}

#[test]
fn b10_a_clock_may_be_ahead_by_a_minute() {
    let (door, key) = door();
    for name in ["iat", "nbf"] {
        for ahead in [0, 1, 10, 60] {
            door.accepts_claims(&key, &with(name, json!(NOW + ahead)));
        }
        for ahead in [61, 300, i64::MAX - NOW] {
            door.refuses_claims(&key, &with(name, json!(NOW + ahead)), "assertion_not_yet");
        }
        door.accepts_claims(&key, &with(name, None));
    }
}

/// CVE-2026-25537: a date of another type was no date at all.
#[test]
fn b11_a_date_of_another_type_is_not_absent() {
    let (door, key) = door();
    let wrong = [
        json!("99999999999"),
        json!("never"),
        json!(""),
        json!(null),
        json!(false),
        json!([]),
        json!([NOW]),
        json!({}),
        json!(1_795_435_199.5),
    ];
    for value in wrong {
        door.refuses_claims(&key, &with("nbf", value.clone()), "assertion_not_yet");
        door.refuses_claims(&key, &with("iat", value.clone()), "assertion_not_yet");
        door.refuses_claims(&key, &with("exp", value), "assertion_expiry");
    }
    door.accepts_claims(&key, &with("nbf", json!(NOW)));
}

#[test]
fn b12_an_assertion_that_was_made_long_ago_is_stale() {
    let (door, key) = door();
    for age in [361, 86_400, NOW, NOW + 1] {
        door.refuses_claims(&key, &with("iat", json!(NOW - age)), "assertion_lifetime");
    }
    for age in [0, 300, 360] {
        door.accepts_claims(&key, &with("iat", json!(NOW - age)));
    }
}

/// CVE-2020-5300 began with a server that asked for no `jti`.
#[test]
fn b13_a_jti_is_a_short_text() {
    let (door, key) = door();
    let long = ["x".repeat(257), "x".repeat(10 * 1024)].map(|text| Some(json!(text)));
    for jti in no_texts().into_iter().chain(long).chain([Some(json!(""))]) {
        door.refuses_claims(&key, &with("jti", jti), "assertion_jti");
    }
    for jti in ["x", "\u{0}", "ÿ\u{1f600}", &"x".repeat(256)] {
        door.accepts_claims(&key, &with("jti", json!(jti)));
    }
}
