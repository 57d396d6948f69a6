//! Clients of other issuers at the token endpoint: with the list that `signet clients import` makes,
//! each gets a token with the secret, or the key, that it had there.

use base64::Engine as _;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::assertion::{ClientKey, form};
use crate::support::exports::{AUTH0, DEX, HYDRA_LIST, HYDRA_ROWS, KEYCLOAK, import, with};
use crate::support::{Options, Process, TestServer, Workspace, percent};

#[rstest]
#[case::keycloak("keycloak", KEYCLOAK, "billing-worker", "Yt4Wq8Er2Ui6Op0As5Df9Gh3Jk7Lz1Xc", "invoices:read")]
#[case::keycloak_before_rotation(
    "keycloak",
    KEYCLOAK,
    "billing-worker",
    "Bn3Mv7Cx1Zl5Kj9Hg2Fd6Sa0Po4Iu8Yt",
    "invoices:read"
)]
#[case::hydra_pbkdf2(
    "hydra",
    HYDRA_ROWS,
    "billing-worker",
    "the-newer-hydra-secret-of-billing",
    "invoices:read invoices:write"
)]
#[case::hydra_before_rotation(
    "hydra",
    HYDRA_ROWS,
    "billing-worker",
    "the-older-hydra-secret-of-billing",
    "invoices:read invoices:write"
)]
#[case::auth0(
    "auth0",
    AUTH0,
    "pB7cVn2MxZ4kLs9QwE6rTy3UiO8aDf5G",
    "Hq7_bN2vXc9LkJ4hGf6DsA1pO8iU3yTr5EwQ-zM0nBvCxZlKjHgFdSaPoIuYtReW",
    "invoices:read"
)]
fn a_client_gets_a_token_with_the_secret_that_it_had(
    #[case] from: &str,
    #[case] export: &str,
    #[case] client: &str,
    #[case] secret: &str,
    #[case] scope: &str,
) {
    let server = TestServer::with(Options { clients: import(from, export, "").stdout, ..Options::default() });
    let ask = |secret: &str| {
        server.basic(&format!("{client}:{}", percent(secret.as_bytes())), "grant_type=client_credentials")
    };
    let response = ask(secret);
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(response.json()["scope"], scope);
    let token = server.judge(&response);
    assert_eq!(
        (&token.claims["sub"], &token.claims["aud"]),
        (&client.into(), &"https://invoices.example.com".into())
    );
    assert_eq!(ask(&format!("{secret}x")).status, 401);
}

#[test]
fn dex_clients_get_tokens_for_the_api_that_trusts_them() {
    let server = TestServer::with(Options { clients: import("dex", DEX, "").stdout, ..Options::default() });
    let form = "grant_type=client_credentials&audience=invoices-api";
    let response = server.basic("billing-worker:Rk2Vt6Bx0Nm4Qw8Ez3Ac7Sd1Fg5Hj9Kl", form);
    let token = server.judge(&response);
    assert_eq!(
        (&token.claims["aud"], &token.claims["groups"]),
        (&json!("invoices-api"), &json!(["invoice-clerks"]))
    );
    // It trusts nobody else.
    assert_eq!(server.basic("example-app:ZXhhbXBsZS1hcHAtc2VjcmV0", form).status, 401);
}

#[test]
fn a_client_keeps_its_bcrypt_secret_and_the_only_method_it_had() {
    let server =
        TestServer::with(Options { clients: import("hydra", HYDRA_ROWS, "").stdout, ..Options::default() });
    let secret = percent(b"correct horse battery staple");
    let form = format!("grant_type=client_credentials&client_id=from-bcrypt&client_secret={secret}");
    assert_eq!(server.post(&form).status, 200);
    assert_eq!(server.basic(&format!("from-bcrypt:{secret}"), "grant_type=client_credentials").status, 401);
}

