//! One more client in a client file; every byte that stands there stays.

use std::sync::Arc;

use super::entry::{NewClient, entry};
use super::layout::STEP;
use super::lex::{self, Kind, Token};
use crate::diagnostic::Source;

/// The text of the file with the client at the end of its list.
///
/// # Errors
/// Why there is no place for it, in words.
pub fn append_client(source: &Arc<Source>, client: &NewClient) -> Result<String, &'static str> {
    let text = source.text.replace("\r\n", "\n").replace('\r', "\n");
    let tokens = lex::tokens(&text).ok_or("the file is no YAML")?;
    let place = place(&tokens)?;
    let mut added = String::new();
    if let Some(column) = place.section {
        added.push_str(&format!("{}clients:\n", " ".repeat(column)));
    }
    if place.after_blank {
        added.push('\n');
    }
    added.push_str(&entry(client, place.column));
    let is_crlf = source.text.contains("\r\n");
    let original = &source.text;
    let insert = end_of_line(original, original_offset(original, place.after));
    let before = original.get(..insert).unwrap_or_default();
    let rest = original.get(insert..).unwrap_or_default();
    if !before.ends_with('\n') {
        added.insert(0, '\n');
    }
    let added = if is_crlf { added.replace('\n', "\r\n") } else { added };
    // The empty list `[]` makes room; it stands before the place of the entry.
    let before = match place.empty_list {
        Some((start, end)) => {
            let (start, end) = (original_offset(original, start), original_offset(original, end));
            let head = original.get(..start).unwrap_or_default().trim_end_matches([' ', '\t']);
            format!("{head}{}", before.get(end..).unwrap_or_default())
        }
        None => before.to_owned(),
    };
    Ok(format!("{before}{added}{rest}"))
}

struct Place {
    /// The entry goes below the line of the byte before this one.
    after: usize,
    column: usize,
    after_blank: bool,
    /// There is no `clients:` yet; it gets this column.
    section: Option<usize>,
    empty_list: Option<(usize, usize)>,
}

fn place(tokens: &[Token<'_>]) -> Result<Place, &'static str> {
    let is_content = |token: &&Token<'_>| !matches!(token.kind, Kind::Comment | Kind::DocumentStart);
    let root = tokens.iter().find(is_content).ok_or("the file holds nothing")?;
    if root.kind == Kind::Open {
        return Err("the file is one mapping in { }; write its members on lines of their own");
    }
    let key = tokens.iter().position(|token| {
        let is_name = matches!(token.text, "clients" | "\"clients\"" | "'clients'");
        is_name && token.is_first && token.column == root.column && matches!(token.kind, Kind::Scalar(_))
    });
    let place =
        Place { after: 0, column: root.column + STEP, after_blank: false, section: None, empty_list: None };
    let Some(key) = key else {
        let last = tokens.iter().rfind(is_content).unwrap_or(root);
        return Ok(Place { after: end(last), section: Some(root.column), ..place });
    };
    let below = tokens.get(key + 2..).unwrap_or_default();
    let list = below.iter().position(|token| token.kind != Kind::Comment).unwrap_or(0);
    match (below.get(list), below.get(list + 1)) {
        (Some(dash), _) if dash.kind == Kind::Dash => Ok(end_of_list(below, dash.column, root.column)),
        (Some(open), Some(close)) if open.kind == Kind::Open && close.kind == Kind::Close => {
            Ok(Place { after: end(close), empty_list: Some((open.start, end(close))), ..place })
        }
        _ => Err("`clients` is a list in [ ]; begin every entry with `- ` on a line of its own"),
    }
}

/// Below the last entry, and below comments that belong to it by their column.
fn end_of_list(tokens: &[Token<'_>], column: usize, root_column: usize) -> Place {
    let is_next_member = |token: &Token<'_>| {
        let can_be_key = matches!(token.kind, Kind::Scalar(_) | Kind::Question);
        can_be_key && token.is_first && token.column == root_column
    };
    let list_end = tokens.iter().position(is_next_member).unwrap_or(tokens.len());
    let list = tokens.get(..list_end).unwrap_or_default();
    let is_apart =
        |token: &Token<'_>| token.kind == Kind::Comment && token.is_first && token.column <= column;
    let last_content = list.iter().rposition(|token| token.kind != Kind::Comment).unwrap_or(0);
    let tail = list.get(last_content..).unwrap_or_default();
    let last = tail.iter().take_while(|token| !is_apart(token)).last();
    let begins_entry =
        |token: &Token<'_>| token.kind == Kind::Dash && token.is_first && token.column == column;
    let after_blank = match list.iter().rposition(begins_entry) {
        // The first entry is not set apart from another one.
        Some(at) if at > list.iter().position(begins_entry).unwrap_or(at) => {
            let above = list.get(..at).unwrap_or_default().iter().rev();
            let comments = above.take_while(|token| token.kind == Kind::Comment && token.is_first);
            comments.chain(list.get(at)).any(|token| token.after_blank)
        }
        _ => false,
    };
    Place { after: last.map_or(0, end), column, after_blank, section: None, empty_list: None }
}

fn end(token: &Token<'_>) -> usize {
    token.start + token.text.len()
}

/// The same place where the line ends may be CRLF.
fn original_offset(original: &str, offset: usize) -> usize {
    let mut left = offset;
    let bytes = original.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        if left == 0 {
            return at;
        }
        let is_half_a_break = *byte == b'\r' && bytes.get(at + 1) == Some(&b'\n');
        left -= usize::from(!is_half_a_break);
    }
    original.len()
}

/// Behind the line break of the line that `offset` ends; itself when it stands behind one.
fn end_of_line(text: &str, offset: usize) -> usize {
    let is_behind_break = text.get(..offset).is_some_and(|before| before.ends_with(['\n', '\r']));
    if is_behind_break {
        return offset;
    }
    let rest = text.get(offset..).unwrap_or_default();
    let Some(at) = rest.find(['\r', '\n']) else { return text.len() };
    let is_crlf = rest.get(at..).is_some_and(|rest| rest.starts_with("\r\n"));
    offset + at + if is_crlf { 2 } else { 1 }
}
