//! The difference of two client lists in terms of access: its laws over drawn lists, and what it
//! says of each kind of change.

use proptest::prelude::*;
use signet::client::difference::{ClientChange, Delta, Difference, ResourceChange};
use signet::client::{Registry, difference};
use signet::clock::UnixTime;
use signet::config::{Options, load, load_text};
use signet::diagnostic::human;

use crate::support::{ClientList, NOW, client_lists, layouts, with_hashes};

fn registry(yaml: &str) -> Registry {
    let loaded = load_text("clients.yaml", yaml, UnixTime::from_seconds(NOW), &Options::default());
    loaded.registry.unwrap_or_else(|| panic!("{}\n{yaml}", human(&loaded.findings, false)))
}

fn swapped<T: Clone>(delta: &Delta<T>) -> Delta<T> {
    Delta { old: delta.new.clone(), new: delta.old.clone() }
}

fn mirrored_client(change: &ClientChange) -> ClientChange {
    use ClientChange::*;
    match change {
        State(delta) => State(swapped(delta)),
        Audience(audience, delta) => Audience(audience.clone(), swapped(delta)),
        Scope(audience, scope, delta) => Scope(audience.clone(), scope.clone(), swapped(delta)),
        GrantType(grant, delta) => GrantType(grant, swapped(delta)),
        Credential(delta) => Credential(swapped(delta)),
        AuthMethod(delta) => AuthMethod(swapped(delta)),
        MultipleAudiences(delta) => MultipleAudiences(swapped(delta)),
        DefaultAudience(delta) => DefaultAudience(swapped(delta)),
        Lifetime(audience, delta) => Lifetime(audience.clone(), swapped(delta)),
        Reuse(delta) => Reuse(swapped(delta)),
        Claim(name, delta) => Claim(name.clone(), swapped(delta)),
    }
}

fn mirrored_resource(change: &ResourceChange) -> ResourceChange {
    use ResourceChange::*;
    match change {
        Declared(delta) => Declared(swapped(delta)),
        Scope(scope, delta) => Scope(scope.clone(), swapped(delta)),
        Typ(delta) => Typ(swapped(delta)),
        SigningAlg(delta) => SigningAlg(swapped(delta)),
        Lifetime(delta) => Lifetime(swapped(delta)),
        Owner(delta) => Owner(swapped(delta)),
    }
}

/// Subject and change as text, sorted: the order of credentials follows the side that is new.
fn facts(
    difference: &Difference,
    client: impl Fn(&ClientChange) -> ClientChange,
    resource: impl Fn(&ResourceChange) -> ResourceChange,
) -> Vec<String> {
    let mut facts = Vec::new();
    for one in &difference.clients {
        facts.extend(one.changes.iter().map(|change| format!("{} {:?}", one.id, client(change))));
    }
    for one in &difference.resources {
        facts.extend(
            one.changes
                .iter()
                .map(|change| format!("{} {} {:?}", one.audience, one.clients, resource(change))),
        );
    }
    facts.sort();
    facts
}

