//! The request head: lines ended by CR LF and by nothing else (RFC 9112 §2.2), no folded lines
//! (§5.2), no space before the colon (§5.1), and exactly one way to learn the length of the body
//! (§6.3). A line is judged as soon as it ends, so a bad head is answered without waiting for
//! its end.

use std::ops::Range;

use super::Verdict;
use super::characters::{first_control, is_token};
use super::host;
use super::request_line::{RequestLine, URI_TOO_LONG};
use crate::http::transport::limits::Limits;
use crate::http::transport::rejection::Rejection;

/// How the end of the body is found. No body is a length of 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    Length(u64),
    Chunked,
}

#[derive(Debug, Default)]
pub struct Head {
    /// Bytes that need no second look.
    scanned: usize,
    line_start: usize,
    leading_blank_line: bool,
    request_line: Option<RequestLine>,
    headers: usize,
    has_host: bool,
    length: Option<u64>,
    is_chunked: bool,
    asks_to_close: bool,
    /// Where an offer to leave HTTP/1.1 stands: see [`blank`].
    offers: Vec<Range<usize>>,
}

impl Head {
    /// `bytes` starts with the first byte of the head. The length of the head, once it is whole.
    pub fn advance(&mut self, bytes: &mut [u8], limits: &Limits) -> Verdict<Option<(usize, Body)>> {
        loop {
            let end = bytes.len().min(limits.head_bytes_max);
            let rest = bytes.get(self.scanned..end).unwrap_or_default();
            let Some(at) = first_control(rest).map(|at| self.scanned.saturating_add(at)) else {
                self.scanned = end;
                return if end == limits.head_bytes_max { Err(self.too_large()) } else { Ok(None) };
            };
            self.scanned = at;
            let next = at.saturating_add(2);
            match (bytes.get(at), bytes.get(at.saturating_add(1))) {
                (Some(b'\r'), _) if next > limits.head_bytes_max => return Err(self.too_large()),
                (Some(b'\r'), None) => return Ok(None),
                (Some(b'\r'), Some(b'\n')) => {}
                (Some(b'\r'), Some(_)) => return Err(&BARE_CR),
                (Some(b'\n'), _) => return Err(&BARE_LF),
                _ => return Err(&CONTROL_CHARACTER),
            }
            let line_start = std::mem::replace(&mut self.line_start, next);
            self.scanned = next;
            let line = bytes.get(line_start..at).unwrap_or_default();
            if self.line(line, line_start, limits)? {
                let body = self.finish(limits)?;
                self.offers.iter().for_each(|offer| blank(bytes, offer));
                return Ok(Some((next, body)));
            }
        }
    }

    /// Does the connection go on after the answer (RFC 9112 §9.3)?
    pub fn persists(&self) -> bool {
        !self.asks_to_close && self.request_line.is_some_and(|line| !line.is_http_1_0)
    }

    /// True when the line ends the head.
    fn line(&mut self, line: &[u8], start: usize, limits: &Limits) -> Verdict<bool> {
        if self.request_line.is_some() {
            if line.is_empty() {
                return Ok(true);
            }
            self.header(line, start, limits)?;
        } else if line.is_empty() && !self.leading_blank_line {
            // RFC 9112 §2.2: old clients send an empty line after a body. One is forgiven.
            self.leading_blank_line = true;
        } else {
            self.request_line = Some(RequestLine::parse(line, limits)?);
        }
        Ok(false)
    }

    fn header(&mut self, line: &[u8], start: usize, limits: &Limits) -> Verdict<()> {
        if matches!(line.first(), Some(b' ' | b'\t')) {
            return Err(&FOLDED_LINE);
        }
        self.headers = self.headers.saturating_add(1);
        if self.headers > limits.headers_max {
            return Err(&HEADERS_TOO_MANY);
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return Err(&HEADER_NAME) };
        let (name, rest) = line.split_at(colon);
        if !is_token(name) {
            return Err(&HEADER_NAME);
        }
        let value = rest.get(1..).unwrap_or_default().trim_ascii();
        // By length first: most fields are none of these.
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.host(value),
            6 if name.eq_ignore_ascii_case(b"expect") => expect(value),
            7 if name.eq_ignore_ascii_case(b"upgrade") => {
                self.offers.push(start..start.saturating_add(name.len()));
                Ok(())
            }
            10 if name.eq_ignore_ascii_case(b"connection") => {
                self.connection(line, colon, start);
                Ok(())
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => self.content_length(value),
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.transfer_encoding(value),
            _ => Ok(()),
        }
    }

    fn host(&mut self, value: &[u8]) -> Verdict<()> {
        if std::mem::replace(&mut self.has_host, true) || !host::is_valid(value) {
            return Err(&HOST);
        }
        Ok(())
    }

    /// `1*DIGIT` (RFC 9112 §6.2), below 2^63, once. Two equal ones are refused as well: a reader
    /// in front may have repaired only one of them.
    fn content_length(&mut self, value: &[u8]) -> Verdict<()> {
        let is_digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let number = is_digits.then(|| std::str::from_utf8(value).ok()?.parse::<i64>().ok()?.try_into().ok());
        match (number.flatten(), self.length.is_some() || self.is_chunked) {
            (Some(length), false) => {
                self.length = Some(length);
                Ok(())
            }
            _ => Err(&CONTENT_LENGTH),
        }
    }

