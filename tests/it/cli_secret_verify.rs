//! `signet secret verify`: which credential a secret is, judged as the server would.

use rstest::rstest;
use signet::client_auth::stored_secret;

use crate::support::hashes::{ARGON2, BCRYPT, PBKDF2, SECRET};
use crate::support::{Output, Workspace};

const LIST: &str = "
resources:
  - audience: https://invoices.example.com
    scopes: [invoices:read]
clients:
  - client_id: rotating
    credentials:
      - client_secret: ${secret:the-first-of-the-three-secrets}
        expires: 2020-01-01
      - client_secret: ${secret:the-second-of-the-three-secrets}
        expires: 2099-01-01
        note: rollout in March
      - client_secret: ${secret:the-third-of-the-three-secrets}
        not_before: 2099-01-01
    scope: invoices:read
  - client_id: off
    disabled: true
    credentials:
      - client_secret: ${secret:the-secret-of-who-is-off}
    scope: invoices:read
  - client_id: basic-only
    token_endpoint_auth_method: client_secret_basic
    credentials:
      - client_secret: ${secret:per%2Fcent+plus}
    scope: invoices:read
  - client_id: keys-only
    token_endpoint_auth_method: private_key_jwt
    credentials:
      - client_secret: ${secret:a-secret-that-may-not-be-used}
    scope: invoices:read
";

fn verify(arguments: &str, secret: &str) -> Output {
    let workspace = Workspace::empty();
    workspace.write("clients.yaml", LIST);
    let output = workspace.run_with(&format!("secret verify {arguments}"), &[], secret);
    assert!(!output.all().contains(secret.trim()), "{arguments}: the secret is shown");
    output
}

#[rstest]
#[case::sha256(&stored_secret(SECRET))]
#[case::argon2(ARGON2)]
#[case::bcrypt(BCRYPT)]
#[case::pbkdf2(PBKDF2)]
fn a_secret_fits_its_stored_form_as_argument_and_as_file_and_no_other_does(#[case] stored: &str) {
    let workspace = Workspace::empty();
    workspace.write("stored.txt", &format!("{stored}\n"));
    for arguments in [stored, "--file stored.txt"] {
        let arguments = format!("secret verify {arguments}");
        let fits = workspace.run_with(&arguments, &[], &format!("{SECRET}\n"));
        assert_eq!((fits.code, fits.stdout.as_str()), (0, "the secret fits\n"), "{}", fits.stderr);
        let wrong = workspace.run_with(&arguments, &[], "correct horse battery stable");
        assert_eq!((wrong.code, wrong.stdout.as_str()), (1, ""));
        assert!(wrong.stderr.contains("SG0519"), "{}", wrong.stderr);
        let json = workspace.run_with(&format!("{arguments} --format json"), &[], SECRET).json();
        assert_eq!((&json["fits"], &json["reason"]), (&true.into(), &serde_json::Value::Null));
    }
}

#[test]
fn the_credential_of_a_client_is_named_with_its_dates_and_state() {
    let live = verify("--client-id rotating", "the-second-of-the-three-secrets");
    assert_eq!(live.code, 0, "{}", live.stderr);
    assert!(
        live.stdout.starts_with("fits credential 2 of 3: client_secret, live, until 2099-01-01 (")
            && live.stdout.ends_with("line 10, rollout in March\n"),
        "{}",
        live.stdout
    );
    for (client, secret, code, said) in [
        ("rotating", "the-first-of-the-three-secrets", "SG0520", "credential 1 of 3: client_secret, expired"),
        ("rotating", "the-third-of-the-three-secrets", "SG0521", "credential 3 of 3: client_secret, not yet"),
        ("off", "the-secret-of-who-is-off", "SG0522", "credential 1 of 1: client_secret, live"),
        ("keys-only", "a-secret-that-may-not-be-used", "SG0523", "credential 1 of 1: client_secret, live"),
        ("rotating", "the-secret-of-who-is-off", "SG0519", ""),
    ] {
        let refused = verify(&format!("--client-id {client}"), secret);
        assert_eq!(refused.code, 1, "{client} {secret}");
        assert!(refused.stderr.contains(code), "{client}: {}", refused.stderr);
        assert!(refused.stdout.contains(said) && refused.stdout.is_empty() == said.is_empty(), "{client}");
    }
    let json = verify("--client-id rotating --format json", "the-first-of-the-three-secrets").json();
    assert_eq!((&json["fits"], &json["accepted"], &json["number"]), (&true.into(), &false.into(), &1.into()));
    assert_eq!(json["reason"]["name"], "credential_expired");
    assert_eq!(json["credential"]["state"], "expired");
}

/// What arrives is compared as it is: no decoding, whatever method the client is pinned to.
#[test]
fn awkward_characters_are_compared_as_they_are() {
    assert_eq!(verify("--client-id basic-only", "per%2Fcent+plus").code, 0);
    assert_eq!(verify("--client-id basic-only", "per/cent plus").code, 1);
}

#[test]
fn a_typing_error_in_one_of_our_secrets_is_told_from_a_wrong_one() {
    let workspace = Workspace::empty();
    let made = workspace.run("secret new --format json").json();
    let (secret, stored) = (made["secret"].as_str().expect("text"), made["client_secret"].as_str());
    let arguments = format!("secret verify {}", stored.expect("text"));
    assert_eq!(workspace.run_with(&arguments, &[], secret).code, 0);
    let typo = workspace.run_with(&arguments, &[], &secret[..52]);
    assert_eq!(typo.code, 1);
    assert!(typo.stderr.contains("SG0533"), "{}", typo.stderr);
}

#[test]
fn imported_hashes_of_a_client_are_checked_too() {
    let workspace = Workspace::empty();
    workspace.write(
        "clients.yaml",
        &format!(
            "resources:\n  - audience: a\n    scopes: [s]\nclients:\n  - client_id: c\n    scope: s\n    credentials:\n      \
             - client_secret: {BCRYPT}\n        expires: 2020-01-01\n      - client_secret: {ARGON2}\n"
        ),
    );
    let output = workspace.run_with("secret verify --client-id c", &[], SECRET);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stdout.starts_with("fits credential 2 of 2: "), "{}", output.stdout);
    assert_eq!(workspace.run_with("secret verify --client-id c", &[], "x").code, 1);
}

#[test]
fn what_is_no_stored_form_and_no_client_is_refused_and_never_shown() {
    for (arguments, code, hint) in [
        ("an-argument-that-is-a-secret", 2, "SG0148"),
        ("sha256:an-argument-that-is-a-secret", 2, "SG0149"),
        ("$argon2id$an-argument-that-is-a-secret", 2, "SG0150"),
        ("--client-id rotatin", 1, "did you mean `rotating`?"),
        ("--client-id x --clients nowhere.yaml", 3, "SG0101"),
        ("--file nowhere.txt", 4, "cannot open"),
        ("--file -", 2, "standard input brings the secret"),
        ("", 2, "required"),
        ("sha256:x --client-id rotating", 2, "cannot be used with"),
    ] {
        let refused = verify(arguments, "a secret of the tests");
        assert_eq!((refused.code, refused.stdout.as_str()), (code, ""), "{arguments}: {}", refused.stderr);
        assert!(refused.stderr.contains(hint), "{arguments}: {}", refused.stderr);
        assert!(!refused.stderr.contains("argument-that-is"), "{arguments}: {}", refused.stderr);
    }
    let empty = Workspace::empty().run_with(&format!("secret verify '{ARGON2}'"), &[], "\n");
    assert_eq!(empty.code, 2);
    assert!(empty.stderr.contains("signet secret verify < FILE"), "{}", empty.stderr);
}
