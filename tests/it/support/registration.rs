//! A list with registrars, and requests to the registration endpoint.

use serde_json::{Value, json};

use super::server::{ISSUER, Options, TestServer};
use super::{Process, Response, Workspace, basic, secret, send, write_seal_key};

/// Active long before `NOW`.
pub const SEAL_KEY: &str = "20261101T000000Z.seal.key";

/// `portal` registers with its secret or a token, `keyed` has a key only, `worker` may not.
pub const REGISTRARS: &str = r#"
resources:
  - audience: https://catalog.example.com
    scopes: [catalog:read, catalog:write, catalog:admin]
  - audience: https://search.example.com
    scopes: [search:read]
    access_token_lifetime: 5m
  - audience: https://auth.example.com
    scopes: [clients:register, other]

clients:
  - client_id: portal
    credentials:
      - client_secret: ${secret:portal-secret-of-the-tests}
    scope: clients:register other catalog:admin
  - client_id: second
    credentials:
      - client_secret: ${secret:second-secret-of-the-tests}
    scope: clients:register
  - client_id: worker
    credentials:
      - client_secret: ${secret:worker-secret-of-the-tests}
    scope: clients:register

registration:
  policies:
    - registrars: portal
      scope: catalog:read catalog:write search:read
      validity: 30d
      access_token_lifetime: 10m
      per_minute: 1000
    - registrars: [second]
      scope: catalog:read
      credentials: client_secret
      validity: 1d
      per_minute: 3
"#;

pub fn with_registrars() -> Options {
    Options { clients: REGISTRARS.to_owned(), seal_keys: vec![(SEAL_KEY, 1)], ..Options::default() }
}

impl TestServer {
    pub fn registering() -> Self {
        Self::with(with_registrars())
    }

    /// A registration with these headers beside the media type.
    pub fn register_with(&self, headers: &[(&str, &str)], body: &[u8]) -> Response {
        let headers: Vec<_> = headers.iter().copied().chain([("Content-Type", "application/json")]).collect();
        self.send("POST", "/oauth2/register", &headers, body)
    }

    /// A client of the list registers another.
    pub fn register_as(&self, registrar: &str, metadata: &Value) -> Response {
        let header = basic(format!("{registrar}:{}", secret(registrar)).as_bytes());
        self.register_with(&[("Authorization", &header)], metadata.to_string().as_bytes())
    }

    /// `portal` registers a client, which must succeed: its id and its secret.
    pub fn registered(&self, metadata: &Value) -> (String, String) {
        let answer = self.register_as("portal", metadata);
        assert_eq!(answer.status, 201, "{}", answer.text());
        let text = |name: &str| answer.json()[name].as_str().unwrap_or_default().to_owned();
        (text("client_id"), text("client_secret"))
    }

    /// A registered client asks for a token.
    pub fn ask_as(&self, id: &str, secret: &str, more: &str) -> Response {
        self.basic(&format!("{id}:{secret}"), &format!("grant_type=client_credentials{more}"))
    }

    /// A token with which `client` may register others.
    pub fn registration_token(&self, client: &str, scope: &str) -> String {
        self.ask(client, &format!("resource={ISSUER}&scope={scope}")).access_token()
    }
}

/// Nothing asked for: all that the policy grants.
pub fn nothing() -> Value {
    json!({})
}

/// A list for programs, which take the time from the machine.
pub fn workspace() -> Workspace {
    let workspace = Workspace::empty();
    workspace.write("clients.yaml", REGISTRARS);
    workspace.key("keys");
    write_seal_key(&workspace.path().join("keys"), "20200101T000000Z.seal.key", 1);
    workspace
}

/// `portal` registers a client at a program.
pub fn register(server: &Process, metadata: &Value) -> (String, String) {
    let header = basic(b"portal:portal-secret-of-the-tests");
    let headers = [("Authorization", header.as_str()), ("Content-Type", "application/json")];
    let answer = send(server.public, "POST", "/oauth2/register", &headers, metadata.to_string().as_bytes());
    assert_eq!(answer.status, 201, "{}", answer.text());
    let text = |name: &str| answer.json()[name].as_str().unwrap_or_default().to_owned();
    (text("client_id"), text("client_secret"))
}

/// As an entry of `denied` has it.
pub fn digest_of(id: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, id.as_bytes());
    signet::jose::compact::encode(digest.as_ref())
}
