//! The same table of requests, whole and cut into every kind of piece.

use proptest::prelude::*;

use super::*;

/// Ends of the complete requests, then the label of the refusal if there was one.
type Reading = (Vec<usize>, Option<&'static str>);

/// Shows the bytes in pieces of the given sizes, over and over.
fn read_in(pieces: &[usize], text: &[u8]) -> Reading {
    let limits = Limits::default();
    let mut scanner = Scanner::default();
    let mut bytes = text.to_vec();
    let (mut proved, mut shown, mut ends) = (0, 0, Vec::new());
    let mut sizes = pieces.iter().cycle();
    loop {
        let progress = match scanner.advance(&mut bytes[proved..shown], &limits) {
            Ok(progress) => progress,
            Err(rejection) => return (ends, Some(rejection.label)),
        };
        proved += progress.proved;
        if progress.complete {
            ends.push(proved);
        } else if shown == bytes.len() {
            return (ends, None);
        }
        if proved == shown || !progress.complete {
            shown = (shown + sizes.next().unwrap().max(&1)).min(bytes.len());
            if proved == shown {
                return (ends, None);
            }
        }
    }
}

fn read(text: &str) -> Reading {
    read_in(&[usize::MAX >> 8], text.as_bytes())
}

fn refusal(text: &str) -> Option<&'static str> {
    read(text).1
}

fn with_headers(lines: &str) -> String {
    format!("POST /oauth2/token HTTP/1.1\r\nHost: a\r\n{lines}\r\n")
}

fn with_chunks(body: &str) -> String {
    with_headers("Transfer-Encoding: chunked\r\n") + body
}

const BAD: &[(&str, &str)] = &[
    ("GET / HTTP/1.1\nHost: a\n\n", "bare_lf"),
    ("GET / HTTP/1.1\r\nHost: a\n\r\n", "bare_lf"),
    ("GET / HTTP/1.1\r\nHost: a\r\n\n", "bare_lf"),
    ("GET / HTTP/1.1\rHost: a\r\n\r\n", "bare_cr"),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n", "bare_cr"),
    ("GET / HTTP/1.1\r\nHost: a\r\n\rX", "bare_cr"),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", "folded_line"),
    ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", "folded_line"),
    ("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", "folded_line"),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", "header_name"),
    ("GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", "header_name"),
    ("GET / HTTP/1.1\r\n: a\r\n\r\n", "header_name"),
    ("GET / HTTP/1.1\r\nHost a\r\n\r\n", "header_name"),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", "control_character"),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: \x1b[0m\r\n\r\n", "control_character"),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n", "control_character"),
    ("\x16\x03\x01\x02\0\x01", "control_character"),
    ("\r\n\r\nGET / HTTP/1.1\r\n", "request_line"),
    ("GET /\r\n\r\n", "request_line"),
    ("GET  / HTTP/1.1\r\n", "request_line"),
    (" GET / HTTP/1.1\r\n", "request_line"),
    ("GET / HTTP/1.1 \r\n", "request_line"),
    ("GET\t/ HTTP/1.1\r\n", "request_line"),
    ("GET / b HTTP/1.1\r\n", "request_line"),
    ("GET / http/1.1\r\n", "request_line"),
    ("GET / HTTP/1.10\r\n", "request_line"),
    ("GET / HTTP/1\r\n", "request_line"),
    ("GET / HTTP/1.2\r\n", "version"),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "version"),
    ("G(T / HTTP/1.1\r\n", "method"),
    ("CONNECT a:443 HTTP/1.1\r\n", "tunnel"),
    ("OPTIONS * HTTP/1.1\r\n", "target_form"),
    ("GET http://a/ HTTP/1.1\r\n", "target_form"),
    ("GET a:443 HTTP/1.1\r\n", "target_form"),
    ("GET /a#b HTTP/1.1\r\n", "target"),
    ("GET /a%zz HTTP/1.1\r\n", "target"),
    ("GET /a%4 HTTP/1.1\r\n", "target"),
    ("GET /a\u{e4} HTTP/1.1\r\n", "target"),
    ("GET /a\"b HTTP/1.1\r\n", "target"),
    ("GET / HTTP/1.1\r\n\r\n", "host"),
    ("GET / HTTP/1.1\r\nHost:\r\n\r\n", "host"),
    ("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", "host"),
    ("GET / HTTP/1.0\r\nHost: a\r\nhost: a\r\n\r\n", "host"),
    ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "host"),
    ("POST / HTTP/1.0\r\n\r\n", "content_length"),
    ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer_encoding"),
];

