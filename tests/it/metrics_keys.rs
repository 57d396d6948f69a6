//! What a scrape says about keys, and that the alert rules ask for what a scrape has.

use std::collections::BTreeSet;

use signet::clock::UnixTime;
use signet::config::WhenStoreDown;

use crate::key_fixtures::another;
use crate::support::fake_store::FakeStore;
use crate::support::{NOW, Options, TestServer, write_key};

const DAY: i64 = 86_400;

fn metrics(server: &TestServer) -> String {
    server.admin("/metrics").text()
}

/// The value of a series, by the text up to the space.
fn value(text: &str, series: &str) -> Option<i64> {
    text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

#[test]
fn a_scrape_tells_what_signs_and_whether_it_withheld_anything() {
    let lanes = if signet_multibuffer::Signer::is_supported() { "multi-buffer" } else { "aws-lc-rs" };
    for (signer, backend) in [("aws-lc-rs", "aws-lc-rs"), ("ring", "ring"), ("multi-buffer", lanes)] {
        let server = TestServer::with(Options { signer, ..Options::default() });
        let text = metrics(&server);
        let series = format!("signet_signer_info{{alg=\"RS256\",backend=\"{backend}\"}}");
        assert_eq!(value(&text, &series), Some(1), "{signer}: {text}");
        assert_eq!(text.matches("signet_signer_info{").count(), 1);
        // Tests of the key itself, in this process, may withhold some.
        assert!(value(&text, "signet_withheld_signatures_total").is_some());
    }
}

#[test]
fn a_scrape_tells_the_age_of_the_signing_key_and_the_next_change() {
    let server = TestServer::start();
    let text = metrics(&server);
    // The key of the tests is active since 2026-11-01T00:00:00Z, and it is the 23rd at noon.
    let age = 22 * DAY + DAY / 2;
    assert_eq!(value(&text, "signet_signing_key_age_seconds{alg=\"RS256\"}"), Some(age));
    assert!(!text.contains("signet_key_next_change_seconds{"), "nothing is planned: {text}");
    assert_eq!(value(&text, "signet_keys_loaded{source=\"private_file\"}"), Some(1));
    let keys = server.directory.path().join("keys");
    write_key(&keys, "20261124T120000Z.rs256.pem");
    std::fs::write(keys.join("20261124T120000Z.rs256.pem"), another(2).0.pem().as_bytes()).expect("a key");
    std::fs::write(keys.join("20261001T000000Z.rs256.revoked.pem"), "").expect("a marker");
    server.reload();
    server.until("the second key", |server| metrics(server).contains("state=\"next\""));
    let text = metrics(&server);
    assert_eq!(value(&text, "signet_key_next_change_seconds{alg=\"RS256\"}"), Some(DAY));
    assert_eq!(value(&text, "signet_keys_loaded{source=\"private_file\"}"), Some(2));
    assert_eq!(value(&text, "signet_keys_loaded{source=\"revoked_file\"}"), Some(1));
    server.clock.set(UnixTime::from_seconds(NOW + DAY + 60));
    let text = metrics(&server);
    assert_eq!(value(&text, "signet_signing_key_age_seconds{alg=\"RS256\"}"), Some(60));
    let to_departure = value(&text, "signet_key_next_change_seconds{alg=\"RS256\"}");
    assert!(to_departure.is_some_and(|seconds| (DAY..=2 * DAY).contains(&seconds)), "{to_departure:?}");
    assert!(!text.contains("state=\"next\""), "what is not there any more has no series");
}

#[test]
fn every_metric_in_the_alert_rules_is_one_of_a_scrape() {
    let rules = include_str!("../../deploy/prometheus/signet.rules.yaml");
    let store = FakeStore::start();
    let replay_store = Some(store.settings(WhenStoreDown::Refuse));
    let server = TestServer::with(Options { replay_store, ..Options::default() });
    let text = metrics(&server);
    let names: BTreeSet<&str> = rules
        .lines()
        .filter(|line| line.trim_start().starts_with("expr:"))
        .flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
        .filter(|word| word.starts_with("signet_"))
        .collect();
    assert!(names.len() >= 4, "{names:?}");
    for name in names {
        assert!(
            text.lines()
                .any(|line| line.starts_with(&format!("{name}{{")) || line.starts_with(&format!("{name} "))),
            "{name}"
        );
    }
}
