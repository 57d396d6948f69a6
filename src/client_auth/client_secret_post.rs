//! `client_secret_post`: `client_id` and `client_secret` in the body (RFC 6749 §2.3.1).

use crate::client::{Presented, Proof};
use crate::oauth::Params;

pub const NAME: &str = "client_secret_post";
pub const CLIENT_SECRET: &str = "client_secret";

/// What the body presents; `None` without a `client_secret`. A secret without `client_id` is the
/// secret of nobody: authentication fails on it like on an unknown client.
pub fn parse(kind: &'static str, params: &Params<'_>) -> Option<Presented> {
    let secret = params.get(CLIENT_SECRET)?;
    let client_id = params.get("client_id").unwrap_or_default().to_owned();
    Some(Presented { kind, method: NAME, client_id, proof: Proof::secret(secret.as_bytes().to_vec()) })
}
