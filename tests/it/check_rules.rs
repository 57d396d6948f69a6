//! Rules over the whole set, each with a neighbour that is accepted: owners of scopes, what loosens
//! a default, subjects, ids, guessable secrets, token sizes, lifetimes against the plan of keys.

use std::sync::Arc;

use rstest::rstest;
use signet::clock::UnixTime;
use signet::config::{Loaded, Options, load_text};
use signet::diagnostic::{Findings, human};
use signet::inputs::tokens_outlive_keys;
use signet::jose::Algorithm;
use signet::keys::{Key, Keyring, Retention, backend, generate};

use crate::support::{ISSUER, Options as ServerOptions, TestServer, Workspace, with_hashes};

/// 2026-11-18T18:26:40Z.
const NOW: UnixTime = UnixTime::from_seconds(1_795_026_400);

/// As `signet check` reads it.
fn load(text: &str) -> Loaded {
    let options = Options { notes: true, ..Options::default() };
    load_text("clients.yaml", &with_hashes(text), NOW, &options)
}

/// `warning SG0162`, in the order of the file.
fn found(loaded: &Loaded) -> Vec<String> {
    let name =
        |finding: &signet::diagnostic::Finding| format!("{} {}", finding.severity.name(), finding.code.id);
    loaded.findings.iter().map(name).collect()
}

/// A client with one credential, given as the lines below `credentials:`.
fn client(id: &str, credential: &str) -> String {
    format!(
        "resources:\n  - {{audience: x, scopes: [x:read]}}\nclients:\n  - client_id: {id}\n    scope: x:read\n    \
         credentials:\n      - {credential}\n"
    )
}

#[rstest]
#[case::nobody_owns_them("", "", "warning SG0162")]
#[case::one_has_no_owner(", owner: a", "", "warning SG0162")]
#[case::two_owners(", owner: a", ", owner: b", "warning SG0162")]
#[case::one_owner(", owner: a", ", owner: a", "note SG0162")]
fn a_scope_has_one_owner(#[case] first: &str, #[case] second: &str, #[case] expected: &str) {
    let two = |scope: &str| {
        format!(
            "resources:\n  - {{audience: x, scopes: [read, x:write]{first}}}\n  - {{audience: y, scopes: [{scope}, \
             {scope}]{second}}}\nclients: []\n"
        )
    };
    assert_eq!(found(&load(&two("read"))), [expected]);
    assert_eq!(found(&load(&two("y:read"))), [""; 0]);
}

