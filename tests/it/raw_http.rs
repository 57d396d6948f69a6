//! A real server on port 0 with an echo for an application, and a client that speaks in bytes:
//! what these tests send, no HTTP library would.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use signet::http::{Connections, Limits, Listener, Shedder, TlsAcceptorSource, start};

/// Far above any deadline of these tests: a read that takes so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(8);

pub struct TestServer {
    pub address: SocketAddr,
    pub connections: Arc<Connections>,
    stop: mpsc::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl TestServer {
    pub fn start(limits: Limits) -> Self {
        Self::start_with(limits, None)
    }

    pub fn start_with(limits: Limits, tls: Option<TlsAcceptorSource>) -> Self {
        let connections = Connections::at_most(limits.connections_max);
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let (stop, stopped) = mpsc::channel();
        let (ready, is_ready) = mpsc::channel();
        let listeners = vec![Listener { socket, tls }];
        let counted = Arc::clone(&connections);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let server = start(listeners, 1, limits, counted, application).await.unwrap();
                assert_eq!(server.addresses(), [address]);
                ready.send(()).unwrap();
                let graceful = tokio::task::spawn_blocking(move || stopped.recv().unwrap_or(false)).await;
                server.stop(graceful.unwrap()).await;
            });
        });
        is_ready.recv().unwrap();
        Self { address, connections, stop, thread: Some(thread) }
    }

    pub fn connect(&self) -> Client {
        Client::new(TcpStream::connect(self.address).unwrap())
    }

    /// Everything that comes back when `request` is all that is sent.
    pub fn answer_to(&self, request: impl AsRef<[u8]>) -> String {
        let mut client = self.connect();
        client.send(request);
        client.rest()
    }

    /// Returns at once; [`join`](Self::join) waits.
    pub fn begin_stop(&self, graceful: bool) {
        self.stop.send(graceful).unwrap();
    }

    pub fn join(&mut self) {
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = self.stop.send(false);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn application(config: &mut ServiceConfig) -> Option<Rc<dyn Shedder>> {
    config
        .route("/slow", web::to(slow))
        .route("/large", web::to(async || HttpResponse::Ok().body(vec![b'x'; LARGE_BYTES])))
        .route("/medium", web::to(async || HttpResponse::Ok().body(vec![b'x'; MEDIUM_BYTES])))
        .route("/deaf", web::to(async || HttpResponse::UnsupportedMediaType().body("deaf")))
        .default_service(web::to(echo));
    Some(Rc::new(Busy))
}

/// Sheds what is sent to two paths.
struct Busy;

impl Shedder for Busy {
    fn shed(&self, request: &[u8]) -> Option<Bytes> {
        let bytes = match request {
            _ if request.starts_with(b"POST /busy HTTP/1.1\r\n") => 4,
            _ if request.starts_with(b"POST /busy-large HTTP/1.1\r\n") => LARGE_BYTES,
            _ => return None,
        };
        let head = format!("HTTP/1.1 503 Service Unavailable\r\ncontent-length: {bytes}\r\n\r\n");
        Some([head.as_bytes(), &vec![b'b'; bytes]].concat().into())
    }
}

/// More than the socket buffers of both sides hold.
pub const LARGE_BYTES: usize = 32 * 1024 * 1024;
/// Less than the dispatcher collects before it writes.
pub const MEDIUM_BYTES: usize = 20 * 1024;
pub const SLOW: Duration = Duration::from_millis(400);

async fn slow() -> HttpResponse {
    tokio::time::sleep(SLOW).await;
    HttpResponse::Ok().body("slow")
}

async fn echo(request: HttpRequest, body: Bytes) -> HttpResponse {
    let peer = request.peer_addr().map(|peer| peer.to_string());
    HttpResponse::Ok().json(serde_json::json!({
        "method": request.method().as_str(),
        "path": request.path(),
        "body_bytes": body.len(),
        "peer": peer,
    }))
}

pub struct Client {
    pub stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    pub fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self { stream, received: Vec::new() }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends what the server still takes; a server that closes meanwhile is fine.
    pub fn send_what_goes(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    /// Reads one response with a length, and leaves what follows it.
    pub fn response(&mut self) -> String {
        loop {
            if let Some(end) = response_end(&self.received) {
                return String::from_utf8(self.received.drain(..end).collect()).unwrap();
            }
            assert!(self.read_some(), "closed after {:?}", String::from_utf8_lossy(&self.received));
        }
    }

    /// Reads to the end of the connection. A reset is an end too.
    pub fn rest(&mut self) -> String {
        while self.read_some() {}
        String::from_utf8(std::mem::take(&mut self.received)).unwrap()
    }

    /// How long the server takes to close, and what it says until then.
    pub fn time_to_close(&mut self) -> (Duration, String) {
        let start = Instant::now();
        let rest = self.rest();
        (start.elapsed(), rest)
    }

    fn read_some(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(count) => {
                self.received.extend_from_slice(&buffer[..count]);
                count > 0
            }
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => false,
            Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&self.received)),
        }
    }
}

/// Interim responses have neither length nor body (RFC 9110 §15.2).
fn response_end(bytes: &[u8]) -> Option<usize> {
    let head_end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..head_end]).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().unwrap());
    (bytes.len() >= head_end + length).then_some(head_end + length)
}

/// The status codes of all responses in `text`, in order.
pub fn statuses(text: &str) -> Vec<u16> {
    let mut rest = text.as_bytes();
    let mut statuses = Vec::new();
    while let Some(end) = response_end(rest) {
        statuses.push(std::str::from_utf8(&rest[9..12]).unwrap().parse().unwrap());
        rest = &rest[end..];
    }
    assert!(rest.is_empty(), "trailing bytes in {text:?}");
    statuses
}
