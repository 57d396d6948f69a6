//! The members of a team.

use serde_json::{Value, json};

use super::super::pattern::Pattern;
use crate::oauth::Audience;
use crate::section::table::{Absent, Member, form, note};

/// A team that needs more has a directory.
pub(in crate::config) const PATTERNS_MAX: usize = 64;
pub(in crate::config) const AUDIENCES_MAX: usize = 1_000;

pub(in crate::config) const MEMBERS: &[Member] = &[
    Member {
        name: "name",
        text: "A name for messages; without it the first pattern is shown.",
        absent: Absent::Nothing,
        schema: note,
        example: r#""payments""#,
    },
    Member {
        name: "files",
        text: "The files of the team: paths relative to the directory of `--clients`, in which `*` stands for any text within a part and `**` for any number of parts.",
        absent: Absent::Required,
        schema: || one_or_more(Pattern::schema(), PATTERNS_MAX),
        example: r#""payments/**""#,
    },
    Member {
        name: "audiences",
        text: "The audiences that these files may hand out, and files of no other team.",
        absent: Absent::Required,
        schema: || one_or_more(form("audience", Audience::PATTERN), AUDIENCES_MAX),
        example: r#"["https://invoices.example.com"]"#,
    },
];

/// A list of these that is not empty, or one of them alone.
fn one_or_more(item: Value, most: usize) -> Value {
    json!({"anyOf": [item.clone(), {"type": "array", "items": item, "minItems": 1, "maxItems": most}]})
}
