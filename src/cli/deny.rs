//! `--deny`, and how a command ends that looks for findings: what `check` and `doctor` share.

use clap::{Args, ValueEnum};

use super::{Exit, Format, Global, output};
use crate::diagnostic::{Findings, Severity};

#[derive(Args)]
pub struct DenyArgs {
    /// Make errors of all warnings, or of all warnings and notes
    #[arg(long, env = "SIGNET_DENY", value_name = "warnings|notes", hide_possible_values = true)]
    deny: Option<Deny>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Deny {
    Warnings,
    Notes,
}

impl DenyArgs {
    pub fn denies(&self, severity: Severity) -> bool {
        match severity {
            Severity::Error => true,
            Severity::Warning => self.deny.is_some(),
            Severity::Note => self.deny == Some(Deny::Notes),
        }
    }
}

/// Prints what was found. People see what asks for something, and notes with `-v`; programs get
/// everything. `exit` is the code when there are errors. The text is half a sentence about notes
/// that were kept back, for whoever says "no errors".
pub fn print(findings: &Findings, command: &str, global: Global, exit: Exit) -> (Exit, String) {
    let notes = findings.notes();
    if global.format != Format::Human || global.verbose > 0 || notes == 0 {
        return (output::findings_of(command, findings, global, exit), String::new());
    }
    let exit = output::findings_of(command, &findings.clone().without_notes(), global, exit);
    let notes = if notes == 1 { "1 note".to_owned() } else { format!("{notes} notes") };
    (exit, format!("; {notes}, shown with -v"))
}
