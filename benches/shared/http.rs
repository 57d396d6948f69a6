//! A blocking HTTP/1.1 client for one connection that is kept, the reader of its answers, and the
//! bytes of requests. It reads what this server and its peers send: a head with `content-length`,
//! then the body.

use std::io::{self, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A request that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

pub struct Connection {
    stream: TcpStream,
    answer: Answer,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("an option");
        stream.set_read_timeout(Some(PATIENCE)).expect("an option");
        Self { stream, answer: Answer::default() }
    }

    /// The status of the answer, once all of it is there.
    ///
    /// # Errors
    /// When there is none, or none that can be read.
    pub fn ask(&mut self, request: &[u8]) -> io::Result<u16> {
        self.stream.write_all(request)?;
        self.answer.read(&mut self.stream)?.ok_or_else(|| io::ErrorKind::TimedOut.into())
    }

    pub fn body(&self) -> &[u8] {
        self.answer.body()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer.header(name)
    }
}

/// The answers of one connection, one after the other.
pub struct Answer {
    bytes: Vec<u8>,
    /// So many of them are of the answer that is being read.
    read: usize,
    /// Bytes of the last answer: all, and those of its head with the empty line.
    total: usize,
    head: usize,
}

impl Default for Answer {
    fn default() -> Self {
        Self { bytes: vec![0; 4 * 1024], read: 0, total: 0, head: 0 }
    }
}

impl Answer {
    /// Reads on; the status once all of the answer is there, nothing while more has to come.
    ///
    /// # Errors
    /// When the connection ends, or the answer cannot be read.
    pub fn read(&mut self, stream: &mut impl Read) -> io::Result<Option<u16>> {
        loop {
            match stream.read(&mut self.bytes[self.read..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(more) => self.read += more,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error),
            }
            if self.is_complete()? {
                self.read = 0;
                return self.status().map(Some);
            }
        }
    }

    pub fn body(&self) -> &[u8] {
        self.bytes.get(self.head..self.total).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let head = std::str::from_utf8(&self.bytes[..self.head]).ok()?;
        let mut fields = head.lines().filter_map(|line| line.split_once(": "));
        fields.find_map(|(field, value)| field.eq_ignore_ascii_case(name).then_some(value))
    }

    /// Most answers have the form of the one before, which is cheaper to see than to read.
    fn is_complete(&mut self) -> io::Result<bool> {
        let read = self.read;
        let answer = &self.bytes[..read];
        let like_before = read == self.total && answer[..self.head].ends_with(END_OF_HEAD);
        if like_before && self.length().is_some_and(|length| self.head + length == read) {
            return Ok(true);
        }
        let Some(end) = answer.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD) else {
            return Ok(false);
        };
        self.head = end + END_OF_HEAD.len();
        let length = match self.length() {
            Some(length) => length,
            // No body (RFC 9110 §15.4.5), so none has to be announced.
            None if self.status()? == 304 => 0,
            None => return Err(io::Error::other("no content-length")),
        };
        self.total = self.head + length;
        if self.total > self.bytes.len() {
            self.bytes.resize(self.total, 0);
        }
        Ok(read >= self.total)
    }

    fn length(&self) -> Option<usize> {
        self.header("content-length")?.parse().ok()
    }

    fn status(&self) -> io::Result<u16> {
        let digits = std::str::from_utf8(&self.bytes[9..12]).ok().and_then(|text| text.parse().ok());
        digits.ok_or_else(|| io::Error::other("no status"))
    }
}

pub fn get(target: &str, more: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: bench\r\n{more}\r\n").into_bytes()
}

/// A token request; `authorization` is the value of the header.
pub fn token_request(authorization: Option<&str>, form: &str) -> Vec<u8> {
    post("/oauth2/token", "application/x-www-form-urlencoded", authorization, form)
}

/// JSON of somebody who proves itself.
pub fn json_request(target: &str, authorization: &str, body: &str) -> Vec<u8> {
    post(target, "application/json", Some(authorization), body)
}

fn post(target: &str, media_type: &str, authorization: Option<&str>, body: &str) -> Vec<u8> {
    let authorization = authorization.map(|value| format!("Authorization: {value}\r\n")).unwrap_or_default();
    format!(
        "POST {target} HTTP/1.1\r\nHost: bench\r\n{authorization}Content-Type: {media_type}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The value of an `Authorization` header.
pub fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}
