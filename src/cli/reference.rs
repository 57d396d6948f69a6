//! `signet schema --format markdown`: the reference pages of the documentation, from the tables
//! that reader and schema are made of.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Command;
use serde_json::Value;

use super::settings_schema;
use crate::config;
use crate::section::table::{Absent, Member};

/// Forms of text that members named, by title: pattern and an example.
type Forms = BTreeMap<String, String>;

pub fn clients() -> String {
    let mut page = String::from(
        "# Reference of the client list\n\nEvery member that a client file may have, as `signet schema clients \
         --format markdown` prints it. [The client list](clients.md) explains how they work together; `signet \
         schema clients` prints the same as JSON Schema for editors.\n",
    );
    let mut forms = Forms::new();
    for table in config::client_tables() {
        let _ = write!(page, "\n## {}\n\n", table.title);
        page.push_str("| member | value | without it | meaning |\n|---|---|---|---|\n");
        for member in table.members {
            let value = value((member.schema)(), &mut forms);
            let _ =
                writeln!(page, "| `{}` | {value} | {} | {} |", member.name, absent(member), meaning(member));
        }
    }
    page.push_str(&claims(&config::client_schema()));
    page.push_str(&listed(&forms));
    page
}

fn claims(schema: &Value) -> String {
    let names = schema.pointer("/$defs/claims/propertyNames");
    let most = names.and_then(|names| names.get("maxLength")).and_then(Value::as_u64).unwrap_or_default();
    let reserved = names.and_then(|names| names.pointer("/not/enum")).and_then(Value::as_array);
    let reserved: Vec<String> = reserved.into_iter().flatten().map(|name| code(&plain(name))).collect();
    format!(
        "\n## Claims\n\nA mapping of names, 1 to {most} characters each, to values that JSON can hold: nested at \
         most 8 deep, 2 KiB together. Names that cannot be set: {}.\n",
        reserved.join(", ")
    )
}

pub fn settings(command: &Command) -> String {
    let mut page = String::from(
        "# Reference of the settings\n\nEvery member that the file of `--config` may have, with the flag and the \
         variable that are stronger than it, as `signet schema settings --format markdown` prints it. \
         [Settings](settings.md) says how they belong together; `signet schema settings` prints the same as \
         JSON Schema for editors.\n\n| member and flag | variable | value | default | meaning |\n\
         |---|---|---|---|---|\n",
    );
    let mut forms = Forms::new();
    for setting in settings_schema::settings(command) {
        let default = setting.default().map_or_else(String::new, |default| code(&plain(&default)));
        let value = value(setting.schema(), &mut forms);
        let (name, variable, help) = (setting.name, setting.variable(), cell(&setting.help()));
        let _ = writeln!(page, "| `{name}` | `{variable}` | {value} | {default} | {help} |");
    }
    page.push_str(&listed(&forms));
    page
}

fn absent(member: &Member) -> String {
    match member.absent {
        Absent::Required => "required".to_owned(),
        Absent::Nothing => String::new(),
        Absent::Is(default) => code(default.trim_matches('"')),
        Absent::Means(words) => cell(words),
    }
}

fn meaning(member: &Member) -> String {
    match member.example {
        "" => cell(member.text),
        example => format!("{} Example: {}", cell(member.text), code(example.trim_matches('"'))),
    }
}

/// What may stand there, in words.
fn value(schema: Value, forms: &mut Forms) -> String {
    let words = |key: &str| schema.get(key).and_then(Value::as_str);
    let number = |key: &str| schema.get(key).and_then(Value::as_u64);
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        let choices: Vec<String> = choices.iter().map(|choice| value(choice.clone(), forms)).collect();
        return choices.join(", or ");
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        let choices: Vec<String> = choices.iter().map(|choice| code(&plain(choice))).collect();
        return choices.join(", ");
    }
    if let Some(target) = words("$ref") {
        return target.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let mut text = match (words("title"), words("type")) {
        (_, Some("array")) => {
            format!("list of {}", value(schema.get("items").cloned().unwrap_or_default(), forms))
        }
        (Some(title), _) => title.to_owned(),
        (None, Some("boolean")) => "`true` or `false`".to_owned(),
        (None, Some("integer")) => "whole number".to_owned(),
        (None, _) => "text".to_owned(),
    };
    if let (Some(title), Some(pattern)) = (words("title"), words("pattern")) {
        forms.insert(title.to_owned(), pattern.to_owned());
    }
    let limits = [
        (number("minimum"), "at least", ""),
        (number("maximum"), "at most", ""),
        (number("maxItems"), "at most", ""),
        (number("maxLength"), "at most", " characters"),
    ];
    for (limit, word, unit) in limits {
        let _ = limit.map(|limit| write!(text, ", {word} {limit}{unit}"));
    }
    text
}

fn listed(forms: &Forms) -> String {
    let mut text =
        String::from("\n## Forms of text\n\n| form | regular expression (ECMA 262) |\n|---|---|\n");
    for (title, pattern) in forms {
        let _ = writeln!(text, "| {title} | {} |", code(pattern));
    }
    text
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {} ``", cell(text)) } else { format!("`{}`", cell(text)) }
}

/// A cell of a table ends at a bar, in code as well.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
