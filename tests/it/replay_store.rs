//! RFC 7523 §3 item 7 across a fleet: replicas that share a store, and what becomes of assertions
//! when it is slow, wrong or gone.

use std::time::{Duration, Instant};

use signet::config::WhenStoreDown;

use crate::support::assertion::{ClientKey, client_list, form};
use crate::support::fake_store::{FakeStore, Mood};
use crate::support::{Options, Response, TestServer, secret};

/// A replica for clients `signer` (with this key) and `worker` (with a secret).
fn replica(key: &ClientKey, store: &FakeStore, when_down: WhenStoreDown) -> TestServer {
    TestServer::with(options(key, store, when_down))
}

fn options(key: &ClientKey, store: &FakeStore, when_down: WhenStoreDown) -> Options {
    let with_secret = format!(
        "  - client_id: worker\n    credentials:\n      - client_secret: ${{secret:{}}}\n    scope: invoices:read\n",
        secret("worker")
    );
    Options {
        clients: client_list("signer", &[key.jwk()], "") + &with_secret,
        replay_store: Some(store.settings(when_down)),
        ..Options::default()
    }
}

fn send(server: &TestServer, key: &ClientKey, jti: &str) -> Response {
    server.post(&form(&key.assertion("signer", jti)))
}

fn is_up(server: &TestServer) -> bool {
    server
        .admin("/metrics")
        .text()
        .lines()
        .any(|line| line.starts_with("signet_replay_store_up{when_down=") && line.ends_with("} 1"))
}

fn operations(server: &TestServer, outcome: &str) -> f64 {
    server.metric(&format!("signet_replay_store_operations_total{{outcome=\"{outcome}\"}}"))
}

