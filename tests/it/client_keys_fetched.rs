//! `private_key_jwt` with `jwks_uri`: keys that a client publishes at an address of its own, fetched
//! in the background from a TLS server on loopback. Time is the test's; the thread looks every
//! two milliseconds at what is due.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use signet::clock::Clock as _;
use signet::remote_keys::FetchSettings;

use crate::support::assertion::{ClientKey, client_list_with, form};
use crate::support::{ISSUER, KeySource, Names, Options, Process, Response, TestServer, Workspace};

const REFRESH_SECONDS: i64 = 300;
/// Chance adds a tenth at most.
const REFRESHED_SECONDS: i64 = REFRESH_SECONDS + REFRESH_SECONDS / 10;
const MAX_AGE_SECONDS: i64 = 24 * 60 * 60;

fn key_set(keys: &[Value]) -> String {
    json!({"keys": keys}).to_string()
}

fn with_kid(key: &ClientKey, kid: &str) -> Value {
    let mut jwk = key.jwk();
    jwk["kid"] = kid.into();
    jwk
}

fn fetching(source: &KeySource, names: &Arc<Names>) -> FetchSettings {
    FetchSettings {
        networks: "127.0.0.0/8".parse().expect("a network"),
        ca: Some(source.ca()),
        tick: Duration::from_millis(2),
        lookup: Arc::clone(names) as _,
        ..FetchSettings::default()
    }
}

fn list(source: &KeySource) -> String {
    client_list_with("signer", &format!("jwks_uri: {}", source.uri()), "")
}

fn start(source: &KeySource, client_keys: FetchSettings) -> TestServer {
    TestServer::with(Options { clients: list(source), client_keys, ..Options::default() })
}

/// A server that has fetched once.
fn started(source: &KeySource, names: &Arc<Names>) -> TestServer {
    let server = start(source, fetching(source, names));
    until_ended(&server, "fetched", 1.0);
    server
}

fn fetches(server: &TestServer, outcome: &str) -> f64 {
    server.metric(&format!("signet_client_key_fetches_total{{outcome=\"{outcome}\"}}"))
}

fn until_ended(server: &TestServer, outcome: &str, count: f64) {
    server.until(outcome, |server| fetches(server, outcome) >= count);
}

fn sources(server: &TestServer) -> [f64; 3] {
    ["fresh", "stale", "missing"]
        .map(|state| server.metric(&format!("signet_client_key_sources{{state=\"{state}\"}}")))
}

/// An assertion of now, whatever time it is.
fn ask_with(server: &TestServer, key: &ClientKey, header: &Value) -> Response {
    let now = server.clock.now().seconds();
    let jti =
        ring::rand::generate::<[u8; 8]>(&ring::rand::SystemRandom::new()).expect("random bytes").expose();
    let claims = json!({
        "iss": "signer", "sub": "signer", "aud": ISSUER, "iat": now, "exp": now + 60, "jti": format!("{jti:?}"),
    });
    server.post(&form(&key.jwt(header, &claims)))
}

fn ask(server: &TestServer, key: &ClientKey) -> u16 {
    ask_with(server, key, &json!({"alg": key.algorithm})).status
}

#[test]
fn fetched_keys_verify_assertions_of_every_algorithm() {
    let keys = [ClientKey::rsa(), ClientKey::ec(), ClientKey::ed25519()];
    let jwks: Vec<Value> = keys.iter().map(ClientKey::jwk).collect();
    let source = KeySource::start(&key_set(&jwks));
    let server = started(&source, &Names::to_loopback());
    for key in &keys {
        assert_eq!(ask(&server, key), 200, "{}", key.algorithm);
    }
    assert_eq!(ask(&server, &ClientKey::ec()), 401);
    assert_eq!((sources(&server), source.connections()), ([1.0, 0.0, 0.0], 1));
}

