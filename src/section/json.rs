//! A section as JSON text, in the order of the file: static claims, and keys that stand in it.

use crate::diagnostic::{Section, Value};

/// How much of a section is taken.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Values in values.
    pub depth: usize,
    /// Of the whole text; a longer one is given up early.
    pub bytes: usize,
}

/// The value that is to blame, and what it does; the message is empty when it was reported already.
pub struct Unfit<'s> {
    pub value: &'s Section,
    pub message: &'static str,
}

/// Appends `section`.
pub fn push<'s>(json: &mut String, section: &'s Section, limits: &Limits) -> Result<(), Unfit<'s>> {
    push_at(json, section, limits, 1)
}

fn push_at<'s>(
    json: &mut String,
    section: &'s Section,
    limits: &Limits,
    depth: usize,
) -> Result<(), Unfit<'s>> {
    let unfit = |message| Err(Unfit { value: section, message });
    if depth > limits.depth {
        return unfit("is nested too deeply");
    }
    if json.len() > limits.bytes {
        return unfit("is too large");
    }
    match &section.value {
        Value::Null => json.push_str("null"),
        Value::Boolean(value) => json.push_str(if *value { "true" } else { "false" }),
        Value::Integer(value) => json.push_str(&value.to_string()),
        Value::Float(value) => match serde_json::Number::from_f64(*value) {
            Some(number) => json.push_str(&number.to_string()),
            None => return unfit("is no number that JSON can hold"),
        },
        Value::Text(text) => push_text(json, text),
        Value::List(items) => {
            json.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    json.push(',');
                }
                push_at(json, item, limits, depth.saturating_add(1))?;
            }
            json.push(']');
        }
        Value::Map(entries) => {
            json.push('{');
            for (at, entry) in entries.iter().enumerate() {
                if at > 0 {
                    json.push(',');
                }
                push_text(json, &entry.key);
                json.push(':');
                push_at(json, &entry.value, limits, depth.saturating_add(1))?;
            }
            json.push('}');
        }
        Value::Refused => return unfit(""),
    }
    Ok(())
}

/// Appends a JSON string.
pub fn push_text(json: &mut String, text: &str) {
    json.push_str(&serde_json::Value::from(text).to_string());
}
