//! `token`, `decode` and `verify` against a server that runs as a process of its own.

use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use signet::clock::{Clock as _, SystemClock};
use signet::jose::compact;

use crate::support::{Output, Process, Workspace, key_pem};

const AUDIENCE: &str = "https://invoices.example.com";

fn token_with(server: &Process, client: &str, secret: &str, more: &str) -> Output {
    let arguments = format!("token --issuer {} --client-id {client} --secret-stdin {more}", server.issuer());
    server.workspace.run_with(&arguments, &[], &format!("{secret}\n"))
}

fn token(server: &Process, client: &str, more: &str) -> String {
    let output = token_with(server, client, &format!("{client}-secret-of-the-tests"), more);
    assert_eq!(output.code, 0, "{}", output.all());
    output.stdout.trim_end().to_owned()
}

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&compact::decode(part).expect("base64url")).expect("JSON")
}

/// A token of any content with the signature of the server's key.
fn signed(header: &Value, claims: &Value) -> String {
    let der = PrivatePkcs8KeyDer::from_pem_slice(key_pem().as_bytes()).expect("a key");
    let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).expect("a key");
    let [header, claims] = [header, claims].map(|part| compact::encode(part.to_string().as_bytes()));
    let input = format!("{header}.{claims}");
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature).expect("a signature");
    format!("{input}.{}", compact::encode(&signature))
}

#[test]
fn token_gets_what_a_client_asks_for() {
    let server = Process::serve(Workspace::ready(), "");
    for method in ["", "--post"] {
        let claims = claims(&token(&server, "worker", method));
        assert_eq!((&claims["sub"], &claims["aud"]), (&"worker".into(), &AUDIENCE.into()));
        assert_eq!(claims["scope"], "invoices:read invoices:write");
    }
    assert_eq!(claims(&token(&server, "worker", "--scope invoices:read"))["scope"], "invoices:read");
    let resource = format!("--resource {AUDIENCE}");
    assert_eq!(claims(&token(&server, "both", &resource))["aud"], AUDIENCE);
    assert_eq!(claims(&token(&server, "both", "--audience plain-name"))["aud"], "plain-name");
    let json = token_with(&server, "worker", "worker-secret-of-the-tests", "--format json").json();
    assert_eq!((&json["token_type"], &json["expires_in"]), (&"Bearer".into(), &900.into()));
}

#[test]
fn token_says_why_it_was_refused_and_ends_with_1() {
    let server = Process::serve(Workspace::ready(), "");
    for (client, secret, more, error) in [
        ("worker", "wrong", "", "invalid_client"),
        ("worker", "wrong", "--post", "invalid_client"),
        ("nobody", "worker-secret-of-the-tests", "", "invalid_client"),
        ("worker", "worker-secret-of-the-tests", "--scope invoices:delete", "invalid_scope"),
        ("worker", "worker-secret-of-the-tests", "--audience plain-name", "invalid_target"),
        ("both", "both-secret-of-the-tests", "", "invalid_target"),
    ] {
        let output = token_with(&server, client, secret, more);
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{client} {more}: {}", output.all());
        assert!(output.stderr.contains(error) && output.stderr.contains("/errors/"), "{}", output.stderr);
        assert!(!output.all().contains(secret));
    }
    let output = token_with(&server, "worker", "wrong", "--format json");
    assert_eq!((output.code, &output.json()["error"]), (1, &"invalid_client".into()));
    let gone = server.issuer();
    drop(server);
    let arguments = format!("token --issuer {gone} --client-id worker --secret-stdin");
    let output = Workspace::empty().run_with(&arguments, &[], "secret");
    assert_eq!(output.code, 4);
    assert!(output.stderr.contains("cannot reach"), "{}", output.stderr);
}

#[test]
fn decode_explains_the_claims_and_says_that_nothing_was_verified() {
    let server = Process::serve(Workspace::ready(), "");
    let token = token(&server, "worker", "");
    let human = server.workspace.run_with("decode", &[], &token);
    assert_eq!(human.code, 0);
    for words in ["\"RS256\"  # signature algorithm", "# key that signed it", "# issued", "# valid until"] {
        assert!(human.stdout.contains(words), "no {words} in {}", human.stdout);
    }
    assert!(human.stderr.contains("Nothing was verified"));
    server.workspace.write("token.txt", &token);
    let json = server.workspace.run("decode token.txt --format json").json();
    assert_eq!((&json["verified"], &json["claims"]), (&false.into(), &claims(&token)));
    for garbage in ["", "garbage", "a.b.c", "e30.e30", &token.replace('.', "-")] {
        let output = server.workspace.run_with("decode", &[], garbage);
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{garbage}");
        assert!(output.stderr.starts_with("error: "), "{}", output.stderr);
    }
}

