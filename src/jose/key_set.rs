//! JWK Sets of others (RFC 7517 §5): the keys that a presented token may have been signed with.
//!
//! A key gets its one algorithm here, from the key itself: its `alg`, or the default of its type.
//! A token's header never chooses (RFC 8725 §3.1).

use std::fmt;

use serde_json::{Map, Value};

use super::strict_json::{self, shown};
use super::{Algorithm, PublicKey, compact};

/// Largest key set that is read; ten RSA-4096 keys with certificates stay below it.
pub const KEY_SET_BYTES_MAX: usize = 256 * 1024;
/// Most keys of a set that are looked at; a set of our own holds at most ten.
pub const KEYS_MAX: usize = 100;

/// A public key of somebody else, with the one algorithm it may verify.
#[derive(Clone, Debug)]
pub struct VerificationKey {
    pub kid: Option<String>,
    pub algorithm: Algorithm,
    pub public_key: PublicKey,
}

impl VerificationKey {
    /// A key that stands alone, without a word about its algorithm.
    pub fn of_default_algorithm(public_key: PublicKey) -> Option<Self> {
        let algorithm = public_key.algorithms().first().copied()?;
        Some(Self { kid: None, algorithm, public_key })
    }
}

/// The usable keys of a set, and why the others are not.
#[derive(Debug, Default)]
pub struct KeySet {
    pub keys: Vec<VerificationKey>,
    /// One sentence for each key that cannot be used. Not an error: RFC 7517 §5 says to ignore
    /// keys that are not understood.
    pub ignored: Vec<String>,
}

/// Why a text is no key set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySetError(String);

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeySetError {}

/// Reads a JWK Set, or a single JWK standing alone.
pub fn parse(json: &[u8]) -> Result<KeySet, KeySetError> {
    if json.len() > KEY_SET_BYTES_MAX {
        return Err(KeySetError(format!("it is larger than {KEY_SET_BYTES_MAX} bytes")));
    }
    let mut set = strict_json::object(json).map_err(|error| KeySetError(error.to_string()))?;
    let keys = match set.remove("keys") {
        Some(Value::Array(keys)) => keys,
        Some(_) => return Err(KeySetError("its `keys` is not a list".to_owned())),
        None if set.contains_key("kty") => vec![Value::Object(set)],
        None => return Err(KeySetError("it has no member `keys`".to_owned())),
    };
    if keys.len() > KEYS_MAX {
        return Err(KeySetError(format!("it holds more than {KEYS_MAX} keys")));
    }
    let mut result = KeySet::default();
    for (key, number) in keys.iter().zip(1_usize..) {
        match key.as_object().ok_or("it is not an object".to_owned()).and_then(parse_key) {
            Ok(key) => result.keys.push(key),
            Err(reason) => result.ignored.push(format!("key {number} is not used: {reason}")),
        }
    }
    Ok(result)
}

/// Members that hold private or symmetric key material (RFC 7518 §6.2.2, §6.3.2, §6.4).
pub const PRIVATE_MEMBERS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// One key; the error is a reason in words.
pub fn parse_key(jwk: &Map<String, Value>) -> Result<VerificationKey, String> {
    if let Some(member) = PRIVATE_MEMBERS.iter().find(|member| jwk.contains_key(**member)) {
        return Err(format!("it shows the private member `{member}`, so the key is no secret any more"));
    }
    if let Some(usage) = text(jwk, "use")?.filter(|usage| *usage != "sig") {
        return Err(format!("its `use` is \"{}\", not \"sig\"", shown(usage)));
    }
    if let Some(operations) = jwk.get("key_ops") {
        let verifies = |list: &Vec<Value>| list.iter().any(|entry| entry == "verify");
        if !operations.as_array().is_some_and(verifies) {
            return Err("its `key_ops` does not list \"verify\"".to_owned());
        }
    }
    let public_key = public_key(jwk)?;
    let possible = public_key.algorithms();
    let algorithm = match text(jwk, "alg")? {
        None => possible.first().copied(),
        Some(name) => possible.iter().copied().find(|algorithm| algorithm.is_named(name)),
    };
    let algorithm = algorithm.ok_or_else(|| {
        let name = text(jwk, "alg").ok().flatten().map_or(String::new(), shown);
        format!("its `alg` is \"{name}\", which is not one for {} keys here", public_key.key_type())
    })?;
    Ok(VerificationKey { kid: text(jwk, "kid")?.map(str::to_owned), algorithm, public_key })
}

