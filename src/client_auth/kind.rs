//! The plug-in point: a kind of credential.

use serde_json::Value;

use super::private_key_jwt::PrivateKeyJwt;
use super::secret::ClientSecret;
use crate::client::{Presented, Verifier};
use crate::diagnostic::{Findings, Section};
use crate::jose::Algorithm;
use crate::oauth::{Params, Reason};
use crate::section::beside::Beside;
use crate::section::table::Member;

/// What a kind may look at in a request.
pub struct RequestView<'r> {
    /// Values of all `Authorization` header fields, as received.
    pub authorization: &'r [&'r [u8]],
    pub params: &'r Params<'r>,
}

/// A kind of credential: how it stands in `clients.yaml`, and how a request presents it.
pub trait CredentialKind: Sync {
    /// Its member in `clients.yaml`, with the JSON Schema of what `configure` takes.
    fn member(&self) -> &'static Member;

    /// What stands in it when it is a mapping; the schema of `member` is then
    /// `{"$ref": "#/$defs/NAME"}`.
    fn members(&self) -> &'static [Member] {
        &[]
    }

    /// What a schema has to say of them together: the alternatives of which one must hold. Null when
    /// there is nothing to say.
    fn alternatives(&self) -> Value {
        Value::Null
    }

    /// The name of that member: `client_secret`.
    fn name(&self) -> &'static str {
        self.member().name
    }

    /// The registered methods that present it (RFC 8414 §2), in the order of the metadata.
    fn methods(&self) -> &'static [&'static str];

    /// Names of the form parameters that it reads.
    fn parameters(&self) -> &'static [&'static str];

    /// Reads the value of the member, and the files `beside` its own that it names. Every problem is
    /// pushed to `findings` with its place; `None` when the credential cannot be used.
    fn configure(
        &self,
        section: &Section,
        beside: &mut dyn Beside,
        findings: &mut Findings,
    ) -> Option<Box<dyn Verifier>>;

    /// Adds what the request presents of this kind to `found`, one entry a method.
    ///
    /// # Errors
    /// The reason when something of this kind is there but malformed.
    fn presented(&self, request: &RequestView<'_>, found: &mut Vec<Presented>)
    -> Result<(), &'static Reason>;

    /// A credential of nobody: what is presented for a client that is unknown, or has none of
    /// this kind, is checked against it, so that it costs the same work.
    fn decoy(&self) -> Box<dyn Verifier>;
}

/// Every kind, in the order of the metadata. To add one: a file, and a line here.
pub static KINDS: &[&dyn CredentialKind] = &[&ClientSecret, &PrivateKeyJwt];

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static dyn CredentialKind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}

/// What clients may sign with (`token_endpoint_auth_signing_alg_values_supported`): all that the
/// verification of assertions knows.
pub fn signing_algorithms() -> impl Iterator<Item = &'static str> {
    Algorithm::ALL.iter().map(|algorithm| algorithm.name())
}

/// The methods of all kinds (`token_endpoint_auth_methods_supported`).
pub fn methods() -> impl Iterator<Item = &'static str> {
    KINDS.iter().flat_map(|kind| kind.methods()).copied()
}
