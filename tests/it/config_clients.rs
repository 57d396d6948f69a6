//! Client files: every form that is accepted beside a neighbour that is refused, and what the
//! messages look like. Codes are those of `signet explain`.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use rstest::rstest;
use signet::client::TokenType;
use signet::client_auth::stored_secret;
use signet::clock::UnixTime;
use signet::config::{Loaded, Options, load, published_secrets};
use signet::diagnostic::{human, json};
use signet::jose::Algorithm;

/// 2026-11-18T18:26:40Z.
const NOW: UnixTime = UnixTime::from_seconds(1_795_026_400);

const RESOURCES: &str = "\
resources:
  - audience: https://invoices.example.com
    scopes: [invoices:read, invoices:write]
  - audience: https://search.example.com
    scopes: [search:read]
    typ: JWT
";

fn load_text(text: &str) -> Loaded {
    load_files(&[("clients.yaml", text.as_bytes())])
}

fn load_files(files: &[(&str, &[u8])]) -> Loaded {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, content) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
    }
    load(directory.path(), NOW, &Options::default())
}

fn codes(loaded: &Loaded) -> Vec<&'static str> {
    loaded.findings.iter().map(|finding| finding.code.id).collect()
}

fn digest(seed: &str) -> String {
    stored_secret(&format!("{seed}: thirty-two random bytes, let us say"))
}

/// A file with the usual resources and one good client plus these members.
fn client(members: &str) -> String {
    let digest = digest("a");
    format!(
        "{RESOURCES}clients:\n  - client_id: a\n    credentials: [{{client_secret: {digest}}}]\n{members}"
    )
}

/// The rendering without the temporary directory.
fn rendered(loaded: &Loaded) -> String {
    let text = human(&loaded.findings, false);
    let Some(file) = loaded.files.first() else { return text };
    let root = Path::new(&file.name).parent().expect("a parent").display().to_string();
    text.replace(&format!("{root}/"), "")
}

#[test]
fn the_demo_list_is_valid_and_its_secrets_are_known() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients.yaml");
    let loaded = load(&path, NOW, &Options::default());
    assert!(loaded.findings.is_empty(), "{}", human(&loaded.findings, false));
    let registry = loaded.registry.expect("a registry");
    let first = registry.find("fioXfS_HLZiKc6bKlruVFJJWLjAa").expect("the first client");
    assert_eq!(first.granted.len(), 1);
    let published = published_secrets(&registry);
    assert_eq!(published.errors(), registry.client_count());
    assert!(published.iter().all(|finding| finding.code.id == "SG0601"));
    let usable: Vec<&str> = signet::config::demo_secrets(&registry).map(|(id, _)| id).collect();
    assert_eq!(
        usable,
        ["fioXfS_HLZiKc6bKlruVFJJWLjAa", "billing-worker", "search-indexer", "search-indexer"]
    );
}

#[test]
fn secrets_of_ones_own_are_not_published_ones() {
    let registry = load_text(&client("    scope: search:read\n")).registry.expect("a registry");
    assert!(published_secrets(&registry).is_empty());
}