/// The client may ask again; it is not told that its key is wrong. Nobody else is: unknown and
/// disabled clients get what they always get, and no request makes the server fetch.
#[test]
fn until_the_first_fetch_the_client_is_asked_to_come_again() {
    let (key, source) = (ClientKey::ed25519(), KeySource::start(""));
    source.answer("");
    let server = start(&source, fetching(&source, &Names::to_loopback()));
    server.until("the connection", |_| source.connections() == 1);
    for _ in 0..20 {
        let response = ask_with(&server, &key, &json!({"alg": "EdDSA"}));
        assert_eq!((response.status, response.error().as_str()), (503, "temporarily_unavailable"));
        assert_eq!(response.header("retry-after"), Some("10"));
    }
    assert_eq!(server.post(&form(&key.assertion("stranger", "1"))).status, 401);
    let unusable = ask_with(&server, &key, &json!({"alg": "EdDSA", "jku": source.uri()}));
    assert_eq!((unusable.status, unusable.error().as_str()), (401, "invalid_client"));
    assert_eq!((source.connections(), sources(&server)), (1, [0.0, 0.0, 1.0]));
    server.write_clients(&format!("{}    disabled: true\n", list(&source)));
    server.reload_and_wait();
    assert_eq!(ask(&server, &key), 401);
}

#[test]
fn a_key_that_the_source_replaced_is_refused_after_the_refresh_and_the_new_one_works() {
    let (old, new) = (ClientKey::ec(), ClientKey::ec());
    let source = KeySource::start(&key_set(&[with_kid(&old, "one")]));
    let server = started(&source, &Names::to_loopback());
    let with =
        |key: &ClientKey, kid: &str| ask_with(&server, key, &json!({"alg": "ES256", "kid": kid})).status;
    assert_eq!((with(&old, "one"), with(&new, "two")), (200, 401));
    source.publish(&key_set(&[with_kid(&new, "two")]));
    // An unknown kid makes nobody fetch.
    assert_eq!((with(&old, "one"), with(&new, "two"), source.connections()), (200, 401, 1));
    server.clock.advance(REFRESHED_SECONDS);
    until_ended(&server, "fetched", 2.0);
    assert_eq!((with(&old, "one"), with(&new, "two"), source.connections()), (401, 200, 2));
}

/// Nobody connects to where a header points, known key or not.
#[test]
fn b27_a_url_in_the_header_is_never_fetched() {
    let (key, elsewhere) = (ClientKey::ec(), ClientKey::ec());
    let source = KeySource::start(&key_set(&[key.jwk()]));
    let trap = KeySource::start(&key_set(&[elsewhere.jwk()]));
    let server = started(&source, &Names::to_loopback());
    for member in ["jku", "x5u"] {
        for signer in [&key, &elsewhere] {
            let header = json!({"alg": "ES256", member: trap.uri()});
            assert_eq!(ask_with(&server, signer, &header).status, 401, "{member}");
        }
    }
    server.clock.advance(REFRESHED_SECONDS);
    until_ended(&server, "fetched", 2.0);
    assert_eq!((trap.connections(), source.connections()), (0, 2));
}

#[test]
fn a_source_is_left_alone_between_refreshes_whatever_is_reloaded() {
    let key = ClientKey::ed25519();
    let source = KeySource::start(&key_set(&[key.jwk()]));
    let server = started(&source, &Names::to_loopback());
    for more in 1..=3 {
        server.write_clients(&format!("{}# {more}\n", list(&source)));
        server.reload_and_wait();
        assert_eq!(ask(&server, &key), 200, "what was fetched stays");
    }
    server.clock.advance(REFRESH_SECONDS - 1);
    server.until("a look", |server| {
        server.metric("signet_client_key_oldest_seconds") == (REFRESH_SECONDS - 1) as f64
    });
    assert_eq!((source.connections(), fetches(&server, "fetched")), (1, 1.0));
}

