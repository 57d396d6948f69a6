//! A client assertion (RFC 7523 §2.2) for `signet token --key`.

use std::path::Path;

use anyhow::Context as _;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::json;

use super::Exit;
use super::exit::failure;
use crate::clock::{Clock as _, SystemClock};
use crate::config::read_regular;
use crate::jose::{Algorithm, compact};
use crate::keys::private_key_from_pem;

/// The value of `client_assertion_type`.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Time for one request.
const LIFETIME_SECONDS: i64 = 60;
const JTI_BYTES: usize = 16;
const KEY_BYTES_MAX: u64 = 64 * 1024;

/// An assertion of `client_id` for the issuer, signed with the private key in a PEM file.
///
/// # Errors
/// A file that cannot be read, or holds no key that can sign so.
pub fn sign(
    file: &Path,
    algorithm: Option<Algorithm>,
    kid: Option<&str>,
    client_id: &str,
    issuer: &str,
) -> anyhow::Result<String> {
    let shown = file.display();
    let content = read_regular(file, KEY_BYTES_MAX).with_context(|| format!("cannot read {shown}"))?;
    let key = private_key_from_pem(&zeroize::Zeroizing::new(content), algorithm)
        .map_err(|problem| failure(Exit::Configuration, format!("{shown} {problem}")))?;
    let mut jti = [0; JTI_BYTES];
    SystemRandom::new().fill(&mut jti).map_err(|_| anyhow::anyhow!("the system has no random numbers"))?;
    let now = SystemClock.now().seconds();
    let alg = key.algorithm().name();
    let header = match kid {
        Some(kid) => json!({"alg": alg, "kid": kid}),
        None => json!({"alg": alg}),
    };
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": issuer,
        "iat": now,
        "exp": now.saturating_add(LIFETIME_SECONDS),
        "jti": compact::encode(&jti),
    });
    let part = |value: serde_json::Value| compact::encode(value.to_string().as_bytes());
    let input = format!("{}.{}", part(header), part(claims));
    let mut signature = vec![0; key.signature_bytes()];
    key.sign(&[input.as_bytes()], &mut signature)?;
    Ok(format!("{input}.{}", compact::encode(&signature)))
}
