//! The issuer without a server: registrations, and requests of listed and registered clients.

use std::fmt::Write as _;
use std::hint::black_box;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use signet::client_auth::{Memory, Outcomes, stored_secret};
use signet::clock::{Clock as _, SystemClock, UnixTime};
use signet::inputs::{BuiltIn, Inputs};
use signet::issuer::{
    Issuer, IssuerSettings, Ready, RegistrationDecision, RegistrationRequest, RegistrationStep, Step,
    TokenRequest,
};
use signet::keys::generate::Activation;
use signet::keys::seal;
use signet::oauth::IssuerUrl;
use signet::token::MintSettings;

use crate::process::{CLIENT, SECRET};
use crate::{REGISTRARS, process};

const ISSUER: &str = "https://bench.example.com";
const SAMPLES: usize = 20_000;

/// What is registered. The key of the last one is that of RFC 8037 §A.2.
pub const METADATA: &[(&str, &str)] = &[
    ("two scopes", r#"{"scope": "bench:read bench:write"}"#),
    ("one scope and a name", r#"{"scope": "bench:read", "client_name": "SDK for Rust of Ada Lovelace"}"#),
    (
        "an Ed25519 key",
        r#"{"scope": "bench:read", "jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}}"#,
    ),
];

pub struct Registered {
    pub id: String,
    pub secret: String,
}

pub struct InProcess {
    issuer: Issuer,
    memory: Memory,
    now: UnixTime,
}

fn registrar(number: u64) -> String {
    format!("registrar-{number}")
}

/// The list of the server's benchmark with registrars, and a seal key.
pub fn write_inputs(directory: &Path) {
    process::write_inputs(directory);
    let path = directory.join("clients.yaml");
    let mut list = std::fs::read_to_string(&path).expect("a client list");
    list = list.replacen(
        "resources:\n",
        &format!("resources:\n  - {{audience: \"{ISSUER}\", scopes: [clients:register]}}\n"),
        1,
    );
    let (mut names, secret) = (Vec::new(), stored_secret(SECRET));
    for name in (0..REGISTRARS).map(registrar) {
        let _ = write!(
            list,
            "  - client_id: {name}\n    credentials: [{{client_secret: \"{secret}\"}}]\n    scope: clients:register\n"
        );
        names.push(name);
    }
    let _ = write!(
        list,
        "registration:\n  policies:\n    - registrars: [{}]\n      scope: bench:read bench:write\n      validity: 30d\n      per_minute: 60000\n",
        names.join(", ")
    );
    std::fs::write(path, list).expect("a client list");
    seal::new_file(&directory.join("keys"), SystemClock.now(), Activation::Now).expect("a seal key");
}

impl InProcess {
    pub fn of(directory: &Path) -> Self {
        let inputs = Inputs {
            clients: directory.join("clients.yaml"),
            keys: directory.join("keys"),
            signer: "aws-lc-rs".to_owned(),
            clock_allowance_seconds: 5,
            built_in: BuiltIn::default(),
        };
        let settings = IssuerSettings {
            mint: MintSettings {
                issuer: IssuerUrl::parse(ISSUER).expect("an issuer"),
                access_token_lifetime_seconds: 900,
                clock_allowance_seconds: 5,
            },
            reveal_reasons: false,
            authorization_endpoint: true,
            publish_scopes: true,
        };
        let now = SystemClock.now();
        let (built, findings) = inputs.build(&settings, &[], now);
        let snapshot = built.unwrap_or_else(|_| panic!("{}", signet::diagnostic::human(&findings, false)));
        Self { issuer: snapshot.issuer, memory: Memory::new(1_000, 0), now }
    }

    /// Of the first registrar.
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{SECRET}", registrar(0))))
    }

    /// A token of the first registrar with which it registers.
    pub fn bearer(&self) -> String {
        let form = format!("grant_type=client_credentials&resource={ISSUER}");
        let Step::Prepared(prepared) = self.step(&self.basic(), form.as_bytes()) else {
            panic!("a slow check")
        };
        let Ok(Ready::Unsigned(token)) = prepared.token else { panic!("no new token") };
        let key = std::sync::Arc::clone(token.key());
        let mut signature = vec![0; key.signature_bytes()];
        key.sign(&[token.signing_input()], &mut signature).expect("a signature");
        format!("Bearer {}", token.with_signature(&signature, std::time::Duration::ZERO).compact)
    }

    /// With a quota of its own, whatever was measured before.
    pub fn register(&self, metadata: &str) -> Registered {
        let decision = self.decide(&self.basic(), metadata, self.now, &Memory::new(1_000, 0));
        let new = decision.outcome.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        let answer: serde_json::Value = serde_json::from_slice(&new.body).expect("JSON");
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Registered { id: text("client_id"), secret: text("client_secret") }
    }

    fn decide(&self, header: &str, metadata: &str, now: UnixTime, memory: &Memory) -> RegistrationDecision {
        let authorization: [&[u8]; 1] = [header.as_bytes()];
        let outcomes = Outcomes::default();
        let request = RegistrationRequest {
            body: metadata.as_bytes(),
            authorization: &authorization,
            outcomes: &outcomes,
        };
        match self.issuer.register(&request, memory, now) {
            RegistrationStep::Decided(decision) => decision,
            RegistrationStep::Slow { .. } => panic!("a slow check"),
        }
    }

    /// The median; a minute passes now and then, so that no quota is used up.
    pub fn registration_us(&self, header: &str) -> f64 {
        let memory = Memory::new(1_000, 0);
        let times = (0..SAMPLES).map(|sample| {
            let started = Instant::now();
            let now = self.now.plus(sample as i64 / 400);
            let decision = black_box(self.decide(header, METADATA[1].1, now, &memory));
            let elapsed = started.elapsed();
            assert!(decision.outcome.is_ok());
            elapsed.as_secs_f64() * 1e6
        });
        median(times.collect())
    }

    fn step(&self, header: &str, form: &[u8]) -> Step {
        let authorization: [&[u8]; 1] = [header.as_bytes()];
        let outcomes = Outcomes::default();
        let request = TokenRequest { form, authorization: &authorization, outcomes: &outcomes };
        self.issuer.token(&request, &self.memory, self.now)
    }

    /// Medians of a listed client and of this one, in turns.
    pub fn requests_us(&self, registered: &Registered) -> (f64, f64) {
        let header = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let headers = [header(CLIENT, SECRET), header(&registered.id, &registered.secret)];
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..SAMPLES {
            for (header, times) in headers.iter().zip(&mut times) {
                let started = Instant::now();
                let step = black_box(self.step(header, b"grant_type=client_credentials"));
                let elapsed = started.elapsed();
                assert!(matches!(step, Step::Prepared(prepared) if prepared.token.is_ok()));
                times.push(elapsed.as_secs_f64() * 1e6);
            }
        }
        let [listed, other] = times;
        (median(listed), median(other))
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// A registration over HTTP.
pub fn registration_request(address: SocketAddr, number: u64) -> Vec<u8> {
    let basic = STANDARD.encode(format!("{}:{SECRET}", registrar(number)));
    let body = METADATA[1].1;
    format!(
        "POST /oauth2/register HTTP/1.1\r\nHost: {address}\r\nAuthorization: Basic {basic}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
