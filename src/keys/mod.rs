//! The signing keys: files, their plan over time, and what signs with them. And the seal keys.
//!
//! ```text
//! directory + permissions + pem   bytes of files     generate, revoke, prune   new and old files
//! file_name → plan                states over time   caching    how long a key set may be kept
//! backends + self_test            what can sign
//! load → keyring → key_set        everything a request needs, and the published bytes
//! verifiers → simulate            how others keep the set, and what a plan means for them
//! simulate → lead, timeline       what is too soon, and a picture
//! acceptance                      what others look at in a token
//! seal                            keys of another purpose: registrations are sealed with them
//! ```
//!
//! A backend is one file and one line in [`BACKENDS`]. A key is parsed once, when it is loaded.

pub mod acceptance;
mod aws_lc_rsa;
pub mod caching;
mod der;
pub mod directory;
mod ecdsa;
mod ed25519;
pub mod file_name;
mod findings;
pub mod generate;
pub mod key_set;
pub mod keyring;
pub mod lead;
pub mod load;
mod multibuffer_rsa;
mod pem;
mod permissions;
pub mod plan;
mod private_half;
pub mod prune;
mod public;
mod public_half;
pub mod revoke;
mod ring_rsa;
mod roca;
mod rsa;
pub mod seal;
mod self_test;
pub mod simulate;
pub mod timeline;
mod verified_key;
pub mod verifiers;
mod write;

use std::fmt;

use rustls_pki_types::PrivateKeyDer;
use zeroize::Zeroizing;

use crate::jose::{Algorithm, Jwk};

pub use generate::GenerateError;
pub use key_set::key_set_json;
pub use keyring::{Key, KeyStatus, Keyring, PublishedKey, RevokedKey};
pub use load::{LoadOptions, load, load_sound};
pub use multibuffer_rsa::{AUTO, withheld_signatures};
pub use plan::{Retention, State};
pub use private_half::private_key_from_pem;
pub use public::check_public_key;
pub use public_half::{public_key_from_pem, public_key_pem};
pub use self_test::self_test;

/// A private key, parsed and ready. Lives as long as a snapshot of the keys.
pub trait SigningKey: Send + Sync {
    /// The public half, as it is published.
    fn public_jwk(&self) -> &Jwk;

    /// Length of every signature in bytes.
    fn signature_bytes(&self) -> usize;

    /// Name of what signs, for people who look after it.
    fn backend(&self) -> &'static str;

    /// Signs one input or many at once. `signatures` has room for exactly
    /// `inputs.len() * signature_bytes()` bytes and gets the signatures in the order of the
    /// inputs. All succeed, or none is released: after an error the buffer holds zeros.
    ///
    /// Every signature that is released verifies; a backend that cannot promise this checks each
    /// (a single faulty RSA-CRT signature gives the private key away).
    fn sign(&self, inputs: &[&[u8]], signatures: &mut [u8]) -> Result<(), SigningError>;

    /// So many inputs take about the time of one.
    fn lanes(&self) -> usize {
        1
    }

    fn algorithm(&self) -> Algorithm {
        self.public_jwk().algorithm()
    }

    fn kid(&self) -> &str {
        self.public_jwk().kid()
    }
}

impl fmt::Debug for dyn SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {})", self.algorithm(), self.kid())
    }
}

/// No signature was made. Says nothing more on purpose: details of a failed private-key operation
/// help only somebody who attacks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningError;

impl fmt::Display for SigningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the signing key failed")
    }
}

impl std::error::Error for SigningError {}

/// Why a private key cannot be used. Carries sizes and type names, never content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRejected {
    /// The key is of the named type.
    WrongType(&'static str),
    TooSmall {
        bits: usize,
    },
    TooLarge {
        bits: usize,
    },
    /// The public exponent is below 65537.
    SmallExponent,
    /// Made by a library whose keys can be factored (CVE-2017-15361).
    Factorable,
    /// Not the encoding of a key, or its parts do not belong together.
    Malformed,
}

/// Signs with one algorithm by means of one library.
pub trait Backend: Sync {
    /// The library's name, as the setting spells it.
    fn name(&self) -> &'static str;
    fn algorithm(&self) -> Algorithm;
    fn load(&self, private: &PrivateKeyDer<'_>) -> Result<Box<dyn SigningKey>, KeyRejected>;

    /// A new private key as PKCS#8. `bits` matters for RSA only.
    ///
    /// # Errors
    /// A size that is not offered, or a library that makes no keys: then the next backend of the
    /// algorithm is asked.
    fn generate(&self, _bits: usize) -> Result<Zeroizing<Vec<u8>>, GenerateError> {
        Err(GenerateError::Algorithm(self.algorithm()))
    }
}

/// What can sign, the preferred backend of an algorithm first. aws-lc-rs makes RSA signatures twice
/// as fast as ring where the processor has AVX-512 IFMA, and as fast elsewhere; there the
/// multi-buffer backend is three times as fast again when several inputs wait. ring is the reference.
pub static BACKENDS: &[&dyn Backend] = &[
    &aws_lc_rsa::RS256,
    &multibuffer_rsa::RS256,
    &ring_rsa::RS256,
    &aws_lc_rsa::PS256,
    &ring_rsa::PS256,
    &ecdsa::Ecdsa,
    &ed25519::Ed25519,
];

/// What can be signed with, each algorithm once.
pub fn algorithms() -> Vec<Algorithm> {
    let offered = |algorithm: &Algorithm| BACKENDS.iter().any(|backend| backend.algorithm() == *algorithm);
    Algorithm::ALL.iter().copied().filter(offered).collect()
}

/// The backend for an algorithm: the preferred one or, for RSA, the named one. The other algorithms
/// have one backend each, so the name of an RSA library says nothing about them; the multi-buffer
/// backend makes RS256 only and leaves PS256 to the preferred one. [`AUTO`] chooses between the two.
pub fn backend(name: Option<&str>, algorithm: Algorithm) -> Option<&'static dyn Backend> {
    let name = match (name, algorithm) {
        (Some(AUTO), Algorithm::Rs256) => return Some(&multibuffer_rsa::RS256_IF_IT_PAYS),
        (Some(AUTO | multibuffer_rsa::NAME), Algorithm::Ps256) => None,
        (name, Algorithm::Rs256 | Algorithm::Ps256) => name,
        _ => None,
    };
    BACKENDS
        .iter()
        .copied()
        .find(|backend| backend.algorithm() == algorithm && name.is_none_or(|name| backend.name() == name))
}

/// Calls `sign` for each input with its part of the buffer: the batch of a backend that has none.
fn sign_each(
    inputs: &[&[u8]],
    signature_bytes: usize,
    signatures: &mut [u8],
    sign: impl Fn(&[u8], &mut [u8]) -> Result<(), SigningError>,
) -> Result<(), SigningError> {
    if Some(signatures.len()) != inputs.len().checked_mul(signature_bytes) {
        return Err(SigningError);
    }
    let parts = signatures.chunks_exact_mut(signature_bytes.max(1));
    let outcome = inputs.iter().zip(parts).try_for_each(|(input, signature)| sign(input, signature));
    if outcome.is_err() {
        signatures.fill(0);
    }
    outcome
}
