//! The issuer's public keys (RFC 7517), found by its metadata (RFC 8414, OpenID Connect Discovery) and
//! kept. Good tokens never wait for the network once there is a set: an old one is renewed in the
//! background. Only an unknown `kid` asks at once, and seldom, so that made-up tokens do not decide
//! how often the issuer is called. While the issuer is down, the keys that were fetched stay good.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard};

/// The issuer announces a key at least a day before it signs.
const FRESH_FOR: Duration = Duration::from_secs(5 * 60);
/// Between two tries, whatever came of the first.
const PAUSE: Duration = Duration::from_secs(30);
/// The same while there is no set at all: the issuer may be about to start.
const PAUSE_WITHOUT_KEYS: Duration = Duration::from_secs(1);
/// Keys that the issuer no longer confirms are not trusted for ever.
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
const DEADLINE: Duration = Duration::from_secs(5);
/// A set of ten large keys has 8 KiB.
const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
const KEYS_MAX: usize = 32;
/// Signatures that only the issuer can make: no HMAC, and not `none`.
const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

/// One key and the one algorithm it is for.
pub struct Key {
    pub algorithm: Algorithm,
    pub verification: DecodingKey,
}

#[derive(Debug, PartialEq, Eq)]
pub enum NoKey {
    /// The issuer's set does not have it.
    Unknown,
    /// There is no set to look into.
    Unreachable,
}

struct Fetched {
    keys: HashMap<String, Arc<Key>>,
    at: Instant,
}

/// Cheap to clone; clones share what was fetched.
#[derive(Clone)]
pub struct KeySet(Arc<Shared>);

struct Shared {
    issuer: String,
    client: reqwest::Client,
    fetched: RwLock<Option<Arc<Fetched>>>,
    /// Held while fetching: one call at a time. Holds when the last one ended.
    last_try: Mutex<Option<Instant>>,
}

impl KeySet {
    /// Fetches nothing yet: whichever of issuer and API starts first does not matter.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(issuer: &str) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(DEADLINE)
            .no_proxy() // the issuer is a neighbour; who has a proxy in between removes this line
            .build()?;
        let issuer = issuer.to_owned();
        Ok(Self(Arc::new(Shared { issuer, client, fetched: RwLock::default(), last_try: Mutex::default() })))
    }

    /// The key that a token names.
    ///
    /// # Errors
    /// When there is none, after a fetch if the last one is not too recent.
    pub async fn find(&self, kid: &str) -> Result<Arc<Key>, NoKey> {
        if let Some(fetched) = self.current()
            && let Some(key) = fetched.keys.get(kid)
        {
            if fetched.at.elapsed() > FRESH_FOR {
                let set = self.clone();
                actix_web::rt::spawn(async move {
                    if let Ok(last_try) = set.0.last_try.try_lock() {
                        set.refresh(last_try).await;
                    }
                });
            }
            return Ok(key.clone());
        }
        let asked = Instant::now();
        let last_try = self.0.last_try.lock().await;
        // Who waited while another one fetched takes what that brought.
        if last_try.is_none_or(|ended| ended < asked) {
            self.refresh(last_try).await;
        }
        let fetched = self.current().ok_or(NoKey::Unreachable)?;
        fetched.keys.get(kid).cloned().ok_or(NoKey::Unknown)
    }

    fn current(&self) -> Option<Arc<Fetched>> {
        let fetched = self.0.fetched.read().unwrap_or_else(PoisonError::into_inner).clone();
        fetched.filter(|fetched| fetched.at.elapsed() < KEPT_FOR)
    }

    /// Once in a pause at most, however many ask; a failure keeps what there is.
    async fn refresh(&self, mut last_try: MutexGuard<'_, Option<Instant>>) {
        let pause = if self.current().is_some() { PAUSE } else { PAUSE_WITHOUT_KEYS };
        if last_try.is_some_and(|ended| ended.elapsed() < pause) {
            return;
        }
        match self.fetch().await {
            Ok(keys) => {
                let fetched = Some(Arc::new(Fetched { keys, at: Instant::now() }));
                *self.0.fetched.write().unwrap_or_else(PoisonError::into_inner) = fetched;
            }
            // To a log of yours; this example has none. A closed stderr is no reason to stop.
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "keys of {} not fetched: {error:#}", self.0.issuer);
            }
        }
        *last_try = Some(Instant::now());
    }

    async fn fetch(&self) -> anyhow::Result<HashMap<String, Arc<Key>>> {
        #[derive(Deserialize)]
        struct Metadata {
            issuer: String,
            jwks_uri: String,
        }
        let issuer = &self.0.issuer;
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let metadata: Metadata = serde_json::from_slice(&self.get(&address).await?).context(address)?;
        // RFC 8414 §3.3: otherwise one issuer could speak for another.
        ensure!(metadata.issuer == *issuer, "the metadata are of {}", metadata.issuer);
        let keys = keys_of(&self.get(&metadata.jwks_uri).await?)?;
        ensure!(!keys.is_empty(), "{} holds no key for signatures", metadata.jwks_uri);
        Ok(keys)
    }

    async fn get(&self, address: &str) -> anyhow::Result<Vec<u8>> {
        let mut response = self.0.client.get(address).send().await?;
        ensure!(response.status() == reqwest::StatusCode::OK, "{address} answers {}", response.status());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            ensure!(body.len() + chunk.len() <= DOCUMENT_BYTES_MAX, "{address} is too large");
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Keys of kinds and algorithms that are not known here are left out and not an error: a set may hold
/// more than this API uses (RFC 7517 §5).
fn keys_of(document: &[u8]) -> anyhow::Result<HashMap<String, Arc<Key>>> {
    #[derive(Deserialize)]
    struct Document {
        keys: Vec<Value>,
    }
    let document: Document = serde_json::from_slice(document).context("this is no key set")?;
    ensure!(document.keys.len() <= KEYS_MAX, "more than {KEYS_MAX} keys");
    let readable = document.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    Ok(readable.filter_map(|jwk| usable(&jwk)).collect())
}

fn usable(jwk: &Jwk) -> Option<(String, Arc<Key>)> {
    let common = &jwk.common;
    if common.public_key_use.as_ref().is_some_and(|usage| *usage != PublicKeyUse::Signature) {
        return None;
    }
    let algorithm = common.key_algorithm?.to_string().parse().ok()?;
    if !ALGORITHMS.contains(&algorithm) {
        return None;
    }
    let verification = DecodingKey::from_jwk(jwk).ok()?;
    Some((common.key_id.clone()?, Arc::new(Key { algorithm, verification })))
}
