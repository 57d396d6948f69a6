//! Findings: what is wrong with an input, where, and what to do. All findings of a run are
//! collected, sorted by file and line, and rendered at the end; nothing stops at the first.
//!
//! A finding never carries a secret: its message is written from names that the code chose,
//! and the rendered source line is masked where a secret stands (`Source::mask`).

pub mod catalogue;
mod finding;
mod mask;
mod render;
mod section;
mod shown;
mod source;

pub use catalogue::Code;
pub use finding::{Finding, Findings, Severity};
pub use mask::{is_secretive, shown_lines};
pub use render::{code_reference, count, github, human, json, markdown, sarif};
pub use section::{Entry, Section, Value};
pub use shown::shown;
pub use source::{Place, Source, Span};
