//! `--format`, and which command prints what: one table, asked before a command runs.

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people
    Human,
    /// JSON for programs, versioned
    Json,
    /// Workflow commands that GitHub shows beside the lines of a change
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// A comment for a pull request
    Markdown,
}

/// Every command prints these.
const EVERYWHERE: &[Format] = &[Format::Human, Format::Json];
/// Commands that print more. A new rendering of a command is a word here.
const MORE: &[(&str, &[Format])] = &[
    ("check", &[Format::Github, Format::Sarif, Format::Markdown]),
    ("diff", &[Format::Markdown]),
    ("doctor", &[Format::Github, Format::Sarif, Format::Markdown]),
    ("explain", &[Format::Markdown]),
    ("schema", &[Format::Markdown]),
];

impl Format {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Does the command print this format?
    ///
    /// # Errors
    /// Which commands do, and what this one prints instead: a caller that asks for SARIF must not
    /// get something else.
    pub fn check(self, command: &str) -> Result<(), String> {
        let own: Vec<Format> = EVERYWHERE.iter().chain(more(command)).copied().collect();
        if own.contains(&self) {
            return Ok(());
        }
        let printing: Vec<String> = MORE
            .iter()
            .filter(|(_, formats)| formats.contains(&self))
            .map(|(command, _)| format!("`{command}`"))
            .collect();
        let (name, own) = (self.name(), names(&own));
        Err(format!("--format {name} is for {}; `signet {command}` prints {own}", printing.join(" and ")))
    }
}

/// The words of `--help`.
pub fn help() -> String {
    let mut text = format!("How results and findings are printed: {}", names(EVERYWHERE));
    for (command, formats) in MORE {
        text.push_str(&format!("; {command} also {}", names(formats)));
    }
    text
}

fn more(command: &str) -> &'static [Format] {
    MORE.iter().find(|(known, _)| *known == command).map_or(&[], |(_, formats)| formats)
}

fn names(formats: &[Format]) -> String {
    formats.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ")
}
