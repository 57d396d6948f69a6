//! The JWK thumbprint (RFC 7638) with SHA-256: the `kid` of our keys, and the `jkt` of keys that
//! tokens are bound to. One function for both, so that they cannot differ.

use ring::digest::{SHA256, digest};

use super::PublicKey;
use super::compact;

/// base64url of SHA-256 over the required members in lexicographic order, without white space
/// (RFC 7638 §3, §3.2; RFC 8037 §2 for OKP).
pub fn sha256(key: &PublicKey) -> String {
    compact::encode(digest(&SHA256, canonical(key).as_bytes()).as_ref())
}

/// The text that is hashed. The public members of every type we have are exactly its required
/// ones, and their values need no escaping.
fn canonical(key: &PublicKey) -> String {
    let mut members = key.members();
    members.push(("kty", key.key_type().to_owned()));
    members.sort_unstable();
    let members: Vec<String> =
        members.into_iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        compact::decode(text).expect("base64url")
    }

    fn coordinate(text: &str) -> [u8; 32] {
        bytes(text).try_into().expect("32 bytes")
    }

    /// RFC 7638 §3.1.
    #[test]
    fn c11_rsa_known_answer() {
        let n = bytes(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP\
             ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Qvzq\
             Y368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu\
             0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        );
        let key = PublicKey::rsa(&n, &[1, 0, 1]).expect("RSA");
        assert_eq!(sha256(&key), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    /// RFC 8037 Appendix A.3.
    #[test]
    fn c11_okp_known_answer() {
        let key = PublicKey::ed25519(coordinate("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
        assert_eq!(sha256(&key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    /// The key of RFC 9449 §4.1 and its `jkt` in §6.1.
    #[test]
    fn c11_ec_known_answer() {
        let key = PublicKey::p256(
            coordinate("l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs"),
            coordinate("9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"),
        );
        assert_eq!(sha256(&key), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    }
}
