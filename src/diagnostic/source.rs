//! A text that was read, a place in it, and what of it must never be shown.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A byte range of a source; `start <= end`, both on character borders of the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// The empty range before `offset`; texts above 4 GiB are never read.
    pub fn at(offset: usize) -> Self {
        Self::between(offset, offset)
    }

    pub fn between(start: usize, end: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        Self { start, end: u32::try_from(end).unwrap_or(u32::MAX).max(start) }
    }
}

/// One input file: the name as the user would type it, and its text.
pub struct Source {
    pub name: String,
    pub text: String,
    /// Offsets of the first byte of every line but the first, made when a place is first asked for.
    line_starts: OnceLock<Vec<u32>>,
    masks: Mutex<Masks>,
}

/// The ranges that must not be shown. A hostile file can have a million of them, so the short ones
/// are found by place; of the long ones a file has few.
#[derive(Default)]
struct Masks {
    short: BTreeSet<Span>,
    long: Vec<Span>,
}

/// Up to this length a mask is a short one.
const SHORT_MASK_BYTES_MAX: u32 = 4096;

impl Source {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            line_starts: OnceLock::new(),
            masks: Mutex::default(),
        })
    }

    /// From now on no rendering shows what stands at `span`.
    pub fn mask(&self, span: Span) {
        let mut masks = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
        if span.end.saturating_sub(span.start) <= SHORT_MASK_BYTES_MAX {
            masks.short.insert(span);
        } else {
            masks.long.push(span);
        }
    }

    /// The masked ranges that touch `lines`.
    pub(super) fn masks_in(&self, lines: Span) -> Vec<Span> {
        let masks = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
        let first = Span { start: lines.start.saturating_sub(SHORT_MASK_BYTES_MAX), end: 0 };
        let last = Span { start: lines.end, end: 0 };
        let near = masks.short.range(first..last.max(first)).chain(&masks.long);
        near.copied().filter(|mask| mask.start < lines.end && mask.end > lines.start).collect()
    }

    /// 1-based line of a byte offset.
    pub fn line(&self, offset: u32) -> u32 {
        let before = self.line_starts().partition_point(|start| *start <= offset);
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The range of the line in which `offset` stands, without its line break.
    pub fn line_span(&self, offset: u32) -> Span {
        let starts = self.line_starts();
        let next = starts.partition_point(|start| *start <= offset);
        let start = next.checked_sub(1).and_then(|at| starts.get(at)).copied().unwrap_or(0);
        let end = starts.get(next).map_or(self.text.len(), |start| *start as usize);
        let line = self.text.get(start as usize..end).unwrap_or_default();
        Span::between(start as usize, start as usize + line.trim_end_matches(['\n', '\r']).len())
    }

    /// The text at `span`; empty when the range is not one of this text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            breaks.filter_map(|(at, _)| u32::try_from(at + 1).ok()).collect()
        })
    }
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
        self.position(self.span.start)
    }

    /// 1-based line and column (in characters) of what follows the last character.
    pub fn end_line_column(&self) -> (u32, u32) {
        self.position(self.span.end)
    }

    fn position(&self, offset: u32) -> (u32, u32) {
        let line = self.source.line_span(offset);
        let before = self.source.slice(Span { start: line.start, end: offset.max(line.start) });
        let column = before.chars().count();
        (self.source.line(offset), u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1))
    }
}

/// `clients.yaml:4`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source.name, self.source.line(self.span.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let source = Source::new("a.yaml", "ä: b\r\nc: dé\n");
        let place = |start| Place { source: Arc::clone(&source), span: Span::at(start) };
        assert_eq!(place(0).line_column(), (1, 1));
        assert_eq!(place(4).line_column(), (1, 4));
        assert_eq!(place(7).line_column(), (2, 1));
        assert_eq!(place(11).line_column(), (2, 5));
        let word = Place { source: Arc::clone(&source), span: Span { start: 10, end: 13 } };
        assert_eq!((word.line_column(), word.end_line_column()), ((2, 4), (2, 6)));
        assert_eq!(source.slice(source.line_span(8)), "c: dé");
        assert_eq!(source.slice(source.line_span(2)), "ä: b");
        assert_eq!(source.slice(source.line_span(14)), "");
        assert_eq!(place(4000).to_string(), "a.yaml:3");
    }
}