const BAD_HEADERS: &[(&str, &str)] = &[
    ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "transfer_encoding"),
    ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "content_length"),
    ("Content-Length: 5\r\nContent-Length: 5\r\n", "content_length"),
    ("Content-Length: 5\r\nContent-Length: 6\r\n", "content_length"),
    ("Content-Length: +3\r\n", "content_length"),
    ("Content-Length: -1\r\n", "content_length"),
    ("Content-Length: 3,3\r\n", "content_length"),
    ("Content-Length: 3 3\r\n", "content_length"),
    ("Content-Length: 0x3\r\n", "content_length"),
    ("Content-Length: 3.0\r\n", "content_length"),
    ("Content-Length:\r\n", "content_length"),
    ("Content-Length: 9223372036854775808\r\n", "content_length"),
    ("Content-Length: 18446744073709551619\r\n", "content_length"),
    ("Content-Length: 65537\r\n", "body_too_large"),
    ("Content-Length: 9223372036854775807\r\n", "body_too_large"),
    ("Transfer-Encoding: identity\r\n", "transfer_encoding"),
    ("Transfer-Encoding: chunked, chunked\r\n", "transfer_encoding"),
    ("Transfer-Encoding: chunked,identity\r\n", "transfer_encoding"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "transfer_encoding"),
    ("Transfer-Encoding:\r\n", "transfer_encoding"),
    ("Transfer-Encoding: ,chunked\r\n", "transfer_encoding"),
    ("Transfer-Encoding: gzip, chunked\r\n", "coding_unknown"),
    ("Transfer-Encoding: xchunked\r\n", "coding_unknown"),
    ("Transfer-Encoding: \"chunked\"\r\n", "coding_unknown"),
    ("Transfer-Encoding: \x0bchunked\r\n", "control_character"),
    ("Expect: 200-ok\r\n", "expectation"),
];

const BAD_CHUNKS: &[(&str, &str)] = &[
    ("\r\n", "chunk_size"),
    (";a\r\n", "chunk_size"),
    ("x\r\n", "chunk_size"),
    ("+3\r\nabc\r\n", "chunk_size"),
    ("-1\r\n", "chunk_size"),
    ("0x3\r\nabc\r\n", "chunk_size"),
    (" 3\r\nabc\r\n", "chunk_size"),
    ("3 \r\nabc\r\n", "chunk_size"),
    ("3\nabc\r\n", "chunk_size"),
    ("00000000000000003\r\nabc\r\n", "chunk_size"),
    ("10000000000000003\r\nabc\r\n", "chunk_size"),
    ("3\rabc", "chunk_line"),
    ("3;a\nabc\r\n", "chunk_line"),
    ("3;a\0\r\nabc\r\n", "chunk_line"),
    ("3;a\r\r\nabc\r\n", "chunk_line"),
    ("3\r\nabcd\r\n", "chunk_line"),
    ("3\r\nabc\n", "chunk_line"),
    ("3\r\nabc\rX", "chunk_line"),
    ("3\r\nabc0\r\n\r\n", "chunk_line"),
    ("0\r\n\n", "trailer"),
    ("0\r\n folded\r\n\r\n", "trailer"),
    ("0\r\nname\r\n\r\n", "trailer"),
    ("0\r\nname : v\r\n\r\n", "trailer"),
    ("0\r\nname: v\nb: c\r\n\r\n", "trailer"),
    ("0\r\nname: v\rb: c\r\n\r\n", "chunk_line"),
    ("0\r\n\r\r\n", "chunk_line"),
    ("ffffffffffffffff\r\n", "body_too_large"),
    ("10001\r\n", "body_too_large"),
    ("1\r\na\r\n10000\r\n", "body_too_large"),
];

