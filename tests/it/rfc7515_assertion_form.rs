//! RFC 7515 §7.1 and RFC 7519 §7.2: an assertion is three parts of base64url, of which two are JSON
//! objects. Whatever two readers could read differently is refused.

use serde_json::json;
use signet::jose::compact;

use crate::support::assertion::{ClientKey, claims};
use crate::support::{Door, SIGNER};

pub const HEADER: &str = r#"{"alg":"EdDSA"}"#;

pub fn door() -> (Door, ClientKey) {
    let key = ClientKey::ed25519();
    (Door::of(&[&key]), key)
}

pub fn claims_text(jti: &str) -> String {
    claims(SIGNER, jti).to_string()
}

/// Claims with more members in front.
pub fn with(more: &str) -> String {
    let claims = claims_text("more");
    format!("{{{more},{}", &claims[1..])
}

#[test]
fn b32_only_the_compact_form_of_three_parts_is_read() {
    let (door, key) = door();
    let good = key.jwt_of(HEADER, claims_text("1"));
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>().try_into().expect("three parts");
    let flattened = json!({"payload": payload, "protected": header, "signature": signature});
    let general = json!({"payload": payload, "signatures": [{"protected": header, "signature": signature}]});
    for text in [
        flattened.to_string(),
        general.to_string(),
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{header}..{signature}"),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.AA"),
        format!("{good}.AA.AA"),
        format!("{header}.{payload}.{signature}.{header}.{payload}"),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{good}\0"),
        format!("Bearer {good}"),
        format!("\"{good}\""),
        format!("{header}.{payload}\n.{signature}"),
        format!("{header}.{}\n{}.{signature}", &payload[..40], &payload[40..]),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}==.{signature}"),
        good.replace('.', "%2E"),
        good.replace('.', "\u{ff0e}"),
    ] {
        door.refuses(&text, "assertion_malformed");
    }
    door.accepts(&good);
}

/// The signature is over what was sent, so only the alphabet can be wrong with it.
#[test]
fn b32_the_other_alphabet_of_base64_is_refused() {
    let (door, key) = door();
    // In base64url `?` and `>` at these places are `_` and `-`.
    let text = claims_text("???>>>???>>>");
    let spelt = compact::encode(text.as_bytes());
    assert!(spelt.contains('_') && spelt.contains('-'), "{spelt}");
    let header = compact::encode(HEADER.as_bytes());
    for other in [spelt.replace('_', "/"), spelt.replace('-', "+"), spelt.replace('_', "/").replace('-', "+")]
    {
        door.refuses(&key.signed(&format!("{header}.{other}")), "assertion_malformed");
    }
    door.accepts(&key.signed(&format!("{header}.{spelt}")));
}

/// Signed as it is spelt, so that nothing but the spelling is wrong.
#[test]
fn b33_a_second_spelling_of_the_same_bytes_is_refused() {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (door, key) = door();
    // Other spellings: the last character has bits that belong to no byte.
    let others = |spelt: &str| -> Vec<String> {
        let (start, last) = spelt.split_at(spelt.len() - 1);
        let value = ALPHABET.iter().position(|byte| *byte == last.as_bytes()[0]).expect("of the alphabet");
        let bits = match spelt.len() % 4 {
            2 => 4,
            3 => 2,
            _ => 0,
        };
        (1..1 << bits).map(|more| format!("{start}{}", char::from(ALPHABET[value | more]))).collect()
    };
    let mut count = 0;
    for padding in ["", " ", "  "] {
        let header = compact::encode(format!("{HEADER}{padding}").as_bytes());
        let payload =
            compact::encode(format!("{}{padding}", claims_text(&format!("jti{padding}"))).as_bytes());
        for other in others(&header) {
            door.refuses(&key.signed(&format!("{other}.{payload}")), "assertion_malformed");
            count += 1;
        }
        for other in others(&payload) {
            door.refuses(&key.signed(&format!("{header}.{other}")), "assertion_malformed");
            count += 1;
        }
        let good = key.signed(&format!("{header}.{payload}"));
        let (input, signature) = good.rsplit_once('.').expect("three parts");
        for other in others(signature) {
            door.refuses(&format!("{input}.{other}"), "assertion_malformed");
            count += 1;
        }
        door.accepts(&good);
    }
    assert_eq!(count, 2 * (15 + 3) + 3 * 15, "of two parts with every length, and of 64 bytes");
}

