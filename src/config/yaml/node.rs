//! One value of the file with everything below it. What is not wanted in a client file (anchors,
//! aliases, tags, merge keys, keys that are no text, repeated keys, depth) is refused here, with
//! its place, and reading goes on.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde_yaml::granit_parser::{self, Event, Parser, ScalarStyle, StrInput, StructureStyle};

use super::{DEPTH_MAX, ENTRY_VALUES_MAX, scalar};
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Code, Entry, Finding, Findings, Place, Section, Source, Span, Value, is_secretive};

/// The file cannot be read further; the reason is among the findings.
pub(super) struct Stop;

/// What comes next in a mapping.
pub(super) enum Child {
    Key(String, Span),
    /// The key was refused; its value follows.
    Refused,
    End,
}

/// Above this number of entries a mapping is searched for repeated keys with an index.
const SEARCHED_ENTRIES_MAX: usize = 16;

type Parsed<'t> = (Event<'t>, granit_parser::Span);

pub(super) struct Nodes<'t, 'f> {
    pub source: &'t Arc<Source>,
    pub findings: &'f mut Findings,
    parser: Parser<'t, StrInput<'t>>,
    /// Values of the entry that is being read.
    values: usize,
    /// Where the last event ended: what follows was not understood when a syntax error comes.
    understood: u32,
    /// The end of the last key, when its value is a secret in clear or was not seen yet.
    secret_from: Option<u32>,
    /// Which keys are telling; a file has few different ones, and the look is not cheap.
    telling: HashMap<String, bool>,
}

/// Most keys that are remembered as telling or not.
const TELLING_KEPT_MAX: usize = 256;

impl<'t, 'f> Nodes<'t, 'f> {
    pub(super) fn new(
        source: &'t Arc<Source>,
        parser: Parser<'t, StrInput<'t>>,
        findings: &'f mut Findings,
    ) -> Self {
        let telling = HashMap::new();
        Self { source, findings, parser, values: 0, understood: 0, secret_from: None, telling }
    }

    pub(super) fn begin_entry(&mut self) {
        self.values = 0;
    }

    pub(super) fn place(&self, span: granit_parser::Span) -> Place {
        Place { source: Arc::clone(self.source), span: bytes(span) }
    }

