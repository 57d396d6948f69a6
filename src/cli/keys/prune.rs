//! `signet keys prune`: a list of what is of no use any more, and its end with `--yes`.

use std::io;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::DirectoryArgs;
use crate::cli::exit::failure;
use crate::cli::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock};
use crate::keys::State;
use crate::keys::prune::{self, Step};

pub const EXAMPLES: &str = "\
Examples:
  signet keys prune                      show what would be deleted
  signet keys prune --yes                delete it
  signet keys prune --private --yes      and destroy private halves of keys that have stopped signing

A private half that is destroyed leaves .pub.pem: the key stays published until it is gone.";

/// Servers may go on for so long with a key that is gone here: the largest clock allowance.
const LATER_SECONDS: i64 = 60;

#[derive(Args)]
pub struct PruneArgs {
    #[command(flatten)]
    directory: DirectoryArgs,
    /// Replace the private halves of retiring keys by their public ones
    #[arg(long)]
    private: bool,
    /// Do it; without this the files are only named
    #[arg(long)]
    yes: bool,
}

pub fn run(args: &PruneArgs, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    // A key that is missing from the plan only makes the one before it stay longer.
    let (keyring, exit) = match args.directory.load_sound(now, true, global) {
        Ok(sound) => sound,
        Err(exit) => return Ok(exit),
    };
    let steps = prune::steps(&args.directory.keys, &keyring, now.minus(LATER_SECONDS), args.private);
    let leftovers = prune::leftovers(&args.directory.keys, now);
    let seals = prune::gone_seals(&keyring, now.minus(LATER_SECONDS));
    if args.yes {
        let failed =
            |(path, error): (PathBuf, io::Error)| failure(Exit::Io, format!("{}: {error}", path.display()));
        steps.iter().try_for_each(Step::run).map_err(failed)?;
        for path in seals.iter().chain(&leftovers) {
            prune::remove_file(path).map_err(|error| failed((path.clone(), error)))?;
        }
    }
    match global.format {
        Format::Json => {
            let steps: Vec<_> = steps.iter().map(as_json).collect();
            let leftovers = shown(&leftovers);
            let document = json!({
                "version": 1, "done": args.yes, "steps": steps, "seal_keys": shown(&seals), "leftovers": leftovers,
            });
            output::line(&document.to_string());
        }
        _ => {
            steps.iter().for_each(|step| output::line(&in_words(step, args.yes)));
            let verb = if args.yes { "deleted" } else { "would delete" };
            let (seals, left) = (shown(&seals), shown(&leftovers));
            seals.iter().for_each(|path| output::line(&format!("{verb} {path} (gone, a seal key)")));
            left.iter().for_each(|path| output::line(&format!("{verb} {path} (a half-written file)")));
            output::talk(
                &match (steps.len().saturating_add(seals.len()).saturating_add(left.len()), args.yes) {
                    (0, _) => "nothing to prune".to_owned(),
                    (_, true) => "done".to_owned(),
                    (_, false) => "nothing was changed; --yes does it".to_owned(),
                },
            );
        }
    }
    Ok(exit)
}

fn in_words(step: &Step, done: bool) -> String {
    let verb = match (step.state, done) {
        (State::Gone, true) => "deleted",
        (State::Gone, false) => "would delete",
        (_, true) => "destroyed the private half of",
        (_, false) => "would destroy the private half of",
    };
    format!("{verb} {} ({}, kid {})", shown(&step.files).join(" "), step.state, step.kid)
}

fn shown(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.display().to_string()).collect()
}

fn as_json(step: &Step) -> serde_json::Value {
    json!({
        "kid": step.kid,
        "state": step.state.name(),
        "deleted": shown(&step.files),
        "written": step.replacement.as_ref().map(|path| path.display().to_string()),
    })
}
