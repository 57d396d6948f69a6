//! YAML text → `Section`s with byte-accurate spans: the only user of the dependency `serde_yaml`.
//!
//! It works on the parser's events (`serde_yaml::granit_parser`) and not through serde: serde
//! visitors get neither the span of a key, nor whether a scalar was quoted, nor anchors and tags,
//! and they stop at the first value of a wrong type. Here every problem but a syntax error is a
//! finding and reading goes on.
//!
//! Memory stays bounded: the top-level mapping is never held. Each entry of a top-level list goes
//! to the receiver as soon as it is complete, and is forgotten.

mod node;
mod scalar;
mod written;

use std::collections::HashMap;
use std::sync::Arc;

use serde_yaml::granit_parser::{Event, Parser, StrInput, options};

pub use self::written::{Style, written_scalars};

use self::node::{Child, Nodes, Stop};
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings, Place, Section, Source, Span, Value};

/// Deepest nesting; a valid file needs 8.
pub const DEPTH_MAX: usize = 16;
/// Most values in one entry of a list: room for 10,000 scopes, and a bound on memory.
pub const ENTRY_VALUES_MAX: usize = 100_000;

/// Is a plain scalar of these characters text, and no number, boolean or null?
pub fn is_text(plain: &str) -> bool {
    matches!(scalar::resolve(plain), Some(Value::Text(_)))
}

/// Who gets the parts of a file.
pub trait Receiver {
    /// A member of the top-level mapping begins. `false` skips its value.
    fn member(&mut self, key: &str, place: Place, findings: &mut Findings) -> bool;
    /// One entry of the list that stands at `key`.
    fn entry(&mut self, key: &str, entry: Section, findings: &mut Findings);
    /// The value at `key` when it is no list.
    fn value(&mut self, key: &str, value: Section, findings: &mut Findings);
}

/// Reads one file. `false` when a syntax error or a second document ended it early, so that what
/// was received is not the whole.
pub fn read(source: &Arc<Source>, receiver: &mut dyn Receiver, findings: &mut Findings) -> bool {
    let options = options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        emit_comments: false,
    };
    let parser: Parser<'_, StrInput<'_>> = Parser::new_from_str_with_options(&source.text, options);
    let mut nodes = Nodes::new(source, parser, findings);
    document(&mut nodes, receiver).is_ok()
}

fn document(nodes: &mut Nodes<'_, '_>, receiver: &mut dyn Receiver) -> Result<(), Stop> {
    let mut seen: HashMap<String, Span> = HashMap::new();
    let mut documents = 0_u32;
    loop {
        let (event, span) = nodes.next()?;
        match event {
            Event::StreamStart | Event::DocumentEnd => {}
            Event::StreamEnd => break,
            Event::DocumentStart(..) => {
                documents = documents.saturating_add(1);
                if documents > 1 {
                    let place = nodes.place(span);
                    nodes.findings.push(
                        Finding::new(&codes::SECOND_DOCUMENT, "a second document begins here")
                            .at(place, "one file holds one document")
                            .help("move it to a file of its own, or remove the `---`"),
                    );
                    return Err(Stop);
                }
            }
            Event::MappingStart(_, _, tag) => {
                nodes.refuse_tag(tag.is_some(), span);
                top_level(nodes, receiver, &mut seen)?;
            }
            event => {
                let section = nodes.node(event, span, 1)?;
                not_a_mapping(nodes, &section);
            }
        }
    }
    Ok(())
}

/// A file without content is reported by the loader, which knows the name of the file.
fn not_a_mapping(nodes: &mut Nodes<'_, '_>, section: &Section) {
    if matches!(section.value, Value::Null | Value::Refused) {
        return;
    }
    nodes.findings.push(
        Finding::new(&codes::WRONG_TYPE, format!("the file holds {}, not a mapping", section.kind()))
            .at(section.place(), "expected `clients:` or `resources:`")
            .help("begin the file with `clients:` and indent the list below it"),
    );
}

fn top_level(
    nodes: &mut Nodes<'_, '_>,
    receiver: &mut dyn Receiver,
    seen: &mut HashMap<String, Span>,
) -> Result<(), Stop> {
    loop {
        nodes.begin_entry();
        let (key, key_span) = match nodes.key(2)? {
            Child::End => return Ok(()),
            Child::Refused => {
                nodes.skip_value()?;
                continue;
            }
            Child::Key(key, span) => (key, span),
        };
        let place = Place { source: Arc::clone(nodes.source), span: key_span };
        let wanted = match seen.get(&key).copied() {
            Some(first) => {
                nodes.refuse_duplicate(&key, key_span, first);
                false
            }
            None => {
                seen.insert(key.clone(), key_span);
                receiver.member(&key, place, nodes.findings)
            }
        };
        if wanted { member(nodes, receiver, &key, key_span)? } else { nodes.skip_value()? }
    }
}

fn member(
    nodes: &mut Nodes<'_, '_>,
    receiver: &mut dyn Receiver,
    key: &str,
    key_span: Span,
) -> Result<(), Stop> {
    let (event, span) = nodes.next()?;
    let Event::SequenceStart(_, _, tag) = event else {
        let mut section = nodes.node(event, span, 2)?;
        if matches!(section.value, Value::Null) {
            section.span = key_span;
        }
        receiver.value(key, section, nodes.findings);
        return Ok(());
    };
    nodes.refuse_tag(tag.is_some(), span);
    loop {
        nodes.begin_entry();
        let (event, span) = nodes.next()?;
        if matches!(event, Event::SequenceEnd) {
            return Ok(());
        }
        let section = nodes.node(event, span, 3)?;
        receiver.entry(key, section, nodes.findings);
    }
}