    /// The next event. Anchors are refused on the way; they are no event of their own.
    pub(super) fn next(&mut self) -> Result<Parsed<'t>, Stop> {
        loop {
            match self.parser.next_event() {
                Some(Ok((Event::Anchor(..), span))) => {
                    self.refuse(&codes::YAML_FEATURE, "anchors are not read", bytes(span), "an anchor");
                }
                Some(Ok((event, span))) => {
                    self.understood = self.understood.max(bytes(span).start);
                    return Ok((event, span));
                }
                Some(Err(error)) => return Err(self.syntax_error(&error)),
                None => return Err(Stop),
            }
        }
    }

    fn syntax_error(&mut self, error: &granit_parser::ScanError) -> Stop {
        let at = error.marker().byte_offset().unwrap_or(self.source.text.len());
        self.mask_what_was_not_understood(at);
        let place = Place { source: Arc::clone(self.source), span: Span::at(at.min(self.source.text.len())) };
        // The parser's sentence is fixed text; the few variants with text of the file are not used.
        let label = match error.kind() {
            granit_parser::ErrorKind::Custom(_) => String::from("not understood"),
            kind => kind.to_string(),
        };
        self.findings.push(
            Finding::new(&codes::YAML_SYNTAX, "the file is not valid YAML from here on")
                .at(place, label)
                .help("look at this line and the one above it: indentation, quotation marks, brackets"),
        );
        Stop
    }

    /// What follows the last value that was understood may be a secret in any form: an open
    /// quotation mark, a block with a wrong indentation. After a telling word nothing is shown.
    fn mask_what_was_not_understood(&self, at: usize) {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let end = self.source.line_span(at).end.max(self.understood);
        if let Some(start) = self.secret_from {
            self.source.mask(Span { start, end: end.max(start) });
        }
        let mut start = self.understood;
        let rest = self.source.slice(Span { start, end });
        for word in rest.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-')) {
            start = start.saturating_add(u32::try_from(word.len()).unwrap_or(u32::MAX));
            if word.len() > 3 && is_secretive(word) {
                self.source.mask(Span { start, end });
                return;
            }
        }
    }

    fn refuse(&mut self, code: &'static Code, message: &str, span: Span, label: &str) {
        let place = Place { source: Arc::clone(self.source), span };
        let finding = Finding::new(code, message).at(place, label);
        self.findings.push(match code.id == codes::YAML_FEATURE.id {
            true => finding.help("write the value out where it is used"),
            false => finding,
        });
    }

    pub(super) fn refuse_tag(&mut self, tagged: bool, span: granit_parser::Span) {
        if tagged {
            let span = bytes(span.tag_span().unwrap_or(span));
            self.refuse(&codes::YAML_FEATURE, "tags are not read", span, "a tag");
        }
    }

    pub(super) fn refuse_duplicate(&mut self, key: &str, span: Span, first: Span) {
        let place = |span| Place { source: Arc::clone(self.source), span };
        let finding =
            Finding::new(&codes::DUPLICATE_KEY, format!("`{}` stands twice", crate::config::shown(key)))
                .at(place(span), "the second")
                .related(place(first), "the first");
        self.findings.push(finding);
    }

    /// The value that begins with `event`; `depth` is its own, counted from 1.
    pub(super) fn node(
        &mut self,
        event: Event<'t>,
        span: granit_parser::Span,
        depth: usize,
    ) -> Result<Section, Stop> {
        self.values = self.values.saturating_add(1);
        if self.values == ENTRY_VALUES_MAX {
            let message = format!("this entry has more than {ENTRY_VALUES_MAX} values");
            self.refuse(&codes::TOO_DEEP, &message, bytes(span), "the last one that is read");
        }
        let full = self.values >= ENTRY_VALUES_MAX;
        let too_deep = depth > DEPTH_MAX;
        let (span, value) = match event {
            Event::Scalar(text, style, _, tag) => {
                self.refuse_tag(tag.is_some(), span);
                // A block scalar ends where the next thing begins; it is shown to its last text.
                let mut span = bytes(span);
                let raw = self.source.slice(span);
                span.end = span.end.saturating_sub(trailing_space(raw));
                (span, self.scalar(text, style, span))
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if full || too_deep => {
                if !full {
                    let message = format!("values are nested deeper than {DEPTH_MAX}");
                    self.refuse(&codes::TOO_DEEP, &message, first_byte(span), "too deep");
                }
                self.skip_open()?;
                (first_byte(span), Value::Refused)
            }
            Event::SequenceStart(style, _, tag) => {
                self.refuse_tag(tag.is_some(), span);
                let (items, end) = self.list(depth)?;
                (collection(span, end, style), Value::List(items))
            }
            Event::MappingStart(style, _, tag) => {
                self.refuse_tag(tag.is_some(), span);
                let (entries, end) = self.map(depth)?;
                let first_key = entries.first().map(|entry| entry.key_span);
                let span = match style {
                    StructureStyle::Block => first_key.unwrap_or_else(|| first_byte(span)),
                    StructureStyle::Flow => collection(span, end, style),
                };
                (span, Value::Map(entries))
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse(&codes::YAML_FEATURE, "aliases are not read", bytes(span), "an alias");
                (bytes(span), Value::Refused)
            }
            // The parser's grammar has no other event here.
            _ => (bytes(span), Value::Refused),
        };
        Ok(Section { source: Arc::clone(self.source), span, value })
    }

    fn scalar(&mut self, text: Cow<'t, str>, style: ScalarStyle, span: Span) -> Value {
        if style != ScalarStyle::Plain {
            return Value::Text(text.into_owned());
        }
        scalar::resolve(&text).unwrap_or_else(|| {
            let message = "this number does not fit into 64 bits";
            self.refuse(&codes::WRONG_TYPE, message, span, "put it into quotation marks to keep it as text");
            Value::Refused
        })
    }

    fn list(&mut self, depth: usize) -> Result<(Vec<Section>, granit_parser::Span), Stop> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok((items, span));
            }
            let item = self.node(event, span, depth.saturating_add(1))?;
            if self.values < ENTRY_VALUES_MAX {
                items.push(item);
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<(Vec<Entry>, granit_parser::Span), Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut index: HashMap<String, Span> = HashMap::new();
        loop {
            let (key, key_span) = match self.key_or_end(depth)? {
                (Child::End, end) => return Ok((entries, end)),
                (Child::Key(key, span), _) => (key, span),
                (Child::Refused, _) => {
                    self.skip_value()?;
                    continue;
                }
            };
            let (event, span) = self.next()?;
            let mut value = self.node(event, span, depth.saturating_add(1))?;
            if matches!(value.value, Value::Null) {
                value.span = key_span;
            }
            self.mask_secret(&key, &value);
            let first = if entries.len() <= SEARCHED_ENTRIES_MAX {
                entries.iter().find(|entry| entry.key == key).map(|entry| entry.key_span)
            } else {
                if index.is_empty() {
                    index.extend(entries.iter().map(|entry| (entry.key.clone(), entry.key_span)));
                }
                let first = index.get(&key).copied();
                index.entry(key.clone()).or_insert(key_span);
                first
            };
            match first {
                Some(first) => self.refuse_duplicate(&key, key_span, first),
                None if self.values >= ENTRY_VALUES_MAX => {}
                None => entries.push(Entry { key, key_span, value }),
            }
        }
    }

    /// What stands at a telling key is hidden, unless it has the form of a digest: then the
    /// rendering of a line hides the digest itself.
    fn mask_secret(&mut self, key: &str, value: &Section) {
        let digest = matches!(&value.value, Value::Text(text) if text.starts_with("sha256:"));
        if digest {
            self.secret_from = None;
        }
        if digest || matches!(value.value, Value::Null) || !self.is_telling(key) {
            return;
        }
        let end = match value.value {
            Value::List(_) | Value::Map(_) => self.understood.max(value.span.end),
            _ => value.span.end,
        };
        self.source.mask(Span { start: value.span.start, end });
    }

    fn is_telling(&mut self, key: &str) -> bool {
        if let Some(known) = self.telling.get(key) {
            return *known;
        }
        let telling = is_secretive(key);
        if self.telling.len() < TELLING_KEPT_MAX {
            self.telling.insert(key.to_owned(), telling);
        }
        telling
    }

    pub(super) fn key(&mut self, depth: usize) -> Result<Child, Stop> {
        self.key_or_end(depth).map(|(child, _)| child)
    }

    fn key_or_end(&mut self, depth: usize) -> Result<(Child, granit_parser::Span), Stop> {
        let (event, span) = self.next()?;
        let child = match event {
            Event::MappingEnd => Child::End,
            Event::Scalar(text, style, _, tag) => {
                self.refuse_tag(tag.is_some(), span);
                self.scalar_key(text, style, bytes(span))
            }
            event => {
                let section = self.node(event, span, depth.saturating_add(1))?;
                if !matches!(section.value, Value::Refused) {
                    let message = "the key of a member must be text";
                    self.refuse(&codes::WRONG_TYPE, message, section.span, section.kind());
                }
                Child::Refused
            }
        };
        Ok((child, span))
    }

    fn scalar_key(&mut self, text: Cow<'t, str>, style: ScalarStyle, span: Span) -> Child {
        if style == ScalarStyle::Plain {
            if text == "<<" {
                self.refuse(&codes::YAML_FEATURE, "merge keys are not read", span, "a merge key");
                return Child::Refused;
            }
            if !matches!(scalar::resolve(&text), Some(Value::Text(_))) {
                let message = "the key of a member must be text";
                self.refuse(&codes::WRONG_TYPE, message, span, "put it into quotation marks");
                return Child::Refused;
            }
        }
        self.secret_from = self.is_telling(&text).then_some(span.end);
        Child::Key(text.into_owned(), span)
    }

    /// Skips the value that comes next. It may be a secret at a misspelt key, so it is hidden.
    pub(super) fn skip_value(&mut self) -> Result<(), Stop> {
        let (event, span) = self.next()?;
        if matches!(event, Event::SequenceStart(..) | Event::MappingStart(..)) {
            self.skip_open()?;
        }
        let end = self.understood.max(bytes(span).end);
        self.source.mask(Span { start: bytes(span).start, end });
        Ok(())
    }

    /// Skips to the end of the collection that has just begun.
    fn skip_open(&mut self) -> Result<(), Stop> {
        let mut open = 1_usize;
        while open > 0 {
            match self.next()?.0 {
                Event::SequenceStart(..) | Event::MappingStart(..) => open = open.saturating_add(1),
                Event::SequenceEnd | Event::MappingEnd => open = open.saturating_sub(1),
                _ => {}
            }
        }
        Ok(())
    }
}

fn bytes(span: granit_parser::Span) -> Span {
    let range = span.byte_range().unwrap_or_default();
    Span::between(range.start, range.end)
}

fn trailing_space(text: &str) -> u32 {
    u32::try_from(text.len() - text.trim_end().len()).unwrap_or(0)
}

fn first_byte(span: granit_parser::Span) -> Span {
    Span { start: bytes(span).start, end: bytes(span).start.saturating_add(1) }
}

/// A flow collection is marked whole, a block collection at its first character: it ends where
/// the next thing begins.
fn collection(start: granit_parser::Span, end: granit_parser::Span, style: StructureStyle) -> Span {
    match style {
        StructureStyle::Flow => Span { start: bytes(start).start, end: bytes(end).end },
        StructureStyle::Block => first_byte(start),
    }
}
