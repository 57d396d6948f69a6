//! Where the scalars of a text stand, as they are written: what `config::fmt` needs to know of a
//! file that was understood. Everything between them is white space, comments and indicators.

use std::ops::Range;

use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, StrInput, options};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    /// `|` or `>`; its range begins below the header and ends where the next thing begins.
    Block,
}

/// Every scalar that has a character, and every block scalar, in order. `None` when the text is
/// no YAML.
pub fn written_scalars(text: &str) -> Option<Vec<(Range<usize>, Style)>> {
    let options = options! { emit_comments: false };
    let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str_with_options(text, options);
    let mut scalars = Vec::new();
    loop {
        match parser.next_event()?.ok()? {
            (Event::StreamEnd, _) => return Some(scalars),
            (Event::Scalar(_, style, ..), span) => {
                let range = span.byte_range()?;
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                if style == Style::Block || !range.is_empty() {
                    scalars.push((range, style));
                }
            }
            _ => {}
        }
    }
}
