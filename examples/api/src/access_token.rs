//! RFC 9068 §4: whether a token is good for this API. The key, and with it the algorithm, is the
//! issuer's; nothing in the token chooses how it is judged. What stands beside the signature and
//! `jsonwebtoken` leaves to its user (`typ`, `crit`, required claims) is checked here. Knows no HTTP.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

use crate::key_set::{KeySet, NoKey};

/// How far the clocks of issuer and API may be apart.
const LEEWAY_SECONDS: u64 = 10;
/// The only two spellings of an access token's type (RFC 9068 §4). An ID token, an introspection
/// answer or an assertion says something else, or nothing.
const TYPES: [&str; 2] = ["at+jwt", "application/at+jwt"];

/// A token that passed every check.
#[derive(Debug)]
pub struct AccessToken {
    pub client_id: String,
    scope: String,
}

impl AccessToken {
    pub fn has_scope(&self, name: &str) -> bool {
        self.scope.split(' ').any(|scope| scope == name)
    }
}

/// Why a token is not accepted. The sentences say nothing that its sender could not know.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    Token(&'static str),
    /// There is no key to judge it by, and none could be fetched.
    NoKeys,
}

/// RFC 9068 §2.2: all of these are required, as texts: `jsonwebtoken` by itself takes a list that holds
/// the issuer for `iss`. And `cnf` (RFC 7800) would tie the token to a key whose
/// proof this API does not ask for.
#[derive(Deserialize)]
struct Claims {
    #[serde(rename = "iss")]
    _iss: String,
    client_id: String,
    #[serde(rename = "sub")]
    _sub: String,
    #[serde(rename = "jti")]
    _jti: String,
    iat: u64,
    #[serde(default)]
    scope: String,
    cnf: Option<Value>,
}

/// What tokens for this API look like.
pub struct Verifier {
    issuer: String,
    audience: String,
    keys: KeySet,
}

impl Verifier {
    pub fn new(issuer: String, audience: String, keys: KeySet) -> Self {
        Self { issuer, audience, keys }
    }

    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// # Errors
    /// When the token is not a good access token of the issuer for this API.
    pub async fn verify(&self, token: &str) -> Result<AccessToken, Refusal> {
        let header = decode_header(token).map_err(|_| Refusal::Token("this is no signed JWT"))?;
        let typ = header.typ.as_deref().unwrap_or_default();
        if !TYPES.iter().any(|accepted| accepted.eq_ignore_ascii_case(typ)) {
            return Err(Refusal::Token("this is another kind of token: typ is not at+jwt"));
        }
        if header.crit.is_some() {
            // RFC 7515 §4.1.11: nothing that could stand there is understood here.
            return Err(Refusal::Token("the token has critical header members"));
        }
        let kid = header.kid.ok_or(Refusal::Token("the token names no key"))?;
        let key = self.keys.find(&kid).await.map_err(|missing| match missing {
            NoKey::Unknown => Refusal::Token("the token is signed with no key of the issuer"),
            NoKey::Unreachable => Refusal::NoKeys,
        })?;
        let mut rules = Validation::new(key.algorithm);
        rules.leeway = LEEWAY_SECONDS;
        rules.validate_nbf = true;
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[&self.audience]);
        rules.set_required_spec_claims(&["iss", "exp", "aud", "sub"]);
        let claims = decode::<Claims>(token, &key.verification, &rules)
            .map_err(|error| Refusal::Token(in_words(error.kind())))?
            .claims;
        if claims.iat > unix_seconds().saturating_add(LEEWAY_SECONDS) {
            return Err(Refusal::Token("the token is from the future"));
        }
        if claims.cnf.is_some() {
            return Err(Refusal::Token("the token is bound to a key, and this API asks for no proof of it"));
        }
        Ok(AccessToken { client_id: claims.client_id, scope: claims.scope })
    }
}

fn in_words(kind: &jsonwebtoken::errors::ErrorKind) -> &'static str {
    use jsonwebtoken::errors::ErrorKind::*;
    match kind {
        ExpiredSignature => "the token has expired",
        ImmatureSignature => "the token is not valid yet",
        InvalidIssuer => "the token is from another issuer",
        InvalidAudience => "the token is for another API",
        MissingRequiredClaim(_) | Json(_) => "the token lacks a claim of an access token",
        InvalidAlgorithm => "the token is signed with another algorithm than its key is for",
        _ => "the signature is wrong",
    }
}

fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
