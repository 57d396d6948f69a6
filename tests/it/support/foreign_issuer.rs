//! An issuer that is not ours, as right or as wrong as a test wants it: over plain HTTP or TLS, on
//! a port of its own.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use signet::clock::{Clock as _, SystemClock};
use signet::jose::compact;

/// A client that stops in the middle must not hold up the test.
const PATIENCE: Duration = Duration::from_secs(20);

pub const OAUTH: &str = "/.well-known/oauth-authorization-server";
pub const OPENID: &str = "/.well-known/openid-configuration";
pub const KEYS: &str = "/keys";
pub const TOKEN: &str = "/token";

#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<&'static str, String>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: BTreeMap::new(), body: body.into() }
    }

    pub fn header(&mut self, name: &'static str, value: &str) {
        self.headers.insert(name, value.to_owned());
    }
}

/// What stands where.
#[derive(Clone, Debug)]
pub struct Site {
    pub issuer: String,
    pub replies: BTreeMap<String, Reply>,
    pub has_304: bool,
    /// Seconds by which its clock is ahead; `None`: it sends no date.
    pub clock_ahead: Option<i64>,
}

impl Site {
    /// Nothing to find fault with.
    pub fn good(issuer: &str) -> Self {
        let mut site =
            Self { issuer: issuer.to_owned(), replies: BTreeMap::new(), has_304: true, clock_ahead: Some(0) };
        let metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}{TOKEN}"),
            "jwks_uri": format!("{issuer}{KEYS}"),
            "response_types_supported": ["code"],
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        for (path, body) in [(OAUTH, &metadata), (OPENID, &metadata), (KEYS, &json!({"keys": [rsa("a")]}))] {
            let mut reply = Reply::new(200, body.to_string());
            reply.header("Content-Type", "application/json");
            reply.header("Access-Control-Allow-Origin", "*");
            reply.header("Cache-Control", "public, max-age=300, stale-if-error=3600");
            reply.header("ETag", "\"one\"");
            site.replies.insert(path.to_owned(), reply);
        }
        let mut refusal = Reply::new(401, r#"{"error":"invalid_client"}"#);
        refusal.header("Content-Type", "application/json");
        site.replies.insert(TOKEN.to_owned(), refusal);
        site
    }

    pub fn reply(&mut self, path: &str) -> &mut Reply {
        self.replies.get_mut(path).expect("a document")
    }

    /// Changes the metadata at both places.
    pub fn metadata(&mut self, change: impl Fn(&mut serde_json::Map<String, Value>)) {
        for path in [OAUTH, OPENID] {
            self.members(path, &change);
        }
    }

    /// Sets a member of the metadata; `null` is a value.
    pub fn set(&mut self, name: &str, value: Value) {
        self.metadata(|members| drop(members.insert(name.to_owned(), value.clone())));
    }

    pub fn unset(&mut self, name: &str) {
        self.metadata(|members| drop(members.remove(name)));
    }

    pub fn members(&mut self, path: &str, change: impl Fn(&mut serde_json::Map<String, Value>)) {
        let body = &mut self.reply(path).body;
        let mut document: Value = serde_json::from_slice(body).expect("JSON");
        change(document.as_object_mut().expect("an object"));
        *body = document.to_string().into();
    }

    pub fn keys(&mut self, keys: Value) {
        self.reply(KEYS).body = json!({"keys": keys}).to_string().into();
    }

    fn answer(&self, method: &str, path: &str, if_none_match: Option<&str>) -> Vec<u8> {
        let allowed = if path == TOKEN { "POST" } else { "GET" };
        let mut reply = match self.replies.get(path) {
            Some(reply) if method == allowed => reply.clone(),
            _ => Reply::new(404, ""),
        };
        let tag = reply.headers.get("ETag").map(String::as_str);
        if self.has_304 && reply.status == 200 && tag.is_some() && tag == if_none_match {
            (reply.status, reply.body) = (304, Vec::new());
        }
        let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", reply.status);
        if reply.status != 304 {
            head += &format!("Content-Length: {}\r\n", reply.body.len());
        }
        if let Some(ahead) = self.clock_ahead {
            let now = jiff::Timestamp::from_second(SystemClock.now().seconds() + ahead).expect("a time");
            let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
            head += &format!("Date: {}\r\n", date.expect("a date"));
        }
        for (name, value) in &reply.headers {
            head += &format!("{name}: {value}\r\n");
        }
        [head.into_bytes(), b"\r\n".to_vec(), reply.body].concat()
    }
}

/// An RSA key of 2048 bits, in form: nobody needs to sign with it.
pub fn rsa(kid: &str) -> Value {
    let first = kid.bytes().next().unwrap_or_default() | 0x80;
    let n = [vec![first], vec![0xc5; 255]].concat();
    json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": compact::encode(&n), "e": "AQAB"})
}

pub fn p256(kid: &str) -> Value {
    let coordinate = compact::encode(&[0x5c; 32]);
    json!({"kty": "EC", "use": "sig", "alg": "ES256", "kid": kid, "crv": "P-256", "x": coordinate, "y": coordinate})
}

/// It listens until the test process ends.
pub struct ForeignIssuer {
    site: Arc<Mutex<Site>>,
}

impl ForeignIssuer {
    pub fn http() -> Self {
        Self::start("http", None)
    }

    pub fn https(tls: rustls::ServerConfig) -> Self {
        Self::start("https", Some(Arc::new(tls)))
    }

    fn start(scheme: &str, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let site = Arc::new(Mutex::new(Site::good(&format!("{scheme}://{address}"))));
        let served = Arc::clone(&site);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = stream.set_read_timeout(Some(PATIENCE));
                match &tls {
                    None => serve(stream, &served),
                    Some(tls) => {
                        let Ok(session) = rustls::ServerConnection::new(Arc::clone(tls)) else { continue };
                        serve(rustls::StreamOwned::<_, TcpStream>::new(session, stream), &served);
                    }
                }
            }
        });
        Self { site }
    }

    pub fn issuer(&self) -> String {
        self.site.lock().expect("a lock").issuer.clone()
    }

    /// From now on it is a good one, changed as told.
    pub fn becomes(&self, change: impl Fn(&mut Site)) {
        let mut site = self.site.lock().expect("a lock");
        *site = Site::good(&site.issuer);
        change(&mut site);
    }
}

/// One request. What goes wrong with it is the client's to notice.
fn serve(stream: impl Read + Write, site: &Mutex<Site>) {
    let mut reader = BufReader::new(stream);
    let (mut lines, mut line) = (Vec::new(), String::new());
    while reader.read_line(&mut line).is_ok_and(|size| size > 2) {
        lines.push(std::mem::take(&mut line));
    }
    let field = |name: &str| {
        let fields = lines.iter().skip(1).filter_map(|line| line.split_once(':'));
        fields
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
            .next()
    };
    let size = field("content-length").and_then(|size| size.parse().ok()).unwrap_or(0);
    let _ = reader.read_exact(&mut vec![0; size]);
    let mut words = lines.first().map(String::as_str).unwrap_or_default().split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let answer = site.lock().expect("a lock").answer(method, path, field("if-none-match").as_deref());
    let stream = reader.get_mut();
    let _ = stream.write_all(&answer).and_then(|()| stream.flush());
}
