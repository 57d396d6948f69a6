//! Claims, header, signature: the last step, and the only one that touches a private key.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::Authorization;
use super::claims::Claims;
use crate::client::TokenType;
use crate::clock::UnixTime;
use crate::keys::{Keyring, SigningKey};
use crate::oauth::{IssuerUrl, Refusal};

crate::oauth::reasons! {
    SIGNING_FAILED = ServerError SIGNING_FAILED;
    NO_SIGNING_KEY = ServerError NO_SIGNING_KEY;
}

/// Random bytes of a `jti`: 128 bits, unique across replicas without asking one.
const JTI_BYTES: usize = 16;

/// The parts of a token that come from the settings.
#[derive(Clone, Debug)]
pub struct MintSettings {
    pub issuer: IssuerUrl,
    /// Lifetime where neither client nor resource sets one.
    pub access_token_lifetime_seconds: u32,
    /// `iat` is set back by this much, for verifiers whose clock is behind.
    pub clock_allowance_seconds: u32,
}

/// Signs tokens of one issuer.
#[derive(Debug)]
pub struct Minter {
    settings: MintSettings,
    random: SystemRandom,
}

/// A token, signed, and what the audit event says of it. Never printed: the text is a credential.
pub struct SignedToken {
    pub compact: String,
    pub jti: String,
    pub kid: String,
    pub lifetime_seconds: u32,
    pub scope: String,
    /// Time spent in the signature.
    pub signing: Duration,
}

impl Minter {
    pub fn new(settings: MintSettings) -> Self {
        Self { settings, random: SystemRandom::new() }
    }

    pub fn settings(&self) -> &MintSettings {
        &self.settings
    }

    /// Mints the access token (RFC 9068 §2) that `authorization` describes.
    ///
    /// # Errors
    /// `server_error` when no key is active, the system has no random numbers, or the backend
    /// fails or withholds a signature.
    pub fn mint(
        &self,
        authorization: &Authorization<'_>,
        keyring: &Keyring,
        now: UnixTime,
    ) -> Result<SignedToken, Refusal> {
        let resource = authorization.reach.resource();
        let key = keyring.signing(resource.signing_alg, now).ok_or(&NO_SIGNING_KEY)?;
        let lifetime_seconds = self.lifetime_seconds(authorization);
        let jti = self.jti()?;
        let scope = authorization.reach.scope();
        let claims = Claims {
            issuer: self.settings.issuer.as_str(),
            client: authorization.client,
            reach: &authorization.reach,
            scope: &scope,
            issued_at: now.minus(self.settings.clock_allowance_seconds.into()),
            expires: now.plus(lifetime_seconds.into()),
            jti: &jti,
        };
        let mut compact = String::with_capacity(1536);
        URL_SAFE_NO_PAD.encode_string(header(&**key, resource.typ), &mut compact);
        compact.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.to_json(), &mut compact);
        let before = Instant::now();
        let mut signature = vec![0; key.signature_bytes()];
        key.sign(&[compact.as_bytes()], &mut signature).map_err(|_| &SIGNING_FAILED)?;
        let signing = before.elapsed();
        compact.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut compact);
        Ok(SignedToken { compact, jti, kid: key.kid().to_owned(), lifetime_seconds, scope, signing })
    }

    /// Client, else the shortest of the resources, else the default.
    fn lifetime_seconds(&self, authorization: &Authorization<'_>) -> u32 {
        let of_resources = || {
            let default = self.settings.access_token_lifetime_seconds;
            let lifetimes = authorization.reach.resources();
            lifetimes
                .map(|resource| resource.access_token_lifetime_seconds.unwrap_or(default))
                .min()
                .unwrap_or(default)
        };
        authorization.client.access_token_lifetime_seconds.unwrap_or_else(of_resources)
    }

    fn jti(&self) -> Result<String, Refusal> {
        let mut bytes = [0; JTI_BYTES];
        self.random.fill(&mut bytes).map_err(|_| &SIGNING_FAILED)?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// `alg`, `typ`, `kid`, in this order and nothing else.
fn header(key: &dyn SigningKey, typ: TokenType) -> String {
    format!("{{\"alg\":\"{}\",\"typ\":\"{}\",\"kid\":\"{}\"}}", key.algorithm(), typ.as_str(), key.kid())
}
