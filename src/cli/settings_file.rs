//! `--config signet.yaml`: members are named like the flags. They become the defaults of the
//! flags, so that flag and environment stay stronger and the flag's own parser checks the value.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Command;
use clap::error::ContextKind;

use super::settings_schema::{Kind, Setting, settings};
use crate::config;
use crate::diagnostic::catalogue::settings as settings_codes;
use crate::diagnostic::{Entry, Finding, Findings, Value};

/// The command with the members of the settings file as defaults.
///
/// # Errors
/// What is wrong with the file.
pub fn apply(command: Command, arguments: &[OsString]) -> Result<Command, Findings> {
    let Some(path) = path(arguments) else { return Ok(command) };
    let mut findings = Findings::default();
    let Some(entries) = config::read_settings(&path, &mut findings) else { return Err(findings) };
    let mut defaults = Vec::new();
    let known = settings(&command);
    for entry in entries {
        match default_of(&known, &entry) {
            Ok(text) => defaults.push((entry.key, text)),
            Err(finding) => findings.push(*finding),
        }
    }
    if findings.errors() > 0 {
        return Err(findings);
    }
    Ok(defaults.into_iter().fold(command, |command, (name, text)| set_default(command, &name, &text)))
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
fn default_of(settings: &[Setting<'_>], entry: &Entry) -> Result<String, Box<Finding>> {
    let Some(setting) = settings.iter().find(|setting| setting.name == entry.key) else {
        return Err(Box::new(unknown(settings, entry)));
    };
    let (text, is_of_kind) = match &entry.value.value {
        Value::Text(text) => (text.clone(), setting.kind() == Kind::Text),
        Value::Integer(number) => (number.to_string(), setting.kind() == Kind::Number),
        Value::Boolean(flag) => (flag.to_string(), setting.kind() == Kind::Boolean),
        _ => (String::new(), false),
    };
    let is_plain = matches!(entry.value.value, Value::Text(_) | Value::Integer(_) | Value::Boolean(_));
    if let Some(error) = setting.refusal(&text).filter(|_| is_plain) {
        let message = format!("`{}` cannot have this value: {}", entry.key, reason(&error));
        return Err(Box::new(
            Finding::new(&settings_codes::SETTING_VALUE, message).at(entry.value.place(), "refused"),
        ));
    }
    if is_of_kind {
        return Ok(text);
    }
    let (wanted, help) = match setting.kind() {
        Kind::Text => ("text", "put it into quotation marks"),
        Kind::Number => ("a whole number", "write it without quotation marks"),
        Kind::Boolean => ("true or false", "write it without quotation marks"),
    };
    let message = format!("`{}` must be {wanted}", entry.key);
    let finding =
        Finding::new(&settings_codes::SETTINGS_SHAPE, message).at(entry.value.place(), entry.value.kind());
    Err(Box::new(if is_plain { finding.help(help) } else { finding }))
}

fn unknown(settings: &[Setting<'_>], entry: &Entry) -> Finding {
    let message = format!("the settings file has no member `{}`", entry.key);
    let finding = Finding::new(&settings_codes::SETTING_UNKNOWN, message).at(entry.key_place(), "not known");
    let nearest = settings
        .iter()
        .map(|setting| setting.name)
        .max_by(|a, b| strsim::jaro_winkler(a, &entry.key).total_cmp(&strsim::jaro_winkler(b, &entry.key)));
    match nearest {
        Some(name) => finding.help(format!("did you mean `{name}`? `signet serve --help` lists all")),
        None => finding,
    }
}

fn reason(error: &clap::Error) -> String {
    match (std::error::Error::source(error), error.get(ContextKind::ValidValue)) {
        (Some(reason), _) => reason.to_string(),
        (None, Some(values)) => format!("it must be one of {values}"),
        (None, None) => error.kind().to_string(),
    }
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
