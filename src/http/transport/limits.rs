//! Every limit of a connection, with its reason. The defaults are the ones that the contract
//! promises; tests use shorter times. Sizes count bytes as they stand on the wire, after TLS.

use std::time::Duration;

/// What one connection may cost.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Request line, headers and their line ends together. A bearer assertion of 8 KiB and long
    /// cookies of a shared domain fit; more is 431.
    pub head_bytes_max: usize,
    /// Header fields of one request. Clients send 5 to 15, proxies add as many; more is 431.
    pub headers_max: usize,
    /// The request target. No path here needs a tenth of it; more is 414.
    pub uri_bytes_max: usize,
    /// The body after removal of the chunked coding. A form with a large assertion stays below
    /// 16 KiB; more is 413.
    pub body_bytes_max: u64,
    /// Chunk extensions of one body together. Nobody uses them, so they only cost work.
    pub chunk_extension_bytes_max: usize,
    /// The trailer section of one chunked body. Its fields are dropped.
    pub trailer_bytes_max: usize,
    /// From the first byte of a head to its last, for every request of the connection. A slow
    /// mobile link needs under a second for 16 KiB.
    pub head_deadline: Duration,
    /// From the end of the head to the end of the body. 64 KiB in 10 s is a very slow modem.
    pub body_deadline: Duration,
    /// Without any progress in writing. A client that stopped reading is gone or means harm.
    pub write_stall_deadline: Duration,
    /// Between requests. Longer than the 60 s after which common proxies drop their side, so
    /// that the proxy closes first and no request meets a closing connection.
    pub idle_deadline: Duration,
    /// From accept to the end of the TLS handshake.
    pub tls_handshake_deadline: Duration,
    /// After a final answer: how long the connection stays open so that the client can read it.
    pub linger_deadline: Duration,
    /// After a final answer: how much of what the client still sends is read and dropped.
    pub linger_bytes_max: usize,
    /// From the start of a graceful stop to the end of the last answer. Below the 30 s that
    /// Kubernetes waits before it kills.
    pub shutdown_deadline: Duration,
    /// Open connections of one server. Each costs about 20 KiB, so all of them stay under
    /// 600 MiB; new ones are then closed at once.
    pub connections_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes_max: 16 * 1024,
            headers_max: 64,
            uri_bytes_max: 4 * 1024,
            body_bytes_max: 64 * 1024,
            chunk_extension_bytes_max: 1024,
            trailer_bytes_max: 4 * 1024,
            head_deadline: Duration::from_secs(10),
            body_deadline: Duration::from_secs(10),
            write_stall_deadline: Duration::from_secs(30),
            idle_deadline: Duration::from_secs(75),
            tls_handshake_deadline: Duration::from_secs(10),
            linger_deadline: Duration::from_secs(1),
            linger_bytes_max: 64 * 1024,
            shutdown_deadline: Duration::from_secs(25),
            connections_max: 25_000,
        }
    }
}
