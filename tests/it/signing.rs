//! Signing under load and under faults: requests that are ready together share a batch, and a
//! backend that fails gives nobody a token (row D12).

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signet::clock::UnixTime;
use signet::jose::{Algorithm, Jwk};
use signet::keys::{Key, Keyring, SigningError, SigningKey, backend, generate};

use crate::support::{NOW, Options, TestServer};

/// A real key that can be told to fail, and counts.
struct Faulty {
    inner: Box<dyn SigningKey>,
    fails: AtomicBool,
    largest_batch: AtomicUsize,
}

impl SigningKey for Faulty {
    fn public_jwk(&self) -> &Jwk {
        self.inner.public_jwk()
    }

    fn signature_bytes(&self) -> usize {
        self.inner.signature_bytes()
    }

    fn sign(&self, inputs: &[&[u8]], signatures: &mut [u8]) -> Result<(), SigningError> {
        self.largest_batch.fetch_max(inputs.len(), Ordering::SeqCst);
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
    let key = Faulty { inner, fails: AtomicBool::new(false), largest_batch: AtomicUsize::new(0) };
    let key = Arc::new(key);
    let signer = Arc::clone(&key) as Arc<dyn SigningKey>;
    let planned = Key::private("in memory", UnixTime::from_seconds(NOW - 60), signer);
    let keyring = Keyring::new(vec![planned], signet::inputs::retention(5)).expect("a keyring");
    (TestServer::with(Options { keyring: Some(Arc::new(keyring)), ..Options::default() }), key)
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
