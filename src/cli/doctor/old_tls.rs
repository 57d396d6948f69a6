//! Does a server still agree to TLS 1.0 or 1.1 (RFC 8996)? No library here offers them any more, so
//! the first message of the handshake is written by hand, and of the answer only its head is read.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use reqwest::Url;

/// For each step; who does not answer in this time has not agreed.
const PATIENCE: Duration = Duration::from_secs(5);
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;
/// TLS 1.1 on the wire.
const TLS_1_1: [u8; 2] = [3, 2];
/// ECDHE with RSA and with ECDSA, and plain RSA, each with AES-128 or AES-256 in CBC and SHA-1: what
/// servers had in those days.
const SUITES: &[[u8; 2]] =
    &[[0xc0, 0x13], [0xc0, 0x14], [0xc0, 0x09], [0xc0, 0x0a], [0x00, 0x2f], [0x00, 0x35]];

/// The version that the server agrees to; `None` when it declines, which is right, or cannot be
/// asked directly.
pub fn accepted(url: &Url) -> Option<&'static str> {
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    // A name of IPv6 has brackets in a URL.
    let bare = host.trim_matches(['[', ']']);
    let address = (bare, port).to_socket_addrs().ok()?.next()?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(&client_hello(url.domain().unwrap_or_default())).ok()?;
    // The header of the record first: an alert is shorter than what follows, and a server may hold
    // the connection open after it (RFC 4346 §6.2.1).
    let mut record = [0; 5];
    stream.read_exact(&mut record).ok()?;
    record.starts_with(&[HANDSHAKE]).then_some(())?;
    // Header of the handshake message, then the version (RFC 4346 §7.4).
    let mut hello = [0; 6];
    stream.read_exact(&mut hello).ok()?;
    match hello {
        [SERVER_HELLO, _, _, _, 3, 1] => Some("TLS 1.0"),
        [SERVER_HELLO, _, _, _, 3, 2] => Some("TLS 1.1"),
        _ => None,
    }
}

/// A ClientHello whose highest version is TLS 1.1 (RFC 4346 §7.4.1.2).
fn client_hello(name: &str) -> Vec<u8> {
    let mut extensions = Vec::new();
    if !name.is_empty() {
        // server_name (RFC 6066 §3): a list of one host name.
        let entry = [&[0][..], &sized(name.as_bytes())].concat();
        extensions.extend([&[0, 0][..], &sized(&sized(&entry))].concat());
    }
    // supported_groups: P-256, P-384; ec_point_formats: uncompressed (RFC 8422 §5.1).
    extensions.extend([0, 10, 0, 6, 0, 4, 0, 23, 0, 24]);
    extensions.extend([0, 11, 0, 2, 1, 0]);
    // The connection ends before a key depends on this.
    let random = [0x5a; 32];
    let body = [&TLS_1_1[..], &random, &[0], &sized(&SUITES.concat()), &[1, 0], &sized(&extensions)].concat();
    let hello = [&[1, 0][..], &sized(&body)].concat();
    [&[HANDSHAKE, 3, 1][..], &sized(&hello)].concat()
}

/// With its length in two bytes before it; names in URLs are shorter than that by far.
fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}