#[test]
fn a_full_registration_becomes_values() {
    let loaded = load_text(&client(
        "    client_name: A\n    contacts: [a@example.com]\n    grant_types: [client_credentials]\n    \
         token_endpoint_auth_method: client_secret_post\n    scope: invoices:write invoices:read search:read\n    \
         default_scope: [search:read]\n    access_token_lifetime: 10m\n    disabled: false\n    \
         claims: {tenant: acme, level: 3, on: true, list: [1.5, null, {a: \"\\u00e9\\n\"}]}\n",
    ));
    let registry = loaded.registry.unwrap_or_else(|| panic!("{}", human(&loaded.findings, false)));
    let client = registry.find("a").expect("the client");
    assert_eq!(
        &*client.claims_json,
        ",\"tenant\":\"acme\",\"level\":3,\"on\":true,\"list\":[1.5,null,{\"a\":\"é\\n\"}]"
    );
    assert_eq!(client.access_token_lifetime_seconds, Some(600));
    assert_eq!(client.token_endpoint_auth_method, Some("client_secret_post"));
    assert_eq!((client.line, &*client.grant_types), (8, ["client_credentials"].as_slice()));
    let reach: Vec<(String, Vec<&str>, Vec<&str>)> = client
        .granted
        .iter()
        .map(|granted| {
            let texts = |scopes: &'_ [signet::oauth::ScopeToken]| -> Vec<&'static str> {
                scopes.iter().map(|scope| &*Box::leak(scope.as_str().to_owned().into_boxed_str())).collect()
            };
            (granted.resource.audience.to_string(), texts(&granted.scopes), texts(&granted.default_scopes))
        })
        .collect();
    assert_eq!(
        reach,
        [
            ("https://invoices.example.com".into(), vec!["invoices:read", "invoices:write"], vec![]),
            ("https://search.example.com".into(), vec!["search:read"], vec!["search:read"]),
        ]
    );
    let search = registry.resources().get(1).expect("the second resource");
    assert_eq!((search.typ, search.signing_alg), (TokenType::Jwt, Algorithm::Rs256));
}

#[rstest]
#[case::scope_as_text("    scope: search:read\n")]
#[case::scope_as_list("    scope: [search:read]\n")]
#[case::audience_as_text("    audience: https://search.example.com\n")]
#[case::audience_and_scope("    audience: [https://search.example.com]\n    scope: search:read\n")]
#[case::a_number_in_quotes("    scope: search:read\n    client_name: \"123\"\n")]
#[case::groups_and_roles(
    "    scope: search:read\n    claims: {groups: [a], roles: [b], entitlements: [c]}\n"
)]
#[case::one_hour("    scope: search:read\n    access_token_lifetime: 1h\n")]
#[case::several_audiences_of_one_form(
    "    audience: [https://search.example.com]\n    multiple_audiences: true\n"
)]
fn an_accepted_form_brings_no_finding(#[case] members: &str) {
    let loaded = load_text(&client(members));
    assert_eq!(codes(&loaded), [""; 0], "{}", human(&loaded.findings, false));
    assert!(loaded.registry.is_some());
}

