//! Each wait of a connection has an end (the limits of `Limits`, here shortened). Upper bounds
//! are generous: they only tell "closed by the deadline" from "never closed".

use std::io::Read;
use std::time::{Duration, Instant};

use signet::http::{Identity, Limits, TlsAcceptorSource};

use crate::raw_http::{LARGE_BYTES, SLOW, TestServer, statuses};

const SHORT: Duration = Duration::from_millis(200);
const GENEROUS: Duration = Duration::from_secs(4);
const GOOD: &str = "GET /good HTTP/1.1\r\nHost: a\r\n\r\n";
const SLOW_REQUEST: &str = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";

#[track_caller]
fn in_time(elapsed: Duration) {
    assert!(elapsed >= SHORT / 2, "closed too early: {elapsed:?}");
    assert!(elapsed < GENEROUS, "closed too late: {elapsed:?}");
}

/// Linger briefly, so that the measured time is the deadline's.
fn limits() -> Limits {
    Limits { linger_deadline: Duration::from_millis(50), ..Limits::default() }
}

#[test]
fn the_first_head_has_a_deadline_from_its_first_byte() {
    let server = TestServer::start(Limits { head_deadline: SHORT, ..limits() });
    let mut client = server.connect();
    client.send("GET / HT");
    let (elapsed, answer) = client.time_to_close();
    in_time(elapsed);
    assert_eq!(statuses(&answer), [408], "{answer}");
}

#[test]
fn the_second_head_has_the_same_deadline_and_trickling_does_not_extend_it() {
    let server = TestServer::start(Limits { head_deadline: SHORT, ..limits() });
    let mut client = server.connect();
    client.send(GOOD);
    client.response();
    // A pause between requests is no part of a head.
    std::thread::sleep(SHORT * 2);
    let start = Instant::now();
    while start.elapsed() < GENEROUS && client.send_what_goes("G") {
        std::thread::sleep(SHORT / 8);
        if server.connections.open() == 0 {
            break;
        }
    }
    in_time(start.elapsed());
    let answer = client.rest();
    assert!(answer.is_empty() || statuses(&answer) == [408], "{answer}");
    assert_eq!(server.connections.rejections(), 1);
}

#[test]
fn a_slow_head_behind_a_pipelined_request_is_answered_after_it() {
    let server = TestServer::start(Limits { head_deadline: SHORT, ..limits() });
    let mut client = server.connect();
    client.send(format!("{SLOW_REQUEST}GET / HT"));
    let (elapsed, answer) = client.time_to_close();
    assert!(elapsed >= SLOW && elapsed < GENEROUS, "{elapsed:?}");
    assert_eq!(statuses(&answer), [200, 408], "{answer}");
}

#[test]
fn a_body_has_a_deadline_from_the_end_of_its_head() {
    let server = TestServer::start(Limits { body_deadline: SHORT, ..limits() });
    for start in ["Content-Length: 5\r\n\r\nhel", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"] {
        let mut client = server.connect();
        client.send(format!("POST / HTTP/1.1\r\nHost: a\r\n{start}"));
        let (elapsed, answer) = client.time_to_close();
        in_time(elapsed);
        assert_eq!(statuses(&answer), [408], "{answer}");
    }
}

#[test]
fn a_slow_body_of_an_answered_request_ends_the_connection_without_a_second_answer() {
    let server = TestServer::start(Limits { body_deadline: SHORT, ..limits() });
    for framing in ["Content-Length: 5\r\n\r\nhel", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"] {
        let mut client = server.connect();
        client.send(format!("POST /deaf HTTP/1.1\r\nHost: a\r\n{framing}"));
        let (elapsed, answer) = client.time_to_close();
        assert!(elapsed < GENEROUS, "{elapsed:?}");
        assert_eq!(statuses(&answer), [415], "{answer}");
    }
}

#[test]
fn a_pause_between_requests_ends_in_silence() {
    let server = TestServer::start(Limits { idle_deadline: SHORT, ..limits() });
    let mut client = server.connect();
    let (elapsed, answer) = client.time_to_close();
    in_time(elapsed);
    assert_eq!(answer, "");
    let mut client = server.connect();
    client.send(GOOD);
    client.response();
    std::thread::sleep(SHORT / 2);
    client.send(GOOD);
    client.response();
    let (elapsed, answer) = client.time_to_close();
    in_time(elapsed);
    assert_eq!(answer, "");
}

