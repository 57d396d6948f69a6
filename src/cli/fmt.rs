//! `signet fmt`: client files in one form, in place. What a file says never changes, and a file
//! that is not understood is not touched.

use std::fs;
use std::io::{Read as _, stdin};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;
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

pub fn run(args: FmtArgs, global: Global) -> anyhow::Result<Exit> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return match args.paths.len() {
            1 => standard_input(&args, global),
            _ => Err(failure(Exit::Usage, "`-` stands alone: standard input is one file")),
        };
    }
    let mut findings = Findings::default();
    let mut states: Vec<(String, State)> = Vec::new();
    let paths = if args.paths.is_empty() { vec![args.clients.clone()] } else { args.paths.clone() };
    for root in &paths {
        for path in config::client_files(root, &mut findings) {
            let state = one_file(root, &path, &args, global, &mut findings)?;
            states.push((path.display().to_string(), state));
        }
    }
    report(&states, &findings, &args, global);
    let would_change = states.iter().any(|(_, state)| *state == State::WouldChange);
    Ok(if would_change || findings.errors() > 0 { Exit::Refused } else { Exit::Fine })
}

fn one_file(
    root: &Path,
    path: &Path,
    args: &FmtArgs,
    global: Global,
    findings: &mut Findings,
) -> anyhow::Result<State> {
    let Some(source) = config::read_source(path, findings) else { return Ok(State::Refused) };
    let formatted = match config::format(&source) {
        Ok(formatted) => formatted,
        Err(found) => {
            findings.extend(found);
            return Ok(State::Refused);
        }
    };
    if formatted.text == source.text {
        return Ok(State::Unchanged);
    }
    if args.check || args.diff {
        if args.diff && global.format == Format::Human {
            output::data(&diff(&source, &formatted));
        }
        return Ok(State::WouldChange);
    }
    if leads_out(root, path)? {
        findings.push(replace_file::link(path));
        return Ok(State::Refused);
    }
    replace_file::replace(path, source.text.as_bytes(), formatted.text.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(State::Formatted)
}

/// Is the file a link, or behind a link to a directory elsewhere? The root itself was named.
fn leads_out(root: &Path, path: &Path) -> anyhow::Result<bool> {
    let is_link = fs::symlink_metadata(path)?.is_symlink();
    Ok(is_link || !fs::canonicalize(path)?.starts_with(fs::canonicalize(root)?))
}

fn standard_input(args: &FmtArgs, global: Global) -> anyhow::Result<Exit> {
    let mut bytes = Vec::new();
    stdin()
        .lock()
        .take(config::FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .context("cannot read standard input")?;
    if bytes.len() as u64 > config::FILE_BYTES_MAX {
        return Err(failure(Exit::Refused, "standard input holds more than 64 MiB"));
    }
    let mut findings = Findings::default();
    let source = config::source("-", bytes, &mut findings);
    let formatted = match source.as_ref().map(config::format) {
        Some(Ok(formatted)) => formatted,
        Some(Err(found)) => return Ok(output::findings(&found, global.format, global.color, Exit::Refused)),
        None => return Ok(output::findings(&findings, global.format, global.color, Exit::Refused)),
    };
    let is_same = source.as_ref().is_some_and(|source| source.text == formatted.text);
    match source {
        Some(source) if args.diff && !is_same => output::data(&diff(&source, &formatted)),
        _ if args.check || args.diff => {}
        _ => output::data(&formatted.text),
    }
    Ok(if is_same || !(args.check || args.diff) { Exit::Fine } else { Exit::Refused })
}

fn report(states: &[(String, State)], findings: &Findings, args: &FmtArgs, global: Global) {
    if global.format == Format::Json {
        let files: Vec<_> =
            states.iter().map(|(file, state)| json!({"file": file, "state": state.name()})).collect();
        let findings: serde_json::Value =
            serde_json::from_str(&crate::diagnostic::json(findings)).unwrap_or_default();
        let document = json!({"version": 1, "files": files, "findings": findings.get("findings")});
        return output::line(&format!("{document:#}"));
    }
    let changed: Vec<&str> = states
        .iter()
        .filter(|(_, state)| matches!(state, State::Formatted | State::WouldChange))
        .map(|(file, _)| file.as_str())
        .collect();
    if !args.diff {
        changed.iter().for_each(|file| output::line(file));
    }
    output::findings(findings, Format::Human, global.color, Exit::Refused);
    let total = states.len();
    let files = if total == 1 { "file" } else { "files" };
    output::talk(&match (args.check || args.diff, changed.len()) {
        (true, 0) => format!("no file of {total} would change"),
        (true, count) => format!("{count} of {total} {files} would change; `signet fmt` writes them"),
        (false, count) => format!("{count} of {total} {files} formatted"),
    });
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
