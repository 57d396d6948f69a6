//! One proof that a client may authenticate with, and what a request presents against it. The
//! kinds themselves are plug-ins of `client_auth`; here is only what all of them share.

use std::fmt;
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

use crate::clock::UnixTime;
use crate::jose::UnverifiedJwt;
use crate::jose::key_set::VerificationKey;
use crate::oauth::Reason;

/// The dates of a credential. Both ends count: valid from `not_before` on, until before `expires`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Validity {
    pub not_before: Option<UnixTime>,
    pub expires: Option<UnixTime>,
}

/// Where a time stands to the dates of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    NotYetValid,
    Live,
    Expired,
}

impl Validity {
    pub fn phase(&self, now: UnixTime) -> Phase {
        match (self.not_before, self.expires) {
            (_, Some(expires)) if now >= expires => Phase::Expired,
            (Some(start), _) if now < start => Phase::NotYetValid,
            _ => Phase::Live,
        }
    }
}

/// A credential of a client: its kind, its dates, and the check.
#[derive(Debug)]
pub struct Credential {
    /// The name of the kind, as in `clients.yaml`.
    pub kind: &'static str,
    pub validity: Validity,
    pub note: Option<Box<str>>,
    pub verifier: Box<dyn Verifier>,
    /// 1-based line of the file where it stands, for `why` and audit.
    pub line: u32,
}

/// Checks a proof against one registered credential. Implementations hold digests or public keys,
/// never a secret in clear, and compare in constant time.
pub trait Verifier: Send + Sync + fmt::Debug {
    /// # Errors
    /// Why `proof` does not fit, or that it takes a slow check to know.
    fn verify(&self, proof: &Proof, context: &Context<'_>) -> Result<Fit, Misfit>;

    /// What [`Misfit::Unsettled`] asks for: a check that takes milliseconds by design and must not
    /// run on a thread that answers requests.
    fn verify_slowly(&self, _reading: &Reading) -> bool {
        false
    }

    /// Digest that is equal for equal credentials, to find two clients that share one.
    fn fingerprint(&self) -> [u8; 32];

    /// What decides which proofs fit, in words that may be shown: keys by thumbprint, tolerances.
    /// Their order means nothing. Empty where the fingerprint says it all.
    fn terms(&self) -> Vec<String> {
        Vec::new()
    }

    /// Where its keys come from when not from the client file: `jwks_file billing.pem`.
    fn origin(&self) -> Option<String> {
        None
    }

    /// The address that its keys have to be fetched from.
    fn key_source(&self) -> Option<&Arc<str>> {
        None
    }
}

/// Why a proof does not fit, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The error code of the reason is always `invalid_client`.
    Wrong(&'static Reason),
    /// Nobody knows yet: [`Verifier::verify_slowly`] has to be asked.
    Unsettled,
    /// Nobody can know now: the keys are not at hand.
    Unavailable,
}

impl From<&'static Reason> for Misfit {
    fn from(reason: &'static Reason) -> Self {
        Self::Wrong(reason)
    }
}

/// Outcomes of slow checks that were made before.
pub trait Settled {
    /// `None` when nobody has asked `verify_slowly` of the credential with this fingerprint.
    fn outcome(&self, fingerprint: &[u8; 32], reading: &Reading) -> Option<bool>;
}

/// Nothing is settled.
impl Settled for () {
    fn outcome(&self, _fingerprint: &[u8; 32], _reading: &Reading) -> Option<bool> {
        None
    }
}

/// Key sets that clients publish at addresses of their own.
pub trait KeySets {
    /// The keys from there that may be used now; `None` when there are none, for now.
    fn of(&self, source: &str, now: UnixTime) -> Option<Arc<[VerificationKey]>>;
}

/// Nothing was fetched.
impl KeySets for () {
    fn of(&self, _source: &str, _now: UnixTime) -> Option<Arc<[VerificationKey]>> {
        None
    }
}

/// What a check knows beside the proof.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    pub now: UnixTime,
    /// Our own names, for proofs that are addressed to somebody.
    pub issuer: &'c str,
    pub token_endpoint: &'c str,
    pub settled: &'c dyn Settled,
    pub key_sets: &'c dyn KeySets,
}

impl Context<'_> {
    /// For checks of a file, where nobody is addressed.
    pub fn offline(now: UnixTime) -> Self {
        Self { now, issuer: "", token_endpoint: "", settled: &(), key_sets: &() }
    }
}

/// A proof that fits.
#[derive(Clone, Debug, Default)]
pub struct Fit {
    /// Tolerances that it needed, each a word of a closed set.
    pub relaxations: Vec<&'static str>,
    /// Set when the proof may be used once only.
    pub once: Option<Once>,
}

/// A proof for one use: its name at the client, and when it ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    pub jti: String,
    pub expires: UnixTime,
}

/// What a request presented for authentication, before anything of it was checked.
#[derive(Debug)]
pub struct Presented {
    /// The kind of credential that can check it.
    pub kind: &'static str,
    /// The registered name of the method (RFC 7591 §2, `token_endpoint_auth_method`).
    pub method: &'static str,
    /// Whom the request claims to be. Text of the request: not yet an identifier.
    pub client_id: String,
    pub proof: Proof,
}

/// One reading of a secret that was sent. Wiped when dropped.
pub struct Reading {
    bytes: Zeroizing<Vec<u8>>,
    sha256: [u8; 32],
}

impl Reading {
    pub fn new(bytes: Vec<u8>) -> Self {
        let bytes = Zeroizing::new(bytes);
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest(&SHA256, &bytes).as_ref());
        Self { bytes, sha256 }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Computed once a request, so that a client with many secrets, one with none and an unknown
    /// one cost the same.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }
}

/// What a kind of credential checks.
pub enum Proof {
    Secret {
        reading: Reading,
        /// A second reading of the same text, tried when the first does not fit: the raw form of a
        /// Basic password, which half of the clients send (RFC 6749 §2.3.1 wants it form-encoded).
        raw: Option<Reading>,
    },
    /// A JWT (RFC 7523 §2.2).
    Assertion(Box<UnverifiedJwt>),
    /// What was sent cannot be a proof of this kind whoever the client is.
    Unreadable(&'static Reason),
}

impl Proof {
    pub fn secret(bytes: Vec<u8>) -> Self {
        Self::Secret { reading: Reading::new(bytes), raw: None }
    }

    /// With both readings of a Basic password.
    pub fn encoded_or_raw(encoded: Vec<u8>, raw: Vec<u8>) -> Self {
        Self::Secret { reading: Reading::new(encoded), raw: Some(Reading::new(raw)) }
    }
}

/// A proof is never printed.
impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(..)")
    }
}
