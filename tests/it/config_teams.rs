//! `teams`: which files may hand out which audiences.

use std::fs;

use rstest::rstest;
use signet::client_auth::stored_secret;
use signet::clock::UnixTime;
use signet::config::{Loaded, Options, load};
use signet::diagnostic::human;

const NOW: UnixTime = UnixTime::from_seconds(1_795_026_400);

const RESOURCES: &str = "\
resources:
  - {audience: https://invoices.example.com, scopes: [invoices:read]}
  - {audience: https://search.example.com, scopes: [search:read]}
  - {audience: https://free.example.com, scopes: [free:read]}
";

const TEAMS: &str = "\
teams:
  - name: payments
    files: payments/**
    audiences: [https://invoices.example.com]
  - files: [search/*.yaml, 'search-*.yaml']
    audiences: https://search.example.com
";

/// The list in which every pattern matches a file and every team grants what it has.
fn files(changed: &[(&str, String)]) -> Vec<(String, String)> {
    let mut files = vec![
        ("_resources.yaml".to_owned(), RESOURCES.to_owned()),
        ("_teams.yaml".to_owned(), TEAMS.to_owned()),
        ("payments/eu/a.yaml".to_owned(), client("p", "scope: invoices:read")),
        ("search/a.yaml".to_owned(), client("s", "scope: search:read")),
        ("search-old.yaml".to_owned(), client("o", "audience: https://search.example.com")),
        ("others.yaml".to_owned(), client("f", "scope: free:read")),
    ];
    for (name, text) in changed {
        files.retain(|(known, _)| known != name);
        files.push(((*name).to_owned(), text.clone()));
    }
    files
}

fn client(id: &str, reach: &str) -> String {
    let digest = stored_secret(&format!("{id}: thirty-two random bytes, let us say"));
    format!("clients:\n  - client_id: {id}\n    credentials: [{{client_secret: {digest}}}]\n    {reach}\n")
}

/// The outcome, and the rendering without the temporary directory.
fn read(files: &[(String, String)]) -> (Loaded, String) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, content) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
    }
    let loaded = load(directory.path(), NOW, &Options::default());
    let text = human(&loaded.findings, false).replace(&format!("{}/", directory.path().display()), "");
    (loaded, text)
}

fn codes(loaded: &Loaded) -> Vec<&'static str> {
    loaded.findings.iter().map(|finding| finding.code.id).collect()
}

#[test]
fn files_that_grant_what_their_teams_list_are_accepted() {
    let (loaded, text) = read(&files(&[]));
    assert!(loaded.findings.is_empty(), "{text}");
    assert_eq!(loaded.registry.map(|registry| registry.client_count()), Some(4));
}

#[rstest]
#[case::an_audience_of_a_team_by_a_free_file("others.yaml", "scope: invoices:read", "SG0153")]
#[case::the_same_by_its_audience("others.yaml", "audience: [https://invoices.example.com]", "SG0153")]
#[case::an_audience_of_another_team("search/a.yaml", "scope: [search:read, invoices:read]", "SG0153")]
#[case::a_free_audience_by_a_team("payments/eu/a.yaml", "scope: free:read", "SG0154")]
#[case::a_disabled_client_too("others.yaml", "{scope: x, disabled: true}", "SG0153")]
fn what_a_file_may_not_grant_is_an_error(#[case] file: &str, #[case] reach: &str, #[case] code: &str) {
    let reach = reach.replace("{scope: x, disabled: true}", "scope: invoices:read\n    disabled: true");
    let (loaded, text) = read(&files(&[(file, client("x", &reach))]));
    assert_eq!(codes(&loaded), [code], "{text}");
    assert!(loaded.registry.is_none());
}

#[test]
fn the_message_names_the_line_of_the_team() {
    let (_, text) = read(&files(&[("others.yaml", client("x", "scope: [free:read, invoices:read]"))]));
    insta::assert_snapshot!(text, @"
    error[SG0153]: client `x` reaches `https://invoices.example.com`, which only files of team `payments` grant
     --> others.yaml:4:24
      |
    4 |     scope: [free:read, invoices:read]
      |                        ^^^^^^^^^^^^^ granted here
      |
     ::: _teams.yaml:4:17
      |
    4 |     audiences: [https://invoices.example.com]
      |                 ---------------------------- the team lists it here
      |
      = help: move the client to a file of team `payments` (_teams.yaml:4), which has payments/**
      = more: signet explain SG0153

    1 error in 1 file
    ");
    let (_, text) = read(&files(&[("search/b.yaml", client("x", "scope: free:read"))]));
    insta::assert_snapshot!(text, @"
    error[SG0154]: client `x` reaches `https://free.example.com`, which team `search/*.yaml` does not list
     --> search/b.yaml:4:12
      |
    4 |     scope: free:read
      |            ^^^^^^^^^ granted here
      |
     ::: _teams.yaml:5:5
      |
    5 |   - files: [search/*.yaml, 'search-*.yaml']
      |     ----- the file belongs to this team
      |
      = help: add the audience to the team (_teams.yaml:5), or move the client out of its files
      = more: signet explain SG0154

    1 error in 1 file
    ");
}

#[test]
fn an_audience_of_two_teams_is_granted_by_both() {
    let teams = TEAMS.replace("audiences: https://s", "audiences: [https://invoices.example.com, https://s");
    let teams = teams.replace("search.example.com\n", "search.example.com]\n");
    let client = client("x", "scope: [search:read, invoices:read]");
    let (loaded, text) = read(&files(&[("_teams.yaml", teams.clone()), ("search/a.yaml", client)]));
    assert!(loaded.findings.is_empty(), "{text}");
}

#[rstest]
#[case::covered_by_its_own_pattern("payments/teams.yaml")]
#[case::covered_by_that_of_another("search/teams.yaml")]
fn teams_stand_only_where_no_team_can_change_them(#[case] file: &str) {
    let mut files = files(&[(file, TEAMS.to_owned())]);
    files.retain(|(name, _)| name != "_teams.yaml");
    let (loaded, text) = read(&files);
    assert_eq!(codes(&loaded), ["SG0152", "SG0152"], "{text}");
}

#[rstest]
#[case::an_audience_that_nobody_declares("invoices.example.com", "invoice.example.com", &["SG0155", "SG0154"])]
#[case::a_pattern_without_a_file("payments/**", "payment/**", &["SG0153", "SG0156"])]
#[case::a_pattern_from_the_root("payments/**", "/payments/**", &["SG0157"])]
#[case::no_files("    files: payments/**\n", "", &["SG0115"])]
#[case::an_empty_list_of_files("payments/**", "[]", &["SG0115"])]
#[case::no_audiences("    audiences: [https://invoices.example.com]\n", "", &["SG0115"])]
#[case::an_unknown_member("name: payments", "nmae: payments", &["SG0113"])]
#[case::an_audience_that_is_none("[https://invoices.example.com]", "['a b']", &["SG0120"])]
#[case::text_for_a_team("  - name: payments\n", "  - payments\n  - name: payments\n", &["SG0114"])]
fn a_team_that_means_nothing_is_refused(#[case] from: &str, #[case] to: &str, #[case] expected: &[&str]) {
    assert!(TEAMS.contains(from));
    let (loaded, text) = read(&files(&[("_teams.yaml", TEAMS.replacen(from, to, 1))]));
    let mut found = codes(&loaded);
    found.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn a_misspelt_audience_gets_the_nearest_spelling() {
    let teams = TEAMS.replace("https://invoices", "https://invoice");
    let (_, text) = read(&files(&[("_teams.yaml", teams)]));
    assert!(text.contains("did you mean `https://invoices.example.com`?"), "{text}");
}

#[test]
fn a_single_file_is_matched_by_its_name() {
    let teams = |pattern: &str| {
        let text = format!(
            "{RESOURCES}teams:\n  - {{files: {pattern}, audiences: [https://invoices.example.com]}}\n{}",
            client("x", "scope: free:read")
        );
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("clients.yaml");
        fs::write(&path, text).expect("a file");
        codes(&load(&path, NOW, &Options::default()))
    };
    assert_eq!(teams("'*'"), ["SG0152", "SG0154"], "the team owns the file and its own definition");
    assert_eq!(teams("payments/**"), ["SG0156"], "and here it owns nothing");
}

#[test]
fn nothing_is_said_about_grants_while_a_file_cannot_be_read() {
    let broken = ("payments/b.yaml", "clients: [\n".to_owned());
    let (loaded, text) = read(&files(&[broken, ("_resources.yaml", String::from("resources: []\n"))]));
    assert_eq!(codes(&loaded), ["SG0106"], "{text}");
}
