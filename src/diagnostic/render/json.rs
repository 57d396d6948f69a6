//! Findings as JSON. The shape is versioned: members are added, never changed. It quotes no line
//! of a file, so there is nothing to mask.

use serde::Serialize;

use super::super::{Finding, Findings, Place};

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<Item<'a>>,
    /// Counts of the whole run, also of findings that were too many to list.
    errors: usize,
    warnings: usize,
    notes: usize,
}

#[derive(Serialize)]
struct Item<'a> {
    code: &'a str,
    /// The code in words, as logs and metrics have it.
    name: &'a str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    location: Location<'a>,
    /// The short reason that stands at the place.
    reason: Option<&'a str>,
    help: Option<&'a str>,
    /// Path of the page about the code, below every issuer.
    docs: String,
    /// Other places that matter.
    related: Vec<Related<'a>>,
}

/// Lines and columns are 1-based, columns in characters; the end is the first character after.
#[derive(Serialize)]
struct Location<'a> {
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    location: Location<'a>,
    message: &'a str,
}

/// One JSON document and a line break.
pub fn json(findings: &Findings) -> String {
    let document = Document {
        version: VERSION,
        findings: findings.iter().map(item).collect(),
        errors: findings.errors(),
        warnings: findings.warnings(),
        notes: findings.notes(),
    };
    // Text and numbers always serialise; an empty answer would still be no JSON and be noticed.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn item(finding: &Finding) -> Item<'_> {
    let related = finding.related.iter().map(|(place, message)| Related {
        location: location(Some(&place.source.name), Some(place)),
        message,
    });
    Item {
        code: finding.code.id,
        name: finding.code.name,
        severity: finding.severity.name(),
        message: &finding.message,
        location: location(finding.file_name(), finding.place.as_ref()),
        reason: Some(finding.label.as_str()).filter(|label| !label.is_empty()),
        help: finding.help.as_deref(),
        docs: format!("/errors/{}", finding.code.id),
        related: related.collect(),
    }
}

fn location<'a>(file: Option<&'a str>, place: Option<&Place>) -> Location<'a> {
    let start = place.map(Place::line_column);
    let end = place.map(Place::end_line_column);
    Location {
        file,
        line: start.map(|(line, _)| line),
        column: start.map(|(_, column)| column),
        end_line: end.map(|(line, _)| line),
        end_column: end.map(|(_, column)| column),
    }
}
