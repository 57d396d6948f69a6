//! How the verifiers of the field keep a key set: one table, which the simulator, `check`, the
//! advice of `keys new --now` and the documentation read. Figures are the defaults of the named
//! programs; whoever changed them names their own (`jose:poll=20m:cooldown=2m`, `poll=12h`).
//!
//! It knows no clock and no keys: `simulate.rs` plays these models against a plan.

use serde::Serialize;

use super::caching::MAX_AGE_SECONDS_MAX;

/// When a verifier fetches the set although every `kid` is in its copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// So many seconds after the last fetch.
    Every(i64),
    /// As `Cache-Control` says (RFC 9111 §4.2), but no more often than this.
    Headers { floor_seconds: i64 },
    /// Not by itself.
    Never,
    /// Keys are uploaded by people.
    ByHand,
}

/// What a verifier does with a `kid` that is not in its copy, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refetch {
    /// Not sooner after the last fetch than this.
    pub cooldown_seconds: i64,
    /// The token that asked is refused before the answer is there.
    pub first_fails: bool,
}

/// What a figure rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The released program was run and watched.
    Run,
    /// Its source.
    Source,
    /// Its documentation.
    Documentation,
    /// Common knowledge that nobody here has verified.
    Unverified,
    /// No program, a way of caching.
    Definition,
}

impl Evidence {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Source => "source",
            Self::Documentation => "documentation",
            Self::Unverified => "unverified",
            Self::Definition => "definition",
        }
    }
}

/// A model of one verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verifier {
    /// As settings name it.
    pub name: &'static str,
    pub title: &'static str,
    pub renewal: Renewal,
    pub on_unknown: Option<Refetch>,
    pub evidence: Evidence,
}

impl Verifier {
    /// A verifier of its own that polls and knows nothing else.
    pub const fn poller(every_seconds: i64) -> Self {
        blind("poll", "your poller", Renewal::Every(every_seconds), Evidence::Definition)
    }

    /// The same with a time of its own between two fetches; `None` for one that fetches nothing.
    #[must_use]
    pub const fn polling(self, seconds: i64) -> Option<Self> {
        let renewal = match self.renewal {
            Renewal::Every(_) | Renewal::Never => Renewal::Every(seconds),
            Renewal::Headers { .. } => Renewal::Headers { floor_seconds: seconds },
            Renewal::ByHand => return None,
        };
        Some(Self { renewal, ..self })
    }

    /// The same with a pause of its own before it fetches for an unknown `kid`; `None` for one that
    /// does not.
    #[must_use]
    pub fn cooling_down(self, cooldown_seconds: i64) -> Option<Self> {
        let refetch = Refetch { cooldown_seconds, ..self.on_unknown? };
        Some(Self { on_unknown: Some(refetch), ..self })
    }

    /// Longest time between two fetches; `None` when nothing bounds it.
    pub const fn poll_seconds(&self) -> Option<i64> {
        match self.renewal {
            Renewal::Every(seconds) => Some(seconds),
            Renewal::Headers { floor_seconds } if floor_seconds > MAX_AGE_SECONDS_MAX => Some(floor_seconds),
            Renewal::Headers { .. } => Some(MAX_AGE_SECONDS_MAX),
            Renewal::Never | Renewal::ByHand => None,
        }
    }

    /// For how many seconds, at the worst, it refuses the tokens of a key that was published
    /// `lead_seconds` before it began to sign. `None`: until somebody uploads the set.
    pub fn refuses_seconds(&self, lead_seconds: i64) -> Option<i64> {
        // The unlucky copy was taken a moment before the key appeared.
        let left = |after_fetch: i64| after_fetch.saturating_sub(lead_seconds).max(0);
        let renewed = self.poll_seconds().map(left);
        let refetched = self
            .on_unknown
            .map(|refetch| left(refetch.cooldown_seconds).saturating_add(i64::from(refetch.first_fails)));
        [renewed, refetched].into_iter().flatten().min()
    }

    /// For how long, at the worst, it accepts tokens of a key that has been taken out of the set.
    pub fn keeps_withdrawn(&self) -> String {
        self.poll_seconds().map_or_else(|| self.without_end().to_owned(), duration)
    }

    /// What ends that which no time ends: a copy of the set that is not renewed by itself.
    pub const fn without_end(&self) -> &'static str {
        match self.renewal {
            Renewal::ByHand => "until uploaded",
            _ => "until it meets an unknown kid",
        }
    }

    /// How it caches, in words.
    pub fn describe(&self) -> String {
        let renewal = match self.renewal {
            Renewal::Every(seconds) => format!("every {}", duration(seconds)),
            Renewal::Headers { floor_seconds: 0 } => "as Cache-Control says".to_owned(),
            Renewal::Headers { floor_seconds } => {
                format!("as Cache-Control says, after {} at the earliest", duration(floor_seconds))
            }
            Renewal::Never => String::new(),
            Renewal::ByHand => return "uploaded by hand".to_owned(),
        };
        let Some(refetch) = self.on_unknown else { return renewal };
        let cooldown = match refetch.cooldown_seconds {
            0 => String::new(),
            seconds => format!(", {} after the last fetch", duration(seconds)),
        };
        let fails = if refetch.first_fails { "; the first token fails" } else { "" };
        let asks = if renewal.is_empty() { "only on an unknown kid" } else { ", and on an unknown kid" };
        format!("{renewal}{asks}{cooldown}{fails}")
    }
}