#[rstest]
#[case::d8_a_client_without_an_audience("", "SG0123")]
#[case::an_empty_scope("    scope: []\n", "SG0123")]
#[case::a_scope_that_no_resource_defines("    scope: search:reed\n", "SG0107")]
#[case::a_scope_of_another_audience(
    "    scope: search:read\n    audience: https://invoices.example.com\n",
    "SG0126"
)]
#[case::an_audience_with_a_slash_more("    audience: https://search.example.com/\n", "SG0122")]
#[case::an_audience_with_a_space("    audience: \"a b\"\n", "SG0120")]
#[case::a_scope_with_a_quote("    scope: ['a\"b']\n", "SG0124")]
#[case::a_default_that_is_not_granted("    scope: search:read\n    default_scope: invoices:read\n", "SG0127")]
#[case::a_grant_with_a_user("    scope: search:read\n    grant_types: [password]\n", "SG0128")]
#[case::a19_a_public_client("    scope: search:read\n    token_endpoint_auth_method: none\n", "SG0129")]
#[case::a30_an_unknown_method(
    "    scope: search:read\n    token_endpoint_auth_method: client_secret_jwt\n",
    "SG0129"
)]
#[case::l6_a_lifetime_above_the_cap("    scope: search:read\n    access_token_lifetime: 25h\n", "SG0131")]
#[case::l6_a_lifetime_of_nothing("    scope: search:read\n    access_token_lifetime: 0s\n", "SG0130")]
#[case::l6_a_negative_lifetime("    scope: search:read\n    access_token_lifetime: -5m\n", "SG0130")]
#[case::l6_a_lifetime_without_a_unit("    scope: search:read\n    access_token_lifetime: 900\n", "SG0130")]
#[case::a_reserved_claim("    scope: search:read\n    claims: {sub: root}\n", "SG0135")]
#[case::a_claim_that_json_cannot_hold("    scope: search:read\n    claims: {a: .inf}\n", "SG0136")]
#[case::a_claim_that_is_nested_too_deeply(
    "    scope: search:read\n    claims: {a: [[[[[[[[1]]]]]]]]}\n",
    "SG0136"
)]
#[case::a_member_in_the_wrong_case("    scope: search:read\n    Disabled: true\n", "SG0113")]
#[case::a_number_for_a_text("    scope: search:read\n    client_name: 123\n", "SG0114")]
#[case::a_word_for_a_boolean("    scope: search:read\n    disabled: yes\n", "SG0114")]
#[case::a_tag("    scope: !!str search:read\n", "SG0108")]
#[case::an_anchor("    scope: &a search:read\n", "SG0108")]
#[case::a_merge_key("    scope: search:read\n    <<: {disabled: true}\n", "SG0108")]
#[case::a_member_twice("    scope: search:read\n    scope: search:read\n", "SG0110")]
#[case::a_second_document("    scope: search:read\n---\nclients: []\n", "SG0109")]
#[case::a_tab_for_indentation("    scope: search:read\n\tdisabled: true\n", "SG0106")]
#[case::an_open_bracket("    scope: [search:read\n", "SG0106")]
#[case::a_directive_later("    scope: search:read\n...\n%YAML 1.2\n---\n", "SG0106")]
#[case::trusted_issuers("    scope: search:read\nissuers:\n  - name: a\n", "SG0116")]
#[case::an_unknown_section("    scope: search:read\nclient: []\n", "SG0113")]
#[case::a_secret_beside_the_id("    scope: search:read\n    client_secret: hunter2\n", "SG0113")]
fn a_mistake_is_one_error_with_a_place(#[case] members: &str, #[case] code: &str) {
    let loaded = load_text(&client(members));
    assert_eq!(codes(&loaded), [code], "{}", human(&loaded.findings, false));
    assert!(loaded.registry.is_none());
    assert!(loaded.findings.iter().all(|finding| finding.place.is_some()));
    assert!(!human(&loaded.findings, false).contains("hunter2"));
}

#[rstest]
#[case::l6_a_lifetime_above_one_hour("    scope: search:read\n    access_token_lifetime: 2h\n", "SG0132")]
fn a_risk_is_a_warning_and_the_list_loads(#[case] members: &str, #[case] code: &str) {
    let loaded = load_text(&client(members));
    assert_eq!(codes(&loaded), [code]);
    assert!(loaded.registry.is_some());
}

#[rstest]
#[case::a_space("a b")]
#[case::a_mail_address("alice@example.com")]
#[case::a_service_account("\"system:serviceaccount:a:b\"")]
#[case::an_umlaut("ä")]
#[case::nothing_in_quotes("\"\"")]
fn d5_an_id_that_reads_like_another_subject_is_refused(#[case] id: &str) {
    let text =
        format!("{RESOURCES}clients:\n  - client_id: {id}\n    disabled: true\n    scope: search:read\n");
    assert_eq!(codes(&load_text(&text)), ["SG0117"]);
}

