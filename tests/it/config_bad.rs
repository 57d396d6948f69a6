//! The corpus of bad client lists: each is refused, with a message that is kept beside it, within
//! bounds, and shows no secret. The text of a message is a file that a reviewer reads.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use signet::clock::UnixTime;
use signet::config::{Loaded, Options, client_schema, load, load_text};
use signet::diagnostic::{human, json};

use crate::schema::{SHAPE, yaml_as_json};
use crate::support::bad_lists::{
    GOOD, GOOD_REGISTRATION, GOOD_TEAMS, bad_lists, fixtures, made, truncations,
};
use crate::support::{NOW, Workspace};

const DIRECTORY: &str = "tests/fixtures/config-bad";
/// What would be a secret in the files of the corpus, and digests, which nobody needs to see.
const SECRETS: &[&str] = &["hunter2", "jinN5QfVp0RF3ReORXuKZf3b"];
/// One file on a busy machine; a whole run of the corpus needs about two seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// Findings of one file as text: what a terminal can take, and a log line.
const MESSAGE_BYTES_MAX: usize = 8 << 20;

fn read(path: &Path) -> Loaded {
    load(path, UnixTime::from_seconds(NOW), &Options::default())
}

/// What is said of a file that is refused, in time and without a secret.
fn refused(name: &str, path: &Path) -> Result<(Loaded, String), String> {
    let begin = Instant::now();
    let loaded = read(path);
    let text = human(&loaded.findings, false);
    if loaded.findings.errors() == 0 || loaded.registry.is_some() {
        return Err(format!("{name} is accepted: {text}"));
    }
    for output in [&text, &json(&loaded.findings)] {
        if output.len() > MESSAGE_BYTES_MAX {
            return Err(format!("{name}: {} bytes", output.len()));
        }
        if let Some(secret) = SECRETS.iter().find(|secret| output.contains(**secret)) {
            return Err(format!("{name} shows {secret}: {output}"));
        }
    }
    match begin.elapsed() {
        time if time < PATIENCE => Ok((loaded, text)),
        time => Err(format!("{name} took {time:?}")),
    }
}

fn updating() -> bool {
    std::env::var_os("UPDATE_FIXTURES").is_some()
}

fn same_or_updated(path: &Path, content: &[u8]) -> Result<(), String> {
    if updating() {
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        std::fs::write(path, content).expect("written");
    }
    match std::fs::read(path).unwrap_or_default() == content {
        true => Ok(()),
        false => Err(format!(
            "{} is out of date; UPDATE_FIXTURES=1 cargo test --test it config_bad, then read the difference.\n{}",
            path.display(),
            String::from_utf8_lossy(content)
        )),
    }
}

/// What a schema makes of the file: the three ways in which it can differ from `check` are said.
fn judged_by_schema(
    validator: &jsonschema::Validator,
    name: &str,
    bytes: &[u8],
    loaded: &Loaded,
) -> Result<&'static str, String> {
    let Some(list) = std::str::from_utf8(bytes).ok().and_then(yaml_as_json) else {
        return Ok("not read: no YAML, or no single document of it");
    };
    let shape = loaded.findings.iter().find(|finding| SHAPE.contains(&finding.code.id));
    match (validator.is_valid(&list), shape) {
        (false, _) => Ok("refused"),
        (true, None) => Ok("accepted: beyond a schema"),
        (true, Some(_)) if name.starts_with("yaml-") => {
            Ok("accepted: another reader of YAML takes this for something else")
        }
        (true, Some(shape)) => Err(format!("{name}: the schema accepts what {} refuses", shape.code.id)),
    }
}

