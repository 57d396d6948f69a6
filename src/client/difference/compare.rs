//! The comparison: both lists become facts with keys, and what is equal on both sides goes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::{Client, Credential, Registry, Resource};
use super::{
    ClientChange, ClientDifference, ClientState, Delta, Lifetime, RegisteredCredential, ResourceChange,
    ResourceDifference,
};
use crate::oauth::{Audience, ScopeToken};

/// The facts of both sides by key, sorted; also those that are equal.
fn paired<K: Ord, V>(
    old: impl IntoIterator<Item = (K, V)>,
    new: impl IntoIterator<Item = (K, V)>,
) -> BTreeMap<K, Delta<V>> {
    let mut all: BTreeMap<K, Delta<V>> = BTreeMap::new();
    let nothing = || Delta { old: None, new: None };
    for (key, value) in old {
        all.entry(key).or_insert_with(nothing).old = Some(value);
    }
    for (key, value) in new {
        all.entry(key).or_insert_with(nothing).new = Some(value);
    }
    all
}

/// The facts that are not equal.
pub(super) fn differing<K: Ord, V: PartialEq>(
    old: impl IntoIterator<Item = (K, V)>,
    new: impl IntoIterator<Item = (K, V)>,
) -> impl Iterator<Item = (K, Delta<V>)> {
    paired(old, new).into_iter().filter(|(_, delta)| delta.old != delta.new)
}

fn unequal<T: PartialEq>(old: Option<T>, new: Option<T>) -> Option<Delta<T>> {
    (old != new).then_some(Delta { old, new })
}

pub(super) fn clients(old: &Registry, new: &Registry) -> Vec<ClientDifference> {
    let by_id = |registry: &Registry| -> Vec<_> {
        registry.clients().map(|client| (client.id.clone(), Arc::clone(client))).collect()
    };
    let mut differences = Vec::new();
    for (id, delta) in paired(by_id(old), by_id(new)) {
        let changes = client(delta.old.as_deref(), delta.new.as_deref());
        if !changes.is_empty() {
            let place = delta.map(|client| (Arc::clone(&client.file), client.line));
            differences.push(ClientDifference { id, place, changes });
        }
    }
    differences
}

fn client(old: Option<&Client>, new: Option<&Client>) -> Vec<ClientChange> {
    let state = |client: &Client| match client.disabled {
        true => ClientState::Disabled,
        false => ClientState::Enabled,
    };
    let mut changes: Vec<_> =
        unequal(old.map(state), new.map(state)).map(ClientChange::State).into_iter().collect();
    let (old, new) = (old.filter(|client| !client.disabled), new.filter(|client| !client.disabled));
    changes.extend(reach(old, new));
    changes.extend(credentials(old, new));
    let grants = |client: Option<&Client>| -> Vec<_> {
        client.into_iter().flat_map(|client| client.grant_types.iter()).map(|grant| (*grant, ())).collect()
    };
    changes.extend(
        differing(grants(old), grants(new)).map(|(grant, delta)| ClientChange::GrantType(grant, delta)),
    );
    let method = |client: Option<&Client>| client.and_then(|client| client.token_endpoint_auth_method);
    changes.extend(unequal(method(old), method(new)).map(ClientChange::AuthMethod));
    let several = |client: Option<&Client>| client.filter(|client| client.multiple_audiences).map(|_| ());
    changes.extend(unequal(several(old), several(new)).map(ClientChange::MultipleAudiences));
    if let (Some(old), Some(new)) = (old, new) {
        let unnamed =
            |client: &Client| client.granted_by_default().map(|granted| granted.resource.audience.clone());
        changes.extend(unequal(unnamed(old), unnamed(new)).map(ClientChange::DefaultAudience));
    }
    changes.extend(lifetimes(old, new));
    let reuse = |client: Option<&Client>| client.and_then(|client| client.reuse_seconds);
    changes.extend(unequal(reuse(old), reuse(new)).map(ClientChange::Reuse));
    changes.extend(claims(old, new));
    changes
}

fn reach(old: Option<&Client>, new: Option<&Client>) -> impl Iterator<Item = ClientChange> {
    differing(granted(old), granted(new)).map(|((audience, scope), by_default)| match scope {
        Some(scope) => ClientChange::Scope(audience, scope, by_default),
        None => ClientChange::Audience(audience, by_default.map(|_| ())),
    })
}

/// The audiences, and the scopes with whether a request gets them without asking.
fn granted(client: Option<&Client>) -> Vec<((Audience, Option<ScopeToken>), bool)> {
    let mut facts = Vec::new();
    for granted in client.into_iter().flat_map(|client| client.granted.iter()) {
        let audience = &granted.resource.audience;
        facts.push(((audience.clone(), None), false));
        let defaults: BTreeSet<&ScopeToken> = granted.default_scopes.iter().collect();
        let scopes = granted.scopes.iter();
        facts.extend(scopes.map(|scope| ((audience.clone(), Some(scope.clone())), defaults.contains(scope))));
    }
    facts
}

/// A credential is the same one when it takes the same proofs, wherever it stands.
fn credentials(old: Option<&Client>, new: Option<&Client>) -> impl Iterator<Item = ClientChange> {
    let changed = |delta: &Delta<RegisteredCredential>| {
        let dates = delta.map(|credential| credential.validity);
        dates.old != dates.new
    };
    let deltas = paired(registered(old), registered(new)).into_values().filter(changed);
    let mut changes: Vec<_> = deltas.collect();
    changes.sort_by_key(|delta| {
        let position = delta.map(|credential| credential.position);
        (position.new.or(position.old), delta.new.is_some())
    });
    changes.into_iter().map(ClientChange::Credential)
}

