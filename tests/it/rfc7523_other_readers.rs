//! Whatever the client itself signs is refused, or means to another reader what it means here.

use std::cell::Cell;

use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::rfc7523_mutations::{CASES, post, runner, server};
use crate::support::assertion::{ClientKey, claims};
use crate::support::{ISSUER, NOW, SIGNER};

/// A change of a JSON object as text.
#[derive(Clone, Debug)]
enum Member {
    Add(Index, &'static str, &'static str),
    Drop(Index),
    Value(Index, &'static str),
    /// The same name again, with another value.
    Twice(Index, &'static str),
    /// A name or text with an escape in the place of its second character.
    Escape(Index, bool),
    Space(Index, &'static str),
    Order(Index, Index),
    Bit(Index),
}

/// Names that mean something in a header, in claims, or nothing.
const NAMES: [&[&str]; 2] = [
    &["alg", "typ", "kid", "crit", "b64", "jwk", "x5u", "zip", "x", "Alg", "é"],
    &["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "x", "Jti", "", "é"],
];
/// Without `Ed25519` (RFC 9864), which the other reader does not know as an algorithm.
const VALUES: &[&str] = &[
    "\"signer\"",
    "\"other\"",
    "\"JWT\"",
    "\"at+jwt\"",
    "\"client-authentication+jwt\"",
    "\"https://auth.example.com\"",
    "[\"https://auth.example.com\"]",
    "1795435199",
    "1795435250",
    "1795435260.0",
    "1.79543525e9",
    "\"1795435250\"",
    "0",
    "-0",
    "1e400",
    "9223372036854775808",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"x\"",
    "\"\\u0078\"",
    "\"\\ud800\"",
    "{\"a\":1,\"a\":2}",
    "[1,]",
    "\"EdDSA\"",
    "\"none\"",
];

fn members(names: &'static [&'static str]) -> impl Strategy<Value = Vec<Member>> {
    let at = any::<Index>;
    let member = prop_oneof![
        4 => (at(), select(names), select(VALUES)).prop_map(|(at, name, value)| Member::Add(at, name, value)),
        1 => at().prop_map(Member::Drop),
        3 => (at(), select(VALUES)).prop_map(|(at, value)| Member::Value(at, value)),
        1 => (at(), select(VALUES)).prop_map(|(at, value)| Member::Twice(at, value)),
        2 => (at(), any::<bool>()).prop_map(|(at, name)| Member::Escape(at, name)),
        3 => (at(), select(vec![" ", "\t", "\r\n", "\u{b}", "\u{a0}"])).prop_map(|(at, space)| Member::Space(at, space)),
        2 => (at(), at()).prop_map(|(one, other)| Member::Order(one, other)),
        1 => at().prop_map(Member::Bit),
    ];
    prop::collection::vec(member, 0..3)
}

/// `a` of a JSON text as `\u0061`, the second character, where the first is the quotation mark.
fn escaped(text: &str) -> String {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some('"'), Some(letter)) if letter.is_ascii_alphabetic() => {
            format!("\"\\u{:04x}{}", u32::from(letter), characters.as_str())
        }
        _ => text.to_owned(),
    }
}

fn object(members: &Value, edits: &[Member]) -> Vec<u8> {
    let members = members.as_object().expect("an object").iter();
    let mut pairs: Vec<(String, String)> =
        members.map(|(name, value)| (json!(name).to_string(), value.to_string())).collect();
    let (mut spaces, mut bits) = (Vec::new(), Vec::new());
    for edit in edits {
        let count = pairs.len();
        let index = |at: &Index| at.index(count.max(1));
        match edit {
            Member::Add(at, name, value) => {
                pairs.insert(at.index(count + 1), (json!(name).to_string(), (*value).to_owned()))
            }
            Member::Space(at, space) => spaces.push((at, space)),
            Member::Bit(at) => bits.push(at),
            _ if count == 0 => {}
            Member::Drop(at) => _ = pairs.remove(index(at)),
            Member::Value(at, value) => pairs[index(at)].1 = (*value).to_owned(),
            Member::Twice(at, value) => pairs.push((pairs[index(at)].0.clone(), (*value).to_owned())),
            Member::Escape(at, true) => pairs[index(at)].0 = escaped(&pairs[index(at)].0),
            Member::Escape(at, false) => pairs[index(at)].1 = escaped(&pairs[index(at)].1),
            Member::Order(one, other) => pairs.swap(index(one), index(other)),
        }
    }
    let mut tokens = vec!["{".to_owned()];
    for (at, (name, value)) in pairs.into_iter().enumerate() {
        tokens.extend((at > 0).then(|| ",".to_owned()));
        tokens.extend([name, ":".to_owned(), value]);
    }
    tokens.push("}".to_owned());
    for (at, space) in spaces {
        tokens.insert(at.index(tokens.len() + 1), (*space).to_owned());
    }
    let mut bytes = tokens.concat().into_bytes();
    for at in bits {
        let bit = at.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    bytes
}

/// What `jsonwebtoken` and `serde_json` read of an assertion that was accepted, held to RFC 7523 §3.
fn another_reader_agrees(assertion: &str, key: &ClientKey) -> Result<(), String> {
    let header = decode_header(assertion).map_err(|error| error.to_string())?;
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let jwk = serde_json::from_value(key.jwk()).expect("a JWK for others");
    let decoding = DecodingKey::from_jwk(&jwk).expect("a key for others");
    let read = decode::<Value>(assertion, &decoding, &validation).map_err(|error| error.to_string())?.claims;
    let typ = header.typ.map_or("jwt".to_owned(), |typ| typ.to_ascii_lowercase());
    let start =
        |name: &str| read.get(name).is_none_or(|time| time.as_i64().is_some_and(|time| time <= NOW + 60));
    for (what, holds) in [
        ("typ", ["jwt", "client-authentication+jwt"].contains(&typ.as_str())),
        ("crit", header.crit.is_none() && header.jwk.is_none() && header.zip.is_none()),
        ("iss", read["iss"] == SIGNER),
        ("sub", read["sub"] == SIGNER),
        ("aud", read["aud"] == ISSUER),
        ("exp", read["exp"].as_i64().is_some_and(|exp| exp > NOW && exp <= NOW + 300)),
        ("iat", start("iat")),
        ("nbf", start("nbf")),
        ("jti", read["jti"].as_str().is_some_and(|jti| !jti.is_empty())),
    ] {
        if !holds {
            return Err(format!("{what} of {read} and its header"));
        }
    }
    Ok(())
}

/// Rows B4, B6, B8, B11, B13, B30, B31, B34 and B35: what the client signs is read as others read it.
#[test]
fn what_the_client_itself_changes_is_refused_or_means_the_same_to_another_reader() {
    let key = ClientKey::ed25519();
    let server = server(&key);
    let (number, accepted) = (Cell::new(0), Cell::new(0));
    let outcome = runner().run(&(members(NAMES[0]), members(NAMES[1])), |(of_header, of_claims)| {
        number.set(number.get() + 1);
        let header = object(&json!({"alg": "EdDSA", "typ": "JWT"}), &of_header);
        let claims = object(&claims(SIGNER, &number.get().to_string()), &of_claims);
        let assertion = key.jwt_of(&header, &claims);
        let answer = post(&server, assertion.as_bytes());
        if answer.status == 200 {
            accepted.set(accepted.get() + 1);
            let agrees = another_reader_agrees(&assertion, &key);
            prop_assert!(agrees.is_ok(), "{agrees:?}: {}", String::from_utf8_lossy(&header));
        } else {
            prop_assert_eq!((answer.status, answer.error()), (401, "invalid_client".to_owned()));
        }
        Ok(())
    });
    outcome.expect("both readers agree");
    let accepted = accepted.get();
    assert!(accepted > CASES / 20 && accepted < CASES, "{accepted} accepted");
}
