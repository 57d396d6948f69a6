//! Client lists in which a version shows everywhere: in a scope, in claims, in a lifetime.

use std::fmt::Write as _;
use std::sync::LazyLock;

use signet::client_auth::stored_secret;

pub const CLIENT: &str = "bench";
/// The one that is removed and comes back.
pub const VICTIM: &str = "victim";
/// Lifetimes of versions: 60 s and more, at most an hour, so that there is no warning.
const LIFETIMES: usize = 3_000;

pub fn secret_of(client: &str) -> String {
    format!("a-secret-of-{client}-that-only-benchmarks-use")
}

pub fn lifetime_of(version: usize) -> u64 {
    60 + (version % LIFETIMES) as u64
}

/// Two clients, or one.
pub fn small(version: usize, with_victim: bool) -> String {
    let mut text = head(version);
    client(&mut text, CLIENT, version);
    if with_victim {
        client(&mut text, VICTIM, version);
    }
    text + "...\n"
}

/// As [`small`], with many more that stay the same.
pub fn large(version: usize, clients: usize) -> String {
    let mut text = head(version);
    client(&mut text, CLIENT, version);
    static CREDENTIALS: LazyLock<String> = LazyLock::new(|| stored_secret(&secret_of("all")));
    for n in 1..clients {
        // Every client has a credential of its own: the digest ends with its number.
        let (credential, _) = CREDENTIALS.split_at(CREDENTIALS.len() - 9);
        let _ = writeln!(
            text,
            "  - client_id: service-{n}\n    client_name: Service {n}\n    credentials:\n      \
             - client_secret: {credential}{n:08}A\n    scope: 'v{version}'"
        );
    }
    text + "...\n"
}

fn head(version: usize) -> String {
    format!("resources:\n  - {{audience: https://api.example.com, scopes: ['v{version}']}}\nclients:\n")
}

fn client(text: &mut String, id: &str, version: usize) {
    static SECRETS: LazyLock<[(String, String); 2]> =
        LazyLock::new(|| [CLIENT, VICTIM].map(|id| (id.to_owned(), stored_secret(&secret_of(id)))));
    let stored = SECRETS.iter().find(|(of, _)| of == id).map(|(_, stored)| stored.as_str());
    let _ = writeln!(
        text,
        "  - client_id: {id}\n    credentials: [{{client_secret: '{}'}}]\n    scope: 'v{version}'\n    \
         access_token_lifetime: {}s\n    claims: {{number: {version}, text: 'v{version}', list: [{version}]}}",
        stored.unwrap_or_default(),
        lifetime_of(version)
    );
}
