//! Reads the members of one mapping. A wrong type or an unknown member is a finding with its
//! place and never stops the others.

use std::sync::Arc;

use super::{nearest, shown, words};
use crate::clock::UnixTime;
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Entry, Finding, Findings, Place, Section, Source, Span, Value};

/// Longest name or note.
pub const TEXT_CHARACTERS_MAX: usize = 256;

/// A value and where it stands; the file is known from the context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

/// The members of a mapping that were not taken yet.
pub struct Members {
    entries: Vec<Entry>,
    pub source: Arc<Source>,
    /// The place of the whole mapping.
    pub span: Span,
}

impl Members {
    /// `None` when the section is no mapping. `what` completes "a member of …".
    pub fn open(section: Section, what: &str, findings: &mut Findings) -> Option<Self> {
        let (kind, place) = (section.kind(), section.place());
        match section.value {
            Value::Map(entries) => Some(Self { entries, source: section.source, span: section.span }),
            Value::Refused => None,
            _ => {
                let message = format!("{what} must be a mapping, not {kind}");
                findings.push(Finding::new(&codes::WRONG_TYPE, message).at(place, "expected a mapping"));
                None
            }
        }
    }

    pub fn place(&self, span: Span) -> Place {
        Place { source: Arc::clone(&self.source), span }
    }

    pub fn take(&mut self, name: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.key == name)?;
        Some(self.entries.swap_remove(at))
    }

    pub fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == name)
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What was not taken is unknown. The value may be a secret at a misspelt name: it is hidden.
    pub fn close(
        self,
        what: &str,
        known: impl Iterator<Item = &'static str> + Clone,
        findings: &mut Findings,
    ) {
        for entry in self.entries {
            let value_line = entry.value.source.line_span(entry.value.span.end);
            if !matches!(entry.value.value, Value::Null) {
                let end = value_line.end.max(entry.value.span.end);
                entry.value.source.mask(Span { start: entry.value.span.start, end });
            }
            let help = match nearest(&entry.key, known.clone()) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("known are: {}", known.clone().collect::<Vec<_>>().join(", ")),
            };
            let message = format!("`{}` is no member of {what}", shown(&entry.key));
            findings.push(
                Finding::new(&codes::MEMBER_UNKNOWN, message)
                    .at(entry.key_place(), "not known here")
                    .help(help),
            );
        }
    }

    pub fn text(&mut self, name: &str, findings: &mut Findings) -> Option<Spanned<String>> {
        text(self.take(name)?.value, name, findings)
    }

    /// Text for people: at most 256 characters.
    pub fn note(&mut self, name: &str, findings: &mut Findings) -> Option<Box<str>> {
        let text = self.text(name, findings)?;
        if text.value.chars().count() > TEXT_CHARACTERS_MAX {
            let message = format!("`{name}` is longer than {TEXT_CHARACTERS_MAX} characters");
            let place = self.place(text.span);
            findings.push(Finding::new(&codes::LIMIT_EXCEEDED, message).at(place, "too long"));
            return None;
        }
        Some(text.value.into())
    }

    pub fn boolean(&mut self, name: &str, findings: &mut Findings) -> Option<Spanned<bool>> {
        let section = self.take(name)?.value;
        match section.value {
            Value::Boolean(value) => Some(Spanned { value, span: section.span }),
            _ => {
                wrong_type(&section, name, "`true` or `false`", findings);
                None
            }
        }
    }

    pub fn integer(&mut self, name: &str, findings: &mut Findings) -> Option<Spanned<i64>> {
        let section = self.take(name)?.value;
        match section.value {
            Value::Integer(value) => Some(Spanned { value, span: section.span }),
            _ => {
                wrong_type(&section, name, "a whole number", findings);
                None
            }
        }
    }

    /// A list of texts. With `separated`, one text with spaces between the items as well
    /// (RFC 7591 §2 writes `scope` so); otherwise one text is a list of one.
    pub fn texts(
        &mut self,
        name: &str,
        separated: bool,
        findings: &mut Findings,
    ) -> Option<Vec<Spanned<String>>> {
        let section = self.take(name)?.value;
        match section.value {
            Value::List(items) => {
                Some(items.into_iter().filter_map(|item| text(item, name, findings)).collect())
            }
            Value::Text(ref value) if separated => Some(words_of(&section, value)),
            Value::Text(value) => Some(vec![Spanned { value, span: section.span }]),
            _ => {
                wrong_type(&section, name, "a list of texts", findings);
                None
            }
        }
    }

    pub fn seconds(&mut self, name: &str, findings: &mut Findings) -> Option<Spanned<u32>> {
        let section = self.take(name)?.value;
        let parsed = match &section.value {
            Value::Text(text) => words::seconds(text),
            Value::Integer(number) => {
                Err(format!("a number needs its unit: write `{number}s` for seconds, or `15m`"))
            }
            _ => {
                wrong_type(&section, name, "a duration like `15m`", findings);
                return None;
            }
        };
        match parsed {
            Ok(value) => Some(Spanned { value, span: section.span }),
            Err(help) => {
                let message = format!("`{name}` is not a duration of whole seconds above zero");
                findings.push(
                    Finding::new(&codes::LIFETIME_MALFORMED, message)
                        .at(section.place(), "not such a duration")
                        .help(help),
                );
                None
            }
        }
    }

    pub fn time(&mut self, name: &str, findings: &mut Findings) -> Option<Spanned<UnixTime>> {
        let section = self.take(name)?.value;
        let Value::Text(value) = section.value else {
            // To put a number into quotation marks would not make it a date.
            wrong_type(&section, name, "a date like `2027-03-01`", findings);
            return None;
        };
        let text = Spanned { value, span: section.span };
        match words::time(&text.value) {
            Ok(value) => Some(Spanned { value, span: text.span }),
            Err(help) => {
                let message = format!("`{name}` is not a date");
                let place = self.place(text.span);
                findings.push(
                    Finding::new(&codes::DATE_MALFORMED, message).at(place, "not understood").help(help),
                );
                None
            }
        }
    }
}

