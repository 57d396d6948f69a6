//! `signet diff OLD NEW`: what changes in who may reach what, between two client lists.

mod git;
mod json;
mod markdown;
mod side;

use std::io::IsTerminal as _;

use clap::Args;

use self::side::Side;
use super::{Exit, Format, Global, output};
use crate::client::difference::{Difference, Line, Sign};
use crate::client::{Registry, difference};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Loaded;
use crate::diagnostic::Findings;

const EXAMPLES: &str = "\
Examples:
  signet diff main:clients clients/                     a git revision against the working tree
  signet diff old-clients.yaml clients.yaml
  signet diff origin/main:clients HEAD:clients --format markdown
  git show main:clients.yaml | signet diff - clients.yaml

Order, comments and files that moved are no change. Exit code 0 with and without changes (1 for
changes with --exit-code), 3: a list has errors, 4: a side cannot be read.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct DiffArgs {
    /// The list before: a file, a directory, REV:PATH of git, or - for standard input
    #[arg(value_name = "OLD")]
    old: Side,
    /// The list after
    #[arg(value_name = "NEW")]
    new: Side,
    /// Exit with 1 when access changes
    #[arg(long, env = "SIGNET_EXIT_CODE")]
    exit_code: bool,
}

pub fn run(args: DiffArgs, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    let spinner = output::spinner("reading the client lists");
    let old = args.old.load(now)?;
    let new = args.new.load(now)?;
    spinner.finish_and_clear();
    let mut wrong = Findings::default();
    let old = usable(old, "OLD", &args.old, global, &mut wrong);
    let new = usable(new, "NEW", &args.new, global, &mut wrong);
    let (Some(old), Some(new)) = (old, new) else {
        if global.format == Format::Json {
            output::findings(&wrong, global.format, global.color, Exit::Configuration);
        }
        return Ok(Exit::Configuration);
    };
    let compared = Compared {
        difference: difference(&old.0, &new.0),
        old: format!("{} (revision {})", args.old, old.1),
        new: format!("{} (revision {})", args.new, new.1),
    };
    match global.format {
        Format::Json => output::data(&json::document(&compared)),
        Format::Markdown => output::data(&markdown::comment(&compared)),
        _ => print(&compared.difference, output::coloured(global.color, std::io::stdout().is_terminal())),
    }
    Ok(if args.exit_code && !compared.difference.is_empty() { Exit::Refused } else { Exit::Fine })
}

/// What all renderings are made from.
struct Compared {
    difference: Difference,
    /// What was compared, for people.
    old: String,
    new: String,
}

/// The list of one side; its findings, when some of them are errors, in the words of `check`.
fn usable(
    loaded: Loaded,
    which: &str,
    side: &Side,
    global: Global,
    wrong: &mut Findings,
) -> Option<(Registry, String)> {
    if loaded.registry.is_none() {
        if global.format != Format::Json {
            output::talk(&format!("{which}, {side}, is no valid client list:\n"));
            output::findings(&loaded.findings, Format::Human, global.color, Exit::Configuration);
        }
        wrong.extend(loaded.findings);
    }
    loaded.registry.map(|registry| (registry, loaded.revision.to_string()))
}

/// Narrow enough that a line of the usual length fits beside it.
const SUBJECT_COLUMNS_MAX: usize = 40;

fn print(difference: &Difference, coloured: bool) {
    if difference.is_empty() {
        return output::talk("no change in access");
    }
    let longest = difference.sections().map(|(subject, _)| subject.len()).max().unwrap_or(0);
    let width = longest.min(SUBJECT_COLUMNS_MAX);
    let mut text = String::new();
    for (subject, lines) in difference.sections() {
        for line in lines {
            text.push_str(&format!("{subject:<width$}  {}\n", painted(&line, coloured)));
        }
    }
    output::data(&text);
    output::talk(&difference.counts().to_string());
}

fn painted(line: &Line, coloured: bool) -> String {
    let colour = match line.sign {
        Sign::Gain => "\u{1b}[32m",
        Sign::Loss => "\u{1b}[31m",
        Sign::Change => "\u{1b}[33m",
    };
    if coloured { format!("{colour}{line}\u{1b}[0m") } else { line.to_string() }
}
