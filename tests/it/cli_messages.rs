//! What the program says to bad input, and the exit code: what is wrong, where, and the command
//! that helps.

use std::net::TcpListener;

use crate::support::{KEY_NAME, Output, SHORT_LIST, Workspace};

const SERVE: &str = "serve --issuer https://auth.example.com --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0";

fn expect(output: &Output, code: i32, words: &[&str]) {
    assert_eq!(output.code, code, "{}", output.all());
    for word in words {
        assert!(output.stderr.contains(word), "no {word:?} in: {}", output.stderr);
    }
}

#[test]
fn a_missing_client_list_and_missing_keys_are_said_at_once() {
    let output = Workspace::empty().run("check");
    assert_eq!(output.code, 1);
    assert_eq!(output.stdout, "");
    insta::assert_snapshot!(output.stderr, @r"
    error[SG0101]: the client list clients.yaml does not exist
    --> clients.yaml
     = help: `signet dev` works without one; to start, write clients.yaml with `resources:` and `clients:`
     = more: signet explain SG0101

    error[SG0201]: the directory of keys `keys` does not exist
    --> keys
     = help: signet keys new --keys keys
     = more: signet explain SG0201

    2 errors in 2 files
    ");
}

#[test]
fn an_empty_client_list_is_no_list() {
    let workspace = Workspace::ready();
    workspace.write("clients.yaml", "");
    expect(&workspace.run("check"), 1, &["SG0112", "clients.yaml holds nothing", "`clients: []`"]);
}

#[test]
fn a_directory_without_client_files_is_no_list() {
    let workspace = Workspace::ready();
    workspace.write("clients/.hidden.yaml", SHORT_LIST);
    workspace.write("clients/README.md", "text");
    let output = workspace.run("check --clients clients");
    expect(&output, 1, &["SG0103", "the directory clients holds no client file", ".yaml or .yml"]);
}

#[test]
fn a_client_that_two_files_register_shows_both_places() {
    let workspace = Workspace::ready();
    workspace.write("list/a.yaml", SHORT_LIST);
    let second = "clients:\n  - client_id: worker\n    credentials:\n      - client_secret: \
                  ${secret:another-secret-of-the-tests}\n    scope: invoices:read\n";
    workspace.write("list/teams/b.yaml", second);
    let output = workspace.run("check --clients list");
    assert_eq!(output.code, 1);
    insta::assert_snapshot!(output.stderr, @r"
    error[SG0118]: the client `worker` is registered twice
     --> list/teams/b.yaml:2:16
      |
    2 |   - client_id: worker
      |                ^^^^^^ the second registration
      |
     ::: list/a.yaml:8:16
      |
    8 |   - client_id: worker
      |                ------ the first registration
      |
      = help: remove or rename one of them
      = more: signet explain SG0118

    1 error in 1 file
    ");
}

#[test]
fn serve_without_a_key_prints_the_command_that_makes_one() {
    let workspace = Workspace::ready();
    std::fs::create_dir(workspace.path().join("empty")).expect("a directory");
    let output = workspace.run(&format!("{SERVE} --keys empty"));
    expect(&output, 3, &["SG0202"]);
    insta::assert_snapshot!(output.stderr, @r"
    error[SG0202]: there is no signing key in `empty`
    --> empty
     = help: signet keys new --keys empty
     = more: signet explain SG0202

    1 error in 1 file
    ");
    expect(&workspace.run(&format!("{SERVE} --keys none")), 3, &["SG0201", "signet keys new --keys none"]);
    // The command that was printed is one that works.
    assert_eq!(workspace.run("keys new --keys none").code, 0);
    assert_eq!(workspace.run("check --keys none").code, 0);
}

#[test]
fn a_key_that_cannot_be_read_is_named_with_the_reason() {
    let workspace = Workspace::ready();
    let file = workspace.path().join("keys").join(KEY_NAME);
    std::fs::remove_file(&file).expect("a removal");
    std::fs::create_dir(&file).expect("a directory");
    expect(&workspace.run(SERVE), 3, &["SG0203", KEY_NAME, "it is not a regular file"]);
    std::fs::remove_dir(&file).expect("a removal");
    std::os::unix::fs::symlink("nowhere.pem", &file).expect("a link");
    expect(&workspace.run(SERVE), 3, &["SG0203", KEY_NAME, "No such file"]);
}

#[test]
fn a_file_of_mode_000_is_refused_to_everybody_but_root() {
    use std::os::unix::fs::PermissionsExt as _;
    let workspace = Workspace::ready();
    let file = workspace.path().join("keys").join(KEY_NAME);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).expect("permissions");
    let output = workspace.run("check");
    match std::fs::read(&file) {
        Ok(_) => assert_eq!(output.code, 0, "root may read everything: {}", output.all()),
        Err(_) => expect(&output, 1, &["SG0203", KEY_NAME, "Permission denied", "ls -lL"]),
    }
}

#[test]
fn a_file_that_is_no_key_is_refused() {
    let workspace = Workspace::ready();
    for content in ["", "hello\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n"] {
        std::fs::write(workspace.path().join("keys").join(KEY_NAME), content).expect("a file");
        expect(&workspace.run(SERVE), 3, &["SG0208", KEY_NAME, "is not a whole PEM file"]);
    }
}

#[test]
fn c15_a_key_that_others_can_read_is_refused_with_the_command_that_helps() {
    use std::os::unix::fs::PermissionsExt as _;
    let workspace = Workspace::ready();
    let file = workspace.path().join("keys").join(KEY_NAME);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("permissions");
    let output = workspace.run(SERVE);
    assert_eq!(output.code, 3);
    insta::assert_snapshot!(output.stderr, @r"
    error[SG0206]: the private key `20200101T000000Z.rs256.pem` can be used by every account of this machine
    --> keys/20200101T000000Z.rs256.pem
     = help: chmod 600 keys/20200101T000000Z.rs256.pem
     = more: signet explain SG0206

    1 error in 1 file
    ");
}

#[test]
fn c15_a_key_of_another_type_than_its_name_says_is_refused() {
    let workspace = Workspace::ready();
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
    std::fs::write(workspace.path().join("keys").join(KEY_NAME), key.serialize_pem()).expect("a file");
    expect(
        &workspace.run(SERVE),
        3,
        &["SG0212", KEY_NAME, "a key of type EC P-256, and RS256 needs another"],
    );
}

#[test]
fn serve_refuses_issuers_that_no_verifier_would_take() {
    let workspace = Workspace::ready();
    for (issuer, reason) in [
        ("http://auth.example.com", "uses http; only loopback hosts may"),
        ("https://auth.example.com/", "ends with a slash"),
        ("https://auth.example.com?a=b", "has a query"),
        ("https://auth.example.com#top", "has a fragment"),
        ("https://user@auth.example.com", "has a user name"),
        ("auth.example.com", "must begin with https://"),
        ("https://", "ends with a slash"),
    ] {
        let output = workspace.run(&format!("serve --issuer {issuer}"));
        expect(&output, 2, &[reason, "--issuer <URL>", issuer]);
    }
    expect(&workspace.run("serve"), 2, &["--issuer <URL>"]);
}

#[test]
fn serve_refuses_the_published_demo_secrets_and_names_every_client() {
    let workspace = Workspace::ready();
    workspace.write("clients.yaml", signet::dev::DEMO_CLIENTS);
    assert_eq!(workspace.run("check").code, 0);
    let output = workspace.run(SERVE);
    expect(
        &output,
        3,
        &["SG0601", "`billing-worker`", "`search-indexer`", "`old-cron`", "signet secret new"],
    );
    assert!(output.stderr.contains("`fioXfS_HLZiKc6bKlruVFJJWLjAa`"));
}

#[test]
fn dev_listens_on_loopback_only() {
    let workspace = Workspace::empty();
    for flag in ["--listen", "--tls-listen", "--admin-listen"] {
        let output = workspace.run(&format!("dev {flag} 0.0.0.0:8080"));
        expect(&output, 2, &["loopback only", "0.0.0.0:8080", "signet serve"]);
    }
}

#[test]
fn a_port_in_use_is_named_with_the_flag_that_changes_it() {
    let workspace = Workspace::ready();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let port = format!("port {}", address.port());
    let issuer = "--issuer https://auth.example.com";
    let output = workspace.run(&format!("serve {issuer} --listen {address} --admin-listen 127.0.0.1:0"));
    expect(&output, 4, &[&port, "in use", "--listen ADDRESS:PORT"]);
    let output = workspace.run(&format!("serve {issuer} --listen 127.0.0.1:0 --admin-listen {address}"));
    expect(&output, 4, &[&port, "in use", "--admin-listen ADDRESS:PORT"]);
    let output = workspace.run(&format!("dev --tls-listen {address} --listen 127.0.0.1:0 {issuer}"));
    expect(&output, 4, &[&port, "in use", "--tls-listen ADDRESS:PORT"]);
}
