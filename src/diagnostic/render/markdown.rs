//! Findings as a comment for a pull request (GitHub Flavored Markdown, which GitLab reads too):
//! the count, a table of places, and behind a fold what each code means. And the catalogue as a
//! page. Words of a file stand in code spans only, where nothing is a link, a mention or markup.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::super::{Code, Finding, Findings};
use super::{count, relative};

/// A comment of GitHub holds 65,536 characters; this leaves room for a heading around it.
const COMMENT_BYTES_MAX: usize = 60_000;
/// The table's part of it; the rest is for what the codes mean.
const TABLE_BYTES_MAX: usize = 40_000;
/// Longest sentence in a row.
const SENTENCE_CHARACTERS_MAX: usize = 300;

/// `directory` is the top of the repository, `command` what found them: `check`.
pub fn markdown(findings: &Findings, directory: &Path, command: &str) -> String {
    let mut text = format!("### signet {command}: {}\n", count(findings));
    if findings.is_empty() {
        return text;
    }
    text.push_str("\n| | where | what |\n|---|---|---|\n");
    let mut rows = 0;
    for finding in findings.iter() {
        let row = row(finding, directory);
        if text.len() + row.len() > TABLE_BYTES_MAX {
            break;
        }
        text.push_str(&row);
        rows += 1;
    }
    let more = findings.iter().count().saturating_sub(rows);
    if more > 0 {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{more} more have no room in this table; `signet {command}` prints them.\n");
    }
    let codes: BTreeMap<&str, &Code> =
        findings.iter().map(|finding| (finding.code.id, finding.code)).collect();
    text.push_str("\n<details>\n<summary>What these mean, and what to do</summary>\n");
    for code in codes.values() {
        let entry = format!("\n**{}** {}\n\n{}\n", code.id, code.title, code.text);
        if text.len() + entry.len() <= COMMENT_BYTES_MAX {
            text.push_str(&entry);
        }
    }
    text.push_str("\n</details>\n");
    text
}

fn row(finding: &Finding, directory: &Path) -> String {
    let place = match (&finding.place, finding.file_name()) {
        (Some(place), Some(file)) => {
            code(&format!("{}:{}", relative(file, directory), place.line_column().0))
        }
        (None, Some(file)) => code(relative(file, directory)),
        (_, None) => String::new(),
    };
    let mut what = prose(&finding.message);
    if let Some(help) = &finding.help {
        let _ = write!(what, "<br>{}", prose(help));
    }
    format!("| {} {} | {place} | {what} |\n", finding.severity.name(), finding.code.id)
}

/// A sentence of a finding. Its words in backticks become code; everything else is escaped.
fn prose(sentence: &str) -> String {
    let mut shown: String = sentence.chars().take(SENTENCE_CHARACTERS_MAX).collect();
    if shown.len() < sentence.len() {
        shown.push('…');
    }
    let parts = shown.split('`').enumerate();
    parts.map(|(number, part)| if number % 2 == 1 { code(part) } else { escaped(part) }).collect()
}

/// A code span as HTML: backticks and bars need no care in it, and no mention is made in it.
fn code(text: &str) -> String {
    let mut html = String::from("<code>");
    for character in text.chars() {
        match character {
            // Entities for whatever Markdown would still read inside the element.
            c if c.is_ascii_punctuation() && !"./-".contains(c) => {
                let _ = write!(html, "&#{};", u32::from(c));
            }
            c if c.is_control() => html.push(' '),
            c => html.push(c),
        }
    }
    html.push_str("</code>");
    html
}

/// Plain text: no character of it is markup, and `@name` notifies nobody.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '@' => escaped.push_str("@\u{200b}"),
            c if c.is_control() => escaped.push(' '),
            c if c.is_ascii_punctuation() && !".,;:'/-()?=".contains(c) => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The page of the documentation about these codes.
pub fn code_reference(codes: impl IntoIterator<Item = &'static Code>) -> String {
    let mut text = String::from(
        "# All codes\n\nThis page is `signet explain --format markdown`, the catalogue of the program.\n\
         [When something is refused](errors.md) says where the codes are seen.\n",
    );
    for code in codes {
        let _ = write!(
            text,
            "\n## {}\n\n`{}`, {}: {}\n\n{}\n",
            code.id,
            code.name,
            code.severity.name(),
            code.title,
            code.text
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::catalogue::requests;

    fn rendered(finding: Finding) -> String {
        let mut findings = Findings::default();
        findings.push(finding);
        markdown(&findings, Path::new("/repository"), "check")
    }

    #[test]
    fn words_of_a_file_are_code_and_nothing_else() {
        let message = "client `a|b*c* <b>@all</b>` asks, @everybody |x| ![i](u) <script>";
        let text = rendered(Finding::new(&requests::SCOPE_NOT_GRANTED, message).in_file("a|`b`.yaml"));
        let row = text.lines().find(|line| line.contains("SG0503 |")).unwrap_or_default();
        assert_eq!(
            row,
            "| error SG0503 | <code>a&#124;&#96;b&#96;.yaml</code> | client <code>a&#124;b&#42;c&#42; \
             &#60;b&#62;&#64;all&#60;/b&#62;</code> asks, @\u{200b}everybody \\|x\\| \\!\\[i\\](u) \
             \\<script\\> |"
        );
    }

    #[test]
    fn a_comment_fits_whatever_was_found() {
        let mut findings = Findings::default();
        for _ in 0..20_000 {
            findings.push(Finding::new(&requests::NO_SIGNING_KEY, "`|".repeat(5_000)));
        }
        let text = markdown(&findings, Path::new("/"), "check");
        assert!(text.starts_with("### signet check: 20000 errors; 10000 of them are not shown\n"));
        assert!(text.contains(" more have no room in this table;"), "{text}");
        assert!(text.contains("**SG0531**"), "{text}");
        assert!(text.len() < COMMENT_BYTES_MAX, "{}", text.len());
    }
}
