//! One proof that a client may authenticate with, and what a request presents against it. The
//! kinds themselves are plug-ins of `client_auth`; here is only what all of them share.

use std::fmt;

use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

use crate::clock::UnixTime;
use crate::oauth::Reason;

/// The dates of a credential. Both ends count: valid from `not_before` on, until before `expires`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Validity {
    pub not_before: Option<UnixTime>,
    pub expires: Option<UnixTime>,
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
    /// The reason when `reading` does not fit; its error code is always `invalid_client`.
    fn verify(&self, reading: &Reading, now: UnixTime) -> Result<(), &'static Reason>;

    /// Digest that is equal for equal credentials, to find two clients that share one.
    fn fingerprint(&self) -> [u8; 32];
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

/// One reading of what was sent: a secret, an assertion, a certificate. Wiped when dropped.
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

/// The bytes to check.
pub struct Proof {
    pub reading: Reading,
    /// A second reading of the same text, tried when the first does not fit: the raw form of a
    /// Basic password, which half of the clients send (RFC 6749 §2.3.1 wants it form-encoded).
    pub alternative: Option<Reading>,
}

impl Proof {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { reading: Reading::new(bytes), alternative: None }
    }

    #[must_use]
    pub fn or(self, bytes: Vec<u8>) -> Self {
        Self { alternative: Some(Reading::new(bytes)), ..self }
    }
}

/// A proof is never printed.
impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(..)")
    }
}
