//! The verifier snippet of the page.

use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};

#[derive(serde::Deserialize)]
pub struct Claims {
    pub client_id: String,
}

pub fn verify(token: &str, keys: &JwkSet) -> Result<Claims, Error> {
    // SNIPPET
    Ok(claims)
}