/// Every refused request of the tables, with its label.
fn bad_requests() -> Vec<(String, &'static str)> {
    let plain = BAD.iter().map(|(text, label)| ((*text).to_owned(), *label));
    let headers = BAD_HEADERS.iter().map(|(lines, label)| (with_headers(lines), *label));
    let chunks = BAD_CHUNKS.iter().map(|(body, label)| (with_chunks(body), *label));
    plain.chain(headers).chain(chunks).collect()
}

fn good_requests() -> Vec<String> {
    vec![
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "\r\nGET //a/../b%00?x=%20&y HTTP/1.1\r\nhost:a:8080\r\n\r\n".to_owned(),
        "GET / HTTP/1.0\r\n\r\n".to_owned(),
        "BREW /pot HTTP/1.1\r\nHost: [::1]:1\r\nX:\r\nY: \u{e4}\tb \r\n\r\n".to_owned(),
        with_headers("Content-Length:  \t5 \t\r\n") + "hello",
        with_headers("content-length: 0\r\n"),
        with_headers("content-length: 05\r\nExpect: 100-Continue\r\n") + "hello",
        with_headers("Transfer-Encoding: Chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n",
        with_chunks("0\r\n\r\n"),
        with_chunks("00A;a=b;c=\"d e\"\r\n0123456789\r\n1\r\n\r\r\n000\r\nSome: trailer\r\nB:\r\n\r\n"),
        with_headers("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"),
    ]
}

#[test]
fn a38_a39_a40_what_others_could_read_differently_is_refused() {
    for (text, label) in bad_requests() {
        assert_eq!(refusal(&text), Some(label), "{text:?}");
    }
}

#[test]
fn a38_good_requests_end_where_they_end() {
    for text in good_requests() {
        assert_eq!(read(&text), (vec![text.len()], None), "{text:?}");
    }
}

#[test]
fn a36_the_limits_stand_at_the_last_byte() {
    let head_of = |bytes: usize| {
        let head = with_headers("X: \r\n");
        head.replace("X: ", &format!("X: {}", "x".repeat(bytes - head.len())))
    };
    assert_eq!(read(&head_of(16 * 1024)).0, [16 * 1024]);
    assert_eq!(refusal(&head_of(16 * 1024 + 1)), Some("head_too_large"));
    let target_of = |bytes: usize| format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(bytes - 1));
    assert_eq!(refusal(&target_of(4096)), None);
    assert_eq!(refusal(&target_of(4097)), Some("uri_too_long"));
    assert_eq!(refusal(&target_of(1 << 20)), Some("uri_too_long"));
    assert_eq!(refusal(&with_headers(&"a: b\r\n".repeat(63))), None);
    assert_eq!(refusal(&with_headers(&"a: b\r\n".repeat(64))), Some("headers_too_many"));
}

#[test]
fn a35_chunks_may_fill_the_body_and_neither_extensions_nor_trailers_may_pad_it() {
    let full = format!("10000\r\n{}\r\n0\r\n\r\n", "x".repeat(65536));
    assert_eq!(refusal(&with_chunks(&full)), None);
    let padded = format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(1025));
    assert_eq!(refusal(&with_chunks(&padded)), Some("chunk_extensions"));
    let trailer = format!("0\r\na: {}\r\n\r\n", "x".repeat(4096));
    assert_eq!(refusal(&with_chunks(&trailer)), Some("trailer_too_large"));
}

#[test]
fn upgrade_offers_are_blanked_and_the_rest_of_connection_stays() {
    let mut bytes = with_headers(
        "UPGRADE: websocket\r\nConnection: keep-alive,\t upgrade ,close,Upgrade\r\nX: upgrade\r\n",
    )
    .into_bytes();
    Scanner::default().advance(&mut bytes, &Limits::default()).unwrap();
    let seen = String::from_utf8(bytes).unwrap();
    let expected = "ignored: websocket\r\nConnection: keep-alive,\t ignored ,close,ignored\r\nX: upgrade\r\n";
    assert!(seen.contains(expected), "{seen}");
}

