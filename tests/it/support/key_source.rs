//! Where a client publishes its keys: a TLS server on loopback that answers what the test says, and
//! names that lead where the test says.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use signet::remote_keys::{Looked, Lookup};
use tempfile::TempDir;

/// The name that its certificate is for.
const NAME: &str = "keys.example.com";

pub struct KeySource {
    port: u16,
    directory: TempDir,
    answer: Arc<Mutex<Vec<u8>>>,
    connections: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl KeySource {
    pub fn start(key_set: &str) -> Self {
        let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned(), "127.0.0.1".to_owned()])
            .expect("a certificate");
        let directory = TempDir::new().expect("a directory");
        std::fs::write(directory.path().join("ca.pem"), made.cert.pem()).expect("a file");
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("a certificate and its key");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (answer, connections, stopped) = (Arc::default(), Arc::default(), Arc::default());
        let state = (Arc::clone(&answer), Arc::clone(&connections), Arc::clone(&stopped));
        let thread = std::thread::spawn(move || serve(&listener, &Arc::new(config), &state));
        let source = Self { port, directory, answer, connections, stopped, thread: Some(thread) };
        source.publish(key_set);
        source
    }

    /// From now on every request gets this key set.
    pub fn publish(&self, key_set: &str) {
        self.answer(&format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/jwk-set+json\r\nContent-Length: {}\r\n\r\n{key_set}",
            key_set.len()
        ));
    }

    /// From now on every request gets these bytes; none: it gets nothing and stays open.
    pub fn answer(&self, bytes: &str) {
        *self.answer.lock().expect("a lock") = bytes.as_bytes().to_vec();
    }

    pub fn uri(&self) -> String {
        self.uri_at(NAME)
    }

    pub fn uri_at(&self, host: &str) -> String {
        format!("https://{host}:{}/jwks.json", self.port)
    }

    /// The authority that its certificate is of.
    pub fn ca(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }

    /// That were accepted, with or without a request.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for KeySource {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

type State = (Arc<Mutex<Vec<u8>>>, Arc<AtomicUsize>, Arc<AtomicBool>);

fn serve(listener: &TcpListener, config: &Arc<ServerConfig>, (answer, connections, stopped): &State) {
    let mut kept = Vec::new();
    for stream in listener.incoming() {
        if stopped.load(Ordering::SeqCst) {
            return;
        }
        connections.fetch_add(1, Ordering::SeqCst);
        let connection = ServerConnection::new(Arc::clone(config)).expect("a connection");
        let mut stream = StreamOwned::new(connection, stream.expect("a stream"));
        let answer = answer.lock().expect("a lock").clone();
        let mut head = Vec::new();
        let mut buffer = [0; 1024];
        while !head.windows(4).any(|window| window == b"\r\n\r\n") {
            match stream.read(&mut buffer) {
                Ok(read @ 1..) => head.extend_from_slice(&buffer[..read]),
                // The client trusts another authority, or went away.
                _ => break,
            }
        }
        if answer.is_empty() {
            kept.push(stream);
            continue;
        }
        // A client that has had enough closes early.
        let _ = stream.write_all(&answer);
        stream.conn.send_close_notify();
        let _ = stream.flush();
    }
}

/// Names and their addresses; those of [`KeySource`] lead to loopback at first.
pub struct Names(Mutex<HashMap<String, Vec<IpAddr>>>);

impl Names {
    pub fn to_loopback() -> Arc<Self> {
        let names = Self(Mutex::default());
        names.lead(NAME, &["127.0.0.1"]);
        Arc::new(names)
    }

    pub fn lead(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|text| text.parse().expect("an address")).collect();
        self.0.lock().expect("a lock").insert(name.to_owned(), addresses);
    }

    /// The name of [`KeySource`] leads there now.
    pub fn rebind(&self, addresses: &[&str]) {
        self.lead(NAME, addresses);
    }
}

impl Lookup for Names {
    fn lookup(&self, name: &str) -> Looked {
        let found = self.0.lock().expect("a lock").get(name).cloned();
        Box::pin(async move { found.ok_or_else(|| std::io::Error::other("no such name")) })
    }
}