#[test]
fn verify_accepts_what_the_issuer_made_and_names_every_reason_to_refuse() {
    let server = Process::serve(Workspace::ready(), "");
    let (issuer, good) = (server.issuer(), token(&server, "worker", ""));
    let verify = |token: &str, arguments: &str| {
        let output = server.workspace.run_with(&format!("verify {arguments}"), &[], token);
        assert!(matches!(output.code, 0 | 1), "{}", output.all());
        (output.code == 0, output.stdout)
    };
    let usual = format!("--issuer {issuer} --audience {AUDIENCE}");
    let (accepted, said) = verify(&good, &usual);
    assert!(accepted && said.ends_with("accepted\n"), "{said}");
    let key_set = server.workspace.path().join("jwks.json");
    std::fs::write(
        &key_set,
        crate::support::send(server.public, "GET", "/.well-known/jwks.json", &[], b"").body,
    )
    .expect("a file");

    let header: Value = serde_json::from_slice(
        &compact::decode(good.split('.').next().expect("a header")).expect("base64url"),
    )
    .expect("JSON");
    let now = SystemClock.now().seconds();
    let with = |members: &[(&str, Value)]| {
        let (mut header, mut claims) = (header.clone(), claims(&good));
        for (name, value) in members {
            let part = if header.get(*name).is_some() { &mut header } else { &mut claims };
            part[*name] = value.clone();
        }
        signed(&header, &claims)
    };
    assert!(verify(&with(&[]), &usual).0, "a token made here is as good as the server's");
    let mut flipped = good.clone().into_bytes();
    let signature = good.rfind('.').expect("three parts") + 20;
    flipped[signature] = if flipped[signature] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).expect("ASCII");
    for (token, reason) in [
        (with(&[("aud", json!("https://search.example.com"))]), "aud: meant for"),
        (with(&[("iss", json!("https://other.example.com"))]), "iss: issued by"),
        (with(&[("iss", json!(format!("{issuer}/")))]), "differ in a slash"),
        (with(&[("iat", json!(now - 7_300)), ("exp", json!(now - 7_200))]), "exp: expired 2 h ago"),
        (with(&[("iat", json!(now + 3_000))]), "iat: issued"),
        (with(&[("typ", json!("logout+jwt"))]), "another kind of token"),
        (with(&[("kid", json!("another-key"))]), "which the key set does not hold"),
        (with(&[("alg", json!("HS256"))]), "the key is for: RS256"),
        (flipped, "signature: the signature does not verify"),
        ("garbage".to_owned(), "form: "),
    ] {
        let (accepted, said) = verify(&token, &usual);
        assert!(!accepted && said.ends_with("refused\n"), "{reason}: {said}");
        assert!(said.contains(reason), "no {reason:?} in {said}");
    }
    // Everything at once, and in words of the caller's own expectations.
    let (accepted, said) = verify(&good, &format!("--issuer {issuer} --audience other"));
    assert!(!accepted && said.contains("expected other"), "{said}");
    server.signal("TERM");

    // With the key set as a file nobody is asked, so a name that leads nowhere will do.
    let elsewhere = with(&[("iss", json!("https://nowhere.invalid"))]);
    let offline = format!("--issuer https://nowhere.invalid --audience {AUDIENCE} --jwks jwks.json");
    assert!(verify(&elsewhere, &offline).0);
    let (accepted, said) = verify(&elsewhere, &format!("{offline} --format json"));
    let json: Value = serde_json::from_str(&said).expect("JSON");
    assert!(accepted && json["accepted"] == true && json["checks"].as_array().is_some_and(|c| c.len() >= 7));
}

#[test]
fn verify_does_not_believe_metadata_that_speaks_of_another_issuer() {
    let server = Process::serve(Workspace::ready(), "");
    let token = token(&server, "worker", "");
    let other = server.issuer().replace("127.0.0.1", "localhost");
    let output = server.workspace.run_with(&format!("verify --issuer {other}"), &[], &token);
    assert_eq!(output.code, 4);
    assert!(output.stderr.contains("equal byte for byte"), "{}", output.stderr);
}

/// The demo tokens are at+jwt by RS256 from an http issuer.
#[test]
fn verify_judges_as_a_named_verifier_would() {
    let server = Process::serve(Workspace::ready(), "");
    let (issuer, good) = (server.issuer(), token(&server, "worker", ""));
    let verify = |arguments: &str, token: &str| {
        server.workspace.run_with(
            &format!("verify --issuer {issuer} --audience {AUDIENCE} {arguments}"),
            &[],
            token,
        )
    };
    for (name, accepts, words) in [
        ("authlib", true, "accepts  Authlib"),
        ("spring", false, "refuses  Spring Security, issuer-uri: does not take this typ"),
        ("kubernetes", false, "reads keys over https only"),
    ] {
        let output = verify(&format!("--as {name}"), &good);
        assert_eq!(output.code, i32::from(!accepts), "{name}: {}", output.all());
        assert!(output.stdout.contains(words), "{name}: {}", output.stdout);
    }
    let all = verify("--as all --format json", &good).json();
    let verifiers = all["verifiers"].as_array().expect("a list");
    assert!(verifiers.len() > 20 && verifiers.iter().any(|one| one["accepted"] == true), "{all}");
    assert_eq!(all["accepted"], false);
    // What everybody refuses is no verifier's own rule.
    let (head, _) = good.rsplit_once('.').expect("three parts");
    let forged = verify("--as all --format json", &format!("{head}.AAAA")).json();
    assert_eq!((&forged["accepted"], forged.get("verifiers")), (&false.into(), None));
    let unknown = verify("--as nobody", &good);
    assert!(unknown.code == 2 && unknown.stderr.contains("envoy"), "{}", unknown.all());
}