/// The value of the member `name`, which must be text.
pub fn text(section: Section, name: &str, findings: &mut Findings) -> Option<Spanned<String>> {
    if !matches!(section.value, Value::Text(_)) {
        wrong_type(&section, name, "text", findings);
    }
    match section.value {
        Value::Text(value) => Some(Spanned { value, span: section.span }),
        _ => None,
    }
}

/// The words of a text with the place of each. A text whose words do not stand in the file as
/// they read (escapes, several lines) gives every word the place of the whole.
fn words_of(section: &Section, value: &str) -> Vec<Spanned<String>> {
    let raw = section.source.slice(section.span);
    let mut from = 0;
    let spanned = |word: &str| {
        let found = raw.get(from..).and_then(|rest| rest.find(word)).map(|at| from + at);
        let span = match found {
            Some(at) => {
                from = at + word.len();
                let start = section.span.start as usize + at;
                Span::between(start, start + word.len())
            }
            None => section.span,
        };
        Spanned { value: word.to_owned(), span }
    };
    value.split_ascii_whitespace().map(spanned).collect()
}

fn wrong_type(section: &Section, name: &str, wanted: &str, findings: &mut Findings) {
    if matches!(section.value, Value::Refused) {
        return;
    }
    let message = format!("`{name}` must be {wanted}, not {}", section.kind());
    let finding = Finding::new(&codes::WRONG_TYPE, message).at(section.place(), format!("expected {wanted}"));
    let raw = section.source.slice(section.span);
    let quoted = matches!(section.value, Value::Boolean(_) | Value::Integer(_) | Value::Float(_));
    findings.push(match section.value {
        Value::Null => finding.help("give it a value, or remove the member"),
        _ if quoted && wanted.contains("text") => {
            finding.help(format!("put it into quotation marks: `\"{}\"`", shown(raw)))
        }
        _ => finding,
    });
}
