//! Secrets whose hashes other issuers made: RFC 6749 §2.3.1 with argon2, bcrypt and PBKDF2.

use rstest::rstest;

use crate::support::hashes::{ARGON2, BCRYPT, PBKDF2, SECRET};
use crate::support::{Options, TestServer, percent};

fn imported_client(credentials: &[&str]) -> String {
    let credentials: String =
        credentials.iter().map(|stored| format!("      - client_secret: \"{stored}\"\n")).collect();
    format!(
        "resources:\n  - audience: https://invoices.example.com\n    scopes: [invoices:read]\nclients:\n  \
         - client_id: imported\n    credentials:\n{credentials}    scope: invoices:read\n"
    )
}

fn server(credentials: &[&str]) -> TestServer {
    let clients = imported_client(credentials)
        + "  - client_id: usual\n    credentials:\n      - client_secret: ${secret:usual-secret-of-the-tests}\n    \
           scope: invoices:read\n";
    TestServer::with(Options { clients, ..Options::default() })
}

fn basic(server: &TestServer, client: &str, secret: &str) -> crate::support::Response {
    server.basic(&format!("{client}:{}", percent(secret.as_bytes())), "grant_type=client_credentials")
}

fn checks(server: &TestServer) -> String {
    let metrics = server.admin("/metrics").text();
    let line = metrics.lines().find(|line| line.starts_with("signet_slow_checks_total ")).expect("a counter");
    line.rsplit(' ').next().expect("a value").to_owned()
}

#[rstest]
#[case::argon2(ARGON2)]
#[case::bcrypt(BCRYPT)]
#[case::pbkdf2(PBKDF2)]
fn an_imported_hash_accepts_its_secret_in_every_form_and_no_other(#[case] hash: &str) {
    let server = server(&[hash]);
    assert_eq!(basic(&server, "imported", SECRET).status, 200);
    let raw = server.basic(&format!("imported:{SECRET}"), "grant_type=client_credentials");
    assert_eq!(raw.status, 200);
    let form = format!(
        "grant_type=client_credentials&client_id=imported&client_secret={}",
        percent(SECRET.as_bytes())
    );
    assert_eq!(server.post(&form).status, 200);
    for wrong in ["correct horse battery stapl", "correct horse battery staple ", "x"] {
        let refused = basic(&server, "imported", wrong);
        let usual = basic(&server, "usual", wrong);
        assert_eq!(refused.status, 401, "{wrong}");
        assert_eq!(refused.without_date(), usual.without_date(), "{wrong}");
    }
}

/// Equal work: a list of clients with password hashes answers nobody faster than them.
#[test]
fn an_unknown_client_costs_a_check_as_a_wrong_secret_does_and_no_secret_fits_it() {
    let server = TestServer::with(Options { clients: imported_client(&[PBKDF2]), ..Options::default() });
    for (checked, secret) in [("1", "wrong"), ("2", SECRET), ("2", SECRET)] {
        let unknown = basic(&server, "nobody", secret);
        assert_eq!((unknown.status, unknown.error().as_str()), (401, "invalid_client"), "{secret}");
        assert_eq!(checks(&server), checked);
    }
    assert_eq!(basic(&server, "imported", SECRET).status, 200);
}

#[test]
fn a_success_is_remembered_until_a_reload_and_a_failure_never() {
    let server = server(&[PBKDF2]);
    for _ in 0..5 {
        assert_eq!(basic(&server, "imported", SECRET).status, 200);
    }
    assert_eq!(checks(&server), "1");
    for _ in 0..2 {
        assert_eq!(basic(&server, "imported", "wrong").status, 401);
    }
    assert_eq!(checks(&server), "3");
    server.clock.advance(601);
    assert_eq!(basic(&server, "imported", SECRET).status, 200);
    assert_eq!(checks(&server), "4");
    let before = server.admin("/readyz").text();
    let list = std::fs::read_to_string(server.clients_file()).expect("a list");
    server.write_clients(&format!("{list}# changed\n"));
    server.reload();
    server.until("the new revision", |server| server.admin("/readyz").text() != before);
    assert_eq!(basic(&server, "imported", SECRET).status, 200);
    assert_eq!(checks(&server), "5");
}

#[test]
fn a_client_in_the_middle_of_a_migration_has_both_and_pays_for_neither() {
    let stored = signet::client_auth::stored_secret("a-new-secret-of-signet-for-the-tests");
    let server = server(&[BCRYPT, &stored]);
    assert_eq!(basic(&server, "imported", "a-new-secret-of-signet-for-the-tests").status, 200);
    assert_eq!(checks(&server), "0");
    assert_eq!(basic(&server, "imported", SECRET).status, 200);
    assert_eq!(checks(&server), "1");
}

#[test]
fn a_mistyped_secret_of_ours_is_told_from_a_guess() {
    let secret = signet::client_auth::generate_secret().expect("random numbers");
    let stored = signet::client_auth::stored_secret(&secret);
    let clients = format!(
        "resources:\n  - audience: a\nclients:\n  - client_id: c\n    audience: a\n    credentials:\n      \
         - client_secret: {stored}\n"
    );
    let server = TestServer::with(Options { clients, reveal_reasons: true, ..Options::default() });
    assert_eq!(basic(&server, "c", &secret).status, 200);
    let typo = basic(&server, "c", &secret[..secret.len() - 1]);
    assert_eq!(typo.status, 401);
    assert!(typo.text().contains("one of ours with a typing error"), "{}", typo.text());
    let guess = basic(&server, "c", &signet::client_auth::generate_secret().expect("random numbers"));
    assert!(guess.text().contains("not one of the client's"), "{}", guess.text());
}

/// Whichever stands first: the date of one says nothing of the other.
#[rstest]
#[case::before(true)]
#[case::after(false)]
fn an_imported_hash_accepts_a_secret_that_another_credential_knows_as_expired(#[case] expired_first: bool) {
    let expired = format!("      - client_secret: ${{secret:{SECRET}}}\n        expires: 2026-01-01\n");
    let imported = format!("      - client_secret: \"{ARGON2}\"\n");
    let credentials =
        if expired_first { format!("{expired}{imported}") } else { format!("{imported}{expired}") };
    let clients = format!(
        "resources:\n  - audience: https://invoices.example.com\n    scopes: [invoices:read]\nclients:\n  \
         - client_id: imported\n    credentials:\n{credentials}    scope: invoices:read\n"
    );
    let server = TestServer::with(Options { clients, ..Options::default() });
    assert_eq!(basic(&server, "imported", SECRET).status, 200);
    assert_eq!(basic(&server, "imported", "another secret").status, 401);
}
