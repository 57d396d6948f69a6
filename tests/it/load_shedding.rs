//! Requests that are answered before the dispatcher sees them (S23). The server of these tests sheds
//! what is posted to `/busy` and to `/busy-large`; what comes there by a longer way is echoed.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use signet::http::Limits;

use crate::raw_http::{Client, LARGE_BYTES, TestServer, statuses};
use crate::rfc9112_framing::{tls_connect, tls_server};

const BUSY: &str = "POST /busy HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=b";
const LARGE: &str = "POST /busy-large HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
const OTHER: &str = "GET /other HTTP/1.1\r\nHost: a\r\n\r\n";

fn status(client: &mut Client) -> u16 {
    statuses(&client.response())[0]
}

fn busy_with(headers: &str) -> String {
    BUSY.replace("\r\n\r\n", &format!("\r\n{headers}\r\n\r\n"))
}

#[test]
fn s23_what_is_shed_leaves_the_connection_as_it_was() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect();
    for _ in 0..3 {
        client.send(BUSY);
        assert!(client.response().ends_with("\r\n\r\nbbbb"));
        client.send(busy_with("Connection: keep-alive"));
        assert_eq!(status(&mut client), 503);
        client.send(
            BUSY.replace("Content-Length: 3\r\n\r\na=b", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        );
        assert_eq!(status(&mut client), 503);
        client.send(OTHER);
        assert!(client.response().contains(r#""path":"/other""#));
    }
    assert_eq!(server.connections.open(), 1);
    assert_eq!(server.connections.rejections(), 0, "nothing of this broke a rule");
}

#[test]
fn a_request_that_ends_its_connection_is_not_shed() {
    let server = TestServer::start(Limits::default());
    for last in [
        busy_with("Connection: close"),
        busy_with("Connection: x, Close"),
        BUSY.replace("HTTP/1.1", "HTTP/1.0"),
    ] {
        let mut client = server.connect();
        client.send(&last);
        assert_eq!(statuses(&client.rest()), [200], "{last}");
    }
}

#[test]
fn requests_that_arrive_together_are_answered_in_their_order() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect();
    client.send(format!("{BUSY}{OTHER}{BUSY}"));
    assert_eq!([(); 3].map(|()| status(&mut client)), [200; 3]);
    client.send(BUSY);
    assert_eq!(status(&mut client), 503);
}

/// The interim answer proves that the head was taken before the body is sent.
fn after_its_head(client: &mut Client, length: usize) {
    client.send(format!(
        "POST /busy HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    ));
    assert_eq!(status(client), 100);
}

#[test]
fn a_request_in_pieces_is_not_shed_and_its_body_is_no_request() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect();
    after_its_head(&mut client, 3);
    client.send("a=b");
    assert!(client.response().contains(r#""body_bytes":3"#));
    after_its_head(&mut client, BUSY.len());
    client.send(BUSY);
    assert!(client.response().contains(&format!(r#""body_bytes":{}"#, BUSY.len())));
    client.send(BUSY);
    assert_eq!(status(&mut client), 503);
}

#[test]
fn what_breaks_a_rule_is_refused_for_that_and_not_shed() {
    let server = TestServer::start(Limits::default());
    for (bad, refusal) in [
        (busy_with("Content-Length: 3"), 400),
        (busy_with("X: a\nb"), 400),
        (BUSY.replace("Host: a\r\n", ""), 400),
        (BUSY.replace("Content-Length: 3", "Content-Length: 65537"), 413),
    ] {
        assert_eq!(statuses(&server.answer_to(&bad)), [refusal], "{bad}");
    }
}

#[test]
fn an_answer_that_the_socket_does_not_take_at_once_is_the_last_and_arrives_whole() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect();
    client.send(LARGE);
    let answer = client.response();
    assert_eq!((statuses(&answer)[0], answer.ends_with('b')), (503, true));
    assert!(answer.len() > LARGE_BYTES);
    assert_eq!(client.rest(), "");
}

#[test]
fn who_does_not_read_what_was_shed_is_dropped() {
    let limits = Limits { write_stall_deadline: Duration::from_millis(200), ..Limits::default() };
    let server = TestServer::start(limits);
    let [mut client, mut other] = [server.connect(), server.connect()];
    for client in [&mut client, &mut other] {
        client.send(OTHER);
        assert_eq!(status(client), 200);
    }
    client.send(LARGE);
    while server.connections.open() > 1 {
        other.send(BUSY);
        assert_eq!(status(&mut other), 503, "the others notice nothing");
    }
    assert!(client.rest().len() < LARGE_BYTES);
}

#[test]
fn what_is_shed_over_tls_reaches_the_client() {
    let (server, identity) = tls_server(Limits::default());
    let mut stream = tls_connect(&server, &identity, &[]);
    let mut answer = [0; 59];
    for _ in 0..3 {
        stream.write_all(BUSY.as_bytes()).unwrap();
        stream.read_exact(&mut answer).unwrap();
        assert!(answer.ends_with(b"\r\n\r\nbbbb"), "{:?}", String::from_utf8_lossy(&answer));
    }
    stream.write_all(LARGE.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.len() > LARGE_BYTES);
}
