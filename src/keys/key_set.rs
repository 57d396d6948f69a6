//! The published key set (RFC 7517 §5) as bytes.

use super::keyring::PublishedKey;

/// `{"keys":[…]}` in the order given, each key with `kty`, `use`, `alg`, `kid` and its public
/// members. Same keys, same bytes: the `ETag` is made from them.
pub fn key_set_json(keys: &[PublishedKey<'_>]) -> Vec<u8> {
    let keys: Vec<String> = keys.iter().map(|key| key.jwk.to_json()).collect();
    format!("{{\"keys\":[{}]}}", keys.join(",")).into_bytes()
}
