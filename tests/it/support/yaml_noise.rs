//! Client-file-shaped YAML in every style that a person or another tool may write it in, made from
//! bytes of a property test: the value that it means, and the comments that it holds.

use std::collections::BTreeSet;

use serde_json::{Value, json};

pub struct Noisy {
    pub text: String,
    pub meaning: Value,
    /// As `signet fmt` writes them.
    pub comments: Vec<String>,
}

/// The same bytes give the same text.
pub fn noisy_yaml(choices: &[u8]) -> Noisy {
    let mut noise =
        Noise { choices: choices.iter(), out: String::new(), comments: Vec::new(), below_block: None };
    let root = noise.map(3);
    noise.head();
    let column = noise.pick(3);
    noise.block_map(&root, column, false);
    noise.foot();
    let crlf = noise.pick(6) == 1;
    let text = if crlf { noise.out.replace('\n', "\r\n") } else { noise.out };
    Noisy { text, meaning: root, comments: noise.comments }
}

const TEXTS: &[&str] = &[
    "billing-worker",
    "https://invoices.example.com",
    "invoices:read invoices:write",
    "a",
    "true",
    "12",
    "",
    "2027-03-01",
    "a: b",
    "# none",
    "x #y",
    "- z",
    "it's",
    "say \"hi\"",
    " ahead",
    "behind ",
    "gr\u{fc}n",
    "back\\slash",
    "one two three",
    "two\nlines",
    "gap\n\n  deeper\nend\n",
    "end\n\n\n",
    "[x]",
    "{y",
    "*star",
    "&and",
    "!tag",
    "a,b",
    "tab\there",
    "sha256:abc_-",
    "~",
    "...",
    "---",
    "%x",
    "@at",
    "| bar",
    "? why",
    ": colon",
];

struct Noise<'c> {
    choices: std::slice::Iter<'c, u8>,
    out: String,
    comments: Vec<String>,
    /// The line above ends a block scalar: a comment must stand left of this column, and no blank
    /// line may follow when the flag is set.
    below_block: Option<(usize, bool)>,
}

