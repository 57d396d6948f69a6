//! The client credentials grant (RFC 6749 §4.4): the client acts for itself. No refresh token
//! (§4.4.3), no ID token.

use super::Grant;
use crate::client_auth::AuthenticatedClient;
use crate::oauth::{Params, Refusal};
use crate::token::{Authorization, Reach};

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
        client: AuthenticatedClient<'s>,
        reach: Reach<'s>,
        _params: &Params<'_>,
    ) -> Result<Authorization<'s>, Refusal> {
        Ok(Authorization { client: client.client(), reach })
    }
}
