//! What the verifiers of the field look at in a token beyond its signature, issuer and audience: one
//! table, which `signet verify --as` and the token decoder of the page read, so that both say the
//! same. Figures and rules are the defaults of the named programs, as `verifiers.rs` has them for
//! the key set; a rule that nobody has watched or read is not in it.
//!
//! It knows no clock: the caller says what time it is.

use serde::Serialize;
use serde_json::{Map, Value};

use super::verifiers::Evidence;
use crate::clock::UnixTime;

/// One verifier and its rules.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Acceptance {
    /// As `signet verify --as` names it.
    pub name: &'static str,
    pub title: &'static str,
    /// Values of `typ` in lower case, `""` for a header without one; `None`: any.
    pub types: Option<&'static [&'static str]>,
    /// `None`: whatever the key is for.
    pub algorithms: Option<&'static [&'static str]>,
    pub kid: Kid,
    /// Claims that must be there.
    pub claims: &'static [&'static str],
    /// How long after `exp` a token still passes.
    pub expiry_leeway_seconds: i64,
    /// How far in the future `iat` may lie; `None`: it is not looked at.
    pub issued_ahead_seconds: Option<i64>,
    /// Reads keys and metadata over https alone.
    pub https: bool,
    /// What else it wants, in words; may be empty.
    pub setting: &'static str,
    pub evidence: Evidence,
}

/// When a verifier needs the header's `kid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kid {
    Optional,
    Needed,
    /// Where the key set holds more than one key.
    NeededAmongSeveral,
}

/// Why a token is refused: an id for programs, and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    pub id: &'static str,
    pub words: &'static str,
}

const TYPE: Rule = Rule { id: "typ", words: "does not take this typ" };
const ALGORITHM: Rule = Rule { id: "alg", words: "does not take this algorithm" };
const KID: Rule = Rule { id: "kid", words: "needs a kid in the header" };
const CLAIMS: Rule = Rule { id: "claims", words: "needs a claim that is not there" };
const EXPIRY: Rule = Rule { id: "exp", words: "finds it expired" };
const ISSUED: Rule = Rule { id: "iat", words: "finds it issued in the future" };
const HTTPS: Rule = Rule { id: "https", words: "reads keys over https only" };

/// All of them, in the order of asking.
pub static RULES: &[Rule] = &[TYPE, ALGORITHM, KID, CLAIMS, EXPIRY, ISSUED, HTTPS];

/// A token whose signature, issuer and audience are right, and where it came from.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'t> {
    pub header: &'t Map<String, Value>,
    pub claims: &'t Map<String, Value>,
    pub issuer: &'t str,
    /// How many keys the set holds.
    pub keys: usize,
    pub now: UnixTime,
}

impl Acceptance {
    /// The rules that the token breaks; none: it is accepted.
    pub fn broken(&self, token: &Shown<'_>) -> Vec<Rule> {
        let header = |name: &str| token.header.get(name);
        let number = |name: &str| token.claims.get(name).and_then(Value::as_f64);
        let now = token.now.seconds() as f64;
        let alg = header("alg").and_then(Value::as_str).unwrap_or_default();
        let alg = if alg == "Ed25519" { "EdDSA" } else { alg };
        let needs_kid = self.kid == Kid::Needed || (self.kid == Kid::NeededAmongSeveral && token.keys > 1);
        let ahead = self.issued_ahead_seconds;
        let verdicts = [
            (TYPE, self.types.is_some_and(|types| !types.contains(&media_type(header("typ")).as_str()))),
            (ALGORITHM, self.algorithms.is_some_and(|algorithms| !algorithms.contains(&alg))),
            (KID, needs_kid && !header("kid").is_some_and(Value::is_string)),
            (CLAIMS, self.claims.iter().any(|name| !token.claims.contains_key(*name))),
            (EXPIRY, number("exp").is_some_and(|exp| now >= exp + self.expiry_leeway_seconds as f64)),
            (ISSUED, ahead.zip(number("iat")).is_some_and(|(ahead, iat)| iat > now + ahead as f64)),
            (HTTPS, self.https && !token.issuer.starts_with("https://")),
        ];
        verdicts.into_iter().filter_map(|(rule, is_broken)| is_broken.then_some(rule)).collect()
    }
}