#[test]
fn b34_a_repeated_member_is_refused_in_header_and_claims() {
    let (door, key) = door();
    for header in [
        r#"{"alg":"EdDSA","alg":"EdDSA"}"#,
        r#"{"alg":"none","alg":"EdDSA"}"#,
        r#"{"alg":"EdDSA","\u0061lg":"none"}"#,
        r#"{"alg":"EdDSA","x":1,"x":1}"#,
        r#"{"alg":"EdDSA","x":{"y":1,"y":2}}"#,
    ] {
        door.refuses(&key.jwt_of(header, claims_text("1")), "assertion_malformed");
    }
    for more in [
        r#""sub":"other""#,
        r#""sub":"signer""#,
        r#""aud":"https://other.example""#,
        r#""jti":"another""#,
        r#""\u006ati":"another""#,
        r#""exp":1"#,
        r#""x":1,"x":2"#,
        r#""x":[{"y":1,"y":1}]"#,
        r#""":1,"":2"#,
    ] {
        door.refuses(&key.jwt_of(HEADER, with(more)), "assertion_malformed");
    }
    // Names with another case are other names.
    door.accepts(&key.jwt_of(HEADER, with(r#""Sub":"other","x":{"y":1},"z":{"y":2}"#)));
}

#[test]
fn b35_what_is_no_utf8_json_object_is_refused() {
    let (door, key) = door();
    let good = claims_text("1");
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let invalid = [b"{\"x\":\"\xff\",", &good.as_bytes()[1..]].concat();
    let overlong = [b"{\"x\":\"\xc0\xaf\",", &good.as_bytes()[1..]].concat();
    let surrogate = [b"{\"x\":\"\xed\xa0\x80\",", &good.as_bytes()[1..]].concat();
    for bytes in [
        format!("\u{feff}{good}").into_bytes(),
        utf16.clone(),
        [b"\xff\xfe", utf16.as_slice()].concat(),
        invalid,
        overlong,
        surrogate,
        with(r#""x":"\ud800""#).into(),
        with(r#""x":"\udc00\ud800""#).into(),
        with(r#""\ud800":1"#).into(),
        format!("[{good}]").into(),
        format!("{good}{good}").into(),
        format!("{good} x").into(),
        format!("{good}\0").into(),
        json!(good).to_string().into(),
        b"1".to_vec(),
        b"null".to_vec(),
        good.replace(':', "=").into(),
        good.replace('"', "'").into(),
        format!("{},}}", &good[..good.len() - 1]).into(),
        with("x:1").into(),
        with("\"x\":1/**/").into(),
        with("\"x\":\"\t\"").into(),
        good[..good.len() - 1].into(),
    ] {
        door.refuses(&key.jwt_of(HEADER, bytes), "assertion_malformed");
    }
    for header in [
        "",
        "[]",
        "\"EdDSA\"",
        "null",
        "\u{feff}{\"alg\":\"EdDSA\"}",
        r#"[{"alg":"EdDSA"}]"#,
        r#"{"alg":"EdDSA"}{}"#,
    ] {
        door.refuses(&key.jwt_of(header, &good), "assertion_malformed");
    }
    door.accepts(&key.jwt_of(HEADER, with(r#""x":"\ud83d\ude00","y":"é""#)));
    door.accepts(&key.jwt_of("\n{ \"alg\" :\t\"EdDSA\" }\r\n", format!(" {}\n", claims_text("spaced"))));
}