#[rstest]
#[case::in_clear("client_secret: hunter2-hunter2", "SG0148")]
#[case::in_clear_and_quoted("client_secret: \"hunter2-hunter2\"", "SG0148")]
#[case::in_clear_over_lines("client_secret: |\n          hunter2-hunter2\n          more", "SG0148")]
#[case::in_clear_folded("client_secret: hunter2-hunter2\n          hunter3", "SG0148")]
#[case::in_a_mapping("client_secret: {value: hunter2-hunter2}", "SG0149")]
#[case::in_a_list("client_secret: [hunter2-hunter2]", "SG0149")]
#[case::a_short_digest("client_secret: sha256:hunter2-hunter2", "SG0149")]
#[case::a_number("client_secret: 12345678", "SG0149")]
#[case::bcrypt("client_secret: $2b$12$hunter2-hunter2", "SG0150")]
#[case::the_digest_of_a_word("client_secret: sha256:K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols", "SG0151")]
#[case::a_kind_to_come("tls_client_auth: {san_dns: a.example}", "SG0141")]
#[case::a_misspelt_kind("cleint_secret: hunter2-hunter2\n        client_secret: DIGEST", "SG0113")]
#[case::no_kind("note: hunter", "SG0140")]
#[case::a_misspelt_date("client_secret: DIGEST\n        expires: 01.03.2027", "SG0142")]
#[case::a_time_without_an_offset("client_secret: DIGEST\n        expires: 2027-03-01T09:00:00", "SG0142")]
#[case::dates_that_are_reversed(
    "client_secret: DIGEST\n        not_before: 2027-01-01\n        expires: 2027-01-01",
    "SG0143"
)]
fn l7_a_credential_that_cannot_be_used_is_refused_and_not_shown(#[case] section: &str, #[case] code: &str) {
    let section = section.replace("DIGEST", &digest("b"));
    let text = format!(
        "{RESOURCES}clients:\n  - client_id: a\n    scope: search:read\n    credentials:\n      - {section}\n    nots: x\n"
    );
    let loaded = load_text(&text);
    let errors: Vec<_> = codes(&loaded).into_iter().filter(|code| *code != "SG0146").collect();
    assert_eq!(errors, [code, "SG0113"], "{}", human(&loaded.findings, false));
    for text in [human(&loaded.findings, false), human(&loaded.findings, true), json(&loaded.findings)] {
        for secret in ["hunter2", "hunter3", "more\n", "12345678"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[rstest]
#[case("clients:\n  - client_id: a\n    credentials:\n      - client_secret: \"hunter2\n        x: y\n")]
#[case("clients:\n  - client_id: a\n    credentials:\n      - client_secret: hunter2: more\n")]
#[case("clients:\n  - client_id: a\n    credentials:\n      - client_secret: 'hunter2' hunter2\n")]
#[case("clients:\n  - client_id: a\n    credentials:\n      - {client_secret: hunter2, [}\n")]
#[case("clients:\n  - client_id: a\n    credentials:\n      - {client_secret:\n hunter2, [}\n")]
#[case("clients:\n  - client_id: a\n    credentials:\n      - client_secret: \"\\qhunter2\"\n")]
#[case("clients:\n  - client_id: a\n    credentials:\n      - client_secret: @hunter2\n")]
#[case(
    "clients:\n  - client_id: a\n    credentials:\n      - client_secret: |\n          hunter2\n        \thunter2\n       hunter2: [\n"
)]
#[case("clients:\n  - client_id: a\n    client-secrt: [hunter2\n")]
#[case("clients:\n  - client_id: a\n    client_secret:\thunter2\n\t- hunter2\n")]
fn l7_a_syntax_error_never_shows_a_secret(#[case] text: &str) {
    let loaded = load_text(text);
    assert!(codes(&loaded).contains(&"SG0106"), "{}", human(&loaded.findings, false));
    for rendered in [human(&loaded.findings, false), json(&loaded.findings)] {
        assert!(!rendered.contains("hunter2"), "{rendered}");
    }
}

#[test]
fn l7_the_own_id_is_no_secret() {
    let digest = stored_secret("some-worker");
    let text = format!(
        "{RESOURCES}clients:\n  - client_id: some-worker\n    scope: search:read\n    credentials: [{{client_secret: {digest}}}]\n"
    );
    assert_eq!(codes(&load_text(&text)), ["SG0151"]);
}

#[rstest]
#[case::an_expired_one_beside_a_live_one("2026-01-01", "SG0144")]
#[case::one_that_expires_soon("2026-12-01", "SG0145")]
fn a_date_that_matters_is_a_warning(#[case] expires: &str, #[case] code: &str) {
    let text = format!(
        "{RESOURCES}clients:\n  - client_id: a\n    scope: search:read\n    credentials:\n      \
         - {{client_secret: {}, expires: {expires}}}\n      - client_secret: {}\n",
        digest("a"),
        digest("b")
    );
    let loaded = load_text(&text);
    assert_eq!(codes(&loaded), [code]);
    assert!(loaded.registry.is_some());
}

#[test]
fn a_client_without_a_live_credential_is_a_warning_unless_disabled() {
    let text = format!("{RESOURCES}clients:\n  - client_id: a\n    scope: search:read\n");
    assert_eq!(codes(&load_text(&text)), ["SG0146"]);
    assert_eq!(codes(&load_text(&format!("{text}    disabled: true\n"))), [""; 0]);
}

#[test]
fn two_clients_that_share_a_credential_are_a_warning_with_both_places() {
    let text = format!(
        "{}    scope: search:read\n  - client_id: b\n    credentials:\n      - client_secret: {}\n    scope: search:read\n",
        client(""),
        digest("a")
    );
    let loaded = load_text(&text);
    assert_eq!(codes(&loaded), ["SG0147"]);
    assert!(loaded.findings.iter().all(|finding| finding.related.len() == 1));
}

#[test]
fn ids_that_stand_twice_are_an_error_across_files_and_cases_a_warning() {
    let one = client("    scope: search:read\n");
    let other =
        |id: &str| format!("clients:\n  - client_id: {id}\n    disabled: true\n    scope: search:read\n");
    let twice = load_files(&[("a.yaml", one.as_bytes()), ("b/c.yml", other("a").as_bytes())]);
    assert_eq!(codes(&twice), ["SG0118"]);
    assert!(rendered(&twice).contains("::: a.yaml:8:16"), "{}", rendered(&twice));
    let cases = load_files(&[("a.yaml", one.as_bytes()), ("b/c.yml", other("A").as_bytes())]);
    assert_eq!(codes(&cases), ["SG0119"]);
}

#[test]
fn audiences_and_scopes_of_resources_follow_their_rules() {
    let resource =
        |text: &str| codes(&load_text(&format!("resources:\n  - audience: x\n  - {text}\nclients: []\n")));
    assert_eq!(resource("audience: y"), [""; 0]);
    assert_eq!(resource("audience: x"), ["SG0121"]);
    assert_eq!(resource("name: x"), ["SG0115"]);
    assert_eq!(resource("audience: 'a b'"), ["SG0120"]);
    assert_eq!(resource("{audience: y, typ: at+JWT}"), ["SG0133"]);
    assert_eq!(resource("{audience: y, signing_alg: RS256}"), [""; 0]);
    for offered in ["PS256", "ES256", "EdDSA"] {
        assert_eq!(resource(&format!("{{audience: y, signing_alg: {offered}}}")), [""; 0]);
    }
    assert_eq!(resource("{audience: y, signing_alg: ES512}"), ["SG0134"]);
    assert_eq!(resource("{audience: y, signing_alg: HS256}"), ["SG0134"]);
    assert_eq!(resource("{audience: y, access_token_lifetime: 2d}"), ["SG0131"]);
    assert_eq!(resource("{audience: y, access_token_lifetime: 2 months}"), ["SG0130"]);
    assert_eq!(resource("{audience: y, scopes: ['a b']}"), ["SG0124"]);
    assert_eq!(resource("[audience]"), ["SG0114"]);
}

#[test]
fn a_scope_of_two_resources_needs_an_audience() {
    let resources = "resources:\n  - {audience: x, scopes: [read]}\n  - {audience: y, scopes: [read]}\n";
    let text = |more: &str| {
        format!("{resources}clients:\n  - client_id: a\n    disabled: true\n    scope: read\n{more}")
    };
    assert_eq!(codes(&load_text(&text(""))), ["SG0162", "SG0125"]);
    let registry = load_text(&text("    audience: [y, x]\n")).registry.expect("a registry");
    let granted = &registry.find("a").expect("the client").granted;
    let audiences: Vec<&str> = granted.iter().map(|granted| granted.resource.audience.as_str()).collect();
    assert_eq!(audiences, ["y", "x"]);
}

#[test]
fn resources_of_one_token_agree_on_its_form() {
    let members = "    audience: [https://invoices.example.com, https://search.example.com]\n";
    assert_eq!(codes(&load_text(&client(members))), [""; 0]);
    assert_eq!(codes(&load_text(&client(&format!("{members}    multiple_audiences: true\n")))), ["SG0137"]);
}

#[test]
fn d11_a_token_above_four_kibibytes_is_a_warning() {
    let load = |count: usize| {
        let scopes: Vec<String> = (0..count).map(|n| format!("a-rather-long-scope-name:{n:04}")).collect();
        let scopes = scopes.join(", ");
        let text = format!(
            "resources:\n  - {{audience: x, scopes: [{scopes}]}}\nclients:\n  - {{client_id: a, disabled: true, scope: [{scopes}]}}\n"
        );
        codes(&load_text(&text))
    };
    assert_eq!(load(60), [""; 0]);
    assert_eq!(load(120), ["SG0139"]);
}

#[test]
fn claims_have_a_limit_together() {
    let claims =
        |count: usize| client(&format!("    scope: search:read\n    claims: {{a: {}}}\n", "x".repeat(count)));
    assert_eq!(codes(&load_text(&claims(2_000))), [""; 0]);
    assert_eq!(codes(&load_text(&claims(2_050))), ["SG0136"]);
}

#[rstest]
#[case::nothing(b"", "SG0112")]
#[case::a_comment(b"# nothing\n", "SG0112")]
#[case::an_empty_document(b"---\n", "SG0112")]
#[case::text(b"hello\n", "SG0114")]
#[case::a_list(b"- client_id: a\n", "SG0114")]
#[case::a_mapping_of_clients(b"clients: {a: {}}\n", "SG0114")]
#[case::clients_of_nothing(b"clients:\n", "SG0114")]
#[case::a_byte_order_mark(b"\xef\xbb\xbfclients: []\n", "SG0105")]
#[case::latin_1(b"clients: [] # \xe4\n", "SG0105")]
#[case::utf_16(b"\xff\xfec\0l\0", "SG0105")]
#[case::a_deep_nest(b"clients: [[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]\n", "SG0111")]
#[case::an_alias_of_nothing(b"clients: *a\n", "SG0108")]
#[case::a_key_that_is_a_number(b"1: []\n", "SG0114")]
#[case::a_key_that_is_a_list(b"[a]: []\n", "SG0114")]
fn a_file_that_is_no_client_list_is_refused(#[case] content: &[u8], #[case] code: &str) {
    let loaded = load_files(&[("clients.yaml", content)]);
    assert!(codes(&loaded).contains(&code), "{}", human(&loaded.findings, false));
    assert!(loaded.registry.is_none());
}

#[test]
fn a_file_above_the_limit_is_refused_without_being_parsed() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("clients.yaml");
    let file = fs::File::create(&path).expect("a file");
    file.set_len(64 * 1024 * 1024 + 1).expect("a size");
    assert_eq!(codes(&load(&path, NOW, &Options::default())), ["SG0104"]);
}