/// A weak secret is kept as a slow hash, and a disabled client stays disabled.
#[test]
fn a_weak_secret_works_until_it_is_replaced_and_a_disabled_client_does_not() {
    let ask = |export: &str| {
        let server = TestServer::with(Options {
            clients: import("keycloak", export, "").stdout,
            ..Options::default()
        });
        server.basic("old-cron:cron-4711", "grant_type=client_credentials").status
    };
    assert_eq!(ask(KEYCLOAK), 401);
    assert_eq!(ask(&with(KEYCLOAK, "/clients/8/enabled", json!(true))), 200);
}

#[rstest]
#[case::keycloak("keycloak", KEYCLOAK, "/clients/7/attributes/jwks.string", true)]
#[case::hydra("hydra", HYDRA_LIST, "/items/1/jwks", false)]
fn a_client_gets_a_token_with_the_key_that_it_had(
    #[case] from: &str,
    #[case] export: &str,
    #[case] pointer: &str,
    #[case] as_text: bool,
) {
    let key = ClientKey::ed25519();
    let set = json!({"keys": [key.jwk()]});
    let set = if as_text { Value::from(set.to_string()) } else { set };
    let server = TestServer::with(Options {
        clients: import(from, &with(export, pointer, set), "").stdout,
        ..Options::default()
    });
    let ask = |key: &ClientKey| {
        let form = form(&key.assertion("indexer", "an-id-for-one-use"));
        server.post(&format!("{form}&audience=https://search.example.com"))
    };
    let response = ask(&key);
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(server.judge(&response).claims["sub"], "indexer");
    assert_eq!(ask(&ClientKey::ed25519()).status, 401);
}

#[test]
fn a_client_whose_key_stands_as_a_certificate_keeps_it() {
    let (key, certificate) = ClientKey::ec_and_certificate();
    let base64 = base64::engine::general_purpose::STANDARD.encode(&certificate);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
    for text in [base64.as_str(), pem.as_str()] {
        let attributes =
            json!({"jwt.credential.certificate": text, "token.endpoint.auth.signing.alg": "ES256"});
        let export = with(KEYCLOAK, "/clients/7/attributes", attributes);
        let server = TestServer::with(Options {
            clients: import("keycloak", &export, "").stdout,
            ..Options::default()
        });
        assert_eq!(server.post(&form(&key.assertion("indexer", "an-id-for-one-use"))).status, 200);
        let other = ClientKey::ec();
        assert_eq!(server.post(&form(&other.assertion("indexer", "another-id"))).status, 401);
    }
    for (attribute, text, reason) in [
        ("jwt.credential.certificate", "!", "it is not base64"),
        ("jwt.credential.certificate", "AAAA", "it is no certificate"),
        ("jwt.credential.public.key", "AAAA", "holds no public key"),
        ("jwt.credential.public.key", "", "the export holds none"),
    ] {
        let attributes = json!({attribute: text, "token.endpoint.auth.signing.alg": "HS512"});
        let output = import("keycloak", &with(KEYCLOAK, "/clients/7/attributes", attributes), "");
        assert!(output.stderr.contains(reason), "{attribute} {text}: {}", output.stderr);
        assert!(output.stderr.contains("signed with `HS512` are not accepted"), "{}", output.stderr);
    }
}

/// From the file on: import, check, a key, serve, a token.
#[test]
fn the_whole_way_from_a_realm_export_to_a_token() {
    let workspace = Workspace::empty();
    workspace.write("realm.json", KEYCLOAK);
    workspace.key("keys");
    assert_eq!(workspace.run("clients import --from keycloak realm.json --output clients.yaml").code, 0);
    assert_eq!(workspace.run("check --issuer https://auth.example.com").code, 0);
    let process = Process::serve(workspace, "");
    let answer =
        process.ask("billing-worker:Yt4Wq8Er2Ui6Op0As5Df9Gh3Jk7Lz1Xc", "grant_type=client_credentials");
    assert_eq!(answer.status, 200, "{}", answer.text());
}
