//! Where things are printed: data on standard output, talk on standard error. A closed pipe ends
//! the output and nothing else.

use std::io::{IsTerminal as _, Read as _, Write as _, stderr, stdin, stdout};
use std::time::Duration;

use anyhow::Context as _;
use indicatif::ProgressBar;
use zeroize::Zeroizing;

use super::{Color, Exit, Format, Global};
use crate::diagnostic::{Findings, count, github, human, json, markdown, sarif};

/// Longest text read from standard input or a file that a user names.
const INPUT_BYTES_MAX: u64 = 1024 * 1024;

pub fn data(text: &str) {
    let mut out = stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

pub fn line(text: &str) {
    data(&format!("{text}\n"));
}

pub fn talk(text: &str) {
    let _ = writeln!(stderr().lock(), "{text}");
}

/// Colour where wanted: `auto` means a terminal and no `NO_COLOR`.
pub fn coloured(color: Color, is_terminal: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// Prints findings: for people on standard error, everything else on standard output. `exit` is
/// the code when one of them is an error.
pub fn findings(findings: &Findings, format: Format, color: Color, exit: Exit) -> Exit {
    print_findings("check", findings, format, color, exit)
}

/// The same for a command that has more formats, named by those that have a heading.
pub fn findings_of(command: &str, findings: &Findings, global: Global, exit: Exit) -> Exit {
    print_findings(command, findings, global.format, global.color, exit)
}

fn print_findings(command: &str, findings: &Findings, format: Format, color: Color, exit: Exit) -> Exit {
    let sorted = findings.clone().sorted();
    // Where files are named from the top of a repository, that is where the program runs.
    let directory = std::env::current_dir().unwrap_or_default();
    match format {
        Format::Json => data(&json(&sorted)),
        Format::Sarif => data(&sarif(&sorted, &directory)),
        Format::Markdown => data(&markdown(&sorted, &directory, command)),
        Format::Github => {
            data(&github(&sorted, &directory));
            talk(&count(&sorted));
        }
        Format::Human if !sorted.is_empty() => {
            talk(human(&sorted, coloured(color, stderr().is_terminal())).trim_end());
        }
        Format::Human => {}
    }
    if findings.errors() > 0 { exit } else { Exit::Fine }
}

/// Text from a file, or from standard input for `-`; surrounding white space is dropped, because
/// shells and editors add line ends.
///
/// # Errors
/// When it cannot be read, is not UTF-8 or is larger than 1 MiB.
pub fn read_input(name: &str) -> anyhow::Result<Zeroizing<String>> {
    Ok(Zeroizing::new(read_all(name)?.trim().to_owned()))
}

/// A secret from standard input. Only line ends around it are dropped: a space can be a part of a
/// secret, a line end cannot (RFC 6749 Appendix A.2).
///
/// # Errors
/// As `read_input`.
pub fn read_secret() -> anyhow::Result<Zeroizing<String>> {
    let secret = Zeroizing::new(read_all("-")?.trim_matches(['\r', '\n']).to_owned());
    if secret.trim().len() != secret.len() {
        talk("note: the secret begins or ends with a space, which is taken as a part of it");
    }
    Ok(secret)
}

fn read_all(name: &str) -> anyhow::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    if name == "-" {
        if stdin().is_terminal() {
            talk("reading standard input; end with Ctrl-D");
        }
        stdin()
            .lock()
            .take(INPUT_BYTES_MAX + 1)
            .read_to_string(&mut text)
            .context("cannot read standard input")?;
    } else {
        let file = std::fs::File::open(name).with_context(|| format!("cannot open {name}"))?;
        file.take(INPUT_BYTES_MAX + 1)
            .read_to_string(&mut text)
            .with_context(|| format!("cannot read {name}"))?;
    }
    // A part of it would be another secret, or another token.
    anyhow::ensure!(text.len() as u64 <= INPUT_BYTES_MAX, "{name} holds more than 1 MiB");
    Ok(text)
}

/// A spinner on standard error for work that may pass a second; silent when that is no terminal.
pub fn spinner(what: &str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(what.to_owned());
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// A bar on standard error for work in so many steps; silent when that is no terminal.
pub fn progress(steps: usize) -> ProgressBar {
    ProgressBar::new(steps as u64)
}