/// Each is refused, and the last good set stays in use.
#[test]
fn an_answer_that_is_no_key_set_changes_nothing() {
    let key = ClientKey::ed25519();
    let source = KeySource::start(&key_set(&[key.jwk()]));
    let settings =
        FetchSettings { deadline: Duration::from_millis(300), ..fetching(&source, &Names::to_loopback()) };
    let server = start(&source, settings);
    until_ended(&server, "fetched", 1.0);
    let set = |keys: Value| {
        let body = json!({"keys": keys}).to_string();
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let other = ClientKey::ed25519();
    let mut private = other.jwk();
    private["d"] = "AQ".into();
    let nine: Vec<Value> = (0..9).map(|_| ClientKey::ed25519().jwk()).collect();
    let good = set(json!([other.jwk()]));
    let large = "x".repeat(64 * 1024 + 1);
    let mut counts = std::collections::HashMap::new();
    for (answer, outcome) in [
        (good.replacen("200 OK", "302 Found\r\nLocation: /other", 1), "redirect"),
        (good.replacen("200 OK", "307 Temporary Redirect\r\nLocation: https://127.0.0.1/", 1), "redirect"),
        (good.replacen("200 OK", "304 Not Modified", 1), "redirect"),
        (good.replacen("200 OK", "404 Not Found", 1), "status"),
        (good.replacen("200 OK", "201 Created", 1), "status"),
        (good.replacen("200 OK", "500 Internal Server Error", 1), "status"),
        (format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{large}", large.len()), "too_large"),
        (format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{large}"), "too_large"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_owned(), "malformed"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(), "malformed"),
        (set(json!([])), "malformed"),
        (set(json!([private])), "malformed"),
        (set(json!([{"kty": "RSA", "n": "0_cQ", "e": "AQAB"}])), "malformed"),
        (set(json!([{"kty": "oct", "k": "AQ"}])), "malformed"),
        (set(json!(nine)), "malformed"),
        ("this is no HTTP\r\n\r\n".to_owned(), "unreachable"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"keys\": [".to_owned(), "unreachable"),
        (String::new(), "timeout"),
    ] {
        source.answer(&answer);
        let count: &mut f64 = counts.entry(outcome).or_insert(0.0);
        *count += 1.0;
        // Pauses grow to that of a refresh, and by chance.
        server.clock.advance(REFRESHED_SECONDS);
        until_ended(&server, outcome, *count);
        let head = answer.lines().next().unwrap_or_default();
        assert_eq!((ask(&server, &key), ask(&server, &other)), (200, 401), "{head}");
        assert_eq!(sources(&server), [0.0, 1.0, 0.0], "{head}");
    }
    source.answer(&good);
    server.clock.advance(REFRESHED_SECONDS);
    until_ended(&server, "fetched", 2.0);
    assert_eq!((ask(&server, &key), ask(&server, &other)), (401, 200));
    assert_eq!(sources(&server), [1.0, 0.0, 0.0]);
}

/// What is not public is not connected to, by name, in any mixture, or by an address in the URL.
#[test]
fn an_address_inside_of_the_network_gets_no_connection() {
    let key = ClientKey::ed25519();
    let source = KeySource::start(&key_set(&[key.jwk()]));
    let names = Names::to_loopback();
    let outside = FetchSettings { networks: Default::default(), ..fetching(&source, &names) };
    let server = start(&source, outside.clone());
    let mut count = 1.0;
    until_ended(&server, "forbidden", count);
    for addresses in [
        &["169.254.169.254"][..],
        &["10.0.0.1"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["fd00:ec2::254"],
        &["192.0.2.1", "127.0.0.1"],
        &["93.184.216.34", "127.0.0.1"],
        &["0.0.0.0"],
    ] {
        names.rebind(addresses);
        count += 1.0;
        server.clock.advance(REFRESHED_SECONDS);
        until_ended(&server, "forbidden", count);
    }
    assert_eq!((source.connections(), ask(&server, &key)), (0, 503));

    let literal = client_list_with("signer", &format!("jwks_uri: {}", source.uri_at("127.0.0.1")), "");
    let by_address = |client_keys| {
        TestServer::with(Options { clients: literal.clone(), client_keys, ..Options::default() })
    };
    let refused = by_address(outside);
    until_ended(&refused, "forbidden", 1.0);
    assert_eq!(source.connections(), 0);
    let allowed = by_address(fetching(&source, &names));
    until_ended(&allowed, "fetched", 1.0);
    assert_eq!((source.connections(), ask(&allowed, &key)), (1, 200));
}

/// A name that led to an allowed place at first leads elsewhere now: nobody connects there.
#[test]
fn a_name_is_judged_again_for_every_fetch() {
    let key = ClientKey::ec();
    let source = KeySource::start(&key_set(&[key.jwk()]));
    let names = Names::to_loopback();
    let server = started(&source, &names);
    names.rebind(&["169.254.169.254"]);
    server.clock.advance(REFRESHED_SECONDS);
    until_ended(&server, "forbidden", 1.0);
    names.rebind(&["127.0.0.1", "10.0.0.1"]);
    server.clock.advance(REFRESHED_SECONDS);
    until_ended(&server, "forbidden", 2.0);
    assert_eq!((source.connections(), ask(&server, &key)), (1, 200));
    names.rebind(&[]);
    server.clock.advance(REFRESHED_SECONDS);
    until_ended(&server, "unresolved", 1.0);
    names.rebind(&["127.0.0.1"]);
    server.clock.advance(REFRESHED_SECONDS);
    until_ended(&server, "fetched", 2.0);
}

#[test]
fn a_certificate_of_an_unknown_authority_or_another_name_is_refused() {
    let key = ClientKey::ec();
    let source = KeySource::start(&key_set(&[key.jwk()]));
    let names = Names::to_loopback();
    names.lead("other.example.com", &["127.0.0.1"]);
    let unknown = start(&source, FetchSettings { ca: None, ..fetching(&source, &names) });
    until_ended(&unknown, "unreachable", 1.0);
    assert_eq!(ask(&unknown, &key), 503);
    let other = client_list_with("signer", &format!("jwks_uri: {}", source.uri_at("other.example.com")), "");
    let other = TestServer::with(Options {
        clients: other,
        client_keys: fetching(&source, &names),
        ..Options::default()
    });
    until_ended(&other, "unreachable", 1.0);
    assert_eq!(ask(&other, &key), 503);
}

/// They serve while the source is down, and not for ever.
#[test]
fn the_last_good_keys_serve_for_a_day_and_no_longer() {
    let key = ClientKey::ed25519();
    let source = KeySource::start(&key_set(&[key.jwk()]));
    let names = Names::to_loopback();
    let server = started(&source, &names);
    names.rebind(&[]);
    server.clock.advance(MAX_AGE_SECONDS);
    until_ended(&server, "unresolved", 1.0);
    assert_eq!((ask(&server, &key), sources(&server)), (200, [0.0, 1.0, 0.0]));
    server.clock.advance(1);
    let response = ask_with(&server, &key, &json!({"alg": "EdDSA"}));
    assert_eq!((response.status, response.error().as_str()), (503, "temporarily_unavailable"));
    server.until("missing", |server| sources(server) == [0.0, 0.0, 1.0]);
    names.rebind(&["127.0.0.1"]);
    server.clock.advance(REFRESHED_SECONDS);
    until_ended(&server, "fetched", 2.0);
    assert_eq!((ask(&server, &key), sources(&server)), (200, [1.0, 0.0, 0.0]));
}

#[test]
fn b39_a_client_that_is_removed_is_refused_right_after_the_reload_and_its_keys_are_forgotten() {
    let key = ClientKey::ed25519();
    let source = KeySource::start(&key_set(&[key.jwk()]));
    let server = started(&source, &Names::to_loopback());
    assert_eq!(ask(&server, &key), 200);
    server.write_clients("clients: []\n");
    server.reload_and_wait();
    assert_eq!(ask(&server, &key), 401);
    server.until("no source", |server| sources(server) == [0.0; 3]);
    // Back within the minute: what was fetched is still good. Later: it is fetched anew.
    server.write_clients(&list(&source));
    server.reload_and_wait();
    assert_eq!((ask(&server, &key), source.connections()), (200, 1));
    server.write_clients("clients: []\n");
    server.reload_and_wait();
    server.clock.advance(REFRESHED_SECONDS);
    server.until("no source", |server| sources(server) == [0.0; 3]);
    source.answer("");
    server.write_clients(&list(&source));
    server.reload_and_wait();
    server.until("the connection", |_| source.connections() == 2);
    assert_eq!(ask(&server, &key), 503);
}

/// RFC 7517 §5: keys that are not understood are ignored; none of the set is trusted because of them.
#[test]
fn keys_for_other_uses_beside_good_ones_are_ignored() {
    let (key, other) = (ClientKey::ec(), ClientKey::ec());
    let mut for_encryption = other.jwk();
    for_encryption["use"] = "enc".into();
    let unknown = json!({"kty": "AKP", "alg": "ML-DSA-65", "pub": "AQ"});
    let source = KeySource::start(&key_set(&[for_encryption, unknown, key.jwk()]));
    let server = started(&source, &Names::to_loopback());
    assert_eq!((ask(&server, &key), ask(&server, &other)), (200, 401));
}

/// A client that moves from a key in the list to `jwks_uri` has both meanwhile.
#[test]
fn a_key_in_the_list_works_while_the_source_gives_none() {
    let (inline, published) = (ClientKey::ed25519(), ClientKey::ed25519());
    let source = KeySource::start("");
    source.answer("");
    let more = format!("      - private_key_jwt:\n          jwks: {}\n", inline.jwk());
    for first in [true, false] {
        let clients = match first {
            true => list(&source)
                .replace("    scope: invoices:read\n", &format!("{more}    scope: invoices:read\n")),
            false => list(&source).replace("    credentials:\n", &format!("    credentials:\n{more}")),
        };
        let client_keys = fetching(&source, &Names::to_loopback());
        let server = TestServer::with(Options { clients, client_keys, ..Options::default() });
        assert_eq!((ask(&server, &inline), ask(&server, &published)), (200, 503));
    }
}

#[test]
fn a_list_names_a_thousand_addresses_of_keys_and_no_more() {
    let workspace = Workspace::empty();
    for (count, errors) in [(1_000, 0), (1_001, 1)] {
        let one = |number| {
            format!(
                "  - client_id: c{number}\n    scope: read\n    credentials:\n      - private_key_jwt: \
                 {{jwks_uri: \"https://keys.example.com/{number}\"}}\n"
            )
        };
        let clients: String = (0..count).map(one).collect();
        workspace.write(
            "clients.yaml",
            &format!("resources:\n  - audience: plain\n    scopes: [read]\nclients:\n{clients}"),
        );
        let loaded = signet::config::load(
            &workspace.path().join("clients.yaml"),
            signet::clock::UnixTime::from_seconds(0),
            &signet::config::Options::default(),
        );
        assert_eq!(
            loaded.findings.errors(),
            errors,
            "{}",
            signet::diagnostic::human(&loaded.findings, false)
        );
    }
}

#[test]
fn the_log_says_once_why_keys_cannot_be_fetched() {
    let workspace = Workspace::empty();
    workspace.key("keys");
    // The name is looked up by the system; it leads to loopback, and nothing listens there.
    workspace.write("clients.yaml", &client_list_with("signer", "jwks_uri: https://localhost/jwks.json", ""));
    let process = Process::serve(workspace, "");
    process.until("the line", |process| process.stderr().contains("SG0560"));
    let log = process.stderr();
    let line = log.lines().find(|line| line.contains("SG0560")).expect("a line");
    assert!(
        line.contains("\"outcome\":\"forbidden\"") && line.contains("https://localhost/jwks.json"),
        "{line}"
    );
}

#[test]
fn check_show_why_and_diff_say_where_the_keys_come_from() {
    let workspace = Workspace::empty();
    let uri = "https://keys.example.com/jwks.json";
    workspace.write("clients.yaml", &client_list_with("signer", &format!("jwks_uri: {uri}"), ""));
    assert_eq!(workspace.run("check --clients-only --deny warnings").code, 0);
    let shown = workspace.run("clients show signer").stdout;
    assert!(shown.contains("jwks_uri, fetched in the background") && shown.contains(uri), "{shown}");
    let why = workspace.run("why --client signer --scope invoices:read").stdout;
    assert!(why.contains("jwks_uri, fetched in the background"), "{why}");
    workspace.write("new.yaml", &client_list_with("signer", "jwks_uri: https://other.example.com/", ""));
    let diff = workspace.run("diff clients.yaml new.yaml").stdout;
    assert!(diff.contains(uri) && diff.contains("https://other.example.com/"), "{diff}");
    for private in ["https://10.0.0.1/", "https://localhost:8443/", "https://[fd00::1]/"] {
        workspace.write("clients.yaml", &client_list_with("signer", &format!("jwks_uri: \"{private}\""), ""));
        let checked = workspace.run("check --clients-only --deny warnings");
        assert_eq!(checked.code, 1, "{private}");
        assert!(checked.all().contains("SG0189"), "{private}: {}", checked.all());
    }
}
