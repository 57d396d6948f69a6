//! What a grant decided: the token that may be minted. A grant makes one out of an
//! `AuthenticatedClient` and a `Reach`, so nothing can be minted that was not proved.

use crate::client::Client;
use crate::token::Reach;

#[derive(Debug)]
pub struct Authorization<'s> {
    /// `sub` and `client_id` (RFC 9068 §2.2).
    pub client: &'s Client,
    pub reach: Reach<'s>,
}
