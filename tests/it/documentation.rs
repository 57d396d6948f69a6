//! The documentation against the program: every `signet …` line of a code block names commands and
//! flags that exist, every setting and metric of the tables is there, and the pages recommend what
//! is safer than a shared secret.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use assert_cmd::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Row L8
#[test]
fn l8_the_documentation_recommends_keys_and_sender_constrained_tokens() {
    let page = words(&read("docs/src/credentials.md"));
    for sentence in [
        "A key or a certificate that never leaves the client is preferable to a secret.",
        "A sender-constrained token is preferable to a bearer token.",
        "This version offers keys that sign assertions, and no bound tokens yet.",
    ] {
        assert!(page.contains(sentence), "docs/src/credentials.md does not say: {sentence}");
    }
    assert!(read("docs/src/SUMMARY.md").contains("(credentials.md)"));
    for template in ["clients.yaml", "deploy/kustomize/base/clients/billing-worker.yaml"] {
        let text = words(&read(template).replace("\n#", "\n"));
        assert!(text.contains("prefer a key"), "{template} does not recommend keys");
    }
    assert!(words(&read("docs/src/clients.md")).contains("(credentials.md)"));
}

#[test]
fn every_command_of_the_documentation_exists() {
    let mut helps = Helps::default();
    let mut commands = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("a page");
        for line in code_lines(&text) {
            for words in invocations(&line) {
                helps.check(&words).unwrap_or_else(|problem| panic!("{}: {line}\n{problem}", page.display()));
                commands += 1;
            }
        }
    }
    assert!(commands >= 15, "only {commands} commands were found in the documentation");
}

#[test]
fn the_check_of_commands_refuses_what_does_not_exist() {
    let mut helps = Helps::default();
    for wrong in ["signet keys burn", "signet servo", "signet check --keyz k", "signet secret new --scope a"]
    {
        let words = invocations(wrong);
        assert_eq!(words.len(), 1, "{wrong}");
        assert!(helps.check(&words[0]).is_err(), "{wrong} passed");
    }
    let line =
        "echo x | signet token --issuer U --secret-stdin | signet verify --issuer=U - < file  # signet x";
    assert_eq!(invocations(line).len(), 2);
    assert!(invocations(line).iter().all(|words| helps.check(words).is_ok()));
    assert_eq!(code_lines("signet a\n```sh\nsignet b \\\n  --c\n```\nsignet d\n"), ["signet b   --c"]);
}

/// The table of settings holds every flag of `serve` with its variable, and no other.
#[test]
fn the_table_of_settings_is_that_of_serve() {
    let help = help(&["serve".to_owned()]).expect("serve");
    let page = read("docs/src/settings.md");
    let in_table: BTreeSet<(String, String)> = page
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `--")?.split('|').map(|cell| cell.trim().trim_matches('`'));
            Some((format!("--{}", cells.next()?), cells.next()?.to_owned()))
        })
        .collect();
    // An entry begins with its flag and may be wrapped anywhere.
    let mut entries: Vec<(String, String)> = Vec::new();
    for line in help.lines().map(str::trim) {
        if let Some(name) = long_flag(line) {
            entries.push((name, String::new()));
        }
        if let Some((_, text)) = entries.last_mut() {
            *text += line;
            text.push(' ');
        }
    }
    let variable = |text: &str| {
        let variable = text.split("[env: ").nth(1)?.split([']', '=']).next()?;
        Some(variable.to_owned())
    };
    let in_help: BTreeSet<(String, String)> =
        entries.into_iter().filter_map(|(name, text)| Some((name, variable(&text)?))).collect();
    assert!(in_help.len() > 20, "{in_help:?}");
    assert_eq!(in_table, in_help);
}

/// One catalogue is the source of `explain`, of the pages under `/errors/` and of this page.
#[test]
fn the_page_of_all_codes_is_the_catalogue() {
    let printed =
        Command::new(env!("CARGO_BIN_EXE_signet")).args(["explain", "--format", "markdown"]).output();
    let printed = String::from_utf8(printed.expect("signet").stdout).expect("UTF-8");
    for code in signet::diagnostic::catalogue::all() {
        assert!(printed.contains(&format!("\n## {}\n", code.id)), "{} is not printed", code.id);
    }
    let same = read("docs/src/codes.md") == printed;
    assert!(same, "docs/src/codes.md is old: cargo run -- explain --format markdown > docs/src/codes.md");
}