/// As RFC 7515 §4.1.9 compares them: without case, and `application/` may be left out.
fn media_type(typ: Option<&Value>) -> String {
    match typ {
        None => String::new(),
        Some(Value::String(typ)) => {
            let typ = typ.to_ascii_lowercase();
            typ.strip_prefix("application/").map_or(typ.clone(), str::to_owned)
        }
        // No media type that any list holds.
        Some(_) => "?".to_owned(),
    }
}

/// By name; `None` for a name that the table does not have.
pub fn find(name: &str) -> Option<&'static Acceptance> {
    ACCEPTANCES.iter().find(|acceptance| acceptance.name == name)
}

/// Takes what is signed by a key of the set and not expired.
const fn any(name: &'static str, title: &'static str, evidence: Evidence) -> Acceptance {
    Acceptance {
        name,
        title,
        types: None,
        algorithms: None,
        kid: Kid::Optional,
        claims: &[],
        expiry_leeway_seconds: 0,
        issued_ahead_seconds: None,
        https: false,
        setting: "",
        evidence,
    }
}

const JWT_OR_NONE: Option<&[&str]> = Some(&["jwt", ""]);
const AT_JWT: Option<&[&str]> = Some(&["at+jwt"]);
const AT_JWT_OR_NONE: Option<&[&str]> = Some(&["at+jwt", ""]);
const RS256: Option<&[&str]> = Some(&["RS256"]);
const RSA_AND_EC: Option<&[&str]> = Some(&["RS256", "PS256", "ES256"]);
/// RFC 9068 §2.2.
const OF_ACCESS_TOKENS: &[&str] = &["iss", "exp", "aud", "sub", "client_id", "iat", "jti"];