#[test]
fn a_shared_scope_is_reported_once_with_both_places() {
    let resources: String =
        (0..50).map(|n| format!("  - {{audience: a{n}, scopes: [read]}}\n")).collect::<String>();
    let loaded = load(&format!("resources:\n{resources}clients: []\n"));
    insta::assert_snapshot!(human(&loaded.findings, false), @r"
    warning[SG0162]: 50 resources define scope `read`
     --> clients.yaml:3:29
      |
    3 |   - {audience: a1, scopes: [read]}
      |                             ^^^^ defined again
      |
     ::: clients.yaml:2:29
      |
    2 |   - {audience: a0, scopes: [read]}
      |                             ---- defined first
      |
      = help: name it after its resource; a client that has it must list its audiences
      = more: signet explain SG0162

    1 warning in 1 file
    ");
}

#[test]
fn what_loosens_a_default_is_a_note_for_whoever_asks() {
    let text = |typ: &str, multiple: &str| {
        format!(
            "resources:\n  - {{audience: x, typ: {typ}, scopes: [x:read]}}\nclients:\n  - client_id: a\n    scope: \
             x:read\n    disabled: true\n    multiple_audiences: {multiple}\n"
        )
    };
    assert_eq!(found(&load(&text("JWT", "true"))), ["note SG0160", "note SG0161"]);
    assert_eq!(found(&load(&text("at+jwt", "false"))), [""; 0]);
    let served = load_text("clients.yaml", &text("JWT", "true"), NOW, &Options::default());
    assert!(served.findings.is_empty(), "a server says nothing of it at every reload");
}

#[rstest]
#[case::wildcard("'system:serviceaccount:payments:*'", "error SG0163")]
#[case::wildcard_in_a_repository("'repo:acme/*:ref:refs/heads/main'", "error SG0163")]
#[case::default("'system:serviceaccount:payments:default'", "warning SG0164")]
#[case::exact("'system:serviceaccount:payments:billing'", "")]
#[case::not_a_service_account("'spiffe://acme.example/default'", "")]
#[case::another_type("[a]", "")]
fn subjects_name_one_workload(#[case] subject: &str, #[case] expected: &str) {
    let loaded = load(&client("a", &format!("federated: {{issuer: prod, subject: {subject}}}")));
    let all = found(&loaded);
    assert!(all.contains(&"error SG0141".to_owned()), "the kind itself is not there yet: {all:?}");
    let about_subjects: Vec<&String> =
        all.iter().filter(|found| found.contains("SG0163") || found.contains("SG0164")).collect();
    match expected {
        "" => assert!(about_subjects.is_empty(), "{all:?}"),
        expected => assert_eq!(about_subjects, [expected]),
    }
}

#[rstest]
#[case::colon("'team:worker'", "a colon ends the id in HTTP Basic (RFC 7617 section 2)")]
#[case::percent("'a%41'", "reads differently once it is form-decoded (RFC 6749 section 2.3.1)")]
#[case::plus("'a+b'", "reads differently once it is form-decoded (RFC 6749 section 2.3.1)")]
#[case::umlaut("wörker", "clients encode what is not ASCII in different ways (RFC 7617 section 2.1)")]
#[case::space("'a b'", "white space is encoded by some clients and cut by others")]
#[case::empty("''", "empty")]
#[case::at("'a@b'", "some clients encode such a character in HTTP Basic and some do not")]
fn an_id_that_breaks_in_basic_is_refused_with_the_reason(#[case] id: &str, #[case] label: &str) {
    let credential = "client_secret: ${secret:a-secret-of-the-tests}";
    let loaded = load(&client(id, credential));
    assert_eq!(found(&loaded), ["error SG0117"]);
    assert_eq!(loaded.findings.iter().next().map(|finding| finding.label.as_str()), Some(label));
    assert_eq!(found(&load(&client("Team.worker_1~2-3", credential))), [""; 0]);
}

/// Row L7
#[rstest]
#[case::the_id("worker", true)]
#[case::the_id_and_a_word("worker-secret", true)]
#[case::the_id_and_a_word_below_a_line("worker_secret", true)]
#[case::a_well_known_word("changeme", true)]
#[case::another_secret("worker-secret-of-the-tests", false)]
fn l7_a_secret_that_follows_from_the_id_is_refused(#[case] secret: &str, #[case] refused: bool) {
    let loaded = load(&client("worker", &format!("client_secret: ${{secret:{secret}}}")));
    assert_eq!(found(&loaded), if refused { vec!["error SG0151"] } else { vec![] });
}

/// Row D11: the bytes in the finding are those of the largest token, with the longest issuer and
/// the largest key in place of those of the test.
#[test]
fn d11_the_size_of_the_largest_token_is_an_estimate_from_above() {
    let scopes: Vec<String> = (0..120).map(|n| format!("a-rather-long-scope-name:{n:03}")).collect();
    let list = format!(
        "resources:\n  - {{audience: https://api.example.com, scopes: [{0}]}}\nclients:\n  - client_id: worker\n    \
         credentials:\n      - client_secret: ${{secret:worker-secret-of-the-tests}}\n    claims: {{tenant: \
         acme}}\n    scope: [{0}]\n",
        scopes.join(", ")
    );
    let loaded = load(&list);
    assert_eq!(found(&loaded), ["warning SG0139"]);
    let message = &loaded.findings.iter().next().expect("a finding").message;
    let stated: usize =
        message.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or_else(|| panic!("{message}"));
    let server = TestServer::with(ServerOptions { clients: list, ..ServerOptions::default() });
    let answer = server.ask("worker", "").json();
    let token = answer["access_token"].as_str().expect("a token");
    // 256 instead of the issuer's characters, base64url; 512 bytes of signature instead of 256.
    let of_issuer = (256 - ISSUER.len()) * 4 / 3;
    let at_most = token.len() + of_issuer + (683 - 342);
    assert!((at_most..at_most + 40).contains(&stated), "{stated} for {at_most}");
}

/// The finding about two keys of which the first has retired, and one client with this member.
fn plan(retention: Retention, member: &str, lifetime: u32, allowance: u32, now: i64) -> Findings {
    let key = |at: i64| {
        let (private, _) = generate::private_key(Algorithm::EdDsa, generate::BITS).expect("a key");
        let backend = backend(None, Algorithm::EdDsa).expect("a backend");
        let signer = Arc::from(backend.load(&private.der()).expect("a usable key"));
        Key::private(format!("{at}.eddsa.pem"), UnixTime::from_seconds(at), signer)
    };
    let keyring = Keyring::new(vec![key(1_000_000), key(2_000_000)], retention).expect("two instants");
    let list = client("a", "client_secret: ${secret:a-secret-of-the-tests}")
        .replace("audience: x", "audience: x, signing_alg: EdDSA")
        .replace("    scope: x:read\n", &format!("    scope: x:read\n{member}"));
    let registry = load(&list).registry.expect("a registry");
    tokens_outlive_keys(&registry, &keyring, lifetime, allowance, UnixTime::from_seconds(now))
}

/// The plan that the program makes holds for every lifetime that it accepts; a shorter one does not.
#[rstest]
#[case::an_hour(3_600, 60, "", 0)]
#[case::the_cap(86_400, 0, "", 0)]
#[case::the_cap_and_an_allowance(86_400, 1, "", 1)]
#[case::a_client_at_the_cap(900, 1, "    access_token_lifetime: 24h\n", 1)]
#[case::a_client_below_the_setting(86_400, 1, "    access_token_lifetime: 23h\n", 0)]
fn no_token_outlives_the_publication_of_its_key(
    #[case] lifetime: u32,
    #[case] allowance: u32,
    #[case] member: &str,
    #[case] findings: usize,
) {
    const RETIRING: i64 = 2_000_001;
    let of_a_day = Retention::for_lifetime(900, 0);
    assert_eq!(of_a_day.seconds(), 86_400);
    let found = plan(of_a_day, member, lifetime, allowance, RETIRING);
    assert_eq!(found.errors(), findings, "{}", human(&found, false));
    assert!(found.iter().all(|one| one.code.id == "SG0306" && one.file_name() == Some("1000000.eddsa.pem")));
    let as_made = signet::inputs::retention(allowance);
    assert_eq!(plan(as_made, member, lifetime, allowance, RETIRING).errors(), 0);
    // Once the key is gone there is nothing left to shorten.
    assert_eq!(plan(of_a_day, member, lifetime, allowance, 3_000_000).errors(), 0);
}

#[test]
fn a_long_default_lifetime_is_a_warning_of_check() {
    let workspace = Workspace::ready();
    let long = workspace.run("check --access-token-lifetime 2h");
    assert!(long.code == 0 && long.stderr.contains("warning[SG0307]"), "{}", long.all());
    assert_eq!(workspace.run("check --access-token-lifetime 2h --deny warnings").code, 1);
    assert_eq!(workspace.run("check --access-token-lifetime 1h --deny warnings").code, 0);
}

#[test]
fn what_is_wrong_with_the_settings_is_printed_in_the_format_that_was_asked_for() {
    let workspace = Workspace::ready();
    workspace.write("signet.yaml", "clientz: clients.yaml\n");
    let output = workspace.run("check --config signet.yaml --format json");
    assert_eq!((output.code, output.stderr.as_str()), (3, ""));
    assert_eq!(output.json()["findings"][0]["code"], "SG0303");
    assert!(workspace.run("check --config signet.yaml").stderr.contains("error[SG0303]"));
}
