//! The secrets of the demo list at the top level of the source. They are public, so a list that
//! accepts one of them is refused for real use.

use crate::client::{Client, Context, Proof, Registry};
use crate::clock::UnixTime;
use crate::diagnostic::catalogue::deployment;
use crate::diagnostic::{Finding, Findings};

/// `(client_id, secret)` of every demo client that is enabled, as `clients.yaml` registers them.
const DEMO_SECRETS: &[(&str, &str)] = &[
    ("fioXfS_HLZiKc6bKlruVFJJWLjAa", "JIYG_OzuMcOj2KrRIamehEWJRMEa"),
    ("billing-worker", "demo-billing-worker-secret-do-not-use-in-production"),
    ("search-indexer", "demo-search-indexer-secret-do-not-use-in-production"),
    ("search-indexer", "demo-search-indexer-next-secret-do-not-use-in-production"),
    ("old-cron", "demo-old-cron-secret-do-not-use-in-production"),
];

/// One error for each client that accepts a published secret, under whatever name and even while
/// it is disabled.
pub fn published_secrets(registry: &Registry) -> Findings {
    let secrets: Vec<Proof> = DEMO_SECRETS.iter().map(|(_, secret)| proof(secret)).collect();
    let published = |client: &&Client| secrets.iter().any(|secret| accepts(client, secret));
    let mut clients: Vec<&Client> = registry.clients().map(AsRef::as_ref).filter(published).collect();
    clients.sort_unstable_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    let mut findings = Findings::default();
    for client in clients {
        let message = format!(
            "client `{}` (line {}) accepts a secret of the published demo list",
            client.id, client.line
        );
        findings.push(
            Finding::new(&deployment::DEMO_SECRET, message)
                .in_file(&*client.file)
                .help("`signet secret new` makes a secret and the line for this file"),
        );
    }
    findings
}

fn proof(secret: &str) -> Proof {
    Proof::secret(secret.as_bytes().to_vec())
}

/// The dates of a credential do not matter here: it must not be there at all.
fn accepts(client: &Client, secret: &Proof) -> bool {
    let context = Context::offline(UnixTime::from_seconds(0));
    client.credentials.iter().any(|credential| credential.verifier.verify(secret, &context).is_ok())
}

/// The demo clients of a list that can be used as published: `(client_id, secret)`.
pub fn demo_secrets(registry: &Registry) -> impl Iterator<Item = (&'static str, &'static str)> {
    DEMO_SECRETS.iter().copied().filter(|(id, secret)| {
        registry.find(id).is_some_and(|client| !client.disabled && accepts(client, &proof(secret)))
    })
}