/// Lists with something in common: the second is the first with parts of a third.
fn related_lists() -> impl Strategy<Value = (ClientList, ClientList)> {
    (client_lists(), client_lists(), any::<[bool; 4]>()).prop_map(|(first, other, keep)| {
        let mut second = first.clone();
        for (position, client) in second.clients.iter_mut().enumerate() {
            let Some(donor) = other.clients.get(position) else { continue };
            if keep[0] {
                client.credentials.clone_from(&donor.credentials);
            }
            if keep[1] {
                client.claims.clone_from(&donor.claims);
                client.access_token_lifetime = donor.access_token_lifetime;
            }
            if keep[2] {
                client.disabled = donor.disabled;
                client.token_endpoint_auth_method = donor.token_endpoint_auth_method;
            }
        }
        for (resource, donor) in second.resources.iter_mut().zip(&other.resources) {
            resource.access_token_lifetime = donor.access_token_lifetime;
            resource.owner.clone_from(&donor.owner);
        }
        if keep[3] {
            second.clients.pop();
        }
        (first, second)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn a_list_does_not_differ_from_itself_however_it_is_written_and_ordered(
        list in client_lists(), layout in layouts(), seed in any::<u64>(),
    ) {
        let usual = registry(&list.yaml());
        prop_assert!(difference(&usual, &registry(&list.yaml())).is_empty());
        let mut shuffled = list.clone();
        let turn = |length: usize| usize::try_from(seed).unwrap_or(7).checked_rem(length).unwrap_or(0);
        shuffled.clients.reverse();
        let by = turn(shuffled.clients.len());
        shuffled.clients.rotate_left(by);
        shuffled.resources.reverse();
        for client in &mut shuffled.clients {
            client.scope.reverse();
            client.credentials.reverse();
            client.claims.reverse();
        }
        for resource in &mut shuffled.resources {
            resource.scopes.reverse();
        }
        let directory = tempfile::tempdir().expect("a directory");
        shuffled.write(directory.path(), &layout);
        let loaded = load(directory.path(), UnixTime::from_seconds(NOW), &Options::default());
        let other = loaded.registry.expect("a drawn list loads");
        let found = difference(&usual, &other);
        prop_assert!(found.is_empty(), "{:?}", found);
        prop_assert_eq!(found.counts().to_string(), "no change in access");
    }

    #[test]
    fn the_difference_backwards_is_the_mirror((first, second) in prop_oneof![
        related_lists(), (client_lists(), client_lists())
    ]) {
        let (old, new) = (registry(&first.yaml()), registry(&second.yaml()));
        let (there, back) = (difference(&old, &new), difference(&new, &old));
        prop_assert_eq!(
            facts(&there, mirrored_client, mirrored_resource),
            facts(&back, ClientChange::clone, ResourceChange::clone)
        );
        let (there, back) = (there.counts(), back.counts());
        prop_assert_eq!(
            (there.clients_added, there.clients_removed, there.clients_changed),
            (back.clients_removed, back.clients_added, back.clients_changed)
        );
        prop_assert_eq!(
            (there.resources_added, there.resources_removed, there.resources_changed),
            (back.resources_removed, back.resources_added, back.resources_changed)
        );
    }

    /// Whoever gets a token that names a scope by one list and not by the other is in the difference.
    #[test]
    fn every_gained_and_lost_scope_is_named((first, second) in related_lists()) {
        let (old, new) = (registry(&first.yaml()), registry(&second.yaml()));
        let found = difference(&old, &new);
        let mut expected = std::collections::BTreeSet::new();
        for (list, other, sign) in [(&old, &new, '-'), (&new, &old, '+')] {
            for client in list.clients().filter(|client| !client.disabled) {
                let there = other.find(client.id.as_str()).filter(|client| !client.disabled);
                for granted in client.granted.iter() {
                    let audience = &granted.resource.audience;
                    for scope in &granted.scopes {
                        let kept = there.is_some_and(|there| there.granted.iter().any(|granted| {
                            granted.resource.audience == *audience && granted.scopes.contains(scope)
                        }));
                        if !kept {
                            expected.insert(format!("{sign} {} {audience} {}", client.id, scope.as_str()));
                        }
                    }
                }
            }
        }
        let named = found.clients.iter().flat_map(|one| one.changes.iter().filter_map(move |change| {
            let ClientChange::Scope(audience, scope, delta) = change else { return None };
            let sign = delta.sign().as_str();
            (sign != "~").then(|| format!("{sign} {} {audience} {}", one.id, scope.as_str()))
        }));
        prop_assert_eq!(named.collect::<std::collections::BTreeSet<_>>(), expected);
    }
}

/// Whoever drew the lists above must have drawn differences.
#[test]
fn drawn_pairs_differ_in_every_way() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = prop_oneof![related_lists(), (client_lists(), client_lists())];
    let mut seen = String::new();
    for _ in 0..80 {
        let (first, second) = strategy.new_tree(&mut runner).expect("a pair").current();
        let found = difference(&registry(&first.yaml()), &registry(&second.yaml()));
        seen.extend(facts(&found, ClientChange::clone, ResourceChange::clone));
    }
    for kind in [
        "State",
        "Audience",
        "Scope",
        "GrantType",
        "Credential",
        "AuthMethod",
        "MultipleAudiences",
        "Lifetime",
        "Claim",
        "Declared",
        "Owner",
    ] {
        assert!(seen.contains(&format!("{kind}(")), "no {kind} was drawn");
    }
}

const BASE: &str = r#"
resources:
  - audience: https://a.example
    scopes: [read, write]
    owner: team-a
    access_token_lifetime: 10m
  - audience: https://b.example
    scopes: [see]
    typ: JWT
clients:
  - client_id: worker
    credentials:
      - client_secret: ${secret:worker-secret-of-the-tests}
      - client_secret: ${secret:other-secret-of-the-tests}
        expires: 2027-01-01
    scope: read write
    default_scope: read
    claims: {tenant: acme, api_key: "not for everybody"}
"#;

/// The lines of `BASE` changed by replacing one text.
fn lines(replaced: &str, by: &str) -> Vec<String> {
    assert!(BASE.contains(replaced), "{replaced}");
    let new = registry(&with_hashes(&BASE.replacen(replaced, by, 1)));
    difference(&registry(&with_hashes(BASE)), &new).lines().collect()
}

#[test]
fn each_kind_of_change_reads_as_a_sentence_about_access() {
    let cases = [
        ("scope: read write\n    default_scope: read", "scope: read write see\n    default_scope: read"),
        ("scope: read write\n    default_scope: read", "scope: read"),
        ("    default_scope: read\n", ""),
        ("scope: read write", "access_token_lifetime: 5m\n    scope: read write"),
        ("scope: read write", "disabled: true\n    scope: read write"),
        ("scope: read write", "grant_types: []\n    scope: read write"),
        ("scope: read write", "multiple_audiences: true\n    scope: read write"),
        ("scope: read write", "token_endpoint_auth_method: client_secret_post\n    scope: read write"),
        ("scope: read write", "audience: [https://a.example, https://b.example]\n    scope: read write"),
        ("expires: 2027-01-01", "expires: 2027-06-01T12:00:00Z\n        not_before: 2026-01-01"),
        ("\n        expires: 2027-01-01", ""),
        ("      - client_secret: ${secret:worker-secret-of-the-tests}\n", ""),
        ("${secret:worker-secret-of-the-tests}", "${secret:another-secret-of-the-tests}"),
        ("client_id: worker", "client_id: renamed"),
        ("tenant: acme", "tenant: umbrella"),
        ("api_key: \"not for everybody\"", "api_key: \"another one\""),
        ("claims: {tenant: acme, api_key: \"not for everybody\"}", ""),
        ("owner: team-a", "owner: \"team\\nb\""),
        ("    owner: team-a\n", ""),
        ("access_token_lifetime: 10m", "access_token_lifetime: 1h 30m"),
        ("    access_token_lifetime: 10m\n", ""),
        ("scopes: [see]", "scopes: [see, touch]"),
        ("    typ: JWT\n", ""),
        ("  - audience: https://b.example\n    scopes: [see]\n    typ: JWT\n", ""),
        ("clients:\n", "  - audience: c\n    scopes: [x, y]\nclients:\n"),
    ];
    let mut text = String::new();
    for (replaced, by) in cases {
        let found = lines(replaced, by);
        assert!(!found.is_empty(), "{by}");
        text.push_str(&format!("{}\n\n", found.join("\n")));
    }
    insta::assert_snapshot!(text, @r#"
    worker + see on https://b.example (only when asked for)

    worker - write on https://a.example

    worker ~ write on https://a.example by default now (was only when asked for)

    worker ~ tokens for https://a.example live 5m (was 10m)

    worker - disabled: loses read write on https://a.example

    worker - grant type client_credentials

    worker + one token may name several audiences

    worker ~ may authenticate with client_secret_post only (was any method); breaks clients that use another method

    worker + tokens for https://b.example

    worker ~ client_secret 2 now expires 2027-06-01T12:00:00Z (was 2027-01-01), is valid from 2026-01-01 (was at once)

    worker ~ client_secret 2 never expires now (was 2027-01-01)

    worker - client_secret 1

    worker - client_secret 1
    worker + client_secret 1, never expires

    renamed + added: gains read on https://a.example, write on https://a.example (only when asked for)
    renamed + client_secret 1, never expires
    renamed + client_secret 2, expires 2027-01-01
    renamed + grant type client_credentials
    renamed + claim api_key = …
    renamed + claim tenant = "acme"
    worker - removed: loses read write on https://a.example

    worker ~ claim tenant = "umbrella" (was "acme"); breaks verifiers that read this claim

    worker ~ claim api_key = … (was …); breaks verifiers that read this claim

    worker - claim api_key; breaks verifiers that read this claim
    worker - claim tenant; breaks verifiers that read this claim

    https://a.example ~ owner is team\nb (was team-a)

    https://a.example - owner team-a

    https://a.example ~ tokens live 1h 30m (was 10m) unless their client says otherwise (1 client)

    https://a.example ~ tokens live the server's default (was 10m) unless their client says otherwise (1 client)

    https://b.example + defines touch

    https://b.example ~ typ of tokens is at+jwt (was JWT) (0 clients)

    https://b.example - no longer declared: nobody gets a token for it

    c + declared with x y; tokens are at+jwt, signed with RS256
    "#);
}

#[test]
fn what_is_for_people_alone_is_no_change_in_access() {
    for (replaced, by) in [
        ("client_id: worker", "client_id: worker\n    client_name: New\n    contacts: [a@b.example]"),
        ("expires: 2027-01-01", "expires: 2027-01-01T01:00:00+01:00\n        note: rotated"),
        ("scopes: [see]", "scopes: [see]\n    name: Other"),
        ("typ: JWT", "typ: JWT\n    signing_alg: RS256"),
        ("default_scope: read", "default_scope: [read]\n    disabled: false\n    multiple_audiences: false"),
        ("claims: {tenant: acme, api_key", "claims: {\"tenant\": 'acme', api_key"),
        ("scope: read write", "scope: [write, read, write]\n    audience: https://a.example"),
        ("scope: read write", "grant_types: [client_credentials]\n    scope: read write"),
    ] {
        assert_eq!(lines(replaced, by), Vec::<String>::new(), "{by}");
    }
}

#[test]
fn a_change_to_a_client_that_is_disabled_on_both_sides_is_none() {
    let disabled = BASE.replace("default_scope: read", "disabled: true");
    let changed = disabled.replace("scope: read write", "scope: read see").replace("acme", "umbrella");
    let (old, new) = (registry(&with_hashes(&disabled)), registry(&with_hashes(&changed)));
    assert!(difference(&old, &new).is_empty());
}

#[test]
fn a_key_that_joins_or_leaves_a_set_is_a_change_and_its_order_is_none() {
    let key = |x: &str| format!("{{kty: OKP, crv: Ed25519, alg: EdDSA, x: {x}}}");
    // RFC 8037 appendix A.2, and the public key of RFC 8032 §7.1 test 2.
    let first = key("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    let second = key("PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw");
    let list = |keys: &[&str], more: &str| {
        let section = format!("private_key_jwt: {{jwks: {{keys: [{}]}}{more}}}", keys.join(", "));
        let old = "client_secret: ${secret:worker-secret-of-the-tests}";
        registry(&with_hashes(&BASE.replacen(old, &section, 1)))
    };
    let lines = |old: &Registry, new: &Registry| difference(old, new).lines().collect::<Vec<_>>();
    let both = list(&[&first, &second], "");
    assert_eq!(lines(&both, &list(&[&second, &first], "")), Vec::<String>::new());
    let joined = lines(&list(&[&first], ""), &both);
    assert_eq!(joined.len(), 2, "{joined:?}");
    assert!(
        joined[0]
            .starts_with("worker - private_key_jwt 1, key EdDSA kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    );
    assert_eq!(joined[1].matches("key EdDSA").count(), 2, "{joined:?}");
    let relaxed = lines(&both, &list(&[&first, &second], ", accept_audience: [array]"));
    assert!(relaxed[1].contains("accepts as aud: array"), "{relaxed:?}");
}