#[test]
fn a_slow_handler_is_no_pause_of_the_client() {
    let server = TestServer::start(Limits { idle_deadline: SHORT / 2, ..limits() });
    let mut client = server.connect();
    client.send(SLOW_REQUEST);
    assert!(client.response().ends_with("slow"));
}

#[test]
fn a_client_that_never_reads_is_dropped() {
    let server = TestServer::start(Limits { write_stall_deadline: SHORT, ..limits() });
    let mut client = server.connect();
    client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    let start = Instant::now();
    wait_until(|| server.connections.open() == 1);
    wait_until(|| server.connections.open() == 0);
    assert!(start.elapsed() < GENEROUS);
    let mut taken = Vec::new();
    let _ = client.stream.read_to_end(&mut taken);
    assert!(taken.len() < LARGE_BYTES);
}

#[test]
fn a_client_that_reads_slowly_but_steadily_gets_everything() {
    let server = TestServer::start(Limits { write_stall_deadline: SHORT, ..limits() });
    let mut client = server.connect();
    client.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let (mut taken, mut buffer) = (0, vec![0; 1 << 20]);
    loop {
        match client.stream.read(&mut buffer).unwrap() {
            0 => break,
            count => taken += count,
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(taken > LARGE_BYTES);
}

#[test]
fn l4_a_tls_handshake_has_a_deadline() {
    let source = TlsAcceptorSource::new(Identity::self_signed(&["localhost"]).unwrap()).unwrap();
    let server = TestServer::start_with(Limits { tls_handshake_deadline: SHORT, ..limits() }, Some(source));
    let (elapsed, answer) = server.connect().time_to_close();
    in_time(elapsed);
    assert_eq!(answer, "");
}

#[test]
fn a_graceful_stop_answers_what_is_in_flight_and_closes_pauses_at_once() {
    let mut server = TestServer::start(limits());
    let (mut idle, mut busy, mut silent) = (server.connect(), server.connect(), server.connect());
    idle.send(GOOD);
    idle.response();
    // Answered once, so that the server is known to be listening to it.
    busy.send(GOOD);
    busy.response();
    busy.send(SLOW_REQUEST);
    wait_until(|| server.connections.open() == 3);
    std::thread::sleep(SLOW / 4);
    let start = Instant::now();
    server.begin_stop(true);
    assert_eq!(idle.rest(), "");
    assert_eq!(silent.rest(), "");
    assert!(start.elapsed() < GENEROUS / 4, "pauses waited for {:?}", start.elapsed());
    let answer = busy.rest();
    assert_eq!(statuses(&answer), [200], "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    server.join();
    assert!(std::net::TcpStream::connect(server.address).is_err(), "still accepting");
    assert_eq!(server.connections.open(), 0);
}

#[test]
fn a_graceful_stop_waits_no_longer_than_its_deadline() {
    let mut server = TestServer::start(Limits { shutdown_deadline: SHORT, ..limits() });
    let mut busy = server.connect();
    busy.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    // The answer has begun, and its end will never be read.
    busy.stream.read_exact(&mut [0; 9]).unwrap();
    let start = Instant::now();
    server.begin_stop(true);
    server.join();
    in_time(start.elapsed());
}

#[test]
fn connections_above_the_limit_are_closed_at_once_and_counted() {
    let server = TestServer::start(Limits { connections_max: 2, ..limits() });
    let (mut first, mut second) = (server.connect(), server.connect());
    for client in [&mut first, &mut second] {
        client.send(GOOD);
        client.response();
    }
    assert_eq!(server.connections.open(), 2);
    assert_eq!(server.connect().rest(), "");
    assert_eq!(server.connections.refused(), 1);
    drop(first);
    wait_until(|| server.connections.open() == 1);
    let mut third = server.connect();
    third.send(GOOD);
    third.response();
}

#[track_caller]
fn wait_until(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < GENEROUS, "waited too long");
        std::thread::sleep(Duration::from_millis(2));
    }
}
