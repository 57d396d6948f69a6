//! `secret` and `keys`: what is made, in which form, and what is never done.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;
use signet::clock::{Clock as _, SystemClock};

use crate::support::Workspace;

fn files(workspace: &Workspace) -> Vec<String> {
    let entries = std::fs::read_dir(workspace.path().join("keys")).expect("a directory");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort_unstable();
    names
}

/// Seconds from now to a time as the program prints it.
fn ahead(time: &Value) -> i64 {
    let time: jiff::Timestamp = time.as_str().expect("text").parse().expect("a time");
    time.as_second() - SystemClock.now().seconds()
}

#[test]
fn l7_a_new_secret_has_the_documented_form_and_its_line_fits_it() {
    let workspace = Workspace::empty();
    let made = workspace.run("secret new");
    assert_eq!(made.code, 0);
    let (secret, line) = made.stdout.trim_end().split_once('\n').expect("two lines");
    assert!(secret.starts_with("sgs_") && secret.len() == 53, "{secret}");
    assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)));
    let hashed = workspace.run_with("secret hash", &[], &format!("{secret}\n"));
    assert_eq!(hashed.code, 0);
    assert_eq!(line, format!("- client_secret: {}", hashed.stdout.trim_end()));
    let json = workspace.run("secret new --format json").json();
    let other = json["secret"].as_str().expect("a secret");
    assert_ne!(other, secret);
    let hashed = workspace.run_with("secret hash --format json", &[], other).json();
    assert_eq!(hashed["client_secret"], json["client_secret"]);
}

#[test]
fn a_space_at_the_end_of_an_imported_secret_is_a_part_of_it() {
    let workspace = Workspace::empty();
    let secret = " two words  two spaces 8f3kQ2vLx9 ";
    let stored = signet::client_auth::stored_secret(secret);
    for typed in [secret.to_owned(), format!("{secret}\n"), format!("{secret}\r\n")] {
        let hashed = workspace.run_with("secret hash", &[], &typed);
        assert_eq!((hashed.code, hashed.stdout.trim_end()), (0, &*stored));
        assert!(hashed.stderr.contains("begins or ends with a space"), "{}", hashed.stderr);
    }
    workspace.write("stored", &stored);
    let verify = |typed: &str| workspace.run_with("secret verify --file stored", &[], typed).code;
    assert_eq!((verify(secret), verify(&format!("{secret}\n"))), (0, 0));
    assert_eq!((verify(secret.trim()), verify(secret.trim_end())), (1, 1));
    let usual = workspace.run_with("secret hash", &[], &format!("{}\n", secret.trim()));
    assert_eq!((usual.code, usual.stderr.as_str()), (0, ""));
}

#[test]
fn l7_a_weak_secret_is_hashed_only_when_asked_for() {
    let workspace = Workspace::empty();
    for weak in ["hunter2", "correct horse battery", &"a".repeat(60)] {
        let refused = workspace.run_with("secret hash", &[], weak);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{weak}");
        assert!(refused.stderr.contains("--allow-weak") && refused.stderr.contains("signet secret new"));
        assert!(!refused.stderr.contains(weak));
        let allowed = workspace.run_with("secret hash --allow-weak", &[], weak);
        assert_eq!(allowed.code, 0);
        assert_eq!(allowed.stdout.trim_end(), signet::client_auth::stored_secret(weak));
    }
    let empty = workspace.run_with("secret hash", &[], "\n");
    assert_eq!(empty.code, 2);
    assert!(empty.stderr.contains("standard input"));
    let large = workspace.run_with("secret hash", &[], &"0123456789abcdef".repeat(65_537));
    assert_eq!((large.code, large.stdout.as_str()), (4, ""), "a part of a secret is another secret");
    assert!(large.stderr.contains("more than 1 MiB"), "{}", large.stderr);
}

#[test]
fn l7_no_argument_takes_a_secret() {
    let workspace = Workspace::empty();
    for arguments in [
        "secret hash s3cret-on-the-line",
        "secret hash --secret s3cret-on-the-line",
        "token --issuer http://localhost:1 --client-id x --secret s3cret-on-the-line",
        "token --issuer http://localhost:1 --client-id x --client-secret s3cret-on-the-line",
        "token --issuer http://localhost:1 --client-id x --secret-stdin=s3cret-on-the-line",
        "token --issuer http://localhost:1 --client-id x",
    ] {
        assert_eq!(workspace.run(arguments).code, 2, "{arguments}");
    }
}

