//! The generator of valid client lists, judged by the loader: what it draws loads, in every
//! layout, with the same meaning.

use std::collections::BTreeMap;

use proptest::prelude::*;
use signet::client::Registry;
use signet::clock::UnixTime;
use signet::config::{Loaded, Options, format, load, load_text};
use signet::diagnostic::{Source, human};

use crate::support::{ClientList, NOW, client_lists, layouts};

fn now() -> UnixTime {
    UnixTime::from_seconds(NOW)
}

fn registry(loaded: Loaded, list: &ClientList) -> Registry {
    loaded.registry.unwrap_or_else(|| panic!("{}\n{}", human(&loaded.findings, false), list.yaml()))
}

/// Everything that a registry says about its clients, in one order.
fn meaning(registry: &Registry) -> BTreeMap<String, String> {
    let clients = registry.clients().map(|client| {
        let mut granted: Vec<String> = client
            .granted
            .iter()
            .map(|granted| {
                format!("{} {:?} {:?}", granted.resource.audience, granted.scopes, granted.default_scopes)
            })
            .collect();
        granted.sort();
        let credentials: Vec<String> = client
            .credentials
            .iter()
            .map(|credential| {
                format!(
                    "{:?} {:?} {:?}",
                    credential.verifier.fingerprint(),
                    credential.validity,
                    credential.note
                )
            })
            .collect();
        let others = (
            (&client.name, &client.contacts, &client.grant_types, client.token_endpoint_auth_method),
            (client.multiple_audiences, client.access_token_lifetime_seconds, client.disabled),
            (&client.claims_json, client.names_default_scope),
        );
        (client.id.to_string(), format!("{granted:?} {credentials:?} {others:?}"))
    });
    let resources = registry
        .resources()
        .iter()
        .map(|resource| (format!("resource {}", resource.audience), format!("{resource:?}")));
    clients.chain(resources).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn every_drawn_list_loads_and_means_the_same_in_every_layout_and_when_formatted(
        list in client_lists(), layout in layouts(),
    ) {
        let usual = load_text("clients.yaml", &list.yaml(), now(), &Options::default());
        let usual = registry(usual, &list);
        prop_assert_eq!(usual.client_count(), list.clients.len());
        prop_assert_eq!(usual.resources().len(), list.resources.len());
        let directory = tempfile::tempdir().expect("a directory");
        list.write(directory.path(), &layout);
        let other = registry(load(directory.path(), now(), &Options::default()), &list);
        prop_assert_eq!(meaning(&usual), meaning(&other));
        for (name, text) in list.render(&layout) {
            let formatted = format(&Source::new(name.as_str(), text)).expect("a valid file");
            prop_assert!(formatted.text.ends_with("\n...\n"));
            std::fs::write(directory.path().join(name), &formatted.text).expect("a file");
        }
        let formatted = registry(load(directory.path(), now(), &Options::default()), &list);
        prop_assert_eq!(meaning(&usual), meaning(&formatted));
    }
}

/// The draw is worth something: each member occurs, and lists of several files do.
#[test]
fn drawn_lists_use_every_member() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut all = String::new();
    for _ in 0..60 {
        let tree = (client_lists(), layouts()).new_tree(&mut runner).expect("a list");
        let (list, layout) = tree.current();
        all.extend(list.render(&layout).into_iter().map(|(_, text)| text));
    }
    for member in [
        "audience",
        "name",
        "scopes",
        "typ",
        "signing_alg",
        "access_token_lifetime",
        "owner",
        "client_id",
        "client_name",
        "contacts",
        "grant_types",
        "token_endpoint_auth_method",
        "credentials",
        "scope",
        "default_scope",
        "multiple_audiences",
        "claims",
        "disabled",
        "client_secret",
        "not_before",
        "expires",
        "note",
    ] {
        assert!(all.contains(&format!("{member}:")), "{member} never occurs");
    }
}