#[test]
fn every_bad_file_is_refused_with_the_message_beside_it() {
    let validator = jsonschema::draft202012::new(&client_schema()).expect("a schema");
    let files = fixtures();
    assert!(files.len() >= 200, "{} files", files.len());
    let mut expected = BTreeSet::new();
    let mut wrong = String::new();
    for (name, bytes) in &files {
        let path: PathBuf = [DIRECTORY, &format!("{name}.yaml")].iter().collect();
        expected.extend([path.clone(), path.with_extension("stderr")]);
        if let Err(problem) = same_or_updated(&path, bytes).and_then(|()| {
            let (loaded, text) = refused(name, &path)?;
            let schema = judged_by_schema(&validator, name, bytes, &loaded)?;
            same_or_updated(
                &path.with_extension("stderr"),
                format!("JSON Schema: {schema}\n\n{text}").as_bytes(),
            )
        }) {
            let _ = writeln!(wrong, "{problem}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(expected.len(), 2 * files.len(), "names are unique");
    let there =
        std::fs::read_dir(DIRECTORY).expect("the directory").map(|entry| entry.expect("an entry").path());
    let others: Vec<PathBuf> = there.filter(|path| !expected.contains(path)).collect();
    assert!(others.is_empty(), "files that no table has: {others:?}");
}

#[test]
fn the_good_file_that_bad_ones_are_made_of_is_good() {
    let loaded = load_text("clients.yaml", GOOD, UnixTime::from_seconds(NOW), &Options::default());
    assert!(loaded.registry.is_some() && loaded.findings.is_empty(), "{}", human(&loaded.findings, false));
    let validator = jsonschema::draft202012::new(&client_schema()).expect("a schema");
    assert!(validator.is_valid(&yaml_as_json(GOOD).expect("YAML")));
    let teams = load_text("clients.yaml", GOOD_TEAMS, UnixTime::from_seconds(NOW), &Options::default());
    let codes: Vec<&str> = teams.findings.iter().map(|finding| finding.code.id).collect();
    assert!(teams.registry.is_some() && codes == ["SG0156"], "{}", human(&teams.findings, false));
    assert!(validator.is_valid(&yaml_as_json(GOOD_TEAMS).expect("YAML")));
    let registration =
        load_text("clients.yaml", GOOD_REGISTRATION, UnixTime::from_seconds(NOW), &Options::default());
    let said = human(&registration.findings, false);
    assert!(registration.registry.is_some() && registration.findings.is_empty(), "{said}");
    assert!(validator.is_valid(&yaml_as_json(GOOD_REGISTRATION).expect("YAML")));
    for table in signet::config::client_tables() {
        for member in table.members {
            // They stand in the place of `jwks`.
            if ["jwks_file", "jwks_uri"].contains(&member.name) {
                continue;
            }
            let line = format!("{}:", member.name);
            let good = [GOOD, GOOD_TEAMS, GOOD_REGISTRATION];
            assert!(good.iter().any(|good| good.contains(&line)), "{} is missing", member.name);
        }
    }
}

/// The first finding of each, so that a change of what is said about it is seen.
#[test]
fn what_is_large_or_no_file_is_refused_within_bounds() {
    let mut said = String::new();
    for bad in made() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("clients.yaml");
        std::fs::write(&path, GOOD).expect("a file");
        bad.put(&path);
        let (loaded, _) = refused(&bad.name, &path).unwrap_or_else(|problem| panic!("{problem}"));
        let first = loaded.findings.iter().next().expect("a finding");
        let message = first.message.replace(&format!("{}/", directory.path().display()), "");
        let _ = writeln!(said, "{}: {} {message}", bad.name, first.code.id);
    }
    insta::assert_snapshot!(said);
}

/// The program itself with little memory: what is large ends in findings and not in an abort.
#[test]
fn what_is_large_needs_little_memory() {
    let workspace = Workspace::empty();
    let path = workspace.path().join("clients.yaml");
    for bad in made().into_iter().filter(|bad| bad.name.starts_with("made-")) {
        std::fs::write(&path, GOOD).expect("a file");
        bad.put(&path);
        let program = workspace.command();
        let limited =
            format!("ulimit -v 524288; exec {} check --clients-only", program.get_program().display());
        let mut shell = std::process::Command::new("sh");
        shell.current_dir(workspace.path()).args(["-c", &limited]).env_clear();
        let output = shell.output().expect("a shell");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{}: {:?} {said:.2000}", bad.name, output.status);
    }
}

/// A file cut in the middle of a line or after one is refused, or it is a valid list by itself:
/// then only the missing end marker tells, which the guard of reloads looks at.
#[test]
fn every_cut_of_a_good_file_is_refused_or_lacks_its_end_marker() {
    let whole = load_text("clients.yaml", GOOD, UnixTime::from_seconds(NOW), &Options::default());
    assert!(whole.files.iter().all(|file| file.ends_with_marker));
    let mut valid = Vec::new();
    for (what, text) in truncations() {
        let loaded = load_text("clients.yaml", text, UnixTime::from_seconds(NOW), &Options::default());
        match &loaded.registry {
            None => assert!(loaded.findings.errors() > 0, "{what}"),
            Some(_) => {
                assert!(loaded.files.iter().all(|file| !file.ends_with_marker), "{what} has an end marker");
                valid.push(what);
            }
        }
    }
    insta::assert_snapshot!(valid.join("\n"));
}

/// Root reads everything, so the program runs as somebody else then.
#[test]
fn a_file_without_permission_is_refused() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    const NOBODY: u32 = 65_534;
    let workspace = Workspace::empty();
    let root = workspace.path();
    std::fs::write(root.join("clients.yaml"), GOOD).expect("a file");
    std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    std::fs::set_permissions(root.join("clients.yaml"), std::fs::Permissions::from_mode(0o000))
        .expect("permissions");
    let program = workspace.command();
    let copy = root.join("signet");
    std::fs::copy(program.get_program(), &copy).expect("a copy that others can run");
    let mut command = std::process::Command::new(&copy);
    command.current_dir(root).env_clear().args(["check", "--clients-only"]);
    if std::fs::metadata(root).expect("the directory").uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("SG0102") && said.contains("Permission denied"), "{said}");
}

