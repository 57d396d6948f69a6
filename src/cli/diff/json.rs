//! A difference as JSON. The shape is versioned: members are added, never changed. Every change
//! has `old` and `new`, null where that list says nothing, and the sentence of the human rendering
//! stands in `lines`.

use serde_json::{Value, json};

use super::Compared;
use crate::client::difference::{
    ClientChange, ClientDifference, ClientState, Delta, Lifetime, Line, RegisteredCredential,
    RegistrationChange, RegistrationDifference, ResourceChange, ResourceDifference,
};
use crate::clock::UnixTime;

const VERSION: u32 = 1;

pub(super) fn document(compared: &Compared) -> String {
    let difference = &compared.difference;
    let counts = difference.counts();
    let document = json!({
        "version": VERSION,
        "old": compared.old,
        "new": compared.new,
        "counts": {
            "clients_added": counts.clients_added,
            "clients_removed": counts.clients_removed,
            "clients_changed": counts.clients_changed,
            "resources_added": counts.resources_added,
            "resources_removed": counts.resources_removed,
            "resources_changed": counts.resources_changed,
            "registrations_changed": counts.registrations_changed,
            "breaking": counts.breaking,
        },
        "resources": difference.resources.iter().map(resource).collect::<Vec<_>>(),
        "clients": difference.clients.iter().map(client).collect::<Vec<_>>(),
        "registration": difference.registration.iter().map(registration).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn resource(difference: &ResourceDifference) -> Value {
    json!({
        "audience": difference.audience.as_str(),
        "clients": difference.clients,
        "changes": difference.changes.iter().map(resource_change).collect::<Vec<_>>(),
        "lines": lines(&difference.lines()),
    })
}

fn client(difference: &ClientDifference) -> Value {
    let place = difference.place.map(|(file, line)| json!({"file": &**file, "line": line}));
    json!({
        "client_id": difference.id.as_str(),
        "place": {"old": place.old, "new": place.new},
        "changes": difference.changes.iter().map(client_change).collect::<Vec<_>>(),
        "lines": lines(&difference.lines()),
    })
}

fn registration(difference: &RegistrationDifference) -> Value {
    let change = |change: &RegistrationChange| {
        named(change.what, &change.value.map(|value| json!(value)), &[("name", &change.name)])
    };
    json!({
        "subject": difference.subject,
        "changes": difference.changes.iter().map(change).collect::<Vec<_>>(),
        "lines": lines(&difference.lines()),
    })
}

fn lines(lines: &[Line]) -> Value {
    let line = |line: &Line| json!({"sign": line.sign.as_str(), "text": line.text, "breaks": line.breaks});
    lines.iter().map(line).collect()
}

fn sides(what: &str, delta: &Delta<Value>) -> Value {
    json!({"what": what, "old": delta.old, "new": delta.new})
}

/// The change and the names that say which of its kind it is.
fn named(what: &str, delta: &Delta<Value>, names: &[(&str, &str)]) -> Value {
    let mut value = sides(what, delta);
    if let Value::Object(members) = &mut value {
        members.extend(names.iter().map(|(member, name)| ((*member).to_owned(), json!(name))));
    }
    value
}

fn client_change(change: &ClientChange) -> Value {
    let there = |delta: &Delta<()>| delta.map(|()| json!(true));
    match change {
        ClientChange::State(delta) => {
            let word = |state: &ClientState| match state {
                ClientState::Enabled => json!("enabled"),
                ClientState::Disabled => json!("disabled"),
            };
            sides("client", &delta.map(word))
        }
        ClientChange::Audience(audience, delta) => {
            named("audience", &there(delta), &[("audience", audience.as_str())])
        }
        ClientChange::Scope(audience, scope, delta) => {
            let value = delta.map(|by_default| json!({"by_default": by_default}));
            named("scope", &value, &[("audience", audience.as_str()), ("scope", scope.as_str())])
        }
        ClientChange::GrantType(grant, delta) => named("grant_type", &there(delta), &[("grant_type", grant)]),
        ClientChange::Credential(delta) => sides("credential", &delta.map(credential)),
        ClientChange::AuthMethod(delta) => {
            sides("token_endpoint_auth_method", &delta.map(|method| json!(method)))
        }
        ClientChange::MultipleAudiences(delta) => sides("multiple_audiences", &there(delta)),
        ClientChange::DefaultAudience(delta) => {
            sides("default_audience", &delta.map(|audience| json!(audience.as_str())))
        }
        ClientChange::Lifetime(audience, delta) => {
            named("access_token_lifetime", &delta.map(lifetime), &[("audience", audience.as_str())])
        }
        ClientChange::Reuse(delta) => sides("reuse", &delta.map(|seconds| json!({"seconds": seconds}))),
        ClientChange::Claim(name, delta) => {
            let value = delta.map(|value| json!(crate::client::difference::claim_value(name, value)));
            named("claim", &value, &[("claim", name)])
        }
    }
}

fn resource_change(change: &ResourceChange) -> Value {
    match change {
        ResourceChange::Declared(delta) => sides("resource", &delta.map(|()| json!(true))),
        ResourceChange::Scope(scope, delta) => {
            named("scope", &delta.map(|()| json!(true)), &[("scope", scope.as_str())])
        }
        ResourceChange::Typ(delta) => sides("typ", &delta.map(|typ| json!(typ.as_str()))),
        ResourceChange::SigningAlg(delta) => sides("signing_alg", &delta.map(|alg| json!(alg.name()))),
        ResourceChange::Lifetime(delta) => sides("access_token_lifetime", &delta.map(lifetime)),
        ResourceChange::Owner(delta) => sides("owner", &delta.map(|owner| json!(owner))),
    }
}

fn credential(credential: &RegisteredCredential) -> Value {
    let time = |time: Option<UnixTime>| time.map(|time| time.to_string());
    json!({
        "kind": credential.kind,
        "position": credential.position,
        "not_before": time(credential.validity.not_before),
        "expires": time(credential.validity.expires),
        "terms": credential.terms,
    })
}

/// Seconds, or null inside `seconds` for the server's own setting.
fn lifetime(lifetime: &Lifetime) -> Value {
    match lifetime {
        Lifetime::Seconds(seconds) => json!({"seconds": seconds}),
        Lifetime::ServerDefault => json!({"seconds": null}),
    }
}
