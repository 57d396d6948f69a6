//! A text that was understood, cut into what stands on its lines. Scalars come from the parser, so
//! that nothing in them is taken for an indicator or a comment (YAML 1.2.2 §5.3, §6.6).

use crate::config::yaml::{Style, written_scalars};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Comment,
    /// `- `, `? `, `:`, `,`
    Dash,
    Question,
    Colon,
    Comma,
    /// `[` `{` and `]` `}`
    Open,
    Close,
    /// `---`
    DocumentStart,
    Scalar(Style),
    /// `|` or `>` with what belongs to it.
    BlockHeader,
    /// The lines below a header.
    BlockBody,
}

#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub kind: Kind,
    pub text: &'t str,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Bytes before it on its line.
    pub column: usize,
    /// The first thing on its line.
    pub is_first: bool,
    /// A blank line stands before it.
    pub after_blank: bool,
}

/// Everything but white space and end markers. `None` when the text is no YAML, or holds what is
/// refused in client files. Line ends are LF.
pub(super) fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), breaks: 1, line_start: 0 };
    for (range, style) in written_scalars(text)? {
        if style == Style::Block {
            lexer.block(range.end)?;
        } else {
            lexer.gap(range.start)?;
            lexer.push(Kind::Scalar(style), text.get(range.clone())?);
            lexer.at = range.end;
            if let Some(last) = text.get(range.clone())?.rfind('\n') {
                lexer.line_start = range.start + last + 1;
            }
        }
    }
    lexer.gap(text.len())?;
    Some(lexer.tokens)
}

/// What the comments say, in order.
pub(super) fn comments(tokens: &[Token<'_>]) -> Vec<String> {
    let comments = tokens.iter().filter(|token| token.kind == Kind::Comment);
    comments.map(|token| comment(token.text)).collect()
}

/// A comment as it is written: one space after `#` where a word begins. Lines of `###` and the
/// like, and the indentation of what was commented out, stay.
pub(super) fn comment(text: &str) -> String {
    let rest = text.strip_prefix('#').unwrap_or(text).trim_end();
    let space = if rest.starts_with(char::is_alphanumeric) { " " } else { "" };
    format!("#{space}{rest}")
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token<'t>>,
    /// Line breaks since the last token.
    breaks: usize,
    line_start: usize,
}

impl<'t> Lexer<'t> {
    fn push(&mut self, kind: Kind, text: &'t str) {
        self.tokens.push(Token {
            kind,
            text,
            start: self.at,
            column: self.at.saturating_sub(self.line_start),
            is_first: self.breaks > 0,
            after_blank: self.breaks > 1,
        });
        self.breaks = 0;
        self.at += text.len();
    }

    /// What stands between two scalars.
    fn gap(&mut self, end: usize) -> Option<()> {
        while self.at < end {
            let rest = self.text.get(self.at..end)?;
            match rest.as_bytes().first()? {
                b' ' | b'\t' => self.at += 1,
                b'\n' => {
                    self.at += 1;
                    self.breaks += 1;
                    self.line_start = self.at;
                }
                b'#' => {
                    let line = rest.lines().next()?;
                    self.push(Kind::Comment, line);
                }
                b'.' if rest.starts_with("...") && self.at == self.line_start => {
                    // A comment behind the marker gets a line of its own, before the new marker.
                    let behind = rest.get(3..)?.trim_start_matches([' ', '\t']);
                    self.at += rest.len() - behind.strip_prefix('\n').unwrap_or(behind).len();
                    self.line_start = if behind.starts_with('\n') { self.at } else { usize::MAX };
                    self.breaks = self.breaks.max(1);
                }
                b'-' if rest.starts_with("---") && self.at == self.line_start => {
                    self.push(Kind::DocumentStart, rest.get(..3)?);
                }
                byte => {
                    let kind = match byte {
                        b'-' => Kind::Dash,
                        b'?' => Kind::Question,
                        b':' => Kind::Colon,
                        b',' => Kind::Comma,
                        b'[' | b'{' => Kind::Open,
                        b']' | b'}' => Kind::Close,
                        _ => return None,
                    };
                    self.push(kind, rest.get(..1)?);
                }
            }
        }
        Some(())
    }

    /// The gap before a block scalar, its header with perhaps a comment, its lines up to `end`.
    fn block(&mut self, end: usize) -> Option<()> {
        let gap = self.text.get(self.at..end)?;
        let header = self.at + header_offset(gap)?;
        self.gap(header)?;
        let rest = self.text.get(header..)?;
        let length = rest.find(|c: char| !matches!(c, '|' | '>' | '+' | '-' | '0'..='9'))?;
        let keeps_blank = rest.get(..length)?.contains('+');
        self.push(Kind::BlockHeader, rest.get(..length)?);
        let line_end = self.at + self.text.get(self.at..)?.find('\n')?;
        self.gap(line_end)?;
        self.gap(line_end + 1)?;
        let mut body = self.text.get(self.at..end.max(self.at))?;
        if end < self.text.len() {
            // The range may reach into the indentation of what follows.
            body = body.rfind('\n').map_or("", |last| body.get(..=last).unwrap_or(body));
        }
        // With a `+` in the header, blank lines at the end belong to the text.
        let is_blank_after = !keeps_blank && (body.ends_with("\n\n") || body == "\n");
        self.push(Kind::BlockBody, body);
        self.line_start = self.at;
        self.breaks = if is_blank_after { 2 } else { 1 };
        Some(())
    }
}

/// Where the header stands in a gap: the first `|` or `>` that is not in a comment.
fn header_offset(gap: &str) -> Option<usize> {
    let mut in_comment = false;
    gap.bytes().position(|byte| {
        match byte {
            b'#' => in_comment = true,
            b'\n' => in_comment = false,
            _ => {}
        }
        !in_comment && matches!(byte, b'|' | b'>')
    })
}
