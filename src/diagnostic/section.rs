//! A part of a configuration file with the place of every value: what a credential kind, and
//! every other reader of one section, gets to work on.

use std::fmt;
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
#[derive(Clone)]
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

/// A scalar is never printed: a file may hold a secret in clear where none belongs.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Boolean(_) => f.write_str("Boolean(…)"),
            Self::Integer(_) => f.write_str("Integer(…)"),
            Self::Float(_) => f.write_str("Float(…)"),
            Self::Text(_) => f.write_str("Text(…)"),
            Self::List(items) => f.debug_tuple("List").field(items).finish(),
            Self::Map(entries) => f.debug_tuple("Map").field(entries).finish(),
            Self::Refused => f.write_str("Refused"),
        }
    }
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
