//! Tokens → text. Blocks are followed by their columns, as the grammar does (YAML 1.2.2 §8.2): a
//! stack of open mappings and sequences, each with the column that it had and the one it gets.

use super::body::{self, Indentation, indent};
use super::lex::{Kind, Token, comment};
use crate::config::yaml::Style;

/// Every level stands two columns right of the one that holds it; so does a list below its key.
pub(super) const STEP: usize = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Mapping,
    Sequence,
}

#[derive(Clone, Copy)]
struct Level {
    block: Block,
    old: usize,
    new: usize,
}

pub(super) fn layout<'t>(tokens: &'t [Token<'t>]) -> String {
    let mut layout = Layout::default();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Comment && token.is_first {
            layout.waiting.push(token);
            continue;
        }
        let next = tokens.get(at + 1);
        let is_key = next.is_some_and(|next| next.kind == Kind::Colon && !next.is_first);
        let before = layout.closing(token, is_key);
        let column = layout.column(token, is_key);
        layout.comments(&before, token.column, column);
        layout.token(token, column);
    }
    let before = layout.levels.clone();
    let old = layout.levels.first().map_or(0, |level| level.old);
    layout.comments(&before, old, 0);
    layout.out.push_str("\n...\n");
    layout.out
}

#[derive(Default)]
struct Layout<'t> {
    out: String,
    levels: Vec<Level>,
    /// Open flow collections, and the column of the outermost one.
    flow: usize,
    flow_base: usize,
    /// `? ` came, and its key did not yet.
    is_explicit_key: bool,
    previous: Option<Kind>,
    header: &'t str,
    /// Comments on lines of their own; where they stand depends on what follows.
    waiting: Vec<&'t Token<'t>>,
}

impl<'t> Layout<'t> {
    /// Where a value below the innermost level stands.
    fn value_column(&self) -> usize {
        self.levels.last().map_or(0, |level| level.new + STEP)
    }

    /// Opens and closes levels for a token outside of flow collections. Returns the closed ones.
    fn closing(&mut self, token: &Token<'_>, is_key: bool) -> Vec<Level> {
        let block = match token.kind {
            Kind::Dash => Block::Sequence,
            Kind::Question => Block::Mapping,
            Kind::Colon if token.is_first => Block::Mapping,
            Kind::Scalar(_) if is_key && !self.is_explicit_key => Block::Mapping,
            _ => return Vec::new(),
        };
        if self.flow > 0 {
            return Vec::new();
        }
        let old = token.column;
        // A list may stand at the column of its key; a key at that column ends it.
        let ends = |level: &Level| {
            level.old > old || (level.old == old && level.block == Block::Sequence && block == Block::Mapping)
        };
        let kept = self.levels.iter().position(ends).unwrap_or(self.levels.len());
        let closed = self.levels.split_off(kept);
        let is_open = self.levels.last().is_some_and(|level| level.old == old && level.block == block);
        if !is_open {
            let new = self.value_column();
            self.levels.push(Level { block, old, new });
        }
        closed
    }

    /// Where the token stands when it is the first on its line.
    fn column(&mut self, token: &Token<'_>, is_key: bool) -> usize {
        let level = self.levels.last().map_or(0, |level| level.new);
        let in_flow = |depth: usize| self.flow_base + STEP * depth;
        match token.kind {
            Kind::DocumentStart => 0,
            Kind::Close => in_flow(self.flow.saturating_sub(1)),
            _ if self.flow > 0 => in_flow(self.flow),
            Kind::Dash | Kind::Question | Kind::Colon => level,
            Kind::Scalar(_) if is_key && !self.is_explicit_key => level,
            _ => self.value_column(),
        }
    }

    /// Comments that waited. One stands with what follows, unless its column says that it belongs
    /// to a level that ends here.
    fn comments(&mut self, closed: &[Level], next_old: usize, next_new: usize) {
        for token in std::mem::take(&mut self.waiting) {
            let owner = closed.iter().rev().find(|level| level.old <= token.column);
            let column = match owner {
                Some(level) if self.flow == 0 && token.column > next_old => level.new,
                _ => next_new,
            };
            self.line(token.after_blank, column);
            self.out.push_str(&comment(token.text));
            self.previous = Some(Kind::Comment);
        }
    }

    fn line(&mut self, after_blank: bool, column: usize) {
        if self.out.is_empty() {
            return;
        }
        self.out.push('\n');
        // What a key or a dash opens begins right below it.
        if after_blank && !matches!(self.previous, Some(Kind::Colon | Kind::Dash)) {
            self.out.push('\n');
        }
        indent(column, &mut self.out);
    }

    fn token(&mut self, token: &'t Token<'t>, column: usize) {
        if token.kind == Kind::BlockBody {
            let level = self.levels.last();
            let indentation = Indentation {
                old_parent: level.map_or(0, |level| level.old),
                new_parent: level.map_or(0, |level| level.new),
            };
            body::block(self.header, token.text, &indentation, &mut self.out);
            self.previous = Some(token.kind);
            return;
        }
        let is_comment = token.kind == Kind::Comment;
        if token.is_first || (self.previous == Some(Kind::DocumentStart) && !is_comment) {
            self.line(token.after_blank, column);
        } else if self.is_spaced(token.kind) {
            self.out.push(' ');
        }
        match token.kind {
            Kind::Comment => self.out.push_str(&comment(token.text)),
            Kind::Scalar(style) => {
                let column = if self.flow > 0 { column } else { self.value_column() };
                body::folded(token.text, column, style == Style::DoubleQuoted, &mut self.out);
                self.is_explicit_key = false;
            }
            _ => self.out.push_str(token.text),
        }
        match token.kind {
            Kind::Open => {
                if self.flow == 0 {
                    self.flow_base = self.value_column();
                }
                self.flow += 1;
            }
            Kind::Close => self.flow = self.flow.saturating_sub(1),
            Kind::Question => self.is_explicit_key = self.flow == 0,
            Kind::BlockHeader => self.header = token.text,
            _ => {}
        }
        self.previous = Some(token.kind);
    }

    /// Does a space stand between the previous token and this one?
    fn is_spaced(&self, kind: Kind) -> bool {
        match (self.previous, kind) {
            (None, _) => false,
            (_, Kind::Comment) => true,
            (Some(Kind::Open), _) => false,
            // `{a: }`: some readers take `a:}` for one word.
            (Some(Kind::Colon), _) => true,
            (_, Kind::Colon | Kind::Comma | Kind::Close) => false,
            _ => true,
        }
    }
}
