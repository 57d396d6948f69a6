//! Claims and header, then the signature around them. The two halves are apart, because signing
//! may wait for others that are ready at the same moment (`http/signing_queue.rs`).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::Authorization;
use super::claims::Claims;
use super::{Place, Reach, lifetime};
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

/// A token that lacks nothing but its signature.
pub struct UnsignedToken {
    key: Arc<dyn SigningKey>,
    /// Header, dot, claims (RFC 7515 §5.1); the signature is appended.
    signing_input: String,
    jti: String,
    lifetime_seconds: u32,
    issued_at: UnixTime,
    scope: String,
    /// Where the signed token is kept for others, when the client wants it.
    place: Option<Place>,
}

/// Claims may be confidential; only the key is named.
impl fmt::Debug for UnsignedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnsignedToken({:?})", self.key)
    }
}

impl UnsignedToken {
    pub fn key(&self) -> &Arc<dyn SigningKey> {
        &self.key
    }

    pub fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    /// The same token, to be kept at `place` once it is signed.
    #[must_use]
    pub fn kept_at(self, place: Option<Place>) -> Self {
        Self { place, ..self }
    }

    /// Would the token of the other do for this request as well?
    pub fn is_served_by(&self, other: &Self) -> bool {
        self.place.as_ref().zip(other.place.as_ref()).is_some_and(|(one, other)| one.is(other))
    }

    pub fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// The token with its signature, which took `signing`.
    pub fn with_signature(self, signature: &[u8], signing: Duration) -> SignedToken {
        let Self { key, signing_input: mut compact, jti, lifetime_seconds, issued_at, scope, place } = self;
        compact.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut compact);
        let kid = key.kid().to_owned();
        let token =
            SignedToken { compact, jti, kid, lifetime_seconds, issued_at, scope, signing: Some(signing) };
        if let Some(place) = place {
            place.keep(&token);
        }
        token
    }
}

/// A token, signed, and what the audit event says of it. Never printed: the text is a credential.
#[derive(Clone)]
pub struct SignedToken {
    pub compact: String,
    pub jti: String,
    pub kid: String,
    /// What is left from `issued_at` on: `expires_in`.
    pub lifetime_seconds: u32,
    pub issued_at: UnixTime,
    pub scope: String,
    /// Time spent in the signature; none for a token that is given out again.
    pub signing: Option<Duration>,
}

impl SignedToken {
    /// The same token, given out at a later moment.
    pub fn again(&self, now: UnixTime) -> Option<Self> {
        let gone = u32::try_from(now.since(self.issued_at)).ok()?;
        let lifetime_seconds = self.lifetime_seconds.checked_sub(gone)?;
        Some(Self { lifetime_seconds, issued_at: now, signing: None, ..self.clone() })
    }
}

impl Minter {
    pub fn new(settings: MintSettings) -> Self {
        Self { settings, random: SystemRandom::new() }
    }

    pub fn settings(&self) -> &MintSettings {
        &self.settings
    }

    /// Writes the access token (RFC 9068 §2) that `authorization` describes, up to the signature.
    ///
    /// # Errors
    /// `server_error` when no key is active or the system has no random numbers.
    pub fn write(
        &self,
        authorization: &Authorization<'_>,
        keyring: &Keyring,
        now: UnixTime,
    ) -> Result<UnsignedToken, Refusal> {
        let (client, reach) = (authorization.client(), authorization.reach());
        let key = signing_key(reach, keyring, now)?;
        let lifetime_seconds = lifetime(client, reach, self.settings.access_token_lifetime_seconds).seconds;
        let jti = self.jti()?;
        let scope = reach.scope();
        let claims = Claims {
            issuer: self.settings.issuer.as_str(),
            client,
            reach,
            scope: &scope,
            issued_at: now.minus(self.settings.clock_allowance_seconds.into()),
            expires: now.plus(lifetime_seconds.into()),
            jti: &jti,
        };
        // Room for the signature of a 4096-bit key too.
        let mut signing_input = String::with_capacity(1536);
        URL_SAFE_NO_PAD.encode_string(header(&**key, reach.resource().typ), &mut signing_input);
        signing_input.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.to_json(), &mut signing_input);
        let (key, issued_at) = (Arc::clone(key), now);
        Ok(UnsignedToken { key, signing_input, jti, lifetime_seconds, issued_at, scope, place: None })
    }

    fn jti(&self) -> Result<String, Refusal> {
        let mut bytes = [0; JTI_BYTES];
        self.random.fill(&mut bytes).map_err(|_| &SIGNING_FAILED)?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// The key that signs a token with this reach.
///
/// # Errors
/// `server_error` when no key of the algorithm is active.
pub fn signing_key<'k>(
    reach: &Reach<'_>,
    keyring: &'k Keyring,
    now: UnixTime,
) -> Result<&'k Arc<dyn SigningKey>, Refusal> {
    keyring.signing(reach.resource().signing_alg, now).ok_or_else(|| (&NO_SIGNING_KEY).into())
}

/// `alg`, `typ`, `kid`, in this order and nothing else.
fn header(key: &dyn SigningKey, typ: TokenType) -> String {
    format!("{{\"alg\":\"{}\",\"typ\":\"{}\",\"kid\":\"{}\"}}", key.algorithm(), typ.as_str(), key.kid())
}
