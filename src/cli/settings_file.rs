//! `--config signet.yaml`: members are named like the flags. They become the defaults of the
//! flags, so that flag and environment stay stronger and the flag's own parser checks the value.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ContextKind;
use clap::{Arg, ArgAction, Command};

use crate::config;
use crate::diagnostic::catalogue::settings;
use crate::diagnostic::{Entry, Finding, Findings, Value};

/// Flags that make no sense in the file.
const NOT_IN_FILE: &[&str] = &["config", "help", "version", "verbose", "quiet"];

/// The command with the members of the settings file as defaults.
///
/// # Errors
/// What is wrong with the file.
pub fn apply(command: Command, arguments: &[OsString]) -> Result<Command, Findings> {
    let Some(path) = path(arguments) else { return Ok(command) };
    let mut findings = Findings::default();
    let Some(entries) = config::read_settings(&path, &mut findings) else { return Err(findings) };
    let mut command = command;
    for entry in entries {
        match default_of(&command, &entry) {
            Ok(text) => command = set_default(command, &entry.key, &text),
            Err(finding) => findings.push(*finding),
        }
    }
    if findings.errors() > 0 { Err(findings) } else { Ok(command) }
}

/// `--config PATH`, `--config=PATH` or `SIGNET_CONFIG`.
fn path(arguments: &[OsString]) -> Option<PathBuf> {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy();
        if text == "--config" {
            return rest.next().map(PathBuf::from);
        }
        if let Some(path) = text.strip_prefix("--config=") {
            return Some(path.into());
        }
    }
    std::env::var_os("SIGNET_CONFIG").filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The text that the flag's parser shall read.
fn default_of(command: &Command, entry: &Entry) -> Result<String, Box<Finding>> {
    let known: Vec<&str> = command
        .get_subcommands()
        .flat_map(Command::get_arguments)
        .filter_map(clap::Arg::get_long)
        .filter(|name| !NOT_IN_FILE.contains(name))
        .collect();
    if !known.contains(&entry.key.as_str()) {
        let message = format!("the settings file has no member `{}`", entry.key);
        let finding = Finding::new(&settings::SETTING_UNKNOWN, message).at(entry.key_place(), "not known");
        let nearest = known.iter().copied().max_by(|a, b| {
            strsim::jaro_winkler(a, &entry.key).total_cmp(&strsim::jaro_winkler(b, &entry.key))
        });
        return Err(Box::new(match nearest {
            Some(name) => finding.help(format!("did you mean `{name}`? `signet serve --help` lists all")),
            None => finding,
        }));
    }
    let text = match &entry.value.value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        _ => {
            let message = format!("`{}` must be text, a whole number, true or false", entry.key);
            let finding = Finding::new(&settings::SETTINGS_SHAPE, message);
            return Err(Box::new(finding.at(entry.value.place(), entry.value.kind())));
        }
    };
    match refused(command, &entry.key, &text) {
        None => Ok(text),
        Some(reason) => {
            let message = format!("`{}` cannot have this value: {reason}", entry.key);
            let finding = Finding::new(&settings::SETTING_VALUE, message);
            Err(Box::new(finding.at(entry.value.place(), "refused")))
        }
    }
}

/// What the flag's own parser has against a text. Asked here, because what it says of a default
/// would speak of a flag that nobody gave.
fn refused(command: &Command, name: &str, text: &str) -> Option<String> {
    let mut arguments = command.get_subcommands().flat_map(Command::get_arguments);
    let parser = arguments.find(|argument| argument.get_long() == Some(name))?.get_value_parser().clone();
    let alone = Arg::new("value").long(name.to_owned()).action(ArgAction::Set).value_parser(parser);
    let trial = Command::new("settings").no_binary_name(true).arg(alone);
    let error = trial.try_get_matches_from([format!("--{name}={text}")]).err()?;
    let reason = match (std::error::Error::source(&error), error.get(ContextKind::ValidValue)) {
        (Some(reason), _) => reason.to_string(),
        (None, Some(values)) => format!("it must be one of {values}"),
        (None, None) => error.kind().to_string(),
    };
    Some(reason)
}

/// Wherever a command, or a command of a command, has the flag.
fn set_default(command: Command, name: &str, text: &str) -> Command {
    let id = command.get_arguments().find(|arg| arg.get_long() == Some(name)).map(|arg| arg.get_id().clone());
    let command = match id {
        Some(id) => command.mut_arg(id, |arg| arg.default_value(text.to_owned()).required(false)),
        None => command,
    };
    command.mut_subcommands(|sub| set_default(sub, name, text))
}
