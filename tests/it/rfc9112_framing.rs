//! RFC 9112: requests that a proxy and this server could read differently are answered by the
//! guard, and nothing behind them is ever taken for a request.

use std::io::Write;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use signet::http::{Identity, Limits, TlsAcceptorSource};

use crate::raw_http::{LARGE_BYTES, MEDIUM_BYTES, TestServer, statuses};

/// Would be answered with 200 if a reader began here.
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
const GOOD: &str = "GET /good HTTP/1.1\r\nHost: a\r\n\r\n";

/// The server answers each request with its status, in the guard's form, and closes.
#[track_caller]
fn each_is_refused(cases: &[(u16, &str)]) {
    let server = TestServer::start(Limits::default());
    for (status, request) in cases {
        let answer = server.answer_to(format!("{request}{SMUGGLED}"));
        assert_eq!(statuses(&answer), [*status], "{request:?}: {answer}");
        assert!(!answer.contains("smuggled"), "{request:?}: {answer}");
        let head = answer.split("\r\n\r\n").next().unwrap_or_default();
        for line in ["content-type: application/json", "cache-control: no-store", "connection: close"] {
            assert!(head.contains(line), "{request:?}: {answer}");
        }
        assert!(answer.contains(r#"{"error":"invalid_request","error_description":""#), "{answer}");
        assert!(!head.to_ascii_lowercase().contains("server:"), "{answer}");
    }
}

fn post(headers: &str, body: &str) -> String {
    format!("POST /token HTTP/1.1\r\nHost: a\r\n{headers}\r\n{body}")
}

fn chunked(body: &str) -> String {
    post("Transfer-Encoding: chunked\r\n", body)
}

#[test]
fn a38_content_length_beside_transfer_encoding_is_400_and_nothing_is_smuggled() {
    each_is_refused(&[
        (400, &post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
        (400, &post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")),
    ]);
}

#[test]
fn a38_lengths_that_are_not_one_plain_number_are_400() {
    each_is_refused(&[
        (400, &post("Content-Length: 0\r\nContent-Length: 0\r\n", "")),
        (400, &post("Content-Length: 0\r\nContent-Length: 44\r\n", "")),
        (400, &post("Content-Length: +3\r\n", "abc")),
        (400, &post("Content-Length: -1\r\n", "")),
        (400, &post("Content-Length: 0,0\r\n", "")),
        (400, &post("Content-Length: 0x0\r\n", "")),
        (400, &post("Content-Length:\r\n", "")),
        (400, &post("Content-Length: 18446744073709551616\r\n", "")),
        (400, "POST /token HTTP/1.0\r\nHost: a\r\n\r\n"),
    ]);
}

#[test]
fn a38_transfer_codings_other_than_one_chunked_are_refused() {
    each_is_refused(&[
        (400, &post("Transfer-Encoding: identity\r\n", "")),
        (400, &post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")),
        (400, &post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
        (501, &post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")),
        (400, "POST /token HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ]);
}

#[test]
fn a38_a39_broken_chunks_are_400() {
    each_is_refused(&[
        (400, &chunked("\r\n\r\n")),
        (400, &chunked("3;x\nabc\r\n0\r\n\r\n")),
        (400, &chunked("3\nabc\r\n0\r\n\r\n")),
        (400, &chunked("+3\r\nabc\r\n0\r\n\r\n")),
        (400, &chunked("10000000000000000\r\n")),
        (400, &chunked("3\r\nabc0\r\n\r\n")),
        (400, &chunked("0\r\nX: y\n\r\n")),
        (413, &chunked("ffffffffffffffff\r\n")),
    ]);
}

#[test]
fn a38_a_chunk_that_breaks_after_the_head_ends_the_request_and_the_connection() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect();
    client.send(chunked("3\r\nabc\r\n"));
    std::thread::sleep(Duration::from_millis(50));
    client.send(format!("zz\r\n{SMUGGLED}"));
    assert_eq!(statuses(&client.rest()), [400]);
}

#[test]
fn a39_line_ends_folds_and_spaces_that_readers_treat_differently_are_400() {
    each_is_refused(&[
        (400, "GET / HTTP/1.1\nHost: a\n\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"),
        (400, "GET /\r\n\r\n"),
        (505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        (505, "GET / HTTP/3.7\r\nHost: a\r\n\r\n"),
    ]);
}

#[test]
fn a40_a_missing_doubled_empty_or_decorated_host_is_400() {
    each_is_refused(&[
        (400, "GET / HTTP/1.1\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: user@a\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        (400, "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
        (501, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]);
}

#[test]
fn a36_heads_above_the_limits_are_431_or_414() {
    let headers = "a: b\r\n".repeat(64);
    let large = format!("X: {}\r\n", "x".repeat(16 * 1024));
    let long = "x".repeat(4096);
    each_is_refused(&[
        (431, &format!("GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n")),
        (431, &format!("GET / HTTP/1.1\r\nHost: a\r\n{large}\r\n")),
        (414, &format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n")),
    ]);
}

#[test]
fn a36_huge_heads_and_targets_are_refused_while_they_arrive() {
    let server = TestServer::start(Limits::default());
    for (status, start) in [(431, "GET / HTTP/1.1\r\nHost: a\r\nX: "), (414, "GET /")] {
        let mut client = server.connect();
        client.send(start);
        let block = "x".repeat(64 * 1024);
        let sent = (0..160).take_while(|_| client.send_what_goes(&block)).count();
        assert!(sent < 160, "the server took 10 MB of a head");
        let answer = client.rest();
        assert!(answer.is_empty() || statuses(&answer) == [status], "{answer}");
    }
    assert_eq!(statuses(&server.answer_to(format!("{GOOD}{}", close()))), [200, 200]);
}

/// A request after which the server closes.
fn close() -> &'static str {
    "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
}

#[test]
fn a35_a_body_announced_above_the_limit_is_413_before_it_is_read() {
    let server = TestServer::start(Limits::default());
    for length in [64 * 1024 + 1, 10_000_000] {
        let start = Instant::now();
        let answer = server.answer_to(post(&format!("Content-Length: {length}\r\n"), "abc"));
        assert_eq!(statuses(&answer), [413], "{answer}");
        assert!(start.elapsed() < Duration::from_secs(4));
    }
    let full = post("Connection: close\r\nContent-Length: 65536\r\n", &"x".repeat(65536));
    assert!(server.answer_to(full).contains(r#""body_bytes":65536"#));
}

#[test]
fn a35_chunks_above_the_limit_and_endless_chunks_are_413() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect();
    client.send(chunked(""));
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096));
    let reader = client.stream.try_clone().unwrap();
    let sender = std::thread::spawn(move || {
        let mut stream = &reader;
        (0..2500).take_while(|_| stream.write_all(chunk.as_bytes()).is_ok()).count()
    });
    assert_eq!(client.response().lines().next(), Some("HTTP/1.1 413 Content Too Large"));
    client.rest();
    assert!(sender.join().unwrap() < 2500, "10 MB of chunks were taken");
    assert_eq!(server.connections.rejections(), 1);
}

#[test]
fn a35_a_handler_that_answers_without_reading_the_body_ends_the_connection() {
    let server = TestServer::start(Limits::default());
    let answer = server
        .answer_to(format!("POST /deaf HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nabc{SMUGGLED}"));
    assert_eq!(statuses(&answer), [415], "{answer}");
}

#[test]
fn good_requests_in_one_piece_are_answered_in_order() {
    let server = TestServer::start(Limits::default());
    let requests = format!(
        "{GOOD}{}{}{}",
        post("Content-Length: 2\r\n", "hi"),
        chunked("5\r\nhello\r\n0\r\n\r\n"),
        close()
    );
    let answer = server.answer_to(&requests);
    assert_eq!(statuses(&answer), [200, 200, 200, 200]);
    let at = |part: &str| answer.find(part).unwrap_or_else(|| panic!("{part} not in {answer}"));
    assert!(at(r#""path":"/good""#) < at(r#""body_bytes":2"#));
    assert!(at(r#""body_bytes":2"#) < at(r#""body_bytes":5"#));
    assert!(at(r#""body_bytes":5"#) < at(r#""path":"/last""#));
}

#[test]
fn a_pipelined_head_request_does_not_cut_the_body_of_the_answer_before_it() {
    let server = TestServer::start(Limits::default());
    let slow = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
    let head = "HEAD /h HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = server.answer_to(format!("{slow}{head}"));
    let (first, second) = answer.split_at(answer.rfind("HTTP/1.1").unwrap());
    assert!(first.ends_with("\r\n\r\nslow"), "{answer}");
    assert!(!first.contains("connection: close"), "{answer}");
    assert!(second.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn requests_behind_answers_that_the_client_has_not_read_yet_are_not_forgotten() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect();
    let count = LARGE_BYTES / MEDIUM_BYTES;
    client.send("GET /medium HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count) + close());
    std::thread::sleep(Duration::from_millis(100));
    for _ in 0..count {
        assert!(client.response().len() > MEDIUM_BYTES);
    }
    assert!(client.rest().contains("/last"));
}

#[test]
fn bytes_that_arrive_one_by_one_make_the_same_request() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect();
    for byte in post("Transfer-Encoding: chunked\r\n", "3;a=b\r\nabc\r\n0\r\nT: u\r\n\r\n").bytes() {
        client.send([byte]);
    }
    assert!(client.response().contains(r#""body_bytes":3"#));
    client.send(GOOD);
    assert!(client.response().contains("/good"));
}

#[test]
fn a38_a_bad_request_behind_a_good_one_is_answered_second_and_last() {
    let server = TestServer::start(Limits::default());
    for first in [GOOD, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let answer = server.answer_to(format!("{first}GET / HTTP/1.1\nHost: a\n\n{SMUGGLED}"));
        assert_eq!(statuses(&answer), [200, 400], "{answer}");
        assert!(!answer.contains("smuggled"), "{answer}");
    }
}

#[test]
fn offers_to_leave_http_1_1_are_ignored() {
    let server = TestServer::start(Limits::default());
    let h2c = post(
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\nContent-Length: 2\r\n",
        "hi",
    );
    let websocket = post(
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nContent-Length: 2\r\n",
        "hi",
    );
    let answer = server.answer_to(format!("{h2c}{websocket}{}", close()));
    assert_eq!(statuses(&answer), [200, 200, 200], "{answer}");
    assert_eq!(answer.matches(r#""body_bytes":2"#).count(), 2);
    assert!(!answer.to_ascii_lowercase().contains("upgrade"), "{answer}");
}

#[test]
fn the_expectation_100_continue_is_met_and_others_are_417() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect();
    client.send(post("Expect: 100-continue\r\nContent-Length: 5\r\n", ""));
    assert_eq!(client.response(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    assert!(client.response().contains(r#""body_bytes":5"#));
    client.send(post("Expect: tea\r\nContent-Length: 5\r\n", "hello"));
    assert_eq!(statuses(&client.rest()), [417]);
    let refused = server.answer_to(post("Expect: 100-continue\r\nContent-Length: 65537\r\n", ""));
    assert_eq!(statuses(&refused), [413], "no invitation for a body that is refused");
}

#[test]
fn a2_a41_odd_methods_and_paths_reach_the_handler_as_they_are() {
    let server = TestServer::start(Limits::default());
    for (method, path) in [
        ("TRACE", "/token"),
        ("PATCH", "/../token"),
        ("BREW", "//token"),
        ("GET", "/token%00"),
        ("GET", "/a%2Fb"),
    ] {
        let answer =
            server.answer_to(format!("{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        assert_eq!(statuses(&answer), [200], "{answer}");
        assert!(answer.contains(&format!(r#""method":"{method}""#)), "{answer}");
    }
}

#[test]
fn a_client_that_closes_its_side_after_the_request_is_answered() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect();
    client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    client.stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(statuses(&client.rest()), [200]);
}

#[test]
fn the_handler_sees_the_address_of_the_peer() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect();
    client.send(GOOD);
    let own = client.stream.local_addr().unwrap().to_string();
    assert!(client.response().contains(&format!(r#""peer":"{own}""#)));
}

pub fn tls_server(limits: Limits) -> (TestServer, Identity) {
    let identity = Identity::self_signed(&["localhost", "127.0.0.1", "::1"]).unwrap();
    let source = TlsAcceptorSource::new(identity.clone()).unwrap();
    (TestServer::start_with(limits, Some(source)), identity)
}

/// A TLS client that trusts `identity` and offers `alpn`; handshakes while it is first used.
pub fn tls_connect(
    server: &TestServer,
    identity: &Identity,
    alpn: &[&str],
) -> rustls::StreamOwned<rustls::ClientConnection, std::net::TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(identity.certificates()[0].clone()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = "localhost".try_into().unwrap();
    let connection = rustls::ClientConnection::new(config.into(), name).unwrap();
    rustls::StreamOwned::new(connection, server.connect().stream)
}

#[test]
fn l4_plain_http_on_the_tls_port_is_closed_without_an_answer_in_http() {
    let (server, _) = tls_server(Limits::default());
    let mut client = server.connect();
    client.send(GOOD);
    let mut answer = Vec::new();
    let _ = std::io::Read::read_to_end(&mut client.stream, &mut answer);
    assert!(!answer.windows(4).any(|four| four == b"HTTP"), "{answer:?}");
}

#[test]
fn l1_tls_speaks_http_1_1_and_never_agrees_on_h2() {
    use std::io::Read;
    let (server, identity) = tls_server(Limits::default());
    let mut stream = tls_connect(&server, &identity, &["h2", "http/1.1"]);
    stream.write_all(format!("{GOOD}{}", close()).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(statuses(&answer), [200, 200]);
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    let mut h2_only = tls_connect(&server, &identity, &["h2"]);
    assert!(h2_only.write_all(GOOD.as_bytes()).is_err());
}

#[test]
fn a38_refusals_are_readable_through_tls() {
    use std::io::Read;
    let (server, identity) = tls_server(Limits::default());
    let mut stream = tls_connect(&server, &identity, &[]);
    stream.write_all(format!("{GOOD}GET / HTTP/1.1\nHost: a\n\n{SMUGGLED}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(statuses(&answer), [200, 400]);
}