#[test]
fn names_of_the_corpus_are_unique() {
    let names: BTreeSet<String> = bad_lists().into_iter().map(|bad| bad.name).collect();
    assert_eq!(names.len(), fixtures().len() + made().len());
}

/// One change of the bytes of a file.
#[derive(Clone, Debug)]
enum Edit {
    Replace(prop::sample::Index, u8),
    Insert(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let byte = || prop_oneof![any::<u8>(), prop::sample::select(b":-[]{}\"'#&*!|>%@\n\t ,?".to_vec())];
    let at = any::<prop::sample::Index>;
    let edit = prop_oneof![
        (at(), byte()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        (at(), byte()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        (at(), 1_usize..40).prop_map(|(at, count)| Edit::Remove(at, count)),
        (at(), 1_usize..40).prop_map(|(at, count)| Edit::Repeat(at, count)),
    ];
    prop::collection::vec(edit, 1..6)
}

fn edited(edits: &[Edit]) -> Vec<u8> {
    let mut bytes = GOOD.as_bytes().to_vec();
    for edit in edits {
        let span = |at: &prop::sample::Index, count: usize, size: usize| {
            let start = at.index(size);
            start..(start + count).min(size)
        };
        match (edit, bytes.len()) {
            (_, 0) => break,
            (Edit::Replace(at, byte), size) => bytes[at.index(size)] = *byte,
            (Edit::Insert(at, byte), size) => bytes.insert(at.index(size), *byte),
            (Edit::Remove(at, count), size) => drop(bytes.drain(span(at, *count, size))),
            (Edit::Repeat(at, count), size) => {
                let part = bytes[span(at, *count, size)].to_vec();
                let start = at.index(size);
                bytes.splice(start..start, part);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_good_list_with_changed_bytes_is_read_or_refused_in_time(edits in edits()) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("clients.yaml");
        std::fs::write(&path, edited(&edits)).expect("a file");
        let begin = Instant::now();
        let loaded = read(&path);
        let _ = (human(&loaded.findings, true), json(&loaded.findings));
        prop_assert_eq!(loaded.registry.is_none(), loaded.findings.errors() > 0);
        prop_assert!(begin.elapsed() < PATIENCE);
    }
}
