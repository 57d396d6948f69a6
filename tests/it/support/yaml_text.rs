//! Writes values down as YAML, in the forms that people use. Not the program's own writer, which
//! the tests judge with it.

use serde_json::Value;

use super::client_lists::Layout;

#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Text(String),
    /// Null, a boolean or a number.
    Plain(Value),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().to_owned())
    }

    pub fn texts(texts: &[impl AsRef<str>]) -> Self {
        Self::List(texts.iter().map(Self::text).collect())
    }

    /// On one line.
    fn flow(&self, layout: &Layout) -> String {
        match self {
            Self::Text(text) => scalar(text, layout),
            Self::Plain(value) => value.to_string(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.flow(layout)).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(members) => {
                let members = members.iter();
                let members: Vec<String> =
                    members.map(|(name, value)| format!("{}: {}", key(name), value.flow(layout))).collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }

    /// What follows `name:` or `-`: on the same line, or below it with this indentation.
    fn block(&self, indent: usize, layout: &Layout, out: &mut String) {
        let space = " ".repeat(indent);
        match self {
            Self::List(items) if !items.is_empty() && !layout.flow => {
                for item in items {
                    out.push_str(&format!("\n{space}-"));
                    item.block(indent + 2, layout, out);
                }
            }
            Self::Map(members) if !members.is_empty() && !layout.flow => {
                let after_dash = out.ends_with('-');
                for (at, (name, value)) in members.iter().enumerate() {
                    let before = if at == 0 && after_dash { " ".into() } else { format!("\n{space}") };
                    out.push_str(&format!("{before}{}:", key(name)));
                    value.block(indent + 2, layout, out);
                }
            }
            one_line => {
                out.push(' ');
                out.push_str(&one_line.flow(layout));
            }
        }
    }
}

/// A file of sections of entries; the entries themselves are always blocks.
pub fn document(sections: Vec<(&str, Vec<Node>)>, layout: &Layout) -> String {
    let mut out = String::new();
    if layout.comments {
        out.push_str("# The head of the file: 'quoted', {braced}\n");
    }
    for (name, entries) in sections {
        out.push_str(&format!("{name}:"));
        out.push_str(if entries.is_empty() { " []" } else { "" });
        for (number, entry) in entries.iter().enumerate() {
            if layout.comments {
                out.push_str(&format!("\n  # entry {number}"));
            }
            let Node::Map(members) = entry else { continue };
            for (at, (member, value)) in members.iter().enumerate() {
                out.push_str(if at == 0 { "\n  - " } else { "\n    " });
                out.push_str(&format!("{member}:"));
                value.block(6, layout, &mut out);
                if layout.comments && at == 0 {
                    out.push_str(" # beside a value");
                }
            }
        }
        out.push('\n');
    }
    if layout.comments {
        out.push_str("# the end\n");
    }
    if layout.end_marker {
        out.push_str("...\n");
    }
    out
}

fn key(name: &str) -> String {
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if plain && !["null", "true", "false"].contains(&name) { name.to_owned() } else { double(name) }
}

/// As it is where that is safe, otherwise in quotation marks of one or the other kind.
fn scalar(text: &str, layout: &Layout) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b" _./~:+-".contains(&byte);
    let plain = text.bytes().all(safe)
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !["null", "true", "false"].contains(&text.to_ascii_lowercase().as_str());
    match text {
        text if plain && !layout.quoted => text.to_owned(),
        text if text.contains(['\n', '\t']) || text.len() % 2 == 0 => double(text),
        text => format!("'{}'", text.replace('\'', "''")),
    }
}

fn double(text: &str) -> String {
    Value::from(text).to_string()
}
