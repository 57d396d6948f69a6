//! Grants (RFC 6749 §4): the list, and one file each. A grant gets what the pipeline has proved
//! and never repeats a shared check.

mod client_credentials;

use crate::client::Client;
use crate::oauth::{Params, Refusal};
use crate::token::Reach;

/// One grant: its own rule, after client, permission and reach are settled.
pub trait Grant: Sync {
    /// The value of `grant_type`.
    fn grant_type(&self) -> &'static str;

    /// Form parameters of this grant alone.
    fn parameters(&self) -> &'static [&'static str];

    /// What the token shall reach. The client need not have proved who it is: nothing can be minted
    /// from a reach alone.
    ///
    /// # Errors
    /// The grant's own reasons.
    fn authorize<'s>(
        &self,
        client: &'s Client,
        reach: Reach<'s>,
        params: &Params<'_>,
    ) -> Result<Reach<'s>, Refusal>;
}

/// Every grant, in the order of the metadata. To add one: a file, and a line here.
pub static GRANTS: &[&dyn Grant] = &[&client_credentials::ClientCredentials];

/// `grant_types_supported`.
pub fn grant_types() -> impl Iterator<Item = &'static str> {
    GRANTS.iter().map(|grant| grant.grant_type())
}

/// The grant of a request; the value is compared exactly.
pub fn find(grant_type: &str) -> Option<&'static dyn Grant> {
    GRANTS.iter().copied().find(|grant| grant.grant_type() == grant_type)
}
