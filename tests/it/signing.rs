//! Signing under load and under faults: requests that are ready together share a batch, and a
//! backend that fails gives nobody a token (row D12).

use std::collections::HashSet;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use signet::clock::UnixTime;
use signet::jose::{Algorithm, Jwk};
use signet::keys::{Key, Keyring, SigningError, SigningKey, backend, generate};

use crate::raw_http::Client;
use crate::support::{FORM, NOW, Options, TestServer, basic, parse, secret};

/// A real key that can be told to fail, and counts.
struct Faulty {
    inner: Box<dyn SigningKey>,
    fails: AtomicBool,
    /// Milliseconds that each signature takes beyond its own time.
    stalls_ms: AtomicU64,
    largest_batch: AtomicUsize,
    signatures: AtomicUsize,
}

impl SigningKey for Faulty {
    fn public_jwk(&self) -> &Jwk {
        self.inner.public_jwk()
    }

    fn signature_bytes(&self) -> usize {
        self.inner.signature_bytes()
    }

    fn backend(&self) -> &'static str {
        self.inner.backend()
    }

    fn sign(&self, inputs: &[&[u8]], signatures: &mut [u8]) -> Result<(), SigningError> {
        self.largest_batch.fetch_max(inputs.len(), Ordering::SeqCst);
        self.signatures.fetch_add(inputs.len(), Ordering::SeqCst);
        let stall = Duration::from_millis(self.stalls_ms.load(Ordering::SeqCst));
        std::thread::park_timeout(stall * u32::try_from(inputs.len()).expect("a batch"));
        if self.fails.load(Ordering::SeqCst) {
            Err(SigningError)
        } else {
            self.inner.sign(inputs, signatures)
        }
    }
}

fn server() -> (TestServer, Arc<Faulty>) {
    let (private, _) = generate::private_key(Algorithm::Rs256, generate::BITS).expect("a key");
    let backend = backend(None, Algorithm::Rs256).expect("a backend");
    let inner = backend.load(&private.der()).expect("a usable key");
    let key = Faulty {
        inner,
        fails: AtomicBool::new(false),
        stalls_ms: AtomicU64::new(0),
        largest_batch: AtomicUsize::new(0),
        signatures: AtomicUsize::new(0),
    };
    let key = Arc::new(key);
    let signer = Arc::clone(&key) as Arc<dyn SigningKey>;
    let planned = Key::private("in memory", UnixTime::from_seconds(NOW - 60), signer);
    let keyring = Keyring::new(vec![planned], signet::inputs::retention(5)).expect("a keyring");
    (TestServer::with(Options { keyring: Some(Arc::new(keyring)), ..Options::default() }), key)
}

/// Signatures take a fifth of a second, and the queue knows it from the second on.
fn slow_server() -> (TestServer, Arc<Faulty>) {
    let (server, key) = server();
    key.stalls_ms.store(200, Ordering::SeqCst);
    server.judge(&server.ask("worker", ""));
    server.judge(&server.ask("worker", ""));
    (server, key)
}

