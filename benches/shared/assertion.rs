//! A client that signs assertions (RFC 7523 §2.2).

use std::sync::Arc;

use signet::jose::{Algorithm, compact};
use signet::keys::{SigningKey, generate, private_key_from_pem};

pub struct Client {
    key: Arc<dyn SigningKey>,
    /// The public half.
    pub jwk: String,
}

impl Client {
    pub fn new(algorithm: Algorithm) -> Self {
        let (key, jwk) = generate::private_key(algorithm, generate::BITS).expect("a key");
        let key = private_key_from_pem(key.pem().as_bytes(), Some(algorithm)).expect("a key");
        Self { key, jwk: jwk.to_json() }
    }

    /// The form that presents a new one of the client `signs`.
    pub fn form(&self, issuer: &str, now: i64, n: usize) -> String {
        let header = format!("{{\"alg\":\"{}\"}}", self.key.algorithm().name());
        let claims = format!(
            "{{\"iss\":\"signs\",\"sub\":\"signs\",\"aud\":\"{issuer}\",\"iat\":{now},\"exp\":{},\"jti\":\"assertion-{n}\"}}",
            now + 60
        );
        let input = format!("{}.{}", compact::encode(header.as_bytes()), compact::encode(claims.as_bytes()));
        let mut signature = vec![0; self.key.signature_bytes()];
        self.key.sign(&[input.as_bytes()], &mut signature).expect("a signature");
        format!(
            "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A\
             jwt-bearer&client_assertion={input}.{}",
            compact::encode(&signature)
        )
    }
}
