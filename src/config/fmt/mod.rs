//! The form of a client file (`signet fmt`): white space, and nothing but white space. Every word,
//! quotation mark and comment stays as it is written, in its place and on its line; what changes is
//! indentation, spaces, blank lines, line ends and the end marker `...`. The result is read again
//! and must mean the same, so that a mistake here loses nothing.

mod append;
mod body;
mod entry;
mod layout;
mod lex;
mod meaning;

use std::sync::Arc;

pub use self::append::append_client;
pub use self::entry::{NewClient, NewCredential, NewProof, NewResource, client_file, client_list};

use self::meaning::meaning;
use crate::diagnostic::catalogue::deployment as codes;
use crate::diagnostic::{Finding, Findings, Source};

/// The client file with its formatted text.
///
/// # Errors
/// What keeps the file from being understood, as `check` reports it: syntax, anchors, repeated
/// keys. What the members mean does not matter here.
pub fn format(source: &Arc<Source>) -> Result<Arc<Source>, Findings> {
    let before = meaning(source)?;
    let text = source.text.replace("\r\n", "\n").replace('\r', "\n");
    let Some(tokens) = lex::tokens(&text) else { return Err(unsafe_to_write(source)) };
    let formatted = layout::layout(&tokens);
    let comments = lex::comments(&tokens);
    drop(tokens);
    let result = Source::new(source.name.as_str(), formatted);
    let is_same = meaning(&result).is_ok_and(|after| after == before)
        && lex::tokens(&result.text).is_some_and(|tokens| lex::comments(&tokens) == comments);
    if is_same { Ok(result) } else { Err(unsafe_to_write(source)) }
}

fn unsafe_to_write(source: &Source) -> Findings {
    let mut findings = Findings::default();
    let message = format!("{} cannot be formatted without changing what it says", source.name);
    findings.push(
        Finding::new(&codes::FORMAT_UNSAFE, message)
            .in_file(source.name.as_str())
            .help("the file is left as it is; please report this, it is a mistake of the program"),
    );
    findings
}

#[cfg(test)]
mod tests;
