//! Answers that the guard gives by itself, to requests that no handler may see. The text is
//! fixed: nothing of the request is repeated, so nothing of it can be reflected.

use std::time::SystemTime;

/// Why a request was refused before it reached a handler.
#[derive(Debug, PartialEq, Eq)]
pub struct Rejection {
    pub status: u16,
    /// The reason phrase (RFC 9110 §15).
    phrase: &'static str,
    /// A stable short name for logs and metrics.
    pub label: &'static str,
    /// The `error_description`: plain ASCII without quotation marks.
    description: &'static str,
}

impl Rejection {
    pub const fn bad_request(label: &'static str, description: &'static str) -> Self {
        Self::new(400, "Bad Request", label, description)
    }

    pub const fn new(
        status: u16,
        phrase: &'static str,
        label: &'static str,
        description: &'static str,
    ) -> Self {
        Self { status, phrase, label, description }
    }

    /// The whole response as it goes on the wire. `now` fills `Date` (RFC 9110 §6.6.1).
    pub fn response(&self, now: SystemTime) -> Vec<u8> {
        let Self { status, phrase, description, .. } = self;
        let body = format!(r#"{{"error":"invalid_request","error_description":"{description}"}}"#);
        let date = jiff::Timestamp::try_from(now).ok().and_then(|now| {
            jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok()
        });
        let date = date.map(|date| format!("date: {date}\r\n")).unwrap_or_default();
        let length = body.len();
        format!(
            "HTTP/1.1 {status} {phrase}\r\ncontent-type: application/json\r\ncache-control: no-store\r\n\
             pragma: no-cache\r\nconnection: close\r\ncontent-length: {length}\r\n{date}\r\n{body}"
        )
        .into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_json_that_nobody_stores_and_ends_the_connection() {
        let rejection = Rejection::bad_request("some_label", "a fixed sentence");
        let response = String::from_utf8(rejection.response(SystemTime::UNIX_EPOCH)).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, r#"{"error":"invalid_request","error_description":"a fixed sentence"}"#);
        assert!(head.starts_with("HTTP/1.1 400 Bad Request\r\n"));
        assert!(head.contains("\r\ncache-control: no-store\r\npragma: no-cache\r\nconnection: close\r\n"));
        assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", body.len())));
        assert!(head.ends_with("\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT"));
    }
}
