//! `signet fmt`: client files in one form, in place. What a file says never changes, and a file
//! that is not understood is not touched.

use std::fs;
use std::io::{Read as _, stdin};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};
use similar::TextDiff;

use super::exit::failure;
use super::{Exit, Format, Global, output, replace_file};
use crate::config;
use crate::diagnostic::{Findings, Source, shown_lines};

const EXAMPLES: &str = "\
Examples:
  signet fmt                              the list of --clients, in place
  signet fmt clients/payments new.yaml
  signet fmt --check                      in a pull request: exit code 1 when a file would change
  signet fmt --diff                       what would change; nothing is written
  signet fmt - < clients.yaml

White space, blank lines, line ends and the end marker `...` change; words, quotation marks, comments and order
stay. Exit code 0: fine, 1: a file would change (--check, --diff), or was not understood and left as it is.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct FmtArgs {
    /// Files and directories [default: that of --clients]; `-` is standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// File or directory that lists the clients
    #[arg(long, env = "SIGNET_CLIENTS", value_name = "PATH", default_value = "clients.yaml")]
    clients: PathBuf,
    /// Write nothing; name the files that would change
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change, secrets hidden
    #[arg(long)]
    diff: bool,
}

/// What became of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unchanged,
    Formatted,
    WouldChange,
    Refused,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Formatted => "formatted",
            Self::WouldChange => "would_change",
            Self::Refused => "refused",
        }
    }
}

struct Outcome {
    file: String,
    state: State,
    /// With `--diff`.
    diff: Option<String>,
    /// The formatted text of standard input.
    text: Option<String>,
}

impl Outcome {
    fn new(file: impl Into<String>, state: State) -> Self {
        Self { file: file.into(), state, diff: None, text: None }
    }
}

pub fn run(args: FmtArgs, global: Global) -> anyhow::Result<Exit> {
    let mut findings = Findings::default();
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut exit = Exit::Fine;
    let paths = if args.paths.is_empty() { vec![args.clients.clone()] } else { args.paths.clone() };
    if paths.iter().any(|path| path.as_os_str() == "-") {
        if paths.len() > 1 {
            return Err(failure(Exit::Usage, "`-` stands alone: standard input is one file"));
        }
        outcomes.push(standard_input(&args, &mut findings)?);
    } else {
        for root in &paths {
            for path in config::client_files(root, &mut findings) {
                // One file that cannot be written is no reason to leave the others.
                outcomes.push(one_file(root, &path, &args, &mut findings).unwrap_or_else(|error| {
                    output::talk(&format!("error: {error:#}"));
                    exit = Exit::Io;
                    Outcome::new(path.display().to_string(), State::Refused)
                }));
            }
        }
    }
    report(&outcomes, &findings, &args, global);
    let would_change = outcomes.iter().any(|outcome| outcome.state == State::WouldChange);
    let refused = would_change || findings.errors() > 0;
    Ok(if exit == Exit::Fine && refused { Exit::Refused } else { exit })
}

