//! S40: no secret, key, token or Authorization value ever leaves the process where it must not:
//! not in output, log, metrics, error bodies or `Debug`, in no spelling.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use signet::client::{Presented, Proof};
use signet::clock::{Clock as _, SystemClock};
use signet::diagnostic::{Section, Source, Span, Value};

use crate::support::{Canaries, FORM, Process, SHORT_LIST, Workspace, basic, key_pem, percent, send};

const CANARY: &str = "canary/Zq7~wR2+kV9=xT4 mN8\"pL3&";
const CLEAR: &str = "canary-in-clear-Zq7wR2kV9xT4mN8pL3";
const GRANT: &str = "grant_type=client_credentials";

/// The numbers of an RSA key that must stay secret, out of its PKCS#8.
fn private_numbers() -> Vec<Vec<u8>> {
    let base64: String = key_pem().lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(base64).expect("base64");
    // d, p, q, dp, dq, qi are the INTEGERs of 100 bytes and more behind the modulus.
    let mut numbers = Vec::new();
    let mut at = 26;
    while at + 4 < der.len() {
        let (length, head) = match der[at + 1] {
            0x82 => (usize::from(der[at + 2]) << 8 | usize::from(der[at + 3]), 4),
            0x81 => (usize::from(der[at + 2]), 3),
            short => (usize::from(short), 2),
        };
        match der[at] {
            0x02 => {
                numbers.push(der[at + head..at + head + length].to_vec());
                at += head + length;
            }
            _ => at += head,
        }
    }
    numbers.into_iter().filter(|number| number.len() > 100).skip(1).collect()
}

fn workspace_with_canary() -> Workspace {
    let workspace = Workspace::ready();
    workspace.write("clients.yaml", &SHORT_LIST.replace("worker-secret-of-the-tests", CANARY));
    workspace
}

/// Requests that carry the secrets in every place where one can stand; returns what was answered
/// without a token, and the tokens.
fn exercise(server: &Process) -> (Vec<String>, Vec<String>) {
    let (secret, both) = (percent(CANARY.as_bytes()), "both-secret-of-the-tests");
    let (mut answers, mut tokens) = (Vec::new(), Vec::new());
    for (pair, form) in [
        (format!("worker:{secret}"), GRANT.to_owned()),
        (format!("worker:{CANARY}"), GRANT.to_owned()),
        (format!("both:{both}"), format!("{GRANT}&audience=plain-name")),
        (format!("both:{secret}"), GRANT.to_owned()),
        (format!("{secret}:{secret}"), GRANT.to_owned()),
        (format!("{CANARY}:x"), GRANT.to_owned()),
        (format!("worker:{secret}"), format!("{GRANT}&client_secret={secret}")),
        (format!("worker:{secret}"), format!("{GRANT}&unknown={secret}")),
        (format!("worker:{secret}"), format!("{GRANT}&unknown={secret}&unknown={secret}")),
        (format!("nobody:{secret}"), format!("{GRANT}&client_assertion={secret}")),
    ] {
        let answer = server.ask(&pair, &form);
        match answer.status {
            200 => tokens.push(answer.access_token()),
            _ => answers.push(format!("{:?} {}", answer.headers, answer.text())),
        }
    }
    let body = format!("{GRANT}&client_id=worker&client_secret={secret}");
    let query = format!("/oauth2/token?{body}");
    let bearer = format!("Bearer {secret}");
    let header = basic(format!("worker:{secret}").as_bytes());
    for (method, target, headers, body) in [
        ("POST", "/oauth2/token", vec![FORM], body.as_str()),
        ("POST", query.as_str(), vec![FORM], GRANT),
        ("GET", query.as_str(), vec![], ""),
        ("POST", "/oauth2/token", vec![FORM, ("Authorization", bearer.as_str())], GRANT),
        ("POST", "/oauth2/token", vec![("Authorization", header.as_str())], GRANT),
        ("GET", "/nowhere", vec![("Authorization", header.as_str()), ("Cookie", secret.as_str())], ""),
        ("PUT", "/.well-known/jwks.json", vec![("Authorization", header.as_str())], ""),
    ] {
        let answer = send(server.public, method, target, &headers, body.as_bytes());
        match answer.status {
            200 => tokens.push(answer.access_token()),
            _ => answers.push(format!("{:?} {}", answer.headers, answer.text())),
        }
    }
    (answers, tokens)
}

fn nothing_leaks(mut server: Process, how: &str) {
    let (answers, tokens) = exercise(&server);
    assert!(tokens.len() >= 4, "the canaries were used: {answers:?}");
    let metrics = server.admin("/metrics").text();
    let ready = server.admin("/readyz").text();
    server.workspace.write("clients.yaml", &format!("clients:\n  - client_secret: {CLEAR}\n"));
    server.signal("HUP");
    server.until("the findings", |server| server.stderr().contains("SG01"));
    server.signal("TERM");
    server.ended();

    let signatures: Vec<&str> = tokens.iter().filter_map(|token| token.rsplit('.').next()).collect();
    let numbers = private_numbers();
    assert_eq!(numbers.len(), 6, "d and the five numbers of the CRT");
    let pem_lines: Vec<&str> = key_pem().lines().filter(|line| !line.starts_with("-----")).collect();
    let pair = format!("worker:{}", percent(CANARY.as_bytes()));
    let mut secrets: Vec<(&str, &[u8])> = vec![
        ("the secret", CANARY.as_bytes()),
        ("the secret, half", &CANARY.as_bytes()[..16]),
        ("the secret in clear", CLEAR.as_bytes()),
        ("another secret", b"both-secret-of-the-tests"),
        ("the Authorization value", pair.as_bytes()),
    ];
    secrets.extend(signatures.iter().map(|text| ("a token", text.as_bytes())));
    secrets.extend(numbers.iter().map(|number| ("a private number", &number[1..])));
    secrets.extend(
        pem_lines.iter().filter(|line| line.len() > 20).map(|line| ("the key's PEM", line.as_bytes())),
    );
    let canaries = Canaries::new(&secrets);
    canaries.absent_from(&format!("the log of {how}"), &server.stderr());
    canaries.absent_from(&format!("the output of {how}"), &server.stdout());
    canaries.absent_from("/metrics", &metrics);
    canaries.absent_from("/readyz", &ready);
    canaries.absent_from("an answer", &answers.join("\n"));
}

