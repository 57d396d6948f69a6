//! Judges tokens with `jsonwebtoken` and the key set as it is served; nothing of ours is asked.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

#[derive(Debug)]
pub struct Token {
    pub header: Value,
    pub claims: Value,
}

/// Header and claims of a token whose signature verifies.
///
/// # Panics
/// When it does not verify. Times are not looked at here: the test's clock stands still.
pub fn judge(token: &str, key_set: &Value) -> Token {
    let set: JwkSet = serde_json::from_value(key_set.clone()).expect("a key set that others can read");
    let header = decode_header(token).expect("a header that others can read");
    let kid = header.kid.as_deref().expect("a kid");
    let key = set.find(kid).unwrap_or_else(|| panic!("kid {kid} is not in the key set"));
    // The key says what it is for, not the token.
    let algorithm = key.common.key_algorithm.expect("an alg").to_string().parse().expect("a known alg");
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let decoded = decode::<Value>(token, &DecodingKey::from_jwk(key).expect("a usable key"), &validation)
        .expect("a signature that verifies");
    let encoded = token.split('.').next().expect("a first part");
    let header = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, encoded);
    let header = serde_json::from_slice(&header.expect("base64url")).expect("JSON");
    Token { header, claims: decoded.claims }
}
