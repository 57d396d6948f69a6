//! The plug-in point: a kind of credential.

use super::secret::ClientSecret;
use crate::client::{Presented, Verifier};
use crate::diagnostic::{Findings, Section};
use crate::oauth::{Params, Reason};

/// What a kind may look at in a request.
pub struct RequestView<'r> {
    /// Values of all `Authorization` header fields, as received.
    pub authorization: &'r [&'r [u8]],
    pub params: &'r Params<'r>,
}

/// A kind of credential: how it stands in `clients.yaml`, and how a request presents it.
pub trait CredentialKind: Sync {
    /// The member name in `clients.yaml`: `client_secret`.
    fn name(&self) -> &'static str;

    /// The registered methods that present it (RFC 8414 §2), in the order of the metadata.
    fn methods(&self) -> &'static [&'static str];

    /// Names of the form parameters that it reads.
    fn parameters(&self) -> &'static [&'static str];

    /// Reads the value of the member. Every problem is pushed to `findings` with its place;
    /// `None` when the credential cannot be used.
    fn configure(&self, section: &Section, findings: &mut Findings) -> Option<Box<dyn Verifier>>;

    /// Adds what the request presents of this kind to `found`, one entry a method.
    ///
    /// # Errors
    /// The reason when something of this kind is there but malformed.
    fn presented(&self, request: &RequestView<'_>, found: &mut Vec<Presented>)
    -> Result<(), &'static Reason>;
}

/// Every kind, in the order of the metadata. To add one: a file, and a line here.
pub static KINDS: &[&dyn CredentialKind] = &[&ClientSecret];

/// The methods of all kinds (`token_endpoint_auth_methods_supported`).
pub fn methods() -> impl Iterator<Item = &'static str> {
    KINDS.iter().flat_map(|kind| kind.methods()).copied()
}
