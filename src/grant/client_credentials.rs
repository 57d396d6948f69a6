//! The client credentials grant (RFC 6749 §4.4): the client acts for itself. No refresh token
//! (§4.4.3), no ID token.

use super::Grant;
use crate::client::Client;
use crate::oauth::{Params, Refusal};
use crate::token::Reach;

pub struct ClientCredentials;

impl Grant for ClientCredentials {
    fn grant_type(&self) -> &'static str {
        "client_credentials"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &[]
    }

    fn authorize<'s>(
        &self,
        _client: &'s Client,
        reach: Reach<'s>,
        _params: &Params<'_>,
    ) -> Result<Reach<'s>, Refusal> {
        Ok(reach)
    }
}