/// Kind, what it takes (a fingerprint, or its terms), and the number among equal ones.
type CredentialKey = (&'static str, [u8; 32], Vec<String>, usize);

fn registered(client: Option<&Client>) -> Vec<(CredentialKey, RegisteredCredential)> {
    let mut sorted: Vec<(usize, &Credential)> =
        client.into_iter().flat_map(|client| client.credentials.iter().enumerate()).collect();
    // A client may list one secret twice: then the dates tell the two apart, not their order.
    sorted.sort_by_key(|(_, credential)| credential.validity);
    let mut seen: HashMap<(&str, [u8; 32], Vec<String>), usize> = HashMap::new();
    let mut facts = Vec::with_capacity(sorted.len());
    for (index, credential) in sorted {
        let mut terms = credential.verifier.terms();
        terms.sort_unstable();
        let kind = credential.kind;
        let fingerprint = if terms.is_empty() { credential.verifier.fingerprint() } else { [0; 32] };
        let number = seen.entry((kind, fingerprint, terms.clone())).or_default();
        let position = index.saturating_add(1);
        let validity = credential.validity;
        let registered = RegisteredCredential { kind, position, validity, terms: terms.clone() };
        facts.push(((kind, fingerprint, terms, *number), registered));
        *number = number.saturating_add(1);
    }
    facts
}

/// Where the client says nothing in either list, a change is the resource's.
fn lifetimes(old: Option<&Client>, new: Option<&Client>) -> Vec<ClientChange> {
    let own = |client: Option<&Client>| client.and_then(|client| client.access_token_lifetime_seconds);
    if own(old).is_none() && own(new).is_none() {
        return Vec::new();
    }
    let facts = |client: Option<&Client>| -> Vec<_> {
        let granted = client.into_iter().flat_map(|client| client.granted.iter());
        let of_client = own(client).map(Lifetime::Seconds);
        granted
            .map(|granted| {
                let lifetime = of_client.unwrap_or_else(|| lifetime(&granted.resource));
                (granted.resource.audience.clone(), lifetime)
            })
            .collect()
    };
    let deltas = differing(facts(old), facts(new));
    deltas.map(|(audience, delta)| ClientChange::Lifetime(audience, delta)).collect()
}

fn lifetime(resource: &Resource) -> Lifetime {
    resource.access_token_lifetime_seconds.map_or(Lifetime::ServerDefault, Lifetime::Seconds)
}

fn claims(old: Option<&Client>, new: Option<&Client>) -> Vec<ClientChange> {
    let json = |client: Option<&Client>| client.map_or("", |client| &*client.claims_json).to_owned();
    if json(old) == json(new) {
        return Vec::new();
    }
    let parsed = |client| {
        let members = json(client);
        let object = format!("{{{}}}", members.strip_prefix(',').unwrap_or_default());
        // The text was written by the serialiser when the file was read.
        serde_json::from_str::<Map<String, Value>>(&object).unwrap_or_default()
    };
    let deltas = differing(parsed(old), parsed(new));
    deltas.map(|(name, delta)| ClientChange::Claim(name, delta)).collect()
}

pub(super) fn resources(old: &Registry, new: &Registry) -> Vec<ResourceDifference> {
    let by_audience = |registry: &Registry| -> Vec<_> {
        registry.resources().iter().map(|one| (one.audience.clone(), Arc::clone(one))).collect()
    };
    let mut differences = Vec::new();
    for (audience, delta) in paired(by_audience(old), by_audience(new)) {
        let changes = resource(delta.old.as_deref(), delta.new.as_deref());
        if !changes.is_empty() {
            differences.push(ResourceDifference { audience, clients: 0, changes });
        }
    }
    count_clients(&mut differences, old, new);
    differences
}

fn resource(old: Option<&Resource>, new: Option<&Resource>) -> Vec<ResourceChange> {
    let mut changes: Vec<_> =
        unequal(old.map(|_| ()), new.map(|_| ())).map(ResourceChange::Declared).into_iter().collect();
    let scopes = |resource: Option<&Resource>| -> Vec<_> {
        resource.into_iter().flat_map(|resource| &resource.scopes).map(|scope| (scope.clone(), ())).collect()
    };
    changes.extend(
        differing(scopes(old), scopes(new)).map(|(scope, delta)| ResourceChange::Scope(scope, delta)),
    );
    let typ = |resource: Option<&Resource>| Some(resource?.typ);
    changes.extend(unequal(typ(old), typ(new)).map(ResourceChange::Typ));
    let algorithm = |resource: Option<&Resource>| Some(resource?.signing_alg);
    changes.extend(unequal(algorithm(old), algorithm(new)).map(ResourceChange::SigningAlg));
    changes.extend(unequal(old.map(lifetime), new.map(lifetime)).map(ResourceChange::Lifetime));
    let owner = |resource: Option<&Resource>| resource?.owner.as_deref().map(str::to_owned);
    changes.extend(unequal(owner(old), owner(new)).map(ResourceChange::Owner));
    changes
}

/// How many clients each of the changed resources serves; a client of both lists counts once.
fn count_clients(differences: &mut [ResourceDifference], old: &Registry, new: &Registry) {
    if differences.is_empty() {
        return;
    }
    let mut served: HashMap<Audience, BTreeSet<&str>> =
        differences.iter().map(|difference| (difference.audience.clone(), BTreeSet::new())).collect();
    for client in old.clients().chain(new.clients()).filter(|client| !client.disabled) {
        for granted in client.granted.iter() {
            if let Some(ids) = served.get_mut(&granted.resource.audience) {
                ids.insert(client.id.as_str());
            }
        }
    }
    for difference in differences {
        difference.clients = served.get(&difference.audience).map_or(0, BTreeSet::len);
    }
}
