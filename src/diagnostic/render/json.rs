//! Findings as JSON. The shape is versioned: members are added, never changed. It quotes no line
//! of a file, so there is nothing to mask.

use serde::Serialize;

use super::super::{Finding, Findings, Severity};

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<Item<'a>>,
    /// Counts of the whole run, also of findings that were too many to list.
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct Item<'a> {
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    file: Option<&'a str>,
    /// 1-based, in characters.
    line: Option<u32>,
    column: Option<u32>,
    help: Option<&'a str>,
}

/// One JSON document and a line break.
pub fn json(findings: &Findings) -> String {
    let document = Document {
        version: VERSION,
        findings: findings.iter().map(item).collect(),
        errors: findings.errors(),
        warnings: findings.warnings(),
    };
    // Text and numbers always serialise; an empty answer would still be no JSON and be noticed.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn item(finding: &Finding) -> Item<'_> {
    let position = finding.place.as_ref().map(|place| place.line_column());
    Item {
        code: finding.code.id,
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: &finding.message,
        file: finding.file_name(),
        line: position.map(|(line, _)| line),
        column: position.map(|(_, column)| column),
        help: finding.help.as_deref(),
    }
}
