//! `signet token --key`: a client that signs assertions (RFC 7523 §2.2), with the server as judge.

use rstest::rstest;
use signet::jose::Algorithm;
use signet::keys::{generate, public_key_pem};

use crate::support::{Output, Process, Workspace};

/// A server with one client per algorithm, whose keys lie beside the list.
fn server() -> Process {
    let workspace = Workspace::ready();
    let mut clients = "resources: [{audience: a, scopes: [x]}]\nclients:\n".to_owned();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let (key, jwk) = generate::private_key(algorithm, generate::BITS).expect("a key");
        let id = algorithm.name();
        workspace.write(&format!("{id}.pem"), &key.pem());
        workspace.write(&format!("{id}.pub.pem"), &public_key_pem(jwk.public_key()));
        clients += &format!(
            "  - client_id: {id}\n    scope: x\n    credentials: [{{private_key_jwt: {{jwks_file: {id}.pub.pem}}}}]\n"
        );
    }
    workspace.write("clients.yaml", &clients);
    Process::serve(workspace, "")
}

fn token(server: &Process, client: &str, more: &str) -> Output {
    server.workspace.run(&format!("token --issuer {} --client-id {client} {more}", server.issuer()))
}

#[test]
fn a_key_of_every_type_gets_a_token_and_another_clients_key_gets_none() {
    let server = server();
    for client in ["RS256", "ES256", "EdDSA"] {
        let output = token(&server, client, &format!("--key {client}.pem"));
        assert_eq!((output.code, output.stdout.split('.').count()), (0, 3), "{client}: {}", output.stderr);
        let named = token(&server, client, &format!("--key {client}.pem --alg {client} --scope x"));
        assert_eq!(named.code, 0, "{client}: {}", named.stderr);
    }
    let output = token(&server, "RS256", "--key ES256.pem");
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert!(output.stderr.contains("invalid_client"), "{}", output.stderr);
}

#[test]
fn a_kid_is_sent_when_it_is_named() {
    let workspace = Workspace::ready();
    let (key, jwk) = generate::private_key(Algorithm::EdDsa, generate::BITS).expect("a key");
    workspace.write("client.pem", &key.pem());
    let clients = format!(
        "resources: [{{audience: a, scopes: [x]}}]\nclients:\n  - client_id: named\n    scope: x\n    credentials: \
         [{{private_key_jwt: {{jwks: {{keys: [{}]}}}}}}]\n",
        jwk.to_json()
    );
    workspace.write("clients.yaml", &clients);
    let server = Process::serve(workspace, "");
    // A thumbprint may begin with a hyphen; here none has to.
    let own = format!("--kid {}", jwk.kid());
    for (kid, code) in [(own, 0), (String::new(), 0), ("--kid another".into(), 1), ("--kid -2O9".into(), 1)] {
        let output = token(&server, "named", &format!("--key client.pem {kid}"));
        assert_eq!(output.code, code, "{kid}: {}", output.stderr);
    }
}

#[rstest]
#[case::missing("nothing.pem", 4, "cannot read nothing.pem")]
#[case::public("RS256.pub.pem", 3, "RS256.pub.pem holds a public key; what signs is the private one")]
#[case::no_pem("clients.yaml", 3, "clients.yaml is no PEM file with BEGIN PRIVATE KEY")]
#[case::wrong_type("ES256.pem --alg EdDSA", 3, "ES256.pem holds an EC P-256 key, which cannot sign so")]
#[case::unknown_algorithm("ES256.pem --alg HS256", 2, "known are RS256, PS256, ES256, EdDSA")]
#[case::and_a_secret("ES256.pem --secret-stdin", 2, "cannot be used with")]
fn what_cannot_sign_is_said_and_shows_nothing_of_the_file(
    #[case] arguments: &str,
    #[case] code: i32,
    #[case] message: &str,
) {
    let workspace = Workspace::empty();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let (key, jwk) = generate::private_key(algorithm, generate::BITS).expect("a key");
        workspace.write(&format!("{}.pem", algorithm.name()), &key.pem());
        workspace.write(&format!("{}.pub.pem", algorithm.name()), &public_key_pem(jwk.public_key()));
    }
    workspace.write("clients.yaml", "clients: []\n");
    // Nobody listens there: the key is read first.
    let output = workspace.run(&format!("token --issuer http://127.0.0.1:1 --client-id c --key {arguments}"));
    assert_eq!(output.code, code, "{}", output.all());
    assert!(output.stderr.contains(message), "{}", output.stderr);
    assert!(!output.all().contains("MI") && !output.all().contains("BEGIN EC"), "{}", output.all());
}

#[test]
fn one_of_secret_and_key_must_be_named() {
    let output = Workspace::empty().run("token --issuer http://127.0.0.1:1 --client-id c");
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("--secret-stdin"), "{}", output.stderr);
}