#[test]
fn d12_a_backend_that_withholds_its_signature_gives_a_server_error_and_no_token() {
    let (server, key) = server();
    server.judge(&server.ask("worker", ""));
    key.fails.store(true, Ordering::SeqCst);
    let answer = server.ask("worker", "");
    assert_eq!((answer.status, answer.error().as_str()), (500, "server_error"));
    assert!(!answer.text().contains("access_token"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    key.fails.store(false, Ordering::SeqCst);
    server.judge(&server.ask("worker", ""));
    let metrics = server.admin("/metrics").text();
    assert!(metrics.contains("reason=\"signing_failed\"} 1"), "{metrics}");
}

/// The queue is bounded by the time that its signatures take: with a slow key few may wait.
#[test]
fn s23_a_key_that_stalls_makes_nobody_hang_and_what_cannot_be_signed_in_time_is_503() {
    let (server, key) = slow_server();
    let asked = &server;
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..24)
            .map(|_| {
                scope.spawn(move || {
                    let answer = asked.ask("worker", "");
                    if answer.status != 200 {
                        assert_eq!(answer.error(), "temporarily_unavailable");
                        assert_eq!(answer.header("retry-after"), Some("1"));
                    }
                    answer.status
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    key.stalls_ms.store(0, Ordering::SeqCst);
    server.judge(&server.ask("worker", ""));
    server.judge(&server.ask("worker", ""));
    let refused = statuses.iter().filter(|status| **status == 503).count();
    assert!(statuses.contains(&200) && refused > 0, "{statuses:?}");
    let metrics = server.admin("/metrics").text();
    assert!(metrics.contains(&format!("reason=\"signing_queue_full\"}} {refused}\n")), "{metrics}");
}

/// A request with a query is a token request like any other, but is read before it is refused.
#[test]
fn s23_a_refusal_unread_is_word_for_word_the_one_that_others_get() {
    let (server, key) = slow_server();
    let authorization = basic(format!("worker:{}", secret("worker")).as_bytes());
    let form = "grant_type=client_credentials";
    let request = |query: &str| {
        format!(
            "POST /oauth2/token{query} HTTP/1.1\r\nHost: a\r\nAuthorization: {authorization}\r\nContent-Type: {}\r\n\
             Content-Length: {}\r\n\r\n{form}",
            FORM.1,
            form.len()
        )
    };
    let mut clients: Vec<_> =
        (0..24).map(|_| Client::new(TcpStream::connect(server.public).unwrap())).collect();
    for (index, client) in clients.iter_mut().enumerate() {
        client.send(request(if index % 2 == 0 { "" } else { "?a=b" }));
    }
    let mut refusals = [Vec::new(), Vec::new()];
    for (index, client) in clients.iter_mut().enumerate() {
        let answer = parse(client.response().as_bytes());
        if answer.status == 503 {
            refusals[index % 2].push(answer);
        }
    }
    key.stalls_ms.store(0, Ordering::SeqCst);
    let refused = refusals.iter().map(Vec::len).sum::<usize>();
    let metrics = server.admin("/metrics").text();
    assert!(metrics.contains(&format!("reason=\"signing_queue_full\"}} {refused}\n")), "{metrics}");
    let [unread, read] = refusals.map(|refusals| {
        let mut refusals = refusals.into_iter().map(|refusal| {
            let mut refusal = refusal.without_date();
            refusal.headers.sort();
            refusal
        });
        let first = refusals.next().expect("a refusal");
        assert!(refusals.all(|other| other == first));
        first
    });
    assert_eq!(unread, read);
    assert_eq!(unread.error(), "temporarily_unavailable");
    // Each connection goes on.
    for client in &mut clients {
        client.send(request(""));
        client.response();
    }
}

#[test]
fn d4_tokens_asked_for_at_the_same_moment_are_each_their_own() {
    let (server, key) = server();
    let key_set = server.key_set();
    let asked = &server;
    let answers: Vec<_> = std::thread::scope(|scope| {
        let clients = ["worker", "other", "claims", "defaults"].into_iter().cycle().take(64);
        let threads: Vec<_> =
            clients.map(|client| scope.spawn(move || (client, asked.ask(client, "")))).collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    let mut seen = HashSet::new();
    for (client, answer) in answers {
        let token = crate::support::judge(&answer.access_token(), &key_set);
        assert_eq!(token.claims["client_id"], client, "nobody gets another's token");
        assert!(seen.insert(token.claims["jti"].as_str().expect("text").to_owned()));
    }
    assert_eq!(seen.len(), 64);
    let largest = key.largest_batch.load(Ordering::SeqCst);
    assert!((1..=16).contains(&largest), "{largest}");
}

#[test]
fn a_fleet_that_starts_together_costs_one_signature() {
    let (server, key) = server();
    let list = std::fs::read_to_string(server.clients_file()).expect("a list");
    server.write_clients(&list.replacen(
        "  - client_id: worker\n",
        "  - client_id: worker\n    reuse: 60s\n",
        1,
    ));
    server.reload_and_wait();
    key.stalls_ms.store(100, Ordering::SeqCst);
    let asked = &server;
    let tokens: HashSet<String> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..200).map(|_| scope.spawn(move || asked.ask("worker", "").access_token())).collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    assert_eq!(tokens.len(), 1);
    assert_eq!(key.signatures.load(Ordering::SeqCst), 1);
    server.judge(&server.ask("worker", ""));
}