impl Noise<'_> {
    /// 0 when there is nothing left to choose from.
    fn pick(&mut self, below: usize) -> usize {
        self.choices.next().map_or(0, |byte| usize::from(*byte) % below)
    }

    fn node(&mut self, depth: usize) -> Value {
        match self.pick(if depth == 0 { 6 } else { 9 }) {
            0..=2 => json!(TEXTS[self.pick(TEXTS.len())]),
            3 => json!(self.pick(100)),
            4 => json!(self.pick(2) == 0),
            5 => Value::Null,
            6 | 7 => (0..self.pick(4)).map(|_| self.node(depth - 1)).collect(),
            _ => self.map(depth - 1),
        }
    }

    fn map(&mut self, depth: usize) -> Value {
        let mut map = serde_json::Map::new();
        for number in 0..=self.pick(4) {
            let key = ["clients", "scope", "a b", "x-y", "client_id"][self.pick(5)];
            map.insert(format!("{key}{number}"), self.node(depth));
        }
        Value::Object(map)
    }

    fn spaces(&mut self) {
        let count = 1 + self.pick(8).saturating_sub(5);
        self.out.push_str(&" ".repeat(count));
    }

    fn comment(&mut self) {
        let number = self.comments.len();
        let space = ["", " ", " "][self.pick(3)];
        let what = ["", " - x: [y", " # \"z", ": 'q"][self.pick(4)];
        self.out.push_str(&format!("#{space}c{number}{what}"));
        self.comments.push(format!("# c{number}{what}"));
    }

    /// The rest of a line, and what may stand before the next one.
    fn end_line(&mut self) {
        match self.pick(6) {
            1 => {
                self.spaces();
                self.comment();
            }
            2 => self.out.push_str("  "),
            _ => {}
        }
        self.out.push('\n');
        self.between();
    }

    fn between(&mut self) {
        for _ in 0..self.pick(7).saturating_sub(4) {
            let (columns, no_blank) = self.below_block.unwrap_or((9, false));
            if self.pick(2) == 0 {
                let column = self.pick(columns);
                self.out.push_str(&" ".repeat(column));
                self.comment();
                self.out.push('\n');
                self.below_block = self.below_block.map(|(columns, _)| (columns, false));
            } else if !no_blank {
                let spaces = if self.below_block.is_some() { 0 } else { self.pick(2) };
                self.out.push_str(["\n", "   \n"][spaces]);
            }
        }
    }

    fn indent(&mut self, column: usize) {
        self.below_block = None;
        self.out.push_str(&" ".repeat(column));
    }

    fn head(&mut self) {
        self.between();
        if self.pick(4) == 1 {
            self.out.push_str("---");
            self.end_line();
        }
    }

    fn foot(&mut self) {
        match self.pick(4) {
            1 => self.out.push_str("...\n"),
            2 => {
                self.out.push_str("... ");
                self.comment();
                self.out.push_str("\n\n");
                self.below_block = None;
                self.between();
            }
            3 if self.below_block.is_none() => self.out.truncate(self.out.trim_end().len()),
            _ => {}
        }
    }

    /// `inline`: the first key follows on the line that is there.
    fn block_map(&mut self, map: &Value, column: usize, inline: bool) {
        for (number, (key, value)) in map.as_object().expect("a mapping").iter().enumerate() {
            if number > 0 || !inline {
                self.indent(column);
            }
            let explicit = self.pick(12) == 1;
            if explicit {
                self.out.push_str("? ");
            }
            match self.pick(4) {
                1 => self.out.push_str(&format!("'{key}'")),
                2 => self.out.push_str(&format!("\"{key}\"")),
                _ => self.out.push_str(key),
            }
            if explicit {
                self.out.push('\n');
                self.between();
                self.indent(column);
            } else if self.pick(6) == 1 {
                self.out.push(' ');
            }
            self.out.push(':');
            self.value(value, column, true);
        }
    }

    fn block_list(&mut self, items: &[Value], column: usize, inline: bool) {
        for (number, item) in items.iter().enumerate() {
            if number > 0 || !inline {
                self.indent(column);
            }
            self.out.push('-');
            self.value(item, column, false);
        }
    }

    /// What follows a `key:` or a `-` that stands at `parent`.
    fn value(&mut self, value: &Value, parent: usize, in_map: bool) {
        let is_empty = value.as_array().is_some_and(Vec::is_empty);
        if (value.is_array() || value.is_object()) && (is_empty || self.pick(3) == 1) {
            self.spaces();
            self.flow(value, parent);
            return self.end_line();
        }
        match value {
            Value::Array(_) | Value::Object(_) if !in_map && self.pick(2) == 0 => {
                let before = self.out.len();
                self.spaces();
                let column = parent + 1 + self.out.len() - before;
                self.collection(value, column, true);
            }
            Value::Array(_) | Value::Object(_) => {
                self.end_line();
                let least = usize::from(!(in_map && value.is_array()));
                let column = parent + least + self.pick(4);
                self.collection(value, column, false);
            }
            Value::String(text) if self.pick(3) == 1 && Self::fits_a_block(text) => {
                self.block_scalar(text, parent)
            }
            Value::Null if self.pick(2) == 0 => self.end_line(),
            _ => {
                self.spaces();
                if self.pick(8) == 1 {
                    self.end_line();
                    let column = parent + 1 + self.pick(4);
                    self.indent(column);
                }
                self.scalar(value, parent, false);
                self.end_line();
            }
        }
    }

    fn collection(&mut self, value: &Value, column: usize, inline: bool) {
        match value {
            Value::Array(items) => self.block_list(items, column, inline),
            map => self.block_map(map, column, inline),
        }
    }

    fn fits_a_block(text: &str) -> bool {
        !text.trim().is_empty() && !text.contains('\t') && !text.starts_with('\n')
    }

    fn block_scalar(&mut self, text: &str, parent: usize) {
        let body = text.trim_end_matches('\n');
        let ends = text.len() - body.len();
        let more = 1 + self.pick(4);
        let indicator =
            if text.starts_with(' ') || self.pick(4) == 1 { more.to_string() } else { String::new() };
        let chomping = ["-", "", "+"][ends.min(2)];
        self.out.push_str(&format!(" |{indicator}{chomping}"));
        if self.pick(4) == 1 {
            self.out.push(' ');
            self.comment();
        }
        for line in body.split('\n') {
            self.out.push('\n');
            if !line.is_empty() {
                self.indent(parent + more);
                self.out.push_str(line);
            }
        }
        self.out.push_str(&"\n".repeat(ends.max(1)));
        self.below_block = Some((parent + 1, ends > 1));
        self.between();
    }

    fn scalar(&mut self, value: &Value, parent: usize, in_flow: bool) {
        let Value::String(text) = value else { return self.out.push_str(&value.to_string()) };
        let is_word = !text.is_empty()
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.: ".contains(c))
            && !text.contains(": ")
            && !text.ends_with(' ')
            && text != "true";
        let double = serde_json::to_string(text).expect("JSON is YAML");
        let can_fold =
            text.contains(' ') && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains('\n');
        let folded =
            |text: &str, column: usize| text.replacen(' ', &format!("  \n{}", " ".repeat(column)), 1);
        let column = parent + 1 + self.pick(5);
        let written = match self.pick(5) {
            0 | 1 if is_word => text.clone(),
            2 if is_word && can_fold && !in_flow => folded(text, column),
            3 if !text.contains(['\n', '\t']) => format!("'{}'", text.replace('\'', "''")),
            4 if can_fold && !text.contains("  ") => folded(&double, column),
            2 if can_fold => double.replacen(' ', &format!("\\\n{}\\ ", " ".repeat(column)), 1),
            _ => double,
        };
        self.out.push_str(&written);
    }

    fn flow(&mut self, value: &Value, parent: usize) {
        let (open, close) = if value.is_array() { ('[', ']') } else { ('{', '}') };
        self.out.push(open);
        self.flow_space(parent);
        let entries: Vec<(Option<&String>, &Value)> = match value {
            Value::Array(items) => items.iter().map(|item| (None, item)).collect(),
            map => {
                map.as_object().expect("a mapping").iter().map(|(key, value)| (Some(key), value)).collect()
            }
        };
        let count = entries.len();
        for (number, (key, value)) in entries.into_iter().enumerate() {
            if let Some(key) = key {
                let written = ["K: ", "\"K\": ", "'K':", "K : "][self.pick(4)].replace('K', key);
                self.out.push_str(&written);
            }
            match value {
                Value::Array(_) | Value::Object(_) => self.flow(value, parent),
                scalar => self.scalar(scalar, parent, true),
            }
            self.flow_space(parent);
            if number + 1 < count || self.pick(4) == 1 {
                self.out.push(',');
                self.flow_space(parent);
            }
        }
        self.out.push(close);
    }

    fn flow_space(&mut self, parent: usize) {
        match self.pick(8) {
            1 => self.out.push_str("  "),
            2 | 3 => {
                if self.pick(2) == 0 {
                    self.out.push(' ');
                    self.comment();
                }
                let column = parent + 1 + self.pick(5);
                self.out.push_str(&format!("\n{}", " ".repeat(column)));
            }
            _ => {}
        }
    }
}

/// Every comment that stands in the text, in order.
pub fn holds_comments(text: &str, comments: &[String]) -> bool {
    let mut rest = text;
    let all = comments.iter().all(|comment| match rest.find(&format!("{comment}\n")) {
        Some(at) => {
            rest = &rest[at + comment.len()..];
            true
        }
        None => false,
    });
    all && comments.iter().collect::<BTreeSet<_>>().len() == comments.len()
}
