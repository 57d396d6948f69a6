//! RFC 7515 §5.2 and RFC 7518 §3.4: signatures of assertions that are damaged, spelt otherwise, or
//! made of numbers that no signer makes.

use serde_json::json;
use signet::jose::compact;

use crate::support::assertion::{ClientKey, claims, form};
use crate::support::{Door, SIGNER};

/// The order n of P-256 (FIPS 186-4 §D.1.2.3).
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Signing input and signature of a good assertion.
fn parts(key: &ClientKey, jti: &str) -> (String, Vec<u8>) {
    let assertion = key.assertion(SIGNER, jti);
    let (input, signature) = assertion.rsplit_once('.').expect("three parts");
    (input.to_owned(), compact::decode(signature).expect("base64url"))
}

/// `left` minus `right`, big-endian.
fn minus(left: &[u8; 32], right: &[u8]) -> [u8; 32] {
    let (mut result, mut borrow) = ([0; 32], false);
    for at in (0..32).rev() {
        let (difference, first) = left[at].overflowing_sub(right[at]);
        let (difference, second) = difference.overflowing_sub(u8::from(borrow));
        (result[at], borrow) = (difference, first || second);
    }
    result
}

/// A positive INTEGER of DER.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zero: &[u8] = if bytes[0] & 0x80 == 0 { &[] } else { &[0] };
    [&[2, (bytes.len() + zero.len()) as u8], zero, bytes].concat()
}

#[test]
fn b22_a_damaged_or_otherwise_encoded_signature_is_refused() {
    for key in [ClientKey::rsa(), ClientKey::pss(), ClientKey::ec(), ClientKey::ed25519()] {
        let door = Door::of(&[&key]);
        let (input, signature) = parts(&key, "1");
        let length = signature.len();
        let mut damaged = vec![
            signature[..length - 1].to_vec(),
            signature[1..].to_vec(),
            vec![0],
            vec![0; length],
            vec![0xff; length],
            [signature.as_slice(), &[0]].concat(),
            [&[0], signature.as_slice()].concat(),
            [signature.as_slice(), &signature].concat(),
            signature.iter().rev().copied().collect(),
        ];
        for bit in (0..length * 8).step_by(length * 2 + 1).chain([length * 8 - 1]) {
            let mut flipped = signature.clone();
            flipped[bit / 8] ^= 0x80 >> (bit % 8);
            damaged.push(flipped);
        }
        for bytes in damaged {
            door.refuses(&format!("{input}.{}", compact::encode(&bytes)), "assertion_signature");
        }
        let encoded = compact::encode(&signature);
        for text in [
            "",
            "=",
            "A",
            &format!("{encoded}="),
            &format!("{encoded}=="),
            &format!("{encoded} "),
            &encoded[1..3],
        ] {
            let reason = if text.len() == 2 { "assertion_signature" } else { "assertion_malformed" };
            let reason = if compact::decode(text).is_none_or(|bytes| bytes.is_empty()) {
                "assertion_malformed"
            } else {
                reason
            };
            door.refuses(&format!("{input}.{text}"), reason);
        }
        door.accepts(&format!("{input}.{encoded}"));
    }
}

#[test]
fn b22_es256_in_der_form_is_refused() {
    let key = ClientKey::ec();
    let door = Door::of(&[&key]);
    let (input, signature) = parts(&key, "1");
    let body = [integer(&signature[..32]), integer(&signature[32..])].concat();
    let der = [&[0x30, body.len() as u8], body.as_slice()].concat();
    door.refuses(&format!("{input}.{}", compact::encode(&der)), "assertion_signature");
    door.accepts(&format!("{input}.{}", compact::encode(&signature)));
}

