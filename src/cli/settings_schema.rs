//! Settings as flags, and as members of the settings file: which flags they are, what kind of
//! value the file holds for them, and the JSON Schema of the file. All of it is asked of the flags
//! of the command line and their own parsers, so that file and flag cannot differ.

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, Command};
use serde_json::{Map, Value, json};

use super::verifier_args;
use crate::client_auth::networks::Networks;
use crate::config::ListenAddress;
use crate::oauth::{ISSUER_BYTES_MAX, IssuerUrl};
use crate::section::table::{duration, form};

/// Flags with a variable that make no sense in the file.
const NOT_IN_FILE: &[&str] = &["config"];
/// Any number of the file: YAML integers have 64 bits.
const NUMBER_MAX: u64 = i64::MAX as u64;

/// What stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Boolean,
    Number,
    Text,
}

/// One setting: the flag that defines it.
pub struct Setting<'c> {
    pub name: &'c str,
    argument: &'c Arg,
}

/// Every flag that has a variable of the environment; those of `serve` first, whose definition
/// wins where commands differ.
pub fn settings(command: &Command) -> Vec<Setting<'_>> {
    let mut found: Vec<Setting<'_>> = Vec::new();
    let serve = command.get_subcommands().filter(|sub| sub.get_name() == "serve");
    for command in serve.chain([command]) {
        add(command, &mut found);
    }
    found
}

fn add<'c>(command: &'c Command, found: &mut Vec<Setting<'c>>) {
    for argument in command.get_arguments().filter(|argument| argument.get_env().is_some()) {
        let Some(name) = argument.get_long().filter(|name| !NOT_IN_FILE.contains(name)) else { continue };
        if !found.iter().any(|setting| setting.name == name) {
            found.push(Setting { name, argument });
        }
    }
    command.get_subcommands().for_each(|sub| add(sub, found));
}

impl Setting<'_> {
    /// What the flag's own parser has against a text. Asked alone, because what it says of a
    /// default would speak of a flag that nobody gave.
    pub fn refusal(&self, text: &str) -> Option<clap::Error> {
        let parser: ValueParser = self.argument.get_value_parser().clone();
        let alone = Arg::new("value").long(self.name.to_owned()).action(ArgAction::Set).value_parser(parser);
        let trial = Command::new("settings").no_binary_name(true).arg(alone);
        trial.try_get_matches_from([format!("--{}={text}", self.name)]).err()
    }

    fn takes(&self, text: &str) -> bool {
        self.refusal(text).is_none()
    }

    pub fn kind(&self) -> Kind {
        match (self.takes("no such word"), self.takes("true"), self.takes("1")) {
            (false, true, _) => Kind::Boolean,
            (false, false, true) => Kind::Number,
            _ => Kind::Text,
        }
    }

    pub fn variable(&self) -> String {
        self.argument.get_env().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub fn help(&self) -> String {
        self.argument.get_help().map(ToString::to_string).unwrap_or_default()
    }

    /// As it would stand in the file.
    pub fn default(&self) -> Option<Value> {
        let text = self.argument.get_default_values().first()?.to_string_lossy().into_owned();
        Some(match self.kind() {
            Kind::Text => text.into(),
            _ => serde_json::from_str(&text).unwrap_or_default(),
        })
    }

    pub fn schema(&self) -> Value {
        match self.kind() {
            Kind::Boolean => json!({"type": "boolean"}),
            Kind::Number => self.number(),
            Kind::Text => self.text(),
        }
    }

    fn number(&self) -> Value {
        let least = u64::from(!self.takes("0"));
        let (mut most, mut above) = (least, NUMBER_MAX);
        while most < above {
            let middle = above - (above - most) / 2;
            if self.takes(&middle.to_string()) { most = middle } else { above = middle - 1 }
        }
        match most {
            NUMBER_MAX => json!({"type": "integer", "minimum": least}),
            most => json!({"type": "integer", "minimum": least, "maximum": most}),
        }
    }

    fn text(&self) -> Value {
        let names: Vec<String> =
            self.argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        if !names.is_empty() {
            return json!({"type": "string", "enum": names});
        }
        let any = self.takes("no such word");
        match self {
            _ if any && self.takes("") => json!({"title": "text", "type": "string"}),
            _ if any => json!({"title": "text", "type": "string", "minLength": 1}),
            _ if self.takes("1s") || self.takes("1h") => {
                let mut duration = duration();
                if let Some(duration) = duration.as_object_mut().filter(|_| self.takes("0s")) {
                    duration.remove("not");
                }
                duration
            }
            _ if self.takes("envoy") => form("verifiers", &verifier_args::pattern()),
            _ if self.takes("10.0.0.0/8") => form("networks", Networks::PATTERN),
            _ if self.takes("localhost:1") => form("address", ListenAddress::PATTERN),
            _ if self.takes("https://auth.example.com") => {
                let mut issuer = form("issuer", IssuerUrl::PATTERN);
                if let Some(issuer) = issuer.as_object_mut() {
                    issuer.insert("maxLength".into(), ISSUER_BYTES_MAX.into());
                }
                issuer
            }
            _ => json!({"title": "text", "type": "string"}),
        }
    }
}

/// JSON Schema of the settings file.
pub fn settings_schema(command: &Command) -> Value {
    let mut properties = Map::new();
    for setting in settings(command) {
        let mut schema = setting.schema();
        if let Some(schema) = schema.as_object_mut() {
            let description =
                format!("{}. Flag `--{}`, variable `{}`.", setting.help(), setting.name, setting.variable());
            schema.insert("description".into(), description.into());
            schema.extend(setting.default().map(|default| ("default".to_owned(), default)));
        }
        properties.insert(setting.name.to_owned(), schema);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:signet:schema:settings:1",
        "title": "signet settings file",
        "description": "How `signet serve` runs; each member is named like its flag.",
        "type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1,
    })
}
