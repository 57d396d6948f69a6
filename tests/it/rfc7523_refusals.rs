//! RFC 7523 §3.2: whatever is wrong with an assertion, the answer is one and the same. What it was is in
//! the log.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use signet::diagnostic::catalogue::{self, assertions};

use crate::support::assertion::{ClientKey, JWT_BEARER, client_list, form};
use crate::support::{Door, FORM, ISSUER, NOW, Process, Response, SIGNER, Workspace, send};

/// A client that signs, and one that must not.
fn clients(key: &ClientKey) -> String {
    let disabled = client_list("disabled", &[key.jwk()], "");
    let (_, disabled) = disabled.split_once("clients:\n").expect("clients");
    let mut jwk = key.jwk();
    jwk["kid"] = json!("named");
    format!(
        "{}{disabled}    disabled: true\n  - client_id: secretive\n    credentials:\n      \
         - client_secret: ${{secret:secretive-secret-of-the-tests}}\n    scope: invoices:read\n",
        client_list(SIGNER, &[jwk], "")
    )
}

/// A form for every reason: each differs from a good one in one thing.
fn failures(key: &ClientKey, issuer: &str, now: i64) -> Vec<(&'static str, String)> {
    let claims = |name: &str, value: Value| {
        let mut claims =
            json!({"iss": SIGNER, "sub": SIGNER, "aud": issuer, "iat": now, "exp": now + 60, "jti": "1"});
        claims[name] = value;
        claims
    };
    let header = |name: &str, value: Value| {
        let mut header = json!({"alg": "EdDSA"});
        header[name] = value;
        header
    };
    let of_claim = |name, value| form(&key.jwt(&header("typ", json!("JWT")), &claims(name, value)));
    let of_header = |name, value| form(&key.jwt(&header(name, value), &claims("jti", json!("1"))));
    let good = key.jwt(&header("typ", json!("JWT")), &claims("jti", json!("1")));
    let another = ClientKey::ed25519().jwt(&header("typ", json!("JWT")), &claims("jti", json!("1")));
    let of_client = |client| {
        let mut claims = claims("iss", json!(client));
        claims["sub"] = json!(client);
        form(&key.jwt(&header("typ", json!("JWT")), &claims))
    };
    let grant = "grant_type=client_credentials";
    vec![
        ("client_unknown", of_client("nobody")),
        ("client_disabled", of_client("disabled")),
        ("method_not_allowed", of_client("secretive")),
        ("credentials_missing", grant.to_owned()),
        ("assertion_type_missing", format!("{grant}&client_assertion={good}")),
        ("assertion_type_wrong", format!("{grant}&client_assertion_type=x&client_assertion={good}")),
        ("assertion_missing", format!("{grant}&client_assertion_type={JWT_BEARER}")),
        ("assertion_malformed", form(&good.replace('.', ".."))),
        ("assertion_header", of_header("crit", json!(["x"]))),
        ("assertion_typ", of_header("typ", json!("at+jwt"))),
        ("assertion_algorithm", of_header("alg", json!("none"))),
        ("assertion_key_unknown", of_header("kid", json!("unknown"))),
        ("assertion_signature", form(&another)),
        ("assertion_issuer", of_claim("iss", json!("other"))),
        ("assertion_audience", of_claim("aud", json!([issuer]))),
        ("assertion_expiry", of_claim("exp", json!("never"))),
        ("assertion_expired", of_claim("exp", json!(now - 300))),
        ("assertion_lifetime", of_claim("exp", json!(now + 3600))),
        ("assertion_not_yet", of_claim("nbf", json!(now + 600))),
        ("assertion_jti", of_claim("jti", json!(""))),
        ("assertion_replayed", form(&good)),
    ]
}

/// The reasons of the catalogue that mean a failed authentication.
fn all_reasons() -> BTreeSet<&'static str> {
    let of_clients =
        signet::client_auth::reasons().filter(|reason| reason.error.as_str() == "invalid_client");
    let names: BTreeSet<&str> = of_clients.map(|reason| reason.code.name).collect();
    assertions::ALL.iter().map(|code| code.name).filter(|name| names.contains(name)).collect()
}

#[test]
fn b40_every_failure_has_the_same_bytes_and_a_reason_of_its_own() {
    let key = ClientKey::ed25519();
    let door = Door::with(&clients(&key));
    let failures = failures(&key, ISSUER, NOW);
    let (_, replayed) = failures.last().expect("the replay");
    for server in [&door.quiet, &door.telling] {
        assert_eq!(server.post(replayed).status, 200);
    }
    let mut told = BTreeSet::new();
    for (reason, form) in &failures {
        door.refuses_form(form, reason);
        assert!(told.insert(catalogue::find(reason).expect("a reason").title), "{reason} twice");
    }
    let seen: BTreeSet<&str> = failures.iter().map(|(reason, _)| *reason).collect();
    let left_out: Vec<_> = all_reasons().difference(&seen).copied().collect();
    assert!(left_out.is_empty() && all_reasons().len() >= 17, "{left_out:?}");
}

#[test]
fn b40_the_log_of_serve_tells_the_failures_apart_and_the_answers_do_not() {
    let key = ClientKey::ed25519();
    let workspace = Workspace::ready();
    workspace.write("clients.yaml", &clients(&key));
    // Header fields have an order that differs from worker to worker.
    let server = Process::serve(workspace, "--failures-per-minute 0 --workers 1");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
    let failures = failures(&key, &server.issuer(), i64::try_from(now).expect("a time"));
    let post = |form: &str| send(server.public, "POST", "/oauth2/token", &[FORM], form.as_bytes());
    let (_, replayed) = failures.last().expect("the replay");
    assert_eq!(post(replayed).status, 200);
    let answers: Vec<Response> = failures.iter().map(|(_, form)| post(form).without_date()).collect();
    assert_eq!(answers[0].error(), "invalid_client");
    for (answer, (reason, _)) in answers.iter().zip(&failures) {
        assert_eq!(*answer, answers[0], "{reason}");
    }
    let logged = || -> Vec<String> {
        let log = server.stderr();
        let whole = log.rfind('\n').map_or("", |end| &log[..end]);
        let events = whole.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        events.filter_map(|event| Some(event["reason"].as_str()?.to_owned())).collect()
    };
    server.until("the events", |_| logged().len() == failures.len());
    assert_eq!(logged(), failures.iter().map(|(reason, _)| *reason).collect::<Vec<_>>());
    let (input, signature) = replayed.rsplit_once('.').expect("three parts");
    for part in [input.rsplit_once('.').expect("three parts").1, signature] {
        assert!(!server.stderr().contains(part), "no part of an assertion is logged");
    }
}