/// CVE-2022-21449: zeros verified everything.
#[test]
fn b23_degenerate_ecdsa_values_are_refused() {
    let key = ClientKey::ec();
    let door = Door::of(&[&key]);
    let (input, signature) = parts(&key, "1");
    let (r, s) = (&signature[..32], &signature[32..]);
    let mut above = P256_ORDER;
    above[31] += 1;
    let one = minus(&above, &P256_ORDER);
    let plus_order = |value: &[u8]| -> Vec<u8> {
        let difference = minus(&[0; 32], &minus(&P256_ORDER, &[0; 32]));
        minus(&value.try_into().expect("32 bytes"), &difference).to_vec()
    };
    let zero = [0_u8; 32];
    for (what, r, s) in [
        ("r = s = 0", zero.as_slice(), zero.as_slice()),
        ("r = 0", &zero, s),
        ("s = 0", r, &zero),
        ("r = s = n", &P256_ORDER, &P256_ORDER),
        ("r = n", &P256_ORDER, s),
        ("s = n", r, &P256_ORDER),
        ("r = n + 1", &above, s),
        ("s = n + 1", r, &above),
        ("r = 1, s = 1", &one, &one),
        ("r = n, s = 0", &P256_ORDER, &zero),
        ("r and s too large", &[0xff; 32], &[0xff; 32]),
        ("r + n, cut", &plus_order(r), s),
        ("s + n, cut", r, &plus_order(s)),
        ("swapped", s, r),
        ("r of 31 bytes", &r[1..], s),
        ("s of 31 bytes", r, &s[1..]),
        ("both of 31 bytes", &r[1..], &s[1..]),
        ("r of 33 bytes", &[&[0], r].concat(), s),
        ("both of 33 bytes", &[&[0], r].concat(), &[&[0], s].concat()),
        ("only r", r, &[]),
    ] {
        let damaged = compact::encode(&[r, s].concat());
        door.refuses(&format!("{input}.{damaged}"), "assertion_signature");
        assert_ne!(damaged, compact::encode(&signature), "{what}");
    }
    door.accepts(&format!("{input}.{}", compact::encode(&signature)));
}

/// (r, n - s) is a second signature that everybody can make of the first, and verifiers take both
/// (RFC 7518 §3.4 asks for neither). The replay key is the `jti`, never the signature.
#[test]
fn b23_the_second_form_of_an_ecdsa_signature_is_no_second_use() {
    let key = ClientKey::ec();
    let door = Door::of(&[&key]);
    for (jti, twin_first) in [("1", true), ("2", false)] {
        let (input, signature) = parts(&key, jti);
        let twin = [&signature[..32], &minus(&P256_ORDER, &signature[32..])].concat();
        let of = |signature: &[u8]| format!("{input}.{}", compact::encode(signature));
        let (first, second) =
            if twin_first { (of(&twin), of(&signature)) } else { (of(&signature), of(&twin)) };
        door.accepts(&first);
        let again = door.quiet.post(&form(&second));
        assert_eq!((again.status, again.error().as_str()), (401, "invalid_client"));
    }
}

/// The order L of Ed25519 (RFC 8032 §5.1): S + L is the same number once more.
#[test]
fn b22_an_ed25519_signature_has_one_form() {
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let key = ClientKey::ed25519();
    let door = Door::of(&[&key]);
    let (input, mut signature) = parts(&key, "1");
    let good = compact::encode(&signature);
    let mut carry = 0;
    for (at, byte) in L.iter().enumerate() {
        let sum = u16::from(signature[32 + at]) + u16::from(*byte) + carry;
        (signature[32 + at], carry) = (sum as u8, sum >> 8);
    }
    assert_eq!(carry, 0);
    door.refuses(&format!("{input}.{}", compact::encode(&signature)), "assertion_signature");
    door.accepts(&format!("{input}.{good}"));
}

/// What is signed is the text, not its meaning: equal JSON under an old signature is another text.
#[test]
fn b22_a_signature_covers_every_byte_of_header_and_claims() {
    let key = ClientKey::ed25519();
    let door = Door::of(&[&key]);
    let claims = claims(SIGNER, "1").to_string();
    let good = key.jwt_of(r#"{"alg":"EdDSA"}"#, &claims);
    let (_, signature) = good.rsplit_once('.').expect("three parts");
    let spaced = claims.replacen(':', ": ", 1);
    for (header, claims) in
        [(r#"{"alg": "EdDSA"}"#, &claims), (r#"{"alg":"EdDSA"}"#, &spaced), (r#"{"alg":"Ed25519"}"#, &claims)]
    {
        let input = format!("{}.{}", compact::encode(header.as_bytes()), compact::encode(claims.as_bytes()));
        door.refuses(&format!("{input}.{signature}"), "assertion_signature");
    }
    let swapped = key.jwt(&json!({"alg": "EdDSA"}), &json!({"alg": "EdDSA"}));
    door.refuses(&swapped, "client_unknown");
    door.accepts(&good);
}
