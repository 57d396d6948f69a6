//! The claims of an access token (RFC 9068 §2.2), written straight into one buffer. Identifiers,
//! audiences and scopes consist of characters that JSON strings need no escape for; that is
//! checked where they are parsed (`oauth/ids.rs`, `oauth/scope.rs`).

use crate::client::Client;
use crate::clock::UnixTime;
use crate::token::Reach;

/// What the claims of one token are made of.
pub struct Claims<'a> {
    pub issuer: &'a str,
    pub client: &'a Client,
    pub reach: &'a Reach<'a>,
    pub scope: &'a str,
    pub issued_at: UnixTime,
    pub expires: UnixTime,
    pub jti: &'a str,
}

impl Claims<'_> {
    /// `iss`, `sub`, `client_id`, `aud` (a string for one, an array for several), `iat`, `exp`,
    /// `jti`, `scope` when there is one, then the client's own claims. No `nbf`.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::with_capacity(512 + self.scope.len() + self.client.claims_json.len());
        push(&mut json, &["{\"iss\":\"", self.issuer, "\",\"sub\":\"", self.client.id.as_str()]);
        push(&mut json, &["\",\"client_id\":\"", self.client.id.as_str(), "\",\"aud\":"]);
        self.write_audience(&mut json);
        push(&mut json, &[",\"iat\":", &self.issued_at.seconds().to_string()]);
        push(&mut json, &[",\"exp\":", &self.expires.seconds().to_string(), ",\"jti\":\"", self.jti, "\""]);
        if !self.scope.is_empty() {
            push(&mut json, &[",\"scope\":\"", self.scope, "\""]);
        }
        push(&mut json, &[&self.client.claims_json, "}"]);
        json
    }

    fn write_audience(&self, json: &mut Vec<u8>) {
        let several = self.reach.resources().nth(1).is_some();
        if several {
            json.push(b'[');
        }
        for (index, resource) in self.reach.resources().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            push(json, &["\"", resource.audience.as_str(), "\""]);
        }
        if several {
            json.push(b']');
        }
    }
}

fn push(json: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        json.extend_from_slice(part.as_bytes());
    }
}
