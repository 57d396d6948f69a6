//! RFC 8725 §3.13 and §3.15, RFC 7516: what is deep, huge, encrypted or compressed is refused before any
//! work is done for it.

use std::time::{Duration, Instant};

use serde_json::json;
use signet::jose::compact;

use crate::rfc7515_assertion_form::{HEADER, claims_text, door, with};
use crate::support::assertion::{claims, form};
use crate::support::{FORM, SIGNER, exchange, parse};

/// Refusing takes less than a millisecond; what would follow depth or size takes longer than this.
const FAST: Duration = Duration::from_secs(5);

/// CVE-2025-53864 and CVE-2025-61920: nesting and size without a limit.
#[test]
fn b36_deep_or_huge_json_is_refused_at_once() {
    let (door, key) = door();
    let started = Instant::now();
    for (open, close) in [("[", "]"), ("{\"x\":", "}")] {
        for depth in [200, 2_000] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            door.refuses(&key.jwt_of(HEADER, with(&format!("\"x\":{deep}"))), "assertion_malformed");
            door.refuses(
                &key.jwt_of(format!(r#"{{"alg":"EdDSA","x":{deep}}}"#), claims_text("1")),
                "assertion_malformed",
            );
            door.refuses(
                &key.jwt_of(HEADER, with(&format!("\"x\":{}", open.repeat(depth)))),
                "assertion_malformed",
            );
        }
    }
    let deep = "[".repeat(10_000);
    door.refuses(&key.jwt_of(HEADER, with(&format!("\"x\":{deep}"))), "assertion_malformed");
    door.refuses(&key.jwt_of(format!("{{\"x\":{deep}"), claims_text("1")), "assertion_malformed");
    let wide = format!("\"x\":\"{}\"", "x".repeat(13 * 1024));
    door.refuses(&key.jwt_of(format!("{{{wide}}}"), claims_text("1")), "assertion_malformed");
    let megabyte = format!("\"x\":\"{}\"", "x".repeat(1024 * 1024));
    // The largest that a body can carry, and more.
    let full = format!("\"x\":\"{}\"", "x".repeat(46 * 1024));
    door.refuses(&key.jwt_of(HEADER, with(&full)), "assertion_malformed");
    assert_eq!(door.quiet.post(&form(&key.jwt_of(HEADER, with(&megabyte)))).status, 413);
    assert!(started.elapsed() < FAST, "{:?}", started.elapsed());
    let long = with(&format!("\"x\":\"{}\"", "x".repeat(11 * 1024)));
    door.accepts(&key.jwt_of(HEADER, long));
    door.accepts(&key.jwt_of(
        HEADER,
        format!("{{\"x\":{}1{},{}", "[".repeat(100), "]".repeat(100), &claims_text("deep")[1..]),
    ));
}

/// CVE-2025-27144, CVE-2025-30204 and CVE-2025-22868: memory for every dot.
#[test]
fn b37_floods_of_dots_are_refused_at_once() {
    let (door, key) = door();
    let started = Instant::now();
    for dots in [3, 16 * 1024, 60 * 1024] {
        door.refuses_form(&form(&".".repeat(dots)), "assertion_malformed");
    }
    let good = key.assertion(SIGNER, "1");
    door.refuses_form(&form(&format!("{good}{}", ".".repeat(16 * 1024))), "assertion_malformed");
    // It is refused by its length, so nobody reads what would follow.
    let announced = format!(
        "POST /oauth2/token HTTP/1.1\r\nHost: a\r\n{}: {}\r\nContent-Length: {}\r\n\r\n.",
        FORM.0,
        FORM.1,
        10 * 1024 * 1024
    );
    assert_eq!(parse(&exchange(door.quiet.public, announced.as_bytes())).status, 413);
    assert!(started.elapsed() < FAST, "{:?}", started.elapsed());
    door.accepts(&good);
}

/// CVE-2026-29000, CVE-2023-51774 and CVE-2026-9793: an unsigned text inside an encrypted one passed.
/// CVE-2024-28180, CVE-2024-33664 and CVE-2024-28176: what was compressed was unpacked. CVE-2023-52428
/// and CVE-2023-51775: the sender said how often to hash. CVE-2026-34986: a part of an encrypted text
/// that is not there.
#[test]
fn b38_encryption_and_compression_are_refused_before_any_work() {
    let (door, key) = door();
    let started = Instant::now();
    let encode = |text: &str| compact::encode(text.as_bytes());
    let plain = encode(&claims_text("1"));
    for header in [
        r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#,
        r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#,
        r#"{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2147483648,"p2s":"AAAAAAAAAAA"}"#,
        r#"{"alg":"RSA-OAEP","enc":"A128CBC-HS256","cty":"JWT"}"#,
        r#"{"alg":"ECDH-ES+A256KW","enc":"A256GCM"}"#,
    ] {
        let header = encode(header);
        for rest in [format!("AAAA.AAAA.{plain}.AAAA"), format!("..{plain}."), format!(".AAAA.{plain}.AAAA")]
        {
            door.refuses(&format!("{header}.{rest}"), "assertion_malformed");
        }
        door.refuses(&key.signed(&format!("{header}.{plain}")), "assertion_header");
    }
    let inner = key.assertion(SIGNER, "inner");
    for member in ["zip", "enc", "epk", "apu", "apv", "p2s", "p2c", "cty"] {
        for value in [json!("DEF"), json!("JWT"), json!(2_147_483_648_u64), json!(null)] {
            let header = json!({"alg": "EdDSA", member: value});
            door.refuses(&key.jwt(&header, &claims(SIGNER, "2")), "assertion_header");
        }
    }
    // A signed text as the claims of another.
    door.refuses(&key.jwt_of(HEADER, &inner), "assertion_malformed");
    door.refuses(&key.jwt_of(HEADER, json!(inner).to_string()), "assertion_malformed");
    assert!(started.elapsed() < FAST, "{:?}", started.elapsed());
    door.accepts(&inner);
}
