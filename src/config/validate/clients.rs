//! Client ids across all files.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::raw::RawClient;
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings};

/// An id stands once (error), and not in two spellings of upper and lower case (warning).
pub(super) fn check_ids(clients: &[RawClient], findings: &mut Findings) {
    // The first client of each spelling in lower case, and, of second spellings, of each exact one.
    let mut exact: HashMap<&str, &RawClient> = HashMap::new();
    let mut folded: HashMap<Cow<'_, str>, &RawClient> = HashMap::with_capacity(clients.len());
    for client in clients.iter().filter(|client| client.id.is_some()) {
        let id = client.id_text();
        let lower = match id.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(id.to_ascii_lowercase()),
            false => Cow::Borrowed(id),
        };
        let Some(&other) = folded.get(&lower) else {
            folded.insert(lower, client);
            continue;
        };
        let first = if other.id_text() == id { Some(other) } else { exact.get(id).copied() };
        if let Some(first) = first {
            findings.push(
                Finding::new(&codes::CLIENT_DUPLICATE, format!("the client `{id}` is registered twice"))
                    .at(client.id_place(), "the second registration")
                    .related(first.id_place(), "the first registration")
                    .help("remove or rename one of them"),
            );
            continue;
        }
        exact.insert(id, client);
        let message =
            format!("the clients `{}` and `{id}` differ only in the case of letters", other.id_text());
        findings.push(
            Finding::new(&codes::CLIENT_ID_CASE, message)
                .at(client.id_place(), "this spelling")
                .related(other.id_place(), "the other spelling"),
        );
    }
}
