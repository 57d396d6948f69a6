//! The real server on port 0, with its own directory and a clock that stands still, a client that
//! sends exact bytes, and a judge of tokens that is not ours.

pub mod assertion;
pub mod bad_lists;
mod canaries;
mod client_lists;
mod door;
pub mod exports;
pub mod fake_store;
pub mod foreign_issuer;
pub mod hashes;
mod http;
mod judge;
mod key_source;
pub mod page;
mod process;
mod program;
pub mod registration;
mod server;
mod traffic;
mod yaml_noise;
mod yaml_text;

pub use canaries::{Canaries, percent};
pub use client_lists::{ClientList, client_lists, layouts};
pub use door::{Door, SIGNER};
pub use http::{FORM, Response, basic, exchange, parse, send};
pub use judge::judge;
pub use key_source::{KeySource, Names};
pub use process::Process;
pub use program::{KEY_NAME, Output, SHORT_LIST, Workspace};
pub use server::{
    ISSUER, NOW, Options, TestServer, key_pem, new_key_pem, with_hashes, write_key, write_seal_key,
};
pub use traffic::Traffic;
pub use yaml_noise::{holds_comments, noisy_yaml};

/// Clients that most tests use. Secrets are in clear here and hashed when the file is written:
/// `${secret:TEXT}` becomes the stored form of TEXT.
pub const CLIENTS: &str = r#"
resources:
  - audience: https://invoices.example.com
    scopes: [invoices:read, invoices:write]
  - audience: https://search.example.com
    scopes: [search:read, Search:Read]
    typ: JWT
    access_token_lifetime: 5m
  - audience: plain-name
    scopes: []

clients:
  - client_id: worker
    credentials:
      - client_secret: ${secret:worker-secret-of-the-tests}
    scope: invoices:read invoices:write
  - client_id: other
    credentials:
      - client_secret: ${secret:other-secret-of-the-tests}
    scope: search:read
  - client_id: both
    credentials:
      - client_secret: ${secret:both-secret-of-the-tests}
    scope: invoices:read search:read
    audience: [https://invoices.example.com, https://search.example.com, plain-name]
  - client_id: defaults
    credentials:
      - client_secret: ${secret:defaults-secret-of-the-tests}
    scope: invoices:read invoices:write search:read
    default_scope: invoices:read
  - client_id: many
    credentials:
      - client_secret: ${secret:many-secret-of-the-tests}
    scope: invoices:read invoices:write
    audience: [https://invoices.example.com, plain-name]
    multiple_audiences: true
  - client_id: disabled
    credentials:
      - client_secret: ${secret:disabled-secret-of-the-tests}
    scope: invoices:read
    disabled: true
  - client_id: post-only
    token_endpoint_auth_method: client_secret_post
    credentials:
      - client_secret: ${secret:post-only-secret-of-the-tests}
    scope: invoices:read
  - client_id: no-credential
    credentials: []
    scope: invoices:read
  - client_id: no-grant
    grant_types: []
    credentials:
      - client_secret: ${secret:no-grant-secret-of-the-tests}
    scope: invoices:read
  - client_id: dated
    credentials:
      - client_secret: ${secret:expired-secret-of-the-tests}
        expires: 2026-11-01
      - client_secret: ${secret:future-secret-of-the-tests}
        not_before: 2027-01-01
      - client_secret: ${secret:current-secret-of-the-tests}
        not_before: 2026-11-01
        expires: 2027-01-01
    scope: invoices:read
  - client_id: awkward
    credentials:
      - client_secret: "${secret:p%2Fw+d a:b&c=é/ü?~}"
    scope: invoices:read
  - client_id: claims
    credentials:
      - client_secret: ${secret:claims-secret-of-the-tests}
    scope: invoices:read
    access_token_lifetime: 2m
    claims: {tenant: "acme \"quoted\"", level: 3, flags: [true, null]}
"#;

/// The secret of a client of [`CLIENTS`].
pub fn secret(client: &str) -> String {
    format!("{client}-secret-of-the-tests")
}

/// The awkward client's secret, as the user knows it.
pub const AWKWARD_SECRET: &str = "p%2Fw+d a:b&c=é/ü?~";
