//! An issuer, the API, and requests as bytes. The issuer signs whatever a test asks for, and counts how
//! often its key set is fetched.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::{App, HttpServer, web};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use example_api::{KeySet, Shelf, Verifier, serve};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

pub const AUDIENCE: &str = "https://catalog.example.com";

/// Made once: a key costs a second in a debug build.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::new("first"));

#[derive(Clone)]
pub struct SigningKey {
    pub kid: &'static str,
    key: EncodingKey,
}

impl SigningKey {
    pub fn new(kid: &'static str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).expect("its form");
        // The PKCS#1 key is the last member of the PKCS#8 one, behind 26 bytes of header.
        Self { kid, key: EncodingKey::from_rsa_der(&pkcs8.as_ref()[26..]) }
    }

    pub fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, Algorithm::RS256).expect("a public key");
        jwk.common.key_id = Some(self.kid.to_owned());
        json!(jwk)
    }

    /// A compact JWS over exactly these members.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        use base64::Engine as _;
        let part = |value: &Value| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(header), part(claims));
        let signature = jsonwebtoken::crypto::sign(input.as_bytes(), &self.key, Algorithm::RS256);
        format!("{input}.{}", signature.expect("a signature"))
    }
}

pub struct Issuer {
    pub url: String,
    pub key: SigningKey,
    pub fetches: Arc<AtomicUsize>,
    keys: Arc<Mutex<Vec<Value>>>,
}

impl Issuer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().unwrap());
        let fetches = Arc::new(AtomicUsize::new(0));
        let keys = Arc::new(Mutex::new(vec![KEY.jwk()]));
        let (metadata, counted, served) = (
            json!({"issuer": url, "jwks_uri": format!("{url}/.well-known/jwks.json")}),
            fetches.clone(),
            keys.clone(),
        );
        let app = move || {
            let (metadata, counted, served) = (metadata.clone(), counted.clone(), served.clone());
            App::new()
                .route(
                    "/.well-known/openid-configuration",
                    web::get().to(move || std::future::ready(web::Json(metadata.clone()))),
                )
                .route(
                    "/.well-known/jwks.json",
                    web::get().to(move || {
                        counted.fetch_add(1, Ordering::SeqCst);
                        std::future::ready(web::Json(json!({"keys": *served.lock().unwrap()})))
                    }),
                )
        };
        in_background(move || HttpServer::new(app).workers(1).listen(listener).unwrap().run());
        Self { url, key: KEY.clone(), fetches, keys }
    }

    pub fn publish(&self, keys: Vec<Value>) {
        *self.keys.lock().unwrap() = keys;
    }

    pub fn header(&self) -> Value {
        json!({"alg": "RS256", "typ": "at+jwt", "kid": self.key.kid})
    }

    /// What an access token for the catalog says.
    pub fn claims(&self, scope: &str) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        json!({
            "iss": self.url, "sub": "shop", "client_id": "shop", "aud": AUDIENCE,
            "iat": now - 5, "exp": now + 600, "jti": "0b8f", "scope": scope,
        })
    }

    pub fn token(&self, scope: &str) -> String {
        self.key.sign(&self.header(), &self.claims(scope))
    }
}

/// The API under test.
pub struct Api {
    address: SocketAddr,
}

impl Api {
    pub fn start(issuer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().unwrap();
        let keys = KeySet::new(issuer).expect("a client");
        let verifier = Arc::new(Verifier::new(issuer.to_owned(), AUDIENCE.to_owned(), keys));
        in_background(move || serve(listener, verifier, Shelf::with_samples()).unwrap());
        Self { address }
    }

    /// With these bytes between `GET /books` and the end of the head.
    pub fn get(&self, headers: &[u8]) -> Answer {
        self.send(&[b"GET /books HTTP/1.1\r\n", headers].concat(), b"")
    }

    pub fn get_with(&self, token: &str) -> Answer {
        self.get(format!("Authorization: Bearer {token}\r\n").as_bytes())
    }

    pub fn post(&self, headers: &str, content_type: &str, body: &str) -> Answer {
        let head = format!(
            "POST /books HTTP/1.1\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n{headers}",
            body.len()
        );
        self.send(head.as_bytes(), body.as_bytes())
    }

    /// `head` begins with the request line.
    pub fn send(&self, head: &[u8], body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("the API listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let request = [head, b"Host: api\r\nConnection: close\r\n\r\n", body].concat();
        stream.write_all(&request).expect("the API reads");
        let mut answer = Vec::new();
        // A server that refused a large head may close before it has read all of it.
        let _ = stream.read_to_end(&mut answer);
        Answer::parse(&String::from_utf8_lossy(&answer))
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub challenge: Option<String>,
    pub body: String,
}

impl Answer {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let challenge = head
            .lines()
            .find_map(|line| {
                line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"))
            })
            .map(|(_, value)| value.to_owned());
        Self { status: head[9..12].parse().expect("a status"), challenge, body: body.to_owned() }
    }

    /// The status and the error code of the challenge; `-` stands for a challenge without one.
    pub fn summary(&self) -> (u16, &str) {
        let code = self.challenge.as_deref().map_or("", |challenge| {
            assert!(challenge.starts_with("Bearer realm=\"https://catalog.example.com\""), "{challenge}");
            challenge.split("error=\"").nth(1).map_or("-", |rest| rest.split('"').next().unwrap())
        });
        (self.status, code)
    }
}

fn in_background(server: impl FnOnce() -> actix_web::dev::Server + Send + 'static) {
    std::thread::spawn(move || actix_web::rt::System::new().block_on(async { server().await }));
}
