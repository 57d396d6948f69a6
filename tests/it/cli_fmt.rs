//! `signet fmt`: meaning, comments and order stay, the rest gets one form.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;
use signet::config;
use signet::diagnostic::Source;

use crate::support::{Workspace, holds_comments, noisy_yaml};

fn format(text: &str) -> String {
    let result = config::format(&Source::new("clients.yaml", text));
    let result =
        result.unwrap_or_else(|findings| panic!("{text:?}: {}", signet::diagnostic::human(&findings, false)));
    result.text.clone()
}

/// By a reader that is not ours.
fn meaning(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_style_meaning_comments_and_order_stay(choices in prop::collection::vec(any::<u8>(), 0..600)) {
        let noisy = noisy_yaml(&choices);
        prop_assert_eq!(&meaning(&noisy.text), &noisy.meaning, "the generator: {:?}", noisy.text);
        let formatted = format(&noisy.text);
        prop_assert_eq!(&meaning(&formatted), &noisy.meaning, "{:?} became {:?}", noisy.text, formatted);
        prop_assert!(holds_comments(&formatted, &noisy.comments), "{:?} became {:?}", noisy.text, formatted);
        prop_assert_eq!(&format(&formatted), &formatted, "idempotent: {:?}", noisy.text);
        prop_assert!(formatted.ends_with("\n...\n") && !formatted.contains("\n...\n..."));
        prop_assert!(!formatted.contains('\r'));
    }
}

/// The draw is worth something: each style occurs, and not in few files only.
#[test]
fn the_noise_uses_every_style() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let texts: Vec<String> = (0..1000)
        .map(|_| prop::collection::vec(any::<u8>(), 0..400).new_tree(&mut runner).expect("bytes").current())
        .map(|choices| noisy_yaml(&choices).text)
        .collect();
    for style in [
        "\r\n", "---", "\n...", "? ", "- - ", "-\n", ": |", "|+", "|2", " #c", "\n#", ": [", ": {", ",\n",
        "'", "\\\n", "\n\n",
    ] {
        let count = texts.iter().filter(|text| text.contains(style)).count();
        assert!(count >= 5, "{style:?} occurs in {count} of {} texts", texts.len());
    }
}

const UNTIDY: &str = "clients:   # all\n- client_id: a\n  client_secret:   hunter2-in-clear\n";
const TIDY: &str = "clients: # all\n  - client_id: a\n    client_secret: hunter2-in-clear\n...\n";

#[test]
fn files_are_formatted_in_place_and_named_and_keep_their_mode() {
    let workspace = Workspace::empty();
    workspace.write("clients/a.yaml", UNTIDY);
    workspace.write("clients/b/c.yml", TIDY);
    workspace.write("clients/notes.txt", UNTIDY);
    let path = workspace.path().join("clients/a.yaml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("a mode");
    let output = workspace.run("fmt --clients clients");
    assert_eq!((output.code, output.stdout.as_str()), (0, "clients/a.yaml\n"), "{}", output.stderr);
    assert_eq!(output.stderr, "1 of 2 files formatted\n");
    assert_eq!(workspace.read("clients/a.yaml"), TIDY);
    assert_eq!(workspace.read("clients/notes.txt"), UNTIDY);
    assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o640);
    let names: Vec<_> = std::fs::read_dir(workspace.path().join("clients")).expect("a directory").collect();
    assert_eq!(names.len(), 3, "no temporary file stays");
    let again = workspace.run("fmt clients");
    assert_eq!((again.code, again.stdout.as_str()), (0, ""));
}

#[test]
fn check_names_what_would_change_and_writes_nothing() {
    let workspace = Workspace::empty();
    workspace.write("clients.yaml", UNTIDY);
    let output = workspace.run("fmt --check");
    assert_eq!((output.code, output.stdout.as_str()), (1, "clients.yaml\n"));
    assert!(
        output.stderr.contains("1 of 1 file would change; `signet fmt` writes them"),
        "{}",
        output.stderr
    );
    let json = workspace.run("fmt --check --format json");
    assert_eq!(json.code, 1);
    assert_eq!(json.json()["files"], serde_json::json!([{"file": "clients.yaml", "state": "would_change"}]));
    assert_eq!(workspace.read("clients.yaml"), UNTIDY);
    workspace.write("clients.yaml", TIDY);
    assert_eq!(workspace.run("fmt --check").code, 0);
    assert_eq!(workspace.run("fmt --diff").code, 0);
}

