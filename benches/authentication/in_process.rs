//! The pipeline without a server: what tells refusals apart in time, and what an assertion costs.

use signet::client_auth::stored_secret;
use signet::jose::Algorithm;

use crate::shared::assertion;
use crate::shared::http::basic;
use crate::shared::inputs::ISSUER;
use crate::shared::pipeline::{NOW, Pipeline};
use crate::statistics::{median, t_value};

/// Clients of each kind: several, so that no test is about one entry of the registry, and so few that
/// all stay in the first cache. What tells them apart must be the steps, not how often each is asked for.
const CLIENTS: usize = 16;
const WARM_UP: usize = 10_000;

/// A kind of request that is refused, and how its requests look.
pub struct Refused {
    pub name: &'static str,
    id: &'static str,
    secret: fn(usize) -> String,
}

fn right(n: usize) -> String {
    format!("a-secret-that-only-benchmarks-use-{n:04}")
}

fn wrong(n: usize) -> String {
    format!("b-secret-that-only-benchmarks-use-{n:04}")
}

fn near(n: usize) -> String {
    format!("a-secret-that-only-benchmarks-use-{:04}", n + 1000)
}

/// The first is what the others are held against.
pub const REFUSED: [Refused; 4] = [
    Refused { name: "wrong secret", id: "known", secret: wrong },
    Refused { name: "unknown client", id: "nobdy", secret: wrong },
    Refused { name: "near-miss secret", id: "known", secret: near },
    Refused { name: "disabled client", id: "disab", secret: right },
];

impl Refused {
    pub fn pair(&self, n: usize) -> String {
        format!("{}-{n:04}:{}", self.id, (self.secret)(n))
    }
}

/// A client that gets a token.
pub fn working_pair() -> String {
    format!("known-0000:{}", right(0))
}

/// Clients of every kind above.
pub fn clients() -> String {
    let mut text = "resources:\n  - {audience: https://api.example.com, scopes: [x]}\nclients:\n".to_owned();
    for n in 0..CLIENTS {
        let stored = stored_secret(&right(n));
        for (id, more) in [("known", ""), ("disab", "    disabled: true\n")] {
            // No two clients may share a credential.
            let stored = if id == "known" { stored.clone() } else { stored_secret(&right(n + 5000)) };
            text += &format!(
                "  - client_id: {id}-{n:04}\n    credentials: [{{client_secret: \"{stored}\"}}]\n{more}    scope: x\n"
            );
        }
    }
    text
}

/// The client that is checked when this one is asked for.
fn checked(pipeline: &Pipeline, pair: &str) -> String {
    let id = pair.split(':').next().unwrap_or_default();
    let candidate = pipeline.issuer.registry().candidate(id).expect("clients");
    candidate.client.id.to_string()
}

/// Largest |t| of a kind against the first, over so many samples of each. An unknown client is held
/// against the one that stands in for it, so that both find the same in the caches.
pub fn refusals(pipeline: &Pipeline, kind: &Refused, samples: usize) -> (f64, f64) {
    let header = |pair: String| basic(&pair).into_bytes();
    let of_kind: Vec<String> = (0..CLIENTS).map(|n| kind.pair(n)).collect();
    let of_first = of_kind.iter().enumerate().map(|(n, pair)| match kind.id {
        "nobdy" => format!("{}:{}", checked(pipeline, pair), wrong(n)),
        _ => REFUSED[0].pair(n),
    });
    let requests: [Vec<Vec<u8>>; 2] =
        [of_first.map(header).collect(), of_kind.into_iter().map(header).collect()];
    let mut random = crate::Random::new();
    let mut times = [const { Vec::new() }; 2];
    // One place for all requests: whose they are must not show by where they lie.
    let mut presented = Vec::with_capacity(requests[0][0].len());
    while times.iter().any(|of_kind| of_kind.len() < samples) {
        let draw = random.next();
        let (which, n) = (draw as usize & 1, (draw >> 1) as usize % CLIENTS);
        presented.clear();
        presented.extend_from_slice(&requests[which][n]);
        let (time, is_token) = pipeline.time(b"grant_type=client_credentials", &[&presented]);
        assert!(!is_token, "refused");
        times[which].push(time);
    }
    let [one, other] = &mut times;
    one.drain(..WARM_UP.min(samples / 2));
    other.drain(..WARM_UP.min(samples / 2));
    let t = t_value(one, other);
    (t, median(other).0 - median(one).0)
}

/// Median microseconds of a request with an assertion, less one with a secret; neither is signed.
pub fn assertion_cost(algorithm: Algorithm, samples: usize) -> f64 {
    let client = assertion::Client::new(algorithm);
    let list = format!(
        "{}  - client_id: signs\n    credentials: [{{private_key_jwt: {{jwks: {{keys: [{}]}}}}}}]\n    scope: x\n",
        clients(),
        client.jwk
    );
    let pipeline = Pipeline::of(&list);
    let secret = basic(&working_pair()).into_bytes();
    let (mut of_assertion, mut of_secret) = (Vec::new(), Vec::new());
    for n in 0..samples {
        let form = client.form(ISSUER, NOW.seconds(), n);
        let (time, is_token) = pipeline.time(form.as_bytes(), &[]);
        assert!(is_token, "a token by assertion");
        of_assertion.push(time);
        let (time, is_token) = pipeline.time(b"grant_type=client_credentials", &[&secret]);
        assert!(is_token, "a token by secret");
        of_secret.push(time);
    }
    (median(&mut of_assertion).0 - median(&mut of_secret).0) / 1000.0
}
