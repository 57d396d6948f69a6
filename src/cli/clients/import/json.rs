//! JSON of another issuer, member by member. What has the wrong type ends the import with its
//! place; a member that is absent and one that is null are the same.

use serde_json::{Map, Value};

use super::super::super::Exit;
use super::super::super::exit::failure;
use crate::jose::strict_json;
use crate::section::shown;

/// Reads the whole text.
///
/// # Errors
/// With line and column when it is no JSON, or a member stands twice.
pub fn parse(name: &str, text: &str) -> anyhow::Result<Value> {
    // Some shells write a byte order mark before what they redirect.
    let text = text.trim_start_matches('\u{feff}');
    strict_json::value(text.as_bytes()).map_err(|error| {
        let message = format!("{name} is not the JSON that was expected: {error}");
        failure(Exit::Configuration, message)
    })
}

/// A JSON object and where it stands: `clients[3].attributes`.
#[derive(Clone)]
pub struct Object<'v> {
    members: &'v Map<String, Value>,
    pub place: String,
}

impl<'v> Object<'v> {
    /// # Errors
    /// When it is something else.
    pub fn of(value: &'v Value, place: impl Into<String>) -> anyhow::Result<Self> {
        let place = place.into();
        match value {
            Value::Object(members) => Ok(Self { members, place }),
            other => Err(wrong_type(&place, "an object", other)),
        }
    }

    pub fn get(&self, name: &str) -> Option<&'v Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Text that is not empty.
    pub fn text(&self, name: &str) -> anyhow::Result<Option<&'v str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(other) => Err(wrong_type(&self.path(name), "text", other)),
        }
    }

    /// # Errors
    /// When it is absent.
    pub fn required_text(&self, name: &str) -> anyhow::Result<&'v str> {
        self.text(name)?
            .ok_or_else(|| failure(Exit::Configuration, format!("{} is missing or empty", self.path(name))))
    }

    pub fn flag(&self, name: &str) -> anyhow::Result<Option<bool>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(wrong_type(&self.path(name), "true or false", other)),
        }
    }

    /// A whole number, which some exports write as text.
    pub fn number(&self, name: &str) -> anyhow::Result<Option<i64>> {
        let number = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) => text.parse().ok(),
            Some(other) => other.as_i64(),
        };
        let wrong = || wrong_type(&self.path(name), "a whole number", self.get(name).unwrap_or(&Value::Null));
        number.map(Some).ok_or_else(wrong)
    }

    /// A list of texts; one that is absent is empty.
    pub fn texts(&self, name: &str) -> anyhow::Result<Vec<&'v str>> {
        let items = self.items(name)?.iter().enumerate();
        let text = |(at, item): (usize, &'v Value)| {
            item.as_str().ok_or_else(|| wrong_type(&format!("{}[{at}]", self.path(name)), "text", item))
        };
        items.map(text).collect()
    }

    pub fn objects(&self, name: &str) -> anyhow::Result<Vec<Object<'v>>> {
        objects(self.items(name)?, &self.path(name))
    }

    pub fn object(&self, name: &str) -> anyhow::Result<Option<Object<'v>>> {
        self.get(name).map(|value| Object::of(value, self.path(name))).transpose()
    }

    fn items(&self, name: &str) -> anyhow::Result<&'v [Value]> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(wrong_type(&self.path(name), "a list", other)),
        }
    }

    fn path(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }
}

/// The objects of a list that stands at `place`.
pub fn objects<'v>(items: &'v [Value], place: &str) -> anyhow::Result<Vec<Object<'v>>> {
    items.iter().enumerate().map(|(at, item)| Object::of(item, format!("{place}[{at}]"))).collect()
}

/// The message shows the type and never the value, which may be a secret.
fn wrong_type(place: &str, wanted: &str, found: &Value) -> anyhow::Error {
    let found = match found {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    let place = if place.is_empty() { "the export".to_owned() } else { shown(place) };
    failure(Exit::Configuration, format!("{place} must be {wanted}, not {found}"))
}