fn public_key(jwk: &Map<String, Value>) -> Result<PublicKey, String> {
    match (required(jwk, "kty")?, text(jwk, "crv")?) {
        ("RSA", _) => {
            let (n, e) = (integer(jwk, "n")?, integer(jwk, "e")?);
            PublicKey::rsa(&n, &e).ok_or_else(|| "its `n` or `e` is zero".to_owned())
        }
        ("EC", Some("P-256")) => Ok(PublicKey::p256(coordinate(jwk, "x")?, coordinate(jwk, "y")?)),
        ("OKP", Some("Ed25519")) => Ok(PublicKey::ed25519(coordinate(jwk, "x")?)),
        ("EC" | "OKP", curve) => Err(format!("its curve is \"{}\"", shown(curve.unwrap_or_default()))),
        (kind, _) => Err(format!("its `kty` is \"{}\"", shown(kind))),
    }
}

fn text<'j>(jwk: &'j Map<String, Value>, name: &str) -> Result<Option<&'j str>, String> {
    match jwk.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("its `{name}` is not text")),
    }
}

fn required<'j>(jwk: &'j Map<String, Value>, name: &str) -> Result<&'j str, String> {
    text(jwk, name)?.ok_or_else(|| format!("it has no `{name}`"))
}

fn integer(jwk: &Map<String, Value>, name: &str) -> Result<Vec<u8>, String> {
    compact::decode(required(jwk, name)?).ok_or_else(|| format!("its `{name}` is not base64url"))
}

fn coordinate(jwk: &Map<String, Value>, name: &str) -> Result<[u8; 32], String> {
    let bytes = integer(jwk, name)?;
    bytes.try_into().map_err(|_| format!("its `{name}` does not have 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EC: &str = r#""kty":"EC","crv":"P-256","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA""#;

    fn reason(members: &str) -> String {
        let set = parse(format!("{{\"keys\":[{{{members}}}]}}").as_bytes()).expect("a set");
        set.ignored.first().cloned().unwrap_or_default()
    }

    #[test]
    fn a_key_has_the_algorithm_of_its_alg_or_the_default_of_its_type() {
        let algorithm = |members: &str| {
            let set = parse(format!("{{{members}}}").as_bytes()).expect("a key");
            set.keys.first().map(|key| key.algorithm)
        };
        assert_eq!(algorithm(r#""kty":"RSA","n":"gAAB","e":"AQAB""#), Some(Algorithm::Rs256));
        assert_eq!(algorithm(r#""kty":"RSA","n":"gAAB","e":"AQAB","alg":"PS256""#), Some(Algorithm::Ps256));
        assert_eq!(algorithm(EC), Some(Algorithm::Es256));
        assert_eq!(algorithm(r#""kty":"RSA","n":"gAAB","e":"AQAB","alg":"HS256""#), None);
        assert_eq!(algorithm(&format!("{EC},\"alg\":\"RS256\"")), None);
    }

    #[test]
    fn keys_that_cannot_be_used_say_why() {
        for (members, part) in [
            (r#""kty":"oct","k":"AQ""#, "private member `k`"),
            (r#""kty":"RSA","n":"gAAB","e":"AQAB","d":"AQ""#, "private member `d`"),
            (r#""kty":"RSA","n":"gAAB=","e":"AQAB""#, "`n` is not base64url"),
            (r#""kty":"RSA","n":"AA","e":"AQAB""#, "is zero"),
            (r#""kty":"RSA","e":"AQAB""#, "no `n`"),
            (r#""kty":1"#, "`kty` is not text"),
            (r#""kty":"EC","crv":"P-521","x":"AQ","y":"AQ""#, "P-521"),
            (r#""kty":"EC","crv":"P-256","x":"AQ","y":"AQ""#, "32 bytes"),
            (r#""kty":"RSA","n":"gAAB","e":"AQAB","use":"enc""#, "\"enc\""),
            (r#""kty":"RSA","n":"gAAB","e":"AQAB","key_ops":["sign"]"#, "key_ops"),
        ] {
            assert!(reason(members).contains(part), "{members}: {}", reason(members));
        }
    }

    #[test]
    fn what_is_no_key_set_is_refused() {
        for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        let many = format!("{{\"keys\":[{}1]}}", "1,".repeat(KEYS_MAX));
        assert!(parse(many.as_bytes()).is_err());
    }
}