#[test]
fn s40_nothing_secret_leaves_serve_that_tells_everything() {
    for more in ["-vv", "-vv --log-format human"] {
        nothing_leaks(Process::serve(workspace_with_canary(), more), more);
    }
}

#[test]
fn s40_nothing_secret_leaves_dev_which_explains_refusals() {
    nothing_leaks(Process::dev(workspace_with_canary(), "-vv"), "dev -vv");
}

#[test]
fn s40_check_shows_no_secret_that_stands_in_clear_in_a_file() {
    let workspace = Workspace::ready();
    let canaries = Canaries::new(&[("the secret in clear", CLEAR.as_bytes())]);
    for bad in [
        format!("- client_secret: {CLEAR}"),
        format!("- client_secret: \"{CLEAR}\""),
        format!("- client_secret: sha256:{CLEAR}"),
        format!("- client_secret: [{CLEAR}]"),
        format!("- client_secret: {{value: {CLEAR}}}"),
        format!("- client_secret: |\n          {CLEAR}"),
        format!("- client_secert: {CLEAR}"),
        format!("- client_secret: {CLEAR}\n        client_secret: {CLEAR}"),
        format!("- client_secret: '{CLEAR}"),
        format!("- client_secret: *{CLEAR}"),
        format!("- {CLEAR}"),
        CLEAR.to_owned(),
    ] {
        let list = SHORT_LIST.replace("- client_secret: ${secret:worker-secret-of-the-tests}", &bad);
        workspace.write("clients.yaml", &list);
        for format in ["human", "json"] {
            let output = workspace.run(&format!("check -vv --format {format}"));
            assert_eq!(output.code, 1, "{bad}: {}", output.all());
            canaries.absent_from(&format!("check of {bad}"), &output.all());
        }
    }
}

#[test]
fn s40_debug_output_of_what_holds_secrets_shows_none() {
    let canaries = Canaries::new(&[("the secret", CANARY.as_bytes())]);
    let proof = || Proof::encoded_or_raw(CANARY.into(), CANARY.into());
    canaries.absent_from("Proof", &format!("{:?} {:#?}", proof(), proof()));
    let (kind, method) = ("client_secret", "client_secret_post");
    let presented = Presented { kind, method, client_id: "worker".into(), proof: proof() };
    canaries.absent_from("Presented", &format!("{presented:?}"));
    let source = Source::new("clients.yaml", CANARY);
    let value = Value::List(vec![Section {
        source: Arc::clone(&source),
        span: Span::between(0, CANARY.len()),
        value: Value::Text(CANARY.into()),
    }]);
    canaries.absent_from("Section", &format!("{value:?} {value:#?} {source:?}"));

    let workspace = workspace_with_canary();
    let inputs = signet::inputs::Inputs {
        clients: workspace.path().join("clients.yaml"),
        keys: workspace.path().join("keys"),
        signer: "aws-lc-rs".into(),
        clock_allowance_seconds: 5,
        built_in: signet::inputs::BuiltIn::default(),
    };
    let parts = inputs.read(SystemClock.now());
    assert!(parts.registry.is_some() && parts.keyring.is_some());
    let stored = signet::client_auth::stored_secret(CANARY);
    let digest = URL_SAFE_NO_PAD.decode(stored.trim_start_matches("sha256:")).expect("base64url");
    let numbers = private_numbers();
    let mut secrets: Vec<(&str, &[u8])> = vec![("the digest", &digest)];
    secrets.extend(numbers.iter().map(|number| ("a private number", &number[1..])));
    let canaries = Canaries::new(&secrets);
    canaries.absent_from("Parts", &format!("{parts:?} {parts:#?}"));
}

#[test]
fn s40_the_search_finds_every_spelling() {
    let canaries = Canaries::new(&[("the secret", CANARY.as_bytes())]);
    canaries.absent_from("a harmless text", "canary");
    let pair = format!("worker:{CANARY}!");
    for text in [
        format!("<{CANARY}>"),
        basic(pair.as_bytes()),
        URL_SAFE_NO_PAD.encode(format!("{pair}{pair}")),
        percent(CANARY.as_bytes()),
        serde_json::json!({"a": CANARY}).to_string(),
        CANARY.chars().rev().collect(),
        CANARY.bytes().map(|byte| format!("{byte:02X}")).collect(),
        format!("{:?}", CANARY.as_bytes()),
    ] {
        assert!(canaries.found_in(&text).is_some(), "{text}");
    }
}