#[test]
fn c14_the_first_key_signs_now_and_the_second_a_day_later() {
    let workspace = Workspace::empty();
    let first = workspace.run("keys new --format json").json();
    let second = workspace.run("keys new --format json").json();
    assert_eq!((&first["state"], &second["state"]), (&"signing".into(), &"next".into()));
    assert!((-120..=0).contains(&ahead(&first["activation"])), "{first}");
    assert!((86_400 - 120..=86_400).contains(&ahead(&second["activation"])), "{second}");
    assert_ne!(first["kid"], second["kid"]);
    assert_eq!(files(&workspace).len(), 2);
    for name in files(&workspace) {
        let metadata = std::fs::metadata(workspace.path().join("keys").join(&name)).expect("a file");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let directory = std::fs::metadata(workspace.path().join("keys")).expect("a directory");
    assert_eq!(directory.permissions().mode() & 0o077, 0);
    assert_eq!(first["file"], format!("keys/{}", files(&workspace)[0]));
}

#[test]
fn c14_a_key_half_an_hour_ahead_is_refused() {
    let workspace = Workspace::ready();
    let output = workspace.run("keys new --ahead 30m");
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert!(output.stderr.contains("too soon"), "{}", output.stderr);
    assert_eq!(files(&workspace).len(), 1);
    assert_eq!(workspace.run("keys new --ahead soon").code, 2);
    assert_eq!(workspace.run("keys new --ahead 2h --now").code, 2);
    let made = workspace.run("keys new --ahead 2h --format json").json();
    assert!((7_200 - 120..=7_200).contains(&ahead(&made["activation"])), "{made}");
}

#[test]
fn a_key_for_an_emergency_signs_now_and_says_who_will_fail() {
    let workspace = Workspace::ready();
    let output = workspace.run("keys new --now");
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stderr.contains("verifiers do not know it yet") && output.stderr.contains("Envoy"));
    let list = workspace.run("keys list --format json").json();
    let states: Vec<&str> =
        list["keys"].as_array().expect("keys").iter().filter_map(|key| key["state"].as_str()).collect();
    assert_eq!(states, ["retiring", "signing"]);
}

#[test]
fn a_key_file_is_never_overwritten_or_overtaken() {
    let workspace = Workspace::ready();
    workspace.run("keys new");
    let before: Vec<_> = files(&workspace)
        .iter()
        .map(|name| std::fs::read(workspace.path().join("keys").join(name)).expect("a key"))
        .collect();
    // The key that is next stands a day ahead, and a planned one must come after it.
    let refused = workspace.run(&format!("keys new --activate {}", SystemClock.now().plus(7_200)));
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("a new one must come after it"), "{}", refused.stderr);
    let names = files(&workspace);
    assert_eq!(names.len(), 2);
    for (name, content) in names.iter().zip(before) {
        assert!(std::fs::read(workspace.path().join("keys").join(name)).is_ok_and(|now| now == content));
    }
}

#[test]
fn keys_list_shows_every_key_its_state_and_what_comes_next() {
    let workspace = Workspace::ready();
    workspace.run("keys new");
    let json = workspace.run("keys list --format json").json();
    let keys = json["keys"].as_array().expect("keys");
    assert_eq!(json["version"], 1);
    let human = workspace.run("keys list").stdout;
    let lines: Vec<&str> = human.lines().collect();
    assert_eq!(lines.len(), 1 + keys.len());
    assert!(lines[0].starts_with("state"));
    for (line, key) in lines.iter().skip(1).zip(keys) {
        for member in ["state", "alg", "kid"] {
            assert!(line.contains(key[member].as_str().expect("text")), "{line}");
        }
        assert!(line.contains(key["file"].as_str().expect("text")));
    }
    assert!(lines[1].contains("retires at") && lines[2].contains("signs from"), "{human}");
    let missing = workspace.run("keys list --keys none");
    assert_eq!(missing.code, 3);
    assert!(missing.stderr.contains("signet keys new --keys none"));
}
