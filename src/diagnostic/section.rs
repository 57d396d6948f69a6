//! A part of a configuration file with the place of every value: what a credential kind, and
//! every other reader of one section, gets to work on.

use std::sync::Arc;

use super::{Place, Source, Span};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Section {
    pub source: Arc<Source>,
    pub span: Span,
    pub value: Value,
}

/// The YAML core schema, resolved. Text that looks like a number or a boolean and is not quoted
/// is not `Text`: a reader that wants text says to quote it.
#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Section>),
    Map(Vec<Entry>),
    /// What stands here was refused already (an alias, say): readers say nothing more.
    Refused,
}

/// One member of a mapping.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key: String,
    pub key_span: Span,
    pub value: Section,
}

impl Section {
    pub fn place(&self) -> Place {
        Place { source: Arc::clone(&self.source), span: self.span }
    }

    /// The words for "expected text, found …".
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null | Value::Refused => "nothing",
            Value::Boolean(_) => "a boolean",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

impl Entry {
    pub fn key_place(&self) -> Place {
        Place { source: Arc::clone(&self.value.source), span: self.key_span }
    }
}
