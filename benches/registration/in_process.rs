//! The issuer without a server: registrations, and requests of listed and registered clients.

use std::cell::Cell;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use signet::client_auth::{Memory, Outcomes, stored_secret};
use signet::clock::UnixTime;
use signet::issuer::{Issuer, NewClient, Ready, RegistrationRequest, RegistrationStep, Step, TokenRequest};

use crate::shared::cpu;
use crate::shared::http::basic;
use crate::shared::inputs::{FORM, ISSUER};
use crate::shared::pipeline::{NOW, Pipeline};

/// Each registers its share within the highest quota, 60,000 a minute.
pub const REGISTRARS: usize = 20;
const PER_MINUTE: usize = 60_000;
/// A client of the list.
pub const LISTED: &str = "listed:a-secret-that-only-benchmarks-use-0123456789";

/// What is registered. The key of the last one is that of RFC 8037 §A.2.
pub const METADATA: &[(&str, &str)] = &[
    ("two scopes", r#"{"scope": "bench:read bench:write"}"#),
    ("one scope and a name", r#"{"scope": "bench:read", "client_name": "SDK for Rust of Ada Lovelace"}"#),
    (
        "an Ed25519 key",
        r#"{"scope": "bench:read", "jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}}"#,
    ),
];

/// `id:secret` of a registrar.
pub fn registrar(number: usize) -> String {
    format!("registrar-{number}:another-secret-that-only-benchmarks-use-012345")
}

/// A list with a client like any other, and with registrars.
pub fn clients() -> String {
    let mut list = format!(
        "resources:\n  - {{audience: https://api.example.com, scopes: [bench:read, bench:write]}}\n  \
         - {{audience: \"{ISSUER}\", scopes: [clients:register]}}\nclients:\n"
    );
    let mut client = |pair: &str, scope: &str| {
        let (id, secret) = pair.split_once(':').expect("a pair");
        let _ = write!(
            list,
            "  - client_id: {id}\n    credentials: [{{client_secret: \"{}\"}}]\n    scope: {scope}\n",
            stored_secret(secret)
        );
        id.to_owned()
    };
    client(LISTED, "bench:read bench:write");
    let names: Vec<String> =
        (0..REGISTRARS).map(|number| client(&registrar(number), "clients:register")).collect();
    let _ = write!(
        list,
        "registration:\n  policies:\n    - registrars: [{}]\n      scope: bench:read bench:write\n      \
         validity: 30d\n      per_minute: {PER_MINUTE}\n",
        names.join(", ")
    );
    list
}

/// A token of the first registrar with which it registers, as the value of a header.
pub fn bearer(pipeline: &Pipeline) -> String {
    let form = format!("{FORM}&resource={ISSUER}");
    let authorization = basic(&registrar(0)).into_bytes();
    let request = TokenRequest {
        form: form.as_bytes(),
        authorization: &[&authorization],
        outcomes: &Outcomes::default(),
    };
    let Step::Prepared(prepared) = pipeline.issuer.token(&request, &pipeline.memory, NOW) else {
        panic!("a slow check")
    };
    let Ok(Ready::Unsigned(token)) = prepared.token else { panic!("no new token") };
    let key = Arc::clone(token.key());
    let mut signature = vec![0; key.signature_bytes()];
    key.sign(&[token.signing_input()], &mut signature).expect("a signature");
    format!("Bearer {}", token.with_signature(&signature, Duration::ZERO).compact)
}

/// The pair of a client that the first registrar registers; without a secret it ends with the colon.
pub fn register(pipeline: &Pipeline, metadata: &str) -> String {
    pair(&new_client(&pipeline.issuer, &basic(&registrar(0)), metadata, NOW, &Memory::new(1, 0)).body)
}

/// `id:secret` of the answer to a registration.
pub fn pair(answer: &[u8]) -> String {
    let answer: serde_json::Value = serde_json::from_slice(answer).expect("JSON");
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    format!("{}:{}", text("client_id"), text("client_secret"))
}

fn new_client(issuer: &Issuer, header: &str, metadata: &str, now: UnixTime, memory: &Memory) -> NewClient {
    let request = RegistrationRequest {
        body: metadata.as_bytes(),
        authorization: &[header.as_bytes()],
        outcomes: &Outcomes::default(),
    };
    match issuer.register(&request, memory, now) {
        RegistrationStep::Decided(decision) => {
            decision.outcome.unwrap_or_else(|refusal| panic!("{refusal:?}"))
        }
        RegistrationStep::Slow { .. } => panic!("a slow check"),
    }
}

/// Nanoseconds of a registration; a second passes now and then, so that no quota is used up.
pub fn registration(pipeline: &Pipeline, header: &str) -> f64 {
    let (memory, made) = (Memory::new(1, 0), Cell::new(0_usize));
    let [nanoseconds] = cpu::nanoseconds([&|| {
        let now = NOW.plus((made.get() * 60 / PER_MINUTE) as i64);
        made.set(made.get() + 1);
        drop(black_box(new_client(&pipeline.issuer, header, METADATA[1].1, now, &memory)));
    }]);
    nanoseconds
}

/// Nanoseconds up to the signature of a token, of a listed and of a registered client.
pub fn requests(pipeline: &Pipeline, registered: &str) -> [f64; 2] {
    let [listed, registered] = [LISTED, registered].map(basic);
    let ask = |header: &str| assert!(pipeline.time(FORM.as_bytes(), &[header.as_bytes()]).1);
    cpu::nanoseconds([&|| ask(&listed), &|| ask(&registered)])
}