/// Whole units as people say them: `30 s`, `5 min`, `12 h`, `3 days`, the two largest.
pub fn duration(seconds: i64) -> String {
    const UNITS: &[(i64, &str)] = &[(86_400, "days"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds.max(0);
    let mut parts = Vec::new();
    for (size, unit) in UNITS {
        let count = rest.checked_div(*size).unwrap_or_default();
        rest = rest.saturating_sub(count.saturating_mul(*size));
        if count > 0 && parts.len() < 2 {
            let unit = if count == 1 && *unit == "days" { "day" } else { unit };
            parts.push(format!("{count} {unit}"));
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

/// By name; `None` for a name that the table does not have.
pub fn find(name: &str) -> Option<Verifier> {
    VERIFIERS.iter().copied().find(|verifier| verifier.name == name)
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

const fn blind(name: &'static str, title: &'static str, renewal: Renewal, evidence: Evidence) -> Verifier {
    Verifier { name, title, renewal, on_unknown: None, evidence }
}

/// Renews after `every` seconds and fetches on an unknown `kid`, `cooldown_seconds` after the last
/// fetch.
const fn asking(
    name: &'static str,
    title: &'static str,
    renewal: Renewal,
    cooldown_seconds: i64,
    evidence: Evidence,
) -> Verifier {
    let refetch = Refetch { cooldown_seconds, first_fails: false };
    Verifier { name, title, renewal, on_unknown: Some(refetch), evidence }
}

/// As `asking`, but what was fetched serves the next token only.
const fn late(
    name: &'static str,
    title: &'static str,
    renewal: Renewal,
    cooldown_seconds: i64,
    evidence: Evidence,
) -> Verifier {
    let refetch = Refetch { cooldown_seconds, first_fails: true };
    Verifier { on_unknown: Some(refetch), ..asking(name, title, renewal, cooldown_seconds, evidence) }
}

/// Blind pollers first, then those that ask, then caches, then people.
#[rustfmt::skip]
pub static VERIFIERS: &[Verifier] = {
    use Evidence::{Definition, Documentation, Run, Source, Unverified};
    use Renewal::{ByHand, Every, Headers, Never};
    &[
        // RemoteJwks.cache_duration; an unknown kid is 401 without a fetch.
        blind("envoy", "Envoy jwt_authn", Every(10 * MINUTE), Run),
        // JwkService polls; an unknown kid is refused.
        blind("trino", "Trino", Every(15 * MINUTE), Source),
        // PILOT_JWT_PUB_KEY_REFRESH_INTERVAL; istiod pushes what it finds.
        blind("istio", "Istio RequestAuthentication", Every(20 * MINUTE), Documentation),
        blind("pinggateway", "PingGateway", Every(2 * MINUTE), Documentation),
        blind("aws-http-api", "AWS API Gateway, HTTP API", Every(2 * HOUR), Unverified),
        // Discovery document and keys are kept together.
        blind("apisix", "Apache APISIX openid-connect", Every(24 * HOUR), Unverified),
        // createRemoteJWKSet: cacheMaxAge, cooldownDuration.
        asking("jose", "jose (Node.js)", Every(10 * MINUTE), 30, Run),
        asking("express-oauth2-jwt-bearer", "express-oauth2-jwt-bearer", Every(10 * MINUTE), 30, Source),
        // cacheMaxAge; its rate limit is off by default.
        asking("jwks-rsa", "jwks-rsa (Node.js)", Every(10 * MINUTE), 0, Source),
        // PyJWKClient: lifespan and the pause between two refreshes.
        asking("pyjwt", "PyJWT", Every(5 * MINUTE), 30, Run),
        asking("oauth4webapi", "oauth4webapi", Every(5 * MINUTE), 60, Source),
        asking("spring", "Spring Security", Every(5 * MINUTE), 0, Source),
        // RemoteKeySet fetches on every miss, and only then.
        asking("go-oidc", "go-oidc", Never, 0, Run),
        asking("kubernetes", "Kubernetes API server", Never, 0, Source),
        // RefreshInterval, and a rate limit for unknown kids.
        asking("keyfunc", "keyfunc (Go)", Every(HOUR), 5 * MINUTE, Documentation),
        asking("aws-rest-api", "AWS API Gateway, REST API", Every(HOUR), 0, Documentation),
        asking("ktor", "Ktor (jwks-rsa for Java)", Every(10 * HOUR), 0, Documentation),
        // ConfigurationManager: AutomaticRefreshInterval, RefreshInterval.
        late("aspnet", "ASP.NET Core JwtBearer", Every(12 * HOUR), 5 * MINUTE, Documentation),
        // RefreshingHttpsJwks fetches on a thread of its own (its source); the hour is not verified.
        late("kafka", "Apache Kafka broker", Every(HOUR), 0, Unverified),
        blind("jwx", "jwx (Go)", Headers { floor_seconds: 15 * MINUTE }, Documentation),
        blind("confluent-cloud", "Confluent Cloud", Headers { floor_seconds: 5 * MINUTE }, Documentation),
        blind("http-cache", "HTTP cache (RFC 9111)", Headers { floor_seconds: 0 }, Definition),
        blind("cache-12h", "12-hour cache", Every(12 * HOUR), Definition),
        blind("cloudflare", "Cloudflare API Shield", ByHand, Documentation),
    ]
};
