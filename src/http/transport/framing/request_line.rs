//! `method SP request-target SP HTTP-version` (RFC 9112 §3), with single spaces, in origin-form
//! only: this server is no proxy, and a target with an authority would compete with `Host`.

use super::Verdict;
use super::characters::{is_path_and_query, is_token};
use crate::http::transport::limits::Limits;
use crate::http::transport::rejection::Rejection;

/// What the framing of the body depends on.
#[derive(Clone, Copy, Debug)]
pub struct RequestLine {
    pub is_http_1_0: bool,
    pub is_post: bool,
}

impl RequestLine {
    pub fn parse(line: &[u8], limits: &Limits) -> Verdict<Self> {
        let mut parts = line.split(|byte| *byte == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(&REQUEST_LINE);
        };
        let is_http_1_0 = match version {
            b"HTTP/1.1" => false,
            b"HTTP/1.0" => true,
            [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
                if major.is_ascii_digit() && minor.is_ascii_digit() =>
            {
                return Err(&VERSION);
            }
            _ => return Err(&REQUEST_LINE),
        };
        if !is_token(method) {
            return Err(&METHOD);
        }
        if target.len() > limits.uri_bytes_max {
            return Err(&URI_TOO_LONG);
        }
        // CONNECT asks for a tunnel, which would make everything behind it unframed (RFC 9110 §9.3.6).
        if method == b"CONNECT" {
            return Err(&TUNNEL);
        }
        // Absolute-form, authority-form and asterisk-form do not begin with a slash (RFC 9112 §3.2).
        if target.first() != Some(&b'/') {
            return Err(&TARGET_FORM);
        }
        if !is_path_and_query(target) {
            return Err(&TARGET);
        }
        Ok(Self { is_http_1_0, is_post: method == b"POST" })
    }
}

static REQUEST_LINE: Rejection =
    Rejection::bad_request("request_line", "the request line is not method, target and version");
static VERSION: Rejection =
    Rejection::new(505, "HTTP Version Not Supported", "version", "the version must be HTTP/1.1 or HTTP/1.0");
static METHOD: Rejection = Rejection::bad_request("method", "the method is not a token");
static TUNNEL: Rejection =
    Rejection::new(501, "Not Implemented", "tunnel", "this server does not open tunnels");
static TARGET: Rejection =
    Rejection::bad_request("target", "the request target holds a character that must be percent-encoded");
static TARGET_FORM: Rejection =
    Rejection::bad_request("target_form", "the request target must be a path that begins with a slash");
pub static URI_TOO_LONG: Rejection =
    Rejection::new(414, "URI Too Long", "uri_too_long", "the request target is longer than the limit");