/// A table of the page has every flag of `check` that is its own, with its variable.
#[test]
fn the_page_about_check_names_its_flags_and_formats() {
    let page = read("docs/src/check.md");
    let help = help(&["check".to_owned()]).expect("check");
    for flag in ["--clients-only", "--strict", "--deny", "--expiring-within", "--format"] {
        let variable = format!("SIGNET_{}", flag.trim_start_matches('-').to_uppercase().replace('-', "_"));
        let row = page.lines().find(|line| line.starts_with(&format!("| `{flag}")));
        assert!(row.is_some_and(|row| row.contains(&variable)), "{flag}");
        assert!(help.contains(flag) && help.contains(&variable), "{flag}");
    }
    for code in signet::diagnostic::catalogue::STRICT {
        assert!(page.contains(code.id), "{}", code.id);
    }
}

#[test]
fn the_page_about_doctor_names_its_flags() {
    let (page, help) = (read("docs/src/doctor.md"), help(&["doctor".to_owned()]).expect("doctor"));
    let flags: Vec<String> = help.lines().filter_map(|line| long_flag(line.trim())).collect();
    let global = ["--color", "--verbose", "--quiet", "--help"];
    let own: Vec<&String> = flags.iter().filter(|flag| !global.contains(&flag.as_str())).collect();
    assert!(own.len() >= 7, "{own:?}");
    for flag in own {
        assert!(page.lines().any(|line| line.starts_with(&format!("| `{flag}"))), "{flag}");
    }
}

/// `README.md` and the pages of the book.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> =
        [Path::new(ROOT).join("README.md")].into_iter().filter(|path| path.exists()).collect();
    for entry in std::fs::read_dir(Path::new(ROOT).join("docs/src")).expect("docs/src") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    assert!(pages.len() > 5);
    pages
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The text without line breaks and emphasis, so that a sentence is found wherever it is wrapped.
fn words(text: &str) -> String {
    text.replace("**", "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines of code blocks; a line that ends with `\` goes on.
fn code_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut inside, mut begun) = (false, String::new());
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
            continue;
        }
        if !inside {
            continue;
        }
        match line.strip_suffix('\\') {
            Some(part) => begun.push_str(part),
            None => lines.push(std::mem::take(&mut begun) + line),
        }
    }
    lines
}

/// The words behind `signet` in every part of a pipeline: `[["token", "--issuer", …], …]`.
fn invocations(line: &str) -> Vec<Vec<String>> {
    let line = line.split(" #").next().unwrap_or_default().replace("&&", "|").replace(';', "|");
    let words_of = |part: &str| {
        let mut words = part.split_whitespace().skip_while(|word| *word == "$").peekable();
        let program = words.next()?;
        if program == "cargo" {
            if words.next() != Some("run") {
                return None;
            }
            words.find(|word| *word == "--")?;
        } else if program != "signet" {
            return None;
        }
        let words: Vec<String> = words.map(str::to_owned).collect();
        // `signet ...` in running text says nothing.
        words.first().is_some_and(|word| !word.starts_with('.')).then_some(words)
    };
    line.split('|').filter_map(words_of).collect()
}

/// `--help` of every command that was asked for, run once.
#[derive(Default)]
struct Helps(BTreeMap<Vec<String>, Option<String>>);

impl Helps {
    fn check(&mut self, words: &[String]) -> Result<(), String> {
        let mut command: Vec<String> = Vec::new();
        let mut flags = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let group = matches!(command.as_slice(), [only] if ["clients", "keys", "secret"].contains(&only.as_str()));
            if word.starts_with("--") {
                flags.push(word.split('=').next().unwrap_or_default().to_owned());
            } else if index == 0 || (index == 1 && group) {
                command.push(word.clone());
            }
        }
        let help = self.0.entry(command.clone()).or_insert_with(|| help(&command));
        let help = help.as_ref().ok_or_else(|| format!("`signet {}` is no command", command.join(" ")))?;
        let known: BTreeSet<String> = help.lines().filter_map(|line| long_flag(line.trim())).collect();
        match flags.into_iter().find(|flag| flag != "--version" && !known.contains(flag)) {
            Some(flag) => Err(format!("`signet {}` has no {flag}", command.join(" "))),
            None => Ok(()),
        }
    }
}

fn help(command: &[String]) -> Option<String> {
    let output =
        Command::new(env!("CARGO_BIN_EXE_signet")).args(command).arg("--help").output().expect("signet");
    output.status.success().then(|| String::from_utf8(output.stdout).expect("UTF-8"))
}

/// The long flag that a line of `--help` describes: `--keys <DIR>  …`, `-q, --quiet`.
fn long_flag(line: &str) -> Option<String> {
    let line = match line.split_once(", --") {
        Some((short, rest)) if short.len() == 2 && short.starts_with('-') => format!("--{rest}"),
        _ => line.to_owned(),
    };
    let name = line.strip_prefix("--")?;
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(name.len());
    Some(format!("--{}", name.get(..end)?))
}