/// Libraries first, then gateways and servers.
#[rustfmt::skip]
pub static ACCEPTANCES: &[Acceptance] = {
    use Evidence::{Documentation, Run, Source, Unverified};
    &[
        // JwtTypeValidator.jwt(); algorithms from the key set, RSA and EC alone.
        Acceptance { types: JWT_OR_NONE, algorithms: RSA_AND_EC, expiry_leeway_seconds: 60,
            setting: "checks aud only where audiences are configured", ..any("spring", "Spring Security, issuer-uri", Source) },
        Acceptance { types: JWT_OR_NONE, algorithms: RS256, expiry_leeway_seconds: 60,
            setting: "other algorithms by jws-algorithms", ..any("spring-jwk-set-uri", "Spring Security, jwk-set-uri", Source) },
        // Two keys that fit are an error.
        Acceptance { kid: Kid::NeededAmongSeveral, setting: "give it issuer, audience and typ",
            ..any("jose", "jose (Node.js)", Source) },
        Acceptance { types: AT_JWT, claims: &["sub", "client_id", "jti", "iat"],
            ..any("express-oauth2-jwt-bearer", "express-oauth2-jwt-bearer, strict", Source) },
        Acceptance { kid: Kid::NeededAmongSeveral, ..any("jwks-rsa", "jwks-rsa (Node.js)", Source) },
        // PyJWKClient knows no key without kid; the leeway is nothing by default.
        Acceptance { kid: Kid::Needed, issued_ahead_seconds: Some(0),
            setting: "refuses a token with aud unless it is told its audience", ..any("pyjwt", "PyJWT", Run) },
        Acceptance { types: AT_JWT_OR_NONE, claims: OF_ACCESS_TOKENS, ..any("authlib", "Authlib (RFC 9068)", Source) },
        Acceptance { kid: Kid::NeededAmongSeveral, ..any("joserfc", "joserfc", Source) },
        Acceptance { types: AT_JWT, claims: OF_ACCESS_TOKENS, ..any("oauth4webapi", "oauth4webapi", Source) },
        // Algorithms from id_token_signing_alg_values_supported, which names ours.
        any("go-oidc", "go-oidc", Source),
        Acceptance { algorithms: RSA_AND_EC, https: true, ..any("kubernetes", "Kubernetes API server", Documentation) },
        Acceptance { expiry_leeway_seconds: 300, ..any("aspnet", "ASP.NET Core JwtBearer", Unverified) },
        // A wrong aud is 403, everything else 401.
        Acceptance { expiry_leeway_seconds: 60, ..any("envoy", "Envoy jwt_authn", Run) },
        Acceptance { expiry_leeway_seconds: 60, ..any("istio", "Istio RequestAuthentication", Documentation) },
        Acceptance { algorithms: Some(&["RS256", "ES256", "EdDSA"]), ..any("nginx-plus", "NGINX Plus auth_jwt", Documentation) },
        Acceptance { algorithms: RS256, setting: "every configured audience must be in aud; other algorithms by alg",
            ..any("krakend", "KrakenD", Documentation) },
        Acceptance { algorithms: RS256, claims: &["iss", "exp"], https: true,
            setting: "at most ten further claims and ten audiences", ..any("aws-alb", "AWS Application Load Balancer", Documentation) },
        Acceptance { algorithms: Some(&["RS256", "PS256"]), https: true,
            setting: "fetches from the public internet", ..any("aws-http-api", "AWS API Gateway, HTTP API", Unverified) },
        Acceptance { claims: &["exp", "iat", "sub"], ..any("kafka", "Apache Kafka broker", Source) },
        Acceptance { kid: Kid::Needed, ..any("trino", "Trino", Source) },
        Acceptance { setting: "a token with aud needs bound_audiences", ..any("vault", "Vault, OpenBao", Documentation) },
        Acceptance { https: true, ..any("elasticsearch", "Elasticsearch JWT realm", Documentation) },
        Acceptance { kid: Kid::Needed, setting: "keys are uploaded by hand", ..any("cloudflare", "Cloudflare API Shield", Documentation) },
    ]
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn members(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    fn broken(name: &str, header: Value, claims: Value) -> Vec<&'static str> {
        let (header, claims) = (members(header), members(claims));
        let now = UnixTime::from_seconds(1_000);
        let token = Shown { header: &header, claims: &claims, issuer: "https://i.example", keys: 2, now };
        let acceptance = find(name).unwrap_or(&ACCEPTANCES[0]);
        assert_eq!(acceptance.name, name);
        acceptance.broken(&token).iter().map(|rule| rule.id).collect()
    }

    #[test]
    fn each_rule_refuses_what_breaks_it_and_nothing_else() {
        let good = json!({"alg": "RS256", "typ": "at+jwt", "kid": "k"});
        let claims = json!({"iss": "i", "exp": 1001, "aud": "a", "sub": "s", "client_id": "s", "iat": 1000, "jti": "j"});
        assert_eq!(broken("oauth4webapi", good.clone(), claims.clone()), [""; 0]);
        assert_eq!(broken("spring", good.clone(), claims.clone()), ["typ"]);
        assert_eq!(broken("spring", json!({"alg": "EdDSA", "typ": "JWT"}), claims.clone()), ["alg"]);
        assert_eq!(broken("nginx-plus", json!({"alg": "Ed25519"}), claims.clone()), [""; 0]);
        assert_eq!(broken("pyjwt", json!({"alg": "RS256", "kid": 1}), claims.clone()), ["kid"]);
        assert_eq!(broken("jose", json!({"alg": "RS256"}), claims.clone()), ["kid"]);
        assert_eq!(broken("authlib", good.clone(), json!({"exp": 1001})), ["claims"]);
        assert_eq!(broken("authlib", json!({"typ": 7}), claims), ["typ"]);
        let at = |name, exp, iat| broken(name, good.clone(), json!({"exp": exp, "iat": iat, "sub": "s"}));
        assert_eq!(at("kafka", 1000, 0), ["exp"]);
        assert_eq!(at("envoy", 941, 0), [""; 0]);
        assert_eq!(at("envoy", 940, 0), ["exp"]);
        assert_eq!(at("pyjwt", 1001, 1001), ["iat"]);
        assert_eq!(at("envoy", 1001, 9999), [""; 0]);
    }

    #[test]
    fn names_stand_once_and_those_of_the_key_set_table_mean_the_same() {
        let mut names: Vec<_> = ACCEPTANCES.iter().map(|acceptance| acceptance.name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
        for shared in ACCEPTANCES.iter().filter_map(|one| super::super::verifiers::find(one.name)) {
            let title = find(shared.name).map_or("", |one| one.title);
            let first = shared.title.split([' ', ',']).next().unwrap_or_default();
            assert!(title.starts_with(first), "{}: {title}, {}", shared.name, shared.title);
        }
    }
}
