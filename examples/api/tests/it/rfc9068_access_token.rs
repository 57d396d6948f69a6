//! RFC 9068 §4: what is signed by the issuer and still no access token for this API.

use serde_json::{Value, json};

use crate::support::{AUDIENCE, Answer, Api, Issuer, SigningKey};

struct Bench {
    issuer: Issuer,
    api: Api,
}

impl Bench {
    fn new() -> Self {
        let issuer = Issuer::start();
        let api = Api::start(&issuer.url);
        Self { issuer, api }
    }

    /// The answer to a good token with these members changed; `null` removes one.
    fn with(&self, header: &Value, claims: &Value) -> Answer {
        let header = merged(self.issuer.header(), header);
        let claims = merged(self.issuer.claims("catalog:read"), claims);
        self.api.get_with(&self.issuer.key.sign(&header, &claims))
    }

    fn refuses(&self, header: &Value, claims: &Value) {
        assert_eq!(self.with(header, claims).summary(), (401, "invalid_token"), "{header} {claims}");
    }

    fn accepts(&self, header: &Value, claims: &Value) {
        assert_eq!(self.with(header, claims).status, 200, "{header} {claims}");
    }
}

fn merged(mut base: Value, changes: &Value) -> Value {
    let members = base.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    base
}

#[test]
fn j5_other_tokens_of_the_issuer_are_refused() {
    let bench = Bench::new();
    bench.accepts(&json!({}), &json!({}));
    bench.accepts(&json!({"typ": "application/AT+jwt"}), &json!({}));
    let issuer = bench.issuer.url.clone();
    // An ID token: of type JWT or none, for the client. With the right audience it is one still.
    for typ in [json!("JWT"), Value::Null] {
        bench.refuses(&json!({"typ": typ}), &json!({"aud": "shop", "client_id": null, "nonce": "n"}));
        bench.refuses(&json!({"typ": typ}), &json!({}));
    }
    // An answer of introspection (RFC 9701), a client's assertion (RFC 7523), a logout and a status token.
    bench.refuses(
        &json!({"typ": "token-introspection+jwt"}),
        &json!({"token_introspection": {"active": true, "scope": "catalog:read"}}),
    );
    bench.refuses(&json!({"typ": "client-authentication+jwt"}), &json!({"iss": "shop", "aud": issuer}));
    for typ in ["logout+jwt", "statuslist+jwt", "dpop+jwt", "at+jwt2", "at", "application/jwt"] {
        bench.refuses(&json!({"typ": typ}), &json!({}));
    }
}

#[test]
fn j5_tokens_of_another_issuer_or_for_another_audience_are_refused() {
    let bench = Bench::new();
    let issuer = bench.issuer.url.clone();
    for other in [
        json!("https://other.example.com"),
        json!(format!("{issuer}/")),
        json!([issuer]),
        json!(7),
        Value::Null,
    ] {
        bench.refuses(&json!({}), &json!({"iss": other}));
    }
    for other in [
        json!("https://invoices.example.com"),
        json!(format!("{AUDIENCE}/")),
        json!(AUDIENCE.to_uppercase()),
        json!([]),
        json!(["https://invoices.example.com"]),
        json!({"a": AUDIENCE}),
        json!(""),
        Value::Null,
    ] {
        bench.refuses(&json!({}), &json!({"aud": other}));
    }
    bench.accepts(&json!({}), &json!({"aud": ["https://invoices.example.com", AUDIENCE]}));
    // Signed by somebody else, under the kid of the issuer and under an own one.
    for kid in ["first", "second"] {
        let stranger = SigningKey::new("second");
        let header = merged(bench.issuer.header(), &json!({"kid": kid}));
        let token = stranger.sign(&header, &bench.issuer.claims("catalog:read"));
        assert_eq!(bench.api.get_with(&token).summary(), (401, "invalid_token"), "{kid}");
    }
}

#[test]
fn j5_a_token_is_good_for_its_time_only_and_has_every_claim() {
    let bench = Bench::new();
    let claims = bench.issuer.claims("");
    let now = claims["iat"].as_i64().unwrap() + 5;
    for (name, value) in [
        ("exp", json!(now - 60)),
        ("exp", json!("never")),
        ("exp", Value::Null),
        ("exp", json!(-1)),
        ("nbf", json!(now + 60)),
        ("nbf", json!("now")),
        ("iat", json!(now + 60)),
        ("iat", Value::Null),
        ("iat", json!("now")),
        ("sub", Value::Null),
        ("sub", json!(1)),
        ("client_id", Value::Null),
        ("jti", Value::Null),
        ("scope", json!(["catalog:read"])),
        ("cnf", json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})),
    ] {
        bench.refuses(&json!({}), &json!({name: value}));
    }
    bench.accepts(&json!({}), &json!({"exp": now + 5, "nbf": now - 5, "iat": now}));
}

#[test]
fn j5_the_token_does_not_choose_how_it_is_judged() {
    let bench = Bench::new();
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS256"}),
        json!({"alg": "PS256"}),
        json!({"alg": "RS384"}),
        json!({"alg": null}),
        json!({"kid": null}),
        json!({"kid": "other"}),
        json!({"kid": ["first"]}),
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"kid": "other", "jwk": SigningKey::new("other").jwk()}),
    ] {
        bench.refuses(&header, &json!({}));
    }
    let token = bench.issuer.token("catalog:read");
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut claims = bench.issuer.claims("catalog:read catalog:write");
    claims["jti"] = json!("forged");
    let forged = bench.issuer.key.sign(&bench.issuer.header(), &claims);
    let swapped = format!("{}.{signature}", forged.rsplit_once('.').unwrap().0);
    for damaged in [format!("{signed}."), format!("{signed}.{}", signature.replace('A', "B")), swapped] {
        assert_eq!(bench.api.get_with(&damaged).summary(), (401, "invalid_token"), "{damaged:.40}");
    }
}
