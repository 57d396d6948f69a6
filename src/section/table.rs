//! The members of a mapping as a table: names for the reader, JSON Schema (draft 2020-12) for
//! editors, rows for the reference of the documentation. One source for the three.

use serde_json::{Value, json};

use super::members::TEXT_CHARACTERS_MAX;
use super::words::{DATE_PATTERN, DURATION_PATTERN};

/// One member of a mapping.
pub struct Member {
    pub name: &'static str,
    /// What it means: one or two sentences, Markdown.
    pub text: &'static str,
    pub absent: Absent,
    /// JSON Schema of its value.
    pub schema: fn() -> Value,
    /// A value as JSON text; empty when its type says enough.
    pub example: &'static str,
}

/// What holds when a member is absent.
pub enum Absent {
    Required,
    /// Nothing.
    Nothing,
    /// A value as JSON text.
    Is(&'static str),
    /// In words, to follow "without it".
    Means(&'static str),
}

/// The names, for messages.
pub fn names(members: &'static [Member]) -> impl Iterator<Item = &'static str> + Clone {
    members.iter().map(|member| member.name)
}

/// A mapping of these members and no others.
pub fn object<'m>(title: &str, members: impl Iterator<Item = &'m Member>) -> Value {
    let (mut properties, mut required) = (serde_json::Map::new(), Vec::new());
    for member in members {
        if matches!(member.absent, Absent::Required) {
            required.push(member.name);
        }
        properties.insert(member.name.to_owned(), member.described());
    }
    json!({
        "title": title, "type": "object", "properties": properties, "required": required,
        "additionalProperties": false,
    })
}

impl Member {
    fn described(&self) -> Value {
        let mut schema = (self.schema)();
        let description = match self.absent {
            Absent::Means(words) => format!("{} Without it: {words}.", self.text),
            _ => self.text.to_owned(),
        };
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".into(), description.into());
            if let Absent::Is(default) = self.absent {
                schema.insert("default".into(), parsed(default));
            }
            if !self.example.is_empty() {
                schema.insert("examples".into(), json!([parsed(self.example)]));
            }
        }
        schema
    }
}

/// JSON text of a table; a test reads every one of them.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Text for people.
pub fn note() -> Value {
    json!({"title": "text", "type": "string", "maxLength": TEXT_CHARACTERS_MAX})
}

pub fn boolean() -> Value {
    json!({"type": "boolean"})
}

/// Text of one form; the reference lists each form once, by its title.
pub fn form(title: &str, pattern: &str) -> Value {
    json!({"title": title, "type": "string", "pattern": pattern})
}

pub fn one_of(names: impl IntoIterator<Item = &'static str>) -> Value {
    json!({"type": "string", "enum": names.into_iter().collect::<Vec<_>>()})
}

/// A list of these, or one of them alone.
pub fn list_or_one(item: Value, most: usize) -> Value {
    json!({"anyOf": [item.clone(), {"type": "array", "items": item, "maxItems": most}]})
}

/// Seconds above zero (`words::seconds`).
pub fn duration() -> Value {
    let not_zero = json!({"pattern": "^[0dhms ]*$"});
    json!({"title": "duration", "type": "string", "pattern": DURATION_PATTERN, "not": not_zero})
}

/// A day or a time with offset (`words::time`).
pub fn date() -> Value {
    form("date", DATE_PATTERN)
}
