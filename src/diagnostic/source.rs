//! A text that was read, and a place in it.

use std::fmt;
use std::sync::Arc;

/// A byte range of a source; `start <= end`, both on character borders of the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// One input file: the name as the user would type it, and its text.
pub struct Source {
    pub name: String,
    pub text: String,
}

/// The text may hold what must not be printed; only its size is shown.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({}, {} bytes)", self.name, self.text.len())
    }
}

/// Where a value stands.
#[derive(Clone, Debug)]
pub struct Place {
    pub source: Arc<Source>,
    pub span: Span,
}

impl Place {
    /// 1-based line and column (in characters) of the start.
    pub fn line_column(&self) -> (u32, u32) {
        let end = (self.span.start as usize).min(self.source.text.len());
        let before = self.source.text.get(..end).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        (u32::try_from(line + 1).unwrap_or(u32::MAX), u32::try_from(column + 1).unwrap_or(u32::MAX))
    }
}
