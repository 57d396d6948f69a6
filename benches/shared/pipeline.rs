//! The pipeline without a server and without a signature.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use signet::client::Context;
use signet::client_auth::{Attempt, Memory, Outcomes, RequestView, authenticate, stored_secret};
use signet::clock::UnixTime;
use signet::config;
use signet::issuer::{Issuer, IssuerSettings, Step, TokenRequest};
use signet::jose::Algorithm;
use signet::keys::seal::{SealKey, SealKeys};
use signet::keys::{Key, Keyring, Retention, generate, private_key_from_pem};
use signet::oauth::{IssuerUrl, Params};
use signet::token::{Authorization, MintSettings, Minter, reach};

use super::cpu::nanoseconds_of;
use super::http::basic;
use super::inputs::{FORM, ISSUER};

pub const NOW: UnixTime = UnixTime::from_seconds(1_795_435_200);

pub struct Pipeline {
    pub issuer: Issuer,
    pub memory: Memory,
}

impl Pipeline {
    pub fn of(clients: &str) -> Self {
        let loaded = config::load_text("bench.yaml", clients, NOW, &config::Options::default());
        let registry = loaded.registry.unwrap_or_else(|| panic!("{:?}", loaded.findings));
        let (key, _) = generate::private_key(Algorithm::Rs256, generate::BITS).expect("a key");
        let signer = private_key_from_pem(key.pem().as_bytes(), None).expect("a key");
        let key = Key::private("bench.pem", NOW.minus(86_400), signer);
        let seal = SealKey::in_memory(NOW.minus(86_400)).expect("a seal key");
        let keyring = Keyring::new(vec![key], Retention::for_lifetime(900, 5)).expect("one key");
        let keyring = keyring.with_seals(Arc::new(SealKeys::new(vec![seal])));
        let issuer = Issuer::new(settings(), registry, Arc::new(keyring), "bench");
        Self { issuer, memory: Memory::new(10_000_000, 0) }
    }

    /// Of a list of one.
    pub fn of_one_client(pair: &str) -> Self {
        let (id, secret) = pair.split_once(':').expect("a pair");
        Self::of(&format!(
            "resources:\n  - {{audience: https://api.example.com, scopes: [read, write]}}\nclients:\n  - client_id: {id}\n    \
             credentials: [{{client_secret: \"{}\"}}]\n    scope: read write\n",
            stored_secret(secret)
        ))
    }

    /// Header and claims for a client that has proved who it is.
    pub fn mint_nanoseconds(&self, pair: &str) -> f64 {
        let authorization = basic(pair).into_bytes();
        let params = Params::parse(FORM.as_bytes(), &["grant_type", "scope"]).expect("a form");
        let view = RequestView { authorization: &[&authorization], params: &params };
        let (clients, mut attempt) = (self.issuer.clients(NOW), Attempt::default());
        let context = Context::offline(NOW);
        let client = authenticate(&clients, &view, &context, &self.memory, &mut attempt).expect("a client");
        let reach = reach(client.client(), &params).expect("a reach");
        let (authorization, settings) = (Authorization::new(client, reach), self.issuer.settings());
        let minter = Minter::new(MintSettings::clone(&settings.mint));
        nanoseconds_of(|| {
            let token = minter.write(black_box(&authorization), self.issuer.keyring(), NOW);
            assert!(black_box(token).is_ok());
        })
    }

    /// Nanoseconds of one request up to the signature, and whether a token would be signed.
    pub fn time(&self, form: &[u8], authorization: &[&[u8]]) -> (u32, bool) {
        let request = TokenRequest { form, authorization, outcomes: &Outcomes::default() };
        let started = Instant::now();
        let step = black_box(self.issuer.token(black_box(&request), &self.memory, NOW));
        let elapsed = started.elapsed();
        let is_token = matches!(step, Step::Prepared(prepared) if prepared.token.is_ok());
        (u32::try_from(elapsed.as_nanos()).unwrap_or(u32::MAX), is_token)
    }
}

fn settings() -> IssuerSettings {
    IssuerSettings {
        mint: MintSettings {
            issuer: IssuerUrl::parse(ISSUER).expect("an issuer"),
            access_token_lifetime_seconds: 900,
            clock_allowance_seconds: 5,
        },
        reveal_reasons: false,
        authorization_endpoint: true,
        publish_scopes: true,
    }
}
