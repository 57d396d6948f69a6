//! What changes in who may reach what, between two client lists: said in terms of access, so that
//! moved lines, comments and order are no change at all.

use std::collections::BTreeSet;

use super::{Client, Registry};

/// One line a change, sorted by client: `billing-worker + invoices:write on https://…`.
pub fn access_changes(old: &Registry, new: &Registry) -> Vec<String> {
    let ids: BTreeSet<&str> = old.clients().chain(new.clients()).map(|client| client.id.as_str()).collect();
    let mut changes = Vec::new();
    for id in ids {
        let before = old.find(id).map(|client| access(client)).unwrap_or_default();
        let after = new.find(id).map(|client| access(client)).unwrap_or_default();
        changes.extend(before.difference(&after).map(|what| format!("{id} - {what}")));
        changes.extend(after.difference(&before).map(|what| format!("{id} + {what}")));
    }
    changes
}

/// Everything that a client can get: `scope on audience`, and the audiences themselves.
fn access(client: &Client) -> BTreeSet<String> {
    if client.disabled {
        return BTreeSet::new();
    }
    let mut access = BTreeSet::new();
    for granted in client.granted.iter() {
        let audience = &granted.resource.audience;
        access.insert(format!("tokens for {audience}"));
        access.extend(granted.scopes.iter().map(|scope| format!("{} on {audience}", scope.as_str())));
    }
    access
}