#[test]
fn the_difference_is_shown_without_what_could_be_a_secret() {
    let workspace = Workspace::empty();
    workspace.write("clients.yaml", UNTIDY);
    let json = workspace.run("fmt --diff --format json");
    assert!(!json.all().contains("hunter2") && json.json()["files"][0]["diff"].is_string(), "{}", json.all());
    let output = workspace.run("fmt --diff");
    assert_eq!(output.code, 1);
    assert!(!output.all().contains("hunter2"), "{}", output.all());
    insta::assert_snapshot!(output.stdout, @r"
    --- clients.yaml
    +++ clients.yaml
    @@ -1,3 +1,4 @@
    -clients:   # all
    -- client_id: a
    -  client_secret:   …
    +clients: # all
    +  - client_id: a
    +    client_secret: …
    +...
    ");
    assert_eq!(workspace.read("clients.yaml"), UNTIDY);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let workspace = Workspace::empty();
    let output = workspace.run_with("fmt -", &[], UNTIDY);
    assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (0, TIDY, ""));
    assert_eq!(workspace.run_with("fmt --check -", &[], UNTIDY).code, 1);
    assert_eq!(workspace.run_with("fmt --check -", &[], TIDY).code, 0);
    let refused = workspace.run_with("fmt -", &[], "clients: [");
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    assert!(refused.stderr.contains("SG0106"), "{}", refused.stderr);
    assert_eq!(workspace.run("fmt - other.yaml").code, 2);
    let json = workspace.run_with("fmt - --format json", &[], UNTIDY).json();
    assert_eq!(json["files"], serde_json::json!([{"file": "-", "state": "formatted", "text": TIDY}]));
}

#[test]
fn a_file_that_is_not_understood_stays_and_the_others_are_formatted() {
    let workspace = Workspace::empty();
    workspace.write("clients/a.yaml", "clients: &x []\n");
    workspace.write("clients/b.yaml", UNTIDY);
    let output = workspace.run("fmt clients");
    assert_eq!((output.code, output.stdout.as_str()), (1, "clients/b.yaml\n"));
    assert!(
        output.stderr.contains("SG0108") && output.stderr.contains("clients/a.yaml:1"),
        "{}",
        output.stderr
    );
    assert_eq!(workspace.read("clients/a.yaml"), "clients: &x []\n");
    let json = workspace.run("fmt clients --format json").json();
    assert_eq!(json["files"][0]["state"], "refused");
    assert_eq!(json["findings"][0]["code"], "SG0108");
    assert_eq!(workspace.run("fmt nowhere").code, 1);
}

#[test]
fn a_link_is_not_written_through_and_not_cut() {
    let workspace = Workspace::empty();
    workspace.write("elsewhere/a.yaml", UNTIDY);
    workspace.write("clients/b.yaml", TIDY);
    let link =
        |from: &str, to: &str| std::os::unix::fs::symlink(from, workspace.path().join(to)).expect("a link");
    link("../elsewhere/a.yaml", "clients/a.yaml");
    link("../elsewhere", "clients/more");
    let output = workspace.run("fmt clients");
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert_eq!(output.stderr.matches("SG0610").count(), 4, "{}", output.stderr);
    assert_eq!(workspace.read("elsewhere/a.yaml"), UNTIDY);
    assert!(workspace.path().join("clients/a.yaml").is_symlink());
    // To read them is fine, and so is a link that already is in form.
    assert_eq!(workspace.run("fmt --check clients").stdout, "clients/a.yaml\nclients/more/a.yaml\n");
    workspace.write("elsewhere/a.yaml", TIDY);
    assert_eq!(workspace.run("fmt clients").code, 0);
}

/// The guard of the reload takes a file without the end marker for a cut one, so every list that
/// is copied from here ends with it.
#[test]
fn the_lists_that_come_with_the_source_are_in_form() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut lists = vec![root.join("clients.yaml")];
    lists_below(&root.join("deploy"), &mut lists);
    assert!(lists.len() >= 3, "{lists:?}");
    let mut command = Workspace::empty().command();
    let output =
        command.current_dir(root).args(["fmt", "--check", "--diff"]).args(&lists).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn lists_below(directory: &Path, lists: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && path.ends_with("clients") {
            lists.push(path);
        } else if path.is_dir() {
            lists_below(&path, lists);
        } else if path.file_name().is_some_and(|name| name == "clients.yaml") {
            lists.push(path);
        }
    }
}