fn assert_unavailable(response: &Response) {
    assert_eq!((response.status, response.error()), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(response.header("retry-after"), Some("2"));
    assert!(
        response.text().contains("the store of used client assertions cannot be asked"),
        "{}",
        response.text()
    );
}

/// Row B14.
#[test]
fn b14_of_copies_sent_to_two_replicas_at_once_one_passes() {
    let (key, store) = (ClientKey::ec(), FakeStore::start());
    let replicas = [(); 2].map(|()| replica(&key, &store, WhenStoreDown::Refuse));
    for jti in 0..20 {
        let form = form(&key.assertion("signer", &jti.to_string()));
        let answers: Vec<Response> = std::thread::scope(|scope| {
            let copies: Vec<_> = (0..8)
                .map(|copy| {
                    scope.spawn({
                        let (form, replica) = (&form, &replicas[copy % 2]);
                        move || replica.post(form)
                    })
                })
                .collect();
            copies.into_iter().map(|copy| copy.join().expect("an answer")).collect()
        });
        let passed = answers.iter().filter(|answer| answer.status == 200).count();
        let replayed = answers.iter().filter(|answer| answer.status == 401).count();
        assert_eq!((passed, replayed), (1, 7), "{jti}");
    }
    let firsts: f64 = replicas.iter().map(|replica| operations(replica, "first")).sum();
    assert_eq!(firsts, 20.0);
}

#[test]
fn b14_a_use_at_another_replica_is_refused_like_any_failed_authentication() {
    let (key, store) = (ClientKey::ec(), FakeStore::start());
    let replicas = [(); 2].map(|()| replica(&key, &store, WhenStoreDown::Refuse));
    assert_eq!(send(&replicas[0], &key, "1").status, 200);
    let replayed = send(&replicas[1], &key, "1").without_date();
    assert_eq!(replayed.status, 401);
    assert_eq!(replayed, send(&replicas[1], &ClientKey::ec(), "2").without_date());
    assert_eq!(operations(&replicas[1], "before"), 1.0);
    let series = "signet_token_requests_total{grant=\"client_credentials\",method=\"private_key_jwt\",outcome=\"refused\",reason=\"assertion_replayed\"}";
    assert_eq!(replicas[1].metric(series), 1.0);
}

/// As at one replica: who authenticated has used the assertion, whatever else was wrong.
#[test]
fn a_request_that_is_refused_for_its_scope_uses_the_assertion_everywhere() {
    let (key, store) = (ClientKey::ec(), FakeStore::start());
    let replicas = [(); 2].map(|()| replica(&key, &store, WhenStoreDown::Refuse));
    let assertion = form(&key.assertion("signer", "1"));
    assert_eq!(replicas[0].post(&format!("{assertion}&scope=invoices:delete")).error(), "invalid_scope");
    assert_eq!(replicas[1].post(&assertion).error(), "invalid_client");
}

#[test]
fn the_store_learns_a_digest_and_keeps_it_a_minute_longer_than_the_assertion_lives() {
    let (key, store) = (ClientKey::ec(), FakeStore::start());
    let replica = replica(&key, &store, WhenStoreDown::Refuse);
    replica.clock.advance(10);
    assert_eq!(send(&replica, &key, "a-telling-jti").status, 200);
    let sets = store.sets();
    let [set] = sets.as_slice() else { panic!("one command for one assertion: {sets:?}") };
    // The assertion ends 60 s after the clock of the tests began.
    let [_, name, value, nx, ex, seconds] = set.as_slice() else { panic!("{set:?}") };
    assert_eq!((value.as_str(), nx.as_str(), ex.as_str(), seconds.as_str()), ("1", "NX", "EX", "110"));
    assert!(name.strip_prefix("signet:jti:").is_some_and(|digest| digest.len() == 22), "{name}");
    let all = format!("{:?}", store.commands());
    assert!(!all.contains("telling") && !all.contains("signer"), "{all}");
}

#[test]
fn a_copy_at_the_same_replica_does_not_reach_the_store() {
    let (key, store) = (ClientKey::ec(), FakeStore::start());
    let replica = replica(&key, &store, WhenStoreDown::Refuse);
    assert_eq!(send(&replica, &key, "1").status, 200);
    assert_eq!(send(&replica, &key, "1").status, 401);
    assert_eq!(store.sets().len(), 1);
}

#[test]
fn without_its_store_a_replica_refuses_assertions_and_takes_the_same_ones_when_it_is_back() {
    let (key, mut store) = (ClientKey::ec(), FakeStore::start());
    let replica = replica(&key, &store, WhenStoreDown::Refuse);
    assert!(is_up(&replica));
    store.die();
    for _ in 0..3 {
        assert_unavailable(&send(&replica, &key, "1"));
    }
    assert!(!is_up(&replica));
    assert_eq!(operations(&replica, "failed"), 3.0);
    store.come_back();
    replica.until("a connection", is_up);
    assert_eq!(send(&replica, &key, "1").status, 200);
    assert_eq!(send(&replica, &key, "1").status, 401);
}

#[test]
fn when_told_so_a_replica_without_its_store_relies_on_its_own_memory() {
    let (key, mut store) = (ClientKey::ec(), FakeStore::start());
    let replicas = [(); 2].map(|()| replica(&key, &store, WhenStoreDown::Local));
    assert_eq!(send(&replicas[0], &key, "0").status, 200);
    store.die();
    for replica in &replicas {
        assert_eq!(send(replica, &key, "1").status, 200);
        assert_eq!(send(replica, &key, "1").status, 401);
        assert_eq!(replica.metric("signet_legacy_total{feature=\"replay_store_local\"}"), 1.0);
    }
    assert_eq!(send(&replicas[0], &key, "0").status, 401);
    store.come_back();
    replicas[1].until("a connection", is_up);
    assert_eq!(send(&replicas[1], &key, "0").status, 401, "the store remembers");
}

#[test]
fn a_server_starts_without_its_store_and_finds_it_later() {
    let (key, mut store) = (ClientKey::ec(), FakeStore::start());
    store.die();
    let replica = replica(&key, &store, WhenStoreDown::Refuse);
    assert!(!is_up(&replica));
    assert_unavailable(&send(&replica, &key, "1"));
    assert_eq!(replica.admin("/readyz").status, 200);
    assert_eq!(replica.get("/.well-known/jwks.json").status, 200);
    store.come_back();
    replica.until("a connection", is_up);
    assert_eq!(send(&replica, &key, "1").status, 200);
}

#[test]
fn a_store_that_does_not_answer_keeps_nobody_waiting_for_long() {
    let (key, store) = (ClientKey::ec(), FakeStore::start());
    let replica = TestServer::with(Options {
        replay_store_patience: Duration::from_millis(500),
        ..options(&key, &store, WhenStoreDown::Refuse)
    });
    replica.until("a connection", is_up);
    store.is(Mood::Silent);
    let started = Instant::now();
    assert_unavailable(&send(&replica, &key, "1"));
    let first = started.elapsed();
    assert!(first >= Duration::from_millis(500) && first < Duration::from_secs(5), "{first:?}");
    // The others are told at once: nobody waits for a store that is known to be down.
    let started = Instant::now();
    for jti in 2..12 {
        assert_unavailable(&send(&replica, &key, &jti.to_string()));
    }
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    store.is(Mood::Well);
    replica.until("a connection", is_up);
    assert_eq!(send(&replica, &key, "12").status, 200);
}

#[test]
fn an_answer_that_is_none_counts_as_no_answer() {
    let (key, store) = (ClientKey::ec(), FakeStore::start());
    let replica = replica(&key, &store, WhenStoreDown::Refuse);
    for mood in [Mood::Garbage, Mood::HangUp, Mood::ReadOnly] {
        store.is(mood);
        assert_unavailable(&send(&replica, &key, "1"));
        assert!(!is_up(&replica), "{mood:?}");
        store.is(Mood::Well);
        replica.until("a connection", is_up);
    }
    assert_eq!(send(&replica, &key, "1").status, 200);
}

#[test]
fn clients_with_secrets_never_wait_for_the_store() {
    let (key, store) = (ClientKey::ec(), FakeStore::start());
    let replica = replica(&key, &store, WhenStoreDown::Refuse);
    let before = store.commands().len();
    store.is(Mood::Silent);
    assert_eq!(replica.ask("worker", "").status, 200);
    assert_eq!(replica.basic("worker:wrong", "grant_type=client_credentials").status, 401);
    // An assertion that proves nothing needs no store either.
    assert_eq!(send(&replica, &ClientKey::ec(), "1").status, 401);
    assert_eq!(store.commands().len(), before);
}