fn one_file(root: &Path, path: &Path, args: &FmtArgs, findings: &mut Findings) -> anyhow::Result<Outcome> {
    let source = config::read_source(path, findings);
    let (mut outcome, texts) = formatted(&path.display().to_string(), source, args, findings);
    let Some((source, formatted)) = texts.filter(|_| outcome.state == State::Formatted) else {
        return Ok(outcome);
    };
    if leads_out(root, path)? {
        findings.push(replace_file::link(path));
        outcome.state = State::Refused;
        return Ok(outcome);
    }
    replace_file::replace(path, source.text.as_bytes(), formatted.text.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(outcome)
}

/// A text before and after.
type BeforeAfter = (Arc<Source>, Arc<Source>);

/// What is to become of a text, and the texts before and after when it was understood.
fn formatted(
    name: &str,
    source: Option<Arc<Source>>,
    args: &FmtArgs,
    findings: &mut Findings,
) -> (Outcome, Option<BeforeAfter>) {
    let Some(source) = source else { return (Outcome::new(name, State::Refused), None) };
    let formatted = match config::format(&source) {
        Ok(formatted) => formatted,
        Err(found) => {
            findings.extend(found);
            return (Outcome::new(name, State::Refused), None);
        }
    };
    let state = match (source.text == formatted.text, args.check || args.diff) {
        (true, _) => State::Unchanged,
        (false, true) => State::WouldChange,
        (false, false) => State::Formatted,
    };
    let mut outcome = Outcome::new(name, state);
    outcome.diff = (args.diff && state == State::WouldChange).then(|| diff(&source, &formatted));
    (outcome, Some((source, formatted)))
}

/// Is the file a link, or behind a link to a directory elsewhere? The root itself was named.
fn leads_out(root: &Path, path: &Path) -> anyhow::Result<bool> {
    let is_link = fs::symlink_metadata(path)?.is_symlink();
    Ok(is_link || !fs::canonicalize(path)?.starts_with(fs::canonicalize(root)?))
}

fn standard_input(args: &FmtArgs, findings: &mut Findings) -> anyhow::Result<Outcome> {
    let mut bytes = Vec::new();
    let mut input = stdin().lock().take(config::FILE_BYTES_MAX + 1);
    input.read_to_end(&mut bytes).context("cannot read standard input")?;
    if bytes.len() as u64 > config::FILE_BYTES_MAX {
        return Err(failure(Exit::Refused, "standard input holds more than 64 MiB"));
    }
    let source = config::source("-", bytes, findings);
    let (mut outcome, texts) = formatted("-", source, args, findings);
    if let Some((_, formatted)) = texts.filter(|_| !(args.check || args.diff)) {
        outcome.text = Some(formatted.text.clone());
    }
    Ok(outcome)
}

fn report(outcomes: &[Outcome], findings: &Findings, args: &FmtArgs, global: Global) {
    if global.format == Format::Json {
        return output::line(&format!("{:#}", document(outcomes, findings)));
    }
    let is_changed = |outcome: &&Outcome| matches!(outcome.state, State::Formatted | State::WouldChange);
    let changed: Vec<&Outcome> = outcomes.iter().filter(is_changed).collect();
    for outcome in &changed {
        match &outcome.diff {
            Some(diff) => output::data(diff),
            None if outcome.text.is_none() => output::line(&outcome.file),
            None => {}
        }
    }
    output::findings(findings, Format::Human, global.color, Exit::Refused);
    if let [Outcome { text: Some(text), .. }] = outcomes {
        return output::data(text);
    }
    let total = outcomes.len();
    let files = if total == 1 { "file" } else { "files" };
    output::talk(&match (args.check || args.diff, changed.len()) {
        (true, 0) => format!("no file of {total} would change"),
        (true, count) => format!("{count} of {total} {files} would change; `signet fmt` writes them"),
        (false, count) => format!("{count} of {total} {files} formatted"),
    });
}

fn document(outcomes: &[Outcome], findings: &Findings) -> Value {
    let file = |outcome: &Outcome| {
        let mut file = json!({"file": outcome.file, "state": outcome.state.name()});
        for (name, text) in [("diff", &outcome.diff), ("text", &outcome.text)] {
            if let (Some(text), Some(members)) = (text, file.as_object_mut()) {
                members.insert(name.to_owned(), json!(text));
            }
        }
        file
    };
    let files: Vec<Value> = outcomes.iter().map(file).collect();
    let findings: Value = serde_json::from_str(&crate::diagnostic::json(findings)).unwrap_or_default();
    json!({"version": 1, "files": files, "findings": findings.get("findings")})
}

/// A unified diff of the lines as they may be shown: what could be a secret is hidden in both.
fn diff(old: &Arc<Source>, new: &Arc<Source>) -> String {
    /// Longer, and lines that moved are shown as removed and added.
    const PATIENCE: Duration = Duration::from_secs(2);
    let (old_lines, new_lines) = (shown_lines(old), shown_lines(new));
    let old_lines: Vec<&str> = old_lines.iter().map(String::as_str).collect();
    let new_lines: Vec<&str> = new_lines.iter().map(String::as_str).collect();
    let diff =
        TextDiff::configure().timeout(PATIENCE).newline_terminated(false).diff_slices(&old_lines, &new_lines);
    let text = diff.unified_diff().missing_newline_hint(false).header(&old.name, &new.name).to_string();
    format!("{}\n", text.trim_end_matches('\n'))
}