#[test]
fn one_entry_has_a_limit_of_its_own() {
    let text = format!("clients:\n  - client_id: a\n    claims: {{a: [{}]}}\n", "1,".repeat(100_010));
    assert!(codes(&load_text(&text)).contains(&"SG0111"));
}

#[test]
fn a_list_of_many_mistakes_is_reported_within_bounds() {
    let text = format!("clients:\n{}", "  - client_secret: hunter2\n".repeat(12_000));
    let loaded = load_text(&text);
    let text = human(&loaded.findings, false);
    assert!(
        text.ends_with("24000 errors in 1 file; 14000 of them are not shown\n"),
        "{}",
        loaded.findings.errors()
    );
    assert!(!text.contains("hunter2"));
}

#[test]
fn an_empty_list_is_a_list() {
    let loaded = load_text("clients: []\n");
    assert_eq!(codes(&loaded), [""; 0]);
    assert_eq!(loaded.registry.expect("a registry").client_count(), 0);
}

#[test]
fn a_missing_path_says_how_to_start() {
    let loaded = load(Path::new("no/such/clients.yaml"), NOW, &Options::default());
    insta::assert_snapshot!(human(&loaded.findings, false), @r"
    error[SG0101]: the client list no/such/clients.yaml does not exist
    --> no/such/clients.yaml
     = help: `signet dev` works without one; to start, write clients.yaml with `resources:` and `clients:`
     = more: signet explain SG0101

    1 error in 1 file
    ");
}

#[test]
fn a_directory_is_read_in_order_without_dotted_names() {
    assert_eq!(codes(&load_files(&[("notes.txt", b"x")])), ["SG0103"]);
    let client = |id: &str| format!("clients:\n  - {{client_id: {id}, disabled: true, scope: read}}\n");
    let resources: &[u8] = b"resources:\n  - {audience: x, scopes: [read]}\n...\n";
    let loaded = load_files(&[
        ("b.yml", client("b").as_bytes()),
        ("a/z.yaml", client("z").as_bytes()),
        ("c.yaml", resources),
        (".hidden.yaml", b"not: [valid"),
        ("..data/c.yaml", b"not: [valid"),
        ("readme.md", b"not: [valid"),
    ]);
    assert_eq!(codes(&loaded), [""; 0]);
    let names: Vec<&str> =
        loaded.files.iter().filter_map(|file| Path::new(&file.name).file_name()?.to_str()).collect();
    assert_eq!(names, ["z.yaml", "b.yml", "c.yaml"]);
    let markers: Vec<bool> = loaded.files.iter().map(|file| file.ends_with_marker).collect();
    assert_eq!(markers, [false, false, true]);
}

#[test]
fn the_revision_is_that_of_the_content_not_of_the_place() {
    let one = load_text("clients: []\n").revision;
    assert_eq!(one, load_text("clients: []\n").revision);
    assert_ne!(one, load_text("clients: [] \n").revision);
    assert_ne!(one, load_files(&[("other.yaml", b"clients: []\n")]).revision);
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_loops_and_pipes_are_refused() {
    use std::os::unix::fs::symlink;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let root = directory.path();
    // As a ConfigMap is mounted.
    fs::create_dir(root.join("..2026")).expect("a directory");
    fs::write(root.join("..2026/clients.yaml"), "clients: []\n").expect("a file");
    symlink("..2026", root.join("..data")).expect("a link");
    symlink("..data/clients.yaml", root.join("clients.yaml")).expect("a link");
    let loaded = load(root, NOW, &Options::default());
    assert_eq!((codes(&loaded).len(), loaded.files.len()), (0, 1));
    symlink(".", root.join("loop")).expect("a link");
    assert_eq!(codes(&load(root, NOW, &Options::default())), ["SG0102"]);
    fs::remove_file(root.join("loop")).expect("removed");
    symlink("nowhere", root.join("gone.yaml")).expect("a link");
    assert_eq!(codes(&load(root, NOW, &Options::default())), ["SG0102"]);
    fs::remove_file(root.join("gone.yaml")).expect("removed");
    let _socket = std::os::unix::net::UnixListener::bind(root.join("pipe.yaml")).expect("a socket");
    assert_eq!(codes(&load(root, NOW, &Options::default())), ["SG0102"]);
}

#[test]
fn a_broken_file_stops_neither_the_others_nor_brings_errors_that_follow_from_it() {
    let loaded = load_files(&[
        ("a.yaml", b"resources:\n  - audience: [x\n"),
        ("b.yaml", b"clients:\n  - {client_id: a b, scope: read, disabled: true}\n"),
    ]);
    assert_eq!(codes(&loaded), ["SG0106", "SG0117"]);
}

#[test]
fn the_message_of_a_misspelt_scope_says_where_the_right_one_stands() {
    let loaded = load_text(&client("    scope: [invoice:write]\n"));
    insta::assert_snapshot!(rendered(&loaded).replace(&loaded.files[0].name, "clients.yaml"), @r#"
    error[SG0107]: client `a` asks for scope `invoice:write`, which no resource defines
      --> clients.yaml:10:13
       |
    10 |     scope: [invoice:write]
       |             ^^^^^^^^^^^^^ no resource defines this
       |
       = help: did you mean `invoices:write` (clients.yaml:3)?
       = more: signet explain SG0107

    1 error in 1 file
    "#);
}

#[test]
fn the_message_of_a_secret_in_clear_hides_it() {
    let loaded = load_text(
        "clients:\n  - client_id: a\n    audience: x\n    credentials:\n      - client_secret: hunter2\nresources: [{audience: x}]\n",
    );
    insta::assert_snapshot!(rendered(&loaded), @r#"
    error[SG0148]: a client secret stands here in clear
     --> clients.yaml:5:24
      |
    5 |       - client_secret: …
      |                        ^ only `sha256:…` may stand here
      |
     ::: clients.yaml:2:16
      |
    2 |   - client_id: a
      |                - of this client
      |
      = help: make a new one with `signet secret new`, or hash this one: `signet secret hash`
      = more: signet explain SG0148

    1 error in 1 file
    "#);
}

#[test]
fn the_message_of_an_id_that_stands_twice_shows_both_places() {
    let loaded = load_text(
        "clients:\n  - {client_id: a, disabled: true, audience: x}\n  - {client_id: a, disabled: true, audience: x}\nresources: [{audience: x}]\n",
    );
    insta::assert_snapshot!(rendered(&loaded), @r#"
    error[SG0118]: the client `a` is registered twice
     --> clients.yaml:3:17
      |
    3 |   - {client_id: a, disabled: true, audience: x}
      |                 ^ the second registration
      |
     ::: clients.yaml:2:17
      |
    2 |   - {client_id: a, disabled: true, audience: x}
      |                 - the first registration
      |
      = help: remove or rename one of them
      = more: signet explain SG0118

    1 error in 1 file
    "#);
}

#[test]
fn the_json_of_findings_is_versioned() {
    let loaded =
        load_text("clients:\n  - {client_id: 7, disabled: true, audience: x}\nresources: [{audience: x}]\n");
    let text = json(&loaded.findings).replace(&loaded.files[0].name, "clients.yaml");
    insta::assert_snapshot!(text, @r#"
    {
      "version": 1,
      "findings": [
        {
          "code": "SG0114",
          "name": "wrong_type",
          "severity": "error",
          "message": "`client_id` must be text, not a number",
          "file": "clients.yaml",
          "line": 2,
          "column": 17,
          "end_line": 2,
          "end_column": 18,
          "reason": "expected text",
          "help": "put it into quotation marks: `\"7\"`",
          "docs": "/errors/SG0114",
          "related": []
        }
      ],
      "errors": 1,
      "warnings": 0,
      "notes": 0
    }
    "#);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_bytes_make_the_loader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let loaded = load_files(&[("clients.yaml", &bytes)]);
        let _ = (human(&loaded.findings, true), json(&loaded.findings));
    }

    #[test]
    fn no_yaml_like_text_makes_the_loader_panic(
        parts in proptest::collection::vec(prop_oneof![
            Just("clients:\n"), Just("resources:\n"), Just("  - "), Just("    "), Just("client_id: "),
            Just("client_secret: "), Just("scope: "), Just("audience: "), Just("claims: "), Just("credentials:\n"),
            Just("expires: "), Just("{"), Just("}"), Just("["), Just("]"), Just(", "), Just("\n"), Just("|\n"),
            Just("\""), Just("'"), Just("*a "), Just("&a "), Just("!t "), Just("<<: "), Just("? "), Just(": "),
            Just("# x"), Just("\t"), Just("é"), Just("\u{feff}"), Just("900"), Just("15m"), Just("sha256:"),
            Just("---\n"), Just("...\n"), Just("\r\n"), Just("\0"), Just("\u{85}"), Just("\u{2028}"),
        ], 0..40)
    ) {
        let loaded = load_text(&parts.concat());
        let _ = (human(&loaded.findings, false), json(&loaded.findings));
    }
}