/// Where the dispatcher's own parser ends the first request; `None` when it refuses or waits.
fn end_seen_by_the_dispatcher(text: &[u8]) -> Option<usize> {
    use tokio_util::codec::Decoder as _;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let mut codec = actix_http::h1::Codec::default();
        let mut rest = actix_web::web::BytesMut::from(text);
        codec.decode(&mut rest).ok()??;
        while codec.message_type() != actix_http::h1::MessageType::None {
            codec.decode(&mut rest).ok()??;
        }
        Some(text.len() - rest.len())
    })
}

/// Requests and near-requests, most of them framed in some way.
fn framed() -> impl Strategy<Value = String> {
    let start = prop::sample::select(vec![
        "POST /a HTTP/1.1\r\nHost: a\r\n",
        "GET / HTTP/1.0\r\n",
        "\r\nPUT /?b HTTP/1.1\r\nhost: b:1\r\n",
        "POST /a HTTP/1.0\r\n",
        "HEAD /a%20 HTTP/1.1\r\nHOST:[::1]\r\n",
    ]);
    let header = prop::sample::select(vec![
        "Content-Length: 3\r\n",
        "Content-Length:3 \t\r\n",
        "Content-Length: 0\r\n",
        "Content-Length: 03\r\n",
        "Transfer-Encoding: chunked\r\n",
        "transfer-encoding:\tCHUNKED \r\n",
        "Upgrade: websocket\r\n",
        "Connection: upgrade, close\r\n",
        "Expect: 100-continue\r\n",
        "X: \u{e4}\t\r\n",
        "X:\r\n",
        "Upgrade: h2c\r\n",
    ]);
    let body = prop::sample::select(vec![
        "",
        "abc",
        "3\r\nabc\r\n0\r\n\r\n",
        "0\r\n\r\n",
        "3;x=\"y\"\r\nabc\r\n00\r\nT: u\r\n\r\n",
        "0003\r\n\r\n\n\r\n0;\r\nA:\r\nB: c\r\n\r\n",
    ]);
    (start, prop::collection::vec(header, 0..3), body)
        .prop_map(|(start, headers, body)| format!("{start}{}\r\n{body}GET /next", headers.concat()))
}

proptest! {
    #[test]
    fn a38_the_dispatcher_ends_a_proved_request_at_the_same_byte(text in framed()) {
        let mut bytes = text.into_bytes();
        if let Ok(progress) = Scanner::default().advance(&mut bytes, &Limits::default())
            && progress.complete
        {
            prop_assert_eq!(end_seen_by_the_dispatcher(&bytes), Some(progress.proved));
        }
    }

    #[test]
    fn a38_the_cut_of_the_bytes_changes_nothing(
        first in 0..10_usize,
        second in 0..100_usize,
        pieces in prop::collection::vec(1..40_usize, 1..8),
    ) {
        let good = good_requests();
        let bad = bad_requests();
        let text = format!("{}{}", good[first % good.len()], bad[second % bad.len()].0);
        let whole = read(&text);
        prop_assert_eq!(read_in(&pieces, text.as_bytes()), whole.clone());
        prop_assert_eq!(read_in(&[1], text.as_bytes()), whole);
    }

    #[test]
    fn a38_noise_never_panics_and_reads_alike(
        noise in prop::collection::vec(prop_oneof![
            Just(b"\r\n".to_vec()), Just(b"\r\n\r\n".to_vec()), Just(b"GET / HTTP/1.1\r\nHost: a\r\n".to_vec()),
            Just(b"Content-Length: 3\r\n".to_vec()), Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
            Just(b"3\r\nabc\r\n0\r\n\r\n".to_vec()), prop::collection::vec(any::<u8>(), 0..6),
        ], 0..12),
        pieces in prop::collection::vec(1..20_usize, 1..6),
    ) {
        let text = noise.concat();
        prop_assert_eq!(read_in(&pieces, &text), read_in(&[usize::MAX >> 8], &text));
    }
}
