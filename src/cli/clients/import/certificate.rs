//! The public key of a client that stands as a certificate, or as a bare key, in base64 with or
//! without the lines of PEM. Dates and names of a certificate say nothing here: it is a key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::jose::{Algorithm, Jwk};
use crate::keys::public_key_from_pem;

/// The key as a JWK. The first algorithm of its type holds, unless `algorithm` is another one of it.
///
/// # Errors
/// Why there is none, in words.
pub fn jwk(text: &str, is_certificate: bool, algorithm: Option<Algorithm>) -> Result<Value, String> {
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    let der = STANDARD.decode(base64).map_err(|_| "it is not base64".to_owned())?;
    let info = if is_certificate {
        let (_, certificate) =
            x509_parser::parse_x509_certificate(&der).map_err(|_| "it is no certificate".to_owned())?;
        certificate.public_key().raw.to_vec()
    } else {
        der
    };
    let body = STANDARD.encode(info);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
    let key = public_key_from_pem(pem.as_bytes()).map_err(|reason| format!("it {reason}"))?;
    let algorithm =
        algorithm.filter(|one| key.algorithms().contains(one)).or(key.algorithms().first().copied());
    let jwk = algorithm.and_then(|algorithm| Jwk::new(algorithm, key).ok());
    let jwk = jwk.ok_or_else(|| "its key is of no type that can be used".to_owned())?;
    let mut jwk: Value = serde_json::from_str(&jwk.to_json()).map_err(|error| error.to_string())?;
    // The client names the key by its own `kid`, or not at all.
    if let Some(members) = jwk.as_object_mut() {
        members.remove("kid");
    }
    Ok(jwk)
}
