//! What may be minted: the reach of a client that proved who it is. Only somebody who holds an
//! [`AuthenticatedClient`] can make one, so nothing can be minted that was not proved.

use crate::client::Client;
use crate::client_auth::AuthenticatedClient;
use crate::token::Reach;

/// ```compile_fail
/// # fn forge<'s>(client: &'s signet::client::Client, reach: signet::token::Reach<'s>) {
/// let forged = signet::token::Authorization { client, reach };
/// # }
/// ```
#[derive(Debug)]
pub struct Authorization<'s> {
    client: &'s Client,
    reach: Reach<'s>,
}

impl<'s> Authorization<'s> {
    pub fn new(client: AuthenticatedClient<'s>, reach: Reach<'s>) -> Self {
        Self { client: client.client(), reach }
    }

    /// `sub` and `client_id` (RFC 9068 §2.2).
    pub fn client(&self) -> &'s Client {
        self.client
    }

    pub fn reach(&self) -> &Reach<'s> {
        &self.reach
    }
}
