//! What a text says, without how it is written: a digest over keys and values in their order.

use std::sync::Arc;

use ring::digest::{Context, SHA256};

use crate::config::load;
use crate::config::yaml::{self, Receiver};
use crate::diagnostic::{Findings, Place, Section, Source, Value};

/// The digest, or the findings of a text that is not understood.
pub(super) fn meaning(source: &Arc<Source>) -> Result<[u8; 32], Findings> {
    let mut findings = Findings::default();
    load::check_byte_order_mark(source, &mut findings);
    let mut digest = Digest { context: Context::new(&SHA256), has_content: false };
    let is_whole = yaml::read(source, &mut digest, &mut findings);
    if is_whole && !digest.has_content && findings.errors() == 0 {
        load::report_empty(&source.name, &mut findings);
    }
    if findings.errors() > 0 {
        return Err(findings.sorted());
    }
    // SHA-256 has 32 bytes; the default is never taken.
    Ok(digest.context.finish().as_ref().try_into().unwrap_or_default())
}

struct Digest {
    context: Context,
    has_content: bool,
}

impl Digest {
    /// Kind and length stand before every part, so that no two trees give the same bytes.
    fn part(&mut self, kind: u8, bytes: &[u8]) {
        self.context.update(&[kind]);
        self.context.update(&(bytes.len() as u64).to_be_bytes());
        self.context.update(bytes);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.part(b'0', &[]),
            Value::Boolean(flag) => self.part(b'b', &[u8::from(*flag)]),
            Value::Integer(number) => self.part(b'i', &number.to_be_bytes()),
            Value::Float(number) => self.part(b'f', &number.to_bits().to_be_bytes()),
            Value::Text(text) => self.part(b't', text.as_bytes()),
            Value::List(items) => {
                self.part(b'l', &(items.len() as u64).to_be_bytes());
                items.iter().for_each(|item| self.value(&item.value));
            }
            Value::Map(entries) => {
                self.part(b'm', &(entries.len() as u64).to_be_bytes());
                for entry in entries {
                    self.part(b'k', entry.key.as_bytes());
                    self.value(&entry.value.value);
                }
            }
            Value::Refused => self.part(b'r', &[]),
        }
    }
}

impl Receiver for Digest {
    fn member(&mut self, key: &str, _place: Place, _findings: &mut Findings) -> bool {
        self.has_content = true;
        self.part(b'K', key.as_bytes());
        true
    }

    fn entry(&mut self, _key: &str, entry: Section, _findings: &mut Findings) {
        self.part(b'E', &[]);
        self.value(&entry.value);
    }

    fn value(&mut self, _key: &str, value: Section, _findings: &mut Findings) {
        self.part(b'V', &[]);
        Self::value(self, &value.value);
    }
}
