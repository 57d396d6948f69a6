//! Whatever somebody without the key changes in a good assertion, it is refused.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use signet::jose::compact;

use crate::support::assertion::{ClientKey, client_list, form};
use crate::support::{Options, Response, SIGNER, TestServer, percent};

pub const CASES: u32 = 500;

/// A change of the text of an assertion.
#[derive(Clone, Debug)]
enum Edit {
    /// One bit of what a part decodes to.
    Bit(usize, Index),
    /// One bit of the text.
    CharacterBit(Index, u8),
    Insert(Index, &'static str),
    Remove(Index),
    Cut(Index),
    Swap(usize, usize),
    /// This part from another good assertion.
    Part(usize),
    /// A character in the place of another one.
    Character(Index, char),
    /// JSON text instead of the header, of the claims.
    Json(usize, &'static str),
}

/// Headers and claims of attackers.
const TEXTS: &[&str] = &[
    "{}",
    r#"{"alg":"none"}"#,
    r#"{"alg":"HS256"}"#,
    r#"{"alg":"EdDSA","kid":"x"}"#,
    r#"{"alg": "EdDSA"}"#,
    r#"{"iss":"signer","sub":"signer","aud":"https://auth.example.com","exp":1795435260,"jti":"new"}"#,
    "[]",
    "",
];

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let at = any::<Index>;
    let separators = select(vec![".", "..", "=", " ", "\n", "\0", "A", "%", "+", "/", "\u{feff}", "{", "é"]);
    let edit = prop_oneof![
        4 => (0..3_usize, at()).prop_map(|(part, bit)| Edit::Bit(part, bit)),
        2 => (at(), 0..8_u8).prop_map(|(place, bit)| Edit::CharacterBit(place, bit)),
        2 => (at(), separators).prop_map(|(place, text)| Edit::Insert(place, text)),
        1 => at().prop_map(Edit::Remove),
        1 => at().prop_map(Edit::Cut),
        1 => (0..3_usize, 0..3_usize).prop_map(|(one, other)| Edit::Swap(one, other)),
        2 => (0..3_usize).prop_map(Edit::Part),
        3 => (at(), "[A-Za-z0-9_-]").prop_map(|(place, text)| Edit::Character(place, text.chars().next().unwrap_or('A'))),
        2 => (0..2_usize, select(TEXTS)).prop_map(|(part, text)| Edit::Json(part, text)),
    ];
    prop::collection::vec(edit, 1..3)
}

fn edited(good: &str, other: &str, edits: &[Edit]) -> Vec<u8> {
    let mut bytes = good.as_bytes().to_vec();
    for edit in edits {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut parts: Vec<String> = text.split('.').map(str::to_owned).collect();
        match edit {
            Edit::Bit(part, bit) => {
                let part = part % parts.len();
                let Some(mut decoded) = compact::decode(&parts[part]).filter(|decoded| !decoded.is_empty())
                else {
                    continue;
                };
                let bit = bit.index(decoded.len() * 8);
                decoded[bit / 8] ^= 1 << (bit % 8);
                parts[part] = compact::encode(&decoded);
            }
            Edit::Swap(one, other) if parts.len() == 3 => parts.swap(*one, *other),
            Edit::Part(part) if parts.len() == 3 => {
                parts[*part] = other.split('.').nth(*part).unwrap_or_default().to_owned();
            }
            Edit::Json(part, json) if parts.len() == 3 => parts[*part] = compact::encode(json.as_bytes()),
            _ => {
                if bytes.is_empty() {
                    continue;
                }
                let length = bytes.len();
                match edit {
                    Edit::CharacterBit(at, bit) => bytes[at.index(length)] ^= 1 << bit,
                    Edit::Insert(at, text) => {
                        let at = at.index(length + 1);
                        bytes.splice(at..at, text.bytes());
                    }
                    Edit::Remove(at) => _ = bytes.remove(at.index(length)),
                    Edit::Cut(at) => bytes.truncate(at.index(length)),
                    Edit::Character(at, character) => bytes[at.index(length)] = *character as u8,
                    _ => {}
                }
                continue;
            }
        }
        bytes = parts.join(".").into_bytes();
    }
    bytes
}

/// A server with the one client.
pub fn server(key: &ClientKey) -> TestServer {
    TestServer::with(Options { clients: client_list(SIGNER, &[key.jwk()], ""), ..Options::default() })
}

pub fn post(server: &TestServer, assertion: &[u8]) -> Response {
    server.post(&form(&percent(assertion)))
}

pub fn runner() -> TestRunner {
    TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() })
}

/// Row B22, with B17, B32, B33 and B34: nobody but the client makes another assertion of one.
#[test]
fn what_others_make_of_an_assertion_is_refused() {
    let keys = [ClientKey::ed25519(), ClientKey::ec(), ClientKey::rsa(), ClientKey::pss()];
    let servers = keys.each_ref().map(server);
    let (number, changed) = (Cell::new(0), Cell::new(0));
    let outcome = runner().run(&(0..keys.len(), edits()), |(which, edits)| {
        let (key, server) = (&keys[which], &servers[which]);
        number.set(number.get() + 1);
        let good = key.assertion(SIGNER, &number.get().to_string());
        let another = key.assertion(SIGNER, "another");
        let text = edited(&good, &another, &edits);
        if text != good.as_bytes() && text != another.as_bytes() {
            changed.set(changed.get() + 1);
            let answer = post(server, &text);
            let refused = matches!(
                (answer.status, answer.error().as_str()),
                (401, "invalid_client") | (400, "invalid_request")
            );
            prop_assert!(refused, "{} to {}", answer.text(), String::from_utf8_lossy(&text));
        }
        prop_assert_eq!(post(server, good.as_bytes()).status, 200, "nothing else was wrong");
        Ok(())
    });
    outcome.expect("every change is refused");
    assert!(changed.get() > CASES / 2, "{} changes", changed.get());
}