    /// Exactly one `chunked` (RFC 9112 §6.1), in HTTP/1.1, without a length beside it.
    fn transfer_encoding(&mut self, value: &[u8]) -> Verdict<()> {
        let is_http_1_0 = self.request_line.is_some_and(|line| line.is_http_1_0);
        if self.length.is_some() || self.is_chunked || is_http_1_0 {
            return Err(&TRANSFER_ENCODING);
        }
        self.is_chunked = value.eq_ignore_ascii_case(b"chunked");
        if self.is_chunked {
            return Ok(());
        }
        let is_known = |coding: &[u8]| {
            [&b""[..], b"chunked", b"identity"].iter().any(|known| coding.eq_ignore_ascii_case(known))
        };
        let mut codings = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        Err(if codings.all(is_known) { &TRANSFER_ENCODING } else { &CODING_UNKNOWN })
    }

    /// Remembers the option `close` of `Connection`, and where `upgrade` stands (RFC 9110 §7.6.1).
    fn connection(&mut self, line: &[u8], colon: usize, start: usize) {
        let mut at = colon.saturating_add(1);
        for item in line.get(at..).unwrap_or_default().split(|byte| *byte == b',') {
            let option = item.trim_ascii();
            self.asks_to_close |= option.eq_ignore_ascii_case(b"close");
            if option.eq_ignore_ascii_case(b"upgrade") {
                let indent = item.len().saturating_sub(item.trim_ascii_start().len());
                let from = start.saturating_add(at).saturating_add(indent);
                self.offers.push(from..from.saturating_add(option.len()));
            }
            at = at.saturating_add(item.len()).saturating_add(1);
        }
    }

    fn finish(&self, limits: &Limits) -> Verdict<Body> {
        let Some(line) = self.request_line else { return Err(&HOST) };
        if !self.has_host && !line.is_http_1_0 {
            return Err(&HOST);
        }
        if self.is_chunked {
            return Ok(Body::Chunked);
        }
        // RFC 1945 §7.2.2: without a length, a POST of HTTP/1.0 ends nowhere.
        if self.length.is_none() && line.is_http_1_0 && line.is_post {
            return Err(&CONTENT_LENGTH);
        }
        match self.length.unwrap_or_default() {
            length if length > limits.body_bytes_max => Err(&BODY_TOO_LARGE),
            length => Ok(Body::Length(length)),
        }
    }

    fn too_large(&self) -> &'static Rejection {
        if self.request_line.is_none() { &URI_TOO_LONG } else { &HEAD_TOO_LARGE }
    }
}

/// RFC 9110 §10.1.1: the only expectation there is.
fn expect(value: &[u8]) -> Verdict<()> {
    if value.eq_ignore_ascii_case(b"100-continue") { Ok(()) } else { Err(&EXPECTATION) }
}

/// Overwrites a field name or option with a word of the same length that means nothing, so that
/// no reader behind this one takes the body for a stream of another protocol (RFC 9110 §7.8).
fn blank(bytes: &mut [u8], offer: &Range<usize>) {
    if let Some(word) = bytes.get_mut(offer.clone())
        && word.len() == MEANINGLESS.len()
    {
        word.copy_from_slice(MEANINGLESS);
    }
}

/// As long as `upgrade`.
const MEANINGLESS: &[u8] = b"ignored";

static BARE_LF: Rejection = Rejection::bad_request("bare_lf", "a line ends with LF instead of CR LF");
static BARE_CR: Rejection = Rejection::bad_request("bare_cr", "a CR stands without LF");
static CONTROL_CHARACTER: Rejection =
    Rejection::bad_request("control_character", "the request head holds a control character");
static FOLDED_LINE: Rejection =
    Rejection::bad_request("folded_line", "a header line begins with white space");
static HEADER_NAME: Rejection =
    Rejection::bad_request("header_name", "a header line is not a name, a colon and a value");
static HOST: Rejection =
    Rejection::bad_request("host", "the Host header must stand once and hold a host and no more");
static CONTENT_LENGTH: Rejection = Rejection::bad_request(
    "content_length",
    "Content-Length must stand once, in digits, without Transfer-Encoding",
);
static TRANSFER_ENCODING: Rejection = Rejection::bad_request(
    "transfer_encoding",
    "Transfer-Encoding must be chunked, once, in HTTP/1.1, without Content-Length",
);
static CODING_UNKNOWN: Rejection =
    Rejection::new(501, "Not Implemented", "coding_unknown", "this transfer coding is not supported");
static EXPECTATION: Rejection =
    Rejection::new(417, "Expectation Failed", "expectation", "the only expectation is 100-continue");
static HEAD_TOO_LARGE: Rejection = Rejection::new(
    431,
    "Request Header Fields Too Large",
    "head_too_large",
    "the request head is larger than the limit",
);
static HEADERS_TOO_MANY: Rejection = Rejection::new(
    431,
    "Request Header Fields Too Large",
    "headers_too_many",
    "the request has more header fields than the limit",
);
pub static BODY_TOO_LARGE: Rejection =
    Rejection::new(413, "Content Too Large", "body_too_large", "the body is larger than the limit");
