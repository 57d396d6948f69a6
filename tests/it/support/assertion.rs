//! Client assertions as a client would make them, and as nobody should: header and claims are
//! whatever the test says, signed by `ring`, which the server does not use for assertions.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use signet::jose::Algorithm;
use signet::keys::generate;

use super::server::{ISSUER, NOW, key_pem};

pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A key pair of a client.
pub struct ClientKey {
    pub algorithm: &'static str,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn der_of(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64::engine::general_purpose::STANDARD.decode(text).expect("PEM")
}

impl ClientKey {
    /// RS256, with one key for all tests, because making one takes long.
    pub fn rsa() -> Self {
        Self::of_rsa("RS256")
    }

    pub fn pss() -> Self {
        Self::of_rsa("PS256")
    }

    fn of_rsa(algorithm: &'static str) -> Self {
        static DER: OnceLock<Vec<u8>> = OnceLock::new();
        let der = DER.get_or_init(|| {
            let (key, _) = generate::private_key(Algorithm::Rs256, generate::BITS).expect("a key");
            der_of(&key.pem())
        });
        Self { algorithm, pair: Pair::Rsa(RsaKeyPair::from_pkcs8(der).expect("an RSA key")) }
    }

    /// What a `TestServer` signs with: for tokens that it would never issue.
    pub fn of_server() -> Self {
        let pair = RsaKeyPair::from_pkcs8(&der_of(key_pem())).expect("an RSA key");
        Self { algorithm: "RS256", pair: Pair::Rsa(pair) }
    }

    pub fn ec() -> Self {
        Self::ec_and_certificate().0
    }

    /// With a certificate of itself, as DER.
    pub fn ec_and_certificate() -> (Self, Vec<u8>) {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("an EC key");
        let for_certificate = rcgen::KeyPair::try_from(document.as_ref()).expect("the same key");
        let certificate =
            rcgen::CertificateParams::new(vec!["client.example.com".to_owned()]).expect("a name");
        let certificate = certificate.self_signed(&for_certificate).expect("a certificate");
        (Self { algorithm: "ES256", pair: Pair::P256(pair) }, certificate.der().to_vec())
    }

    pub fn ed25519() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("an Ed25519 key");
        Self { algorithm: "EdDSA", pair: Pair::Ed25519(pair) }
    }

    /// The public half as a JWK; JSON is YAML too.
    pub fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                let public = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "alg": self.algorithm, "n": b64(&public.n), "e": b64(&public.e)})
            }
            Pair::P256(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                json!({"kty": "EC", "crv": "P-256", "x": b64(&point[..32]), "y": b64(&point[32..])})
            }
            Pair::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key().as_ref())})
            }
        }
    }

    /// The public half as PEM.
    pub fn pem(&self) -> String {
        let jwk = self.jwk();
        let key = signet::jose::key_set::parse_key(jwk.as_object().expect("an object")).expect("a key");
        signet::keys::public_key_pem(&key.public_key)
    }

    pub fn sign(&self, input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let padding: &dyn ring::signature::RsaEncoding =
                    if self.algorithm == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                pair.sign(padding, &random, input, &mut signature).expect("a signature");
                signature
            }
            Pair::P256(pair) => pair.sign(&random, input).expect("a signature").as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(input).as_ref().to_vec(),
        }
    }

    /// Any text, with a dot and its signature.
    pub fn signed(&self, input: &str) -> String {
        format!("{input}.{}", b64(&self.sign(input.as_bytes())))
    }

    /// Any two texts, or what is none, signed.
    pub fn jwt_of(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        self.signed(&format!("{}.{}", b64(header.as_ref()), b64(claims.as_ref())))
    }

    pub fn jwt(&self, header: &Value, claims: &Value) -> String {
        self.jwt_of(header.to_string(), claims.to_string())
    }

    /// An assertion with nothing wrong about it.
    pub fn assertion(&self, client: &str, jti: &str) -> String {
        self.jwt(&json!({"alg": self.algorithm}), &claims(client, jti))
    }
}

pub fn claims(client: &str, jti: &str) -> Value {
    json!({"iss": client, "sub": client, "aud": ISSUER, "iat": NOW, "exp": NOW + 60, "jti": jti})
}

/// The form that presents it.
pub fn form(assertion: &str) -> String {
    format!("grant_type=client_credentials&client_assertion_type={JWT_BEARER}&client_assertion={assertion}")
}

/// One client with these keys; `more` stands beside `jwks`.
pub fn client_list(client: &str, keys: &[Value], more: &str) -> String {
    client_list_with(client, &format!("jwks: {}", json!({"keys": keys})), more)
}

/// One client whose keys are where `source` says.
pub fn client_list_with(client: &str, source: &str, more: &str) -> String {
    format!(
        "resources:\n  - audience: https://invoices.example.com\n    scopes: [invoices:read]\n\
         clients:\n  - client_id: {client}\n    credentials:\n      - private_key_jwt:\n          {source}\n{more}    scope: invoices:read\n"
    )
}

/// Clients, each with one key.
pub fn client_list_of(clients: &[(&str, &ClientKey)]) -> String {
    let mut list =
        "resources:\n  - audience: https://invoices.example.com\n    scopes: [invoices:read]\nclients:\n"
            .to_owned();
    for (client, key) in clients {
        list += &format!(
            "  - client_id: {client}\n    credentials:\n      - private_key_jwt: {{jwks: {{keys: [{}]}}}}\n    scope: invoices:read\n",
            key.jwk()
        );
    }
    list
}
