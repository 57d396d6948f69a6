//! Findings as workflow commands of GitHub Actions, which shows them beside the lines of a change:
//! `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message`.

use std::path::Path;

use super::super::{Finding, Findings, Severity};
use super::{is_url, relative};

/// One line a finding. `directory` is the top of the repository.
pub fn github(findings: &Findings, directory: &Path) -> String {
    findings.iter().map(|finding| command(finding, directory)).collect()
}

fn command(finding: &Finding, directory: &Path) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    let url = finding.file_name().filter(|name| is_url(name));
    if let Some(file) = finding.file_name().filter(|name| !is_url(name)) {
        properties.push(format!("file={}", property(relative(file, directory))));
    }
    if let Some(place) = &finding.place {
        let ((line, column), (end_line, end_column)) = (place.line_column(), place.end_line_column());
        properties.push(format!("line={line},endLine={end_line}"));
        // Columns of several lines are refused there.
        if line == end_line {
            properties.push(format!("col={column},endColumn={end_column}"));
        }
    }
    let title = format!("{} {}", finding.code.id, finding.code.name);
    properties.push(format!("title={}", property(&title)));
    let mut text = url.map_or_else(|| finding.message.clone(), |url| format!("{url}: {}", finding.message));
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    text.push_str(&format!("\nmore: signet explain {}", finding.code.id));
    format!("::{level} {}::{}\n", properties.join(","), data(&text))
}

/// What the runner's own toolkit escapes in a message. Without it a line break in a file's name
/// could begin a command of its own.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// In a property the two delimiters as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::catalogue::requests;
    use crate::diagnostic::{Place, Source, Span};

    fn rendered(finding: Finding) -> String {
        let mut findings = Findings::default();
        findings.push(finding);
        github(&findings, Path::new("/repository"))
    }

    #[test]
    fn a_finding_is_one_command_with_place_and_title() {
        let source = Source::new("/repository/clients/a.yaml", "clients:\n  - scope: ä b\n");
        let place = Place { source: Arc::clone(&source), span: Span::between(20, 22) };
        let finding = Finding::new(&requests::SCOPE_NOT_GRANTED, "100% wrong").at(place, "here").help("a\nb");
        assert_eq!(
            rendered(finding),
            "::error file=clients/a.yaml,line=2,endLine=2,col=12,endColumn=13,title=SG0503 scope_not_granted\
             ::100%25 wrong%0Ahelp: a%0Ab%0Amore: signet explain SG0503\n"
        );
        let place = Place { source, span: Span::between(0, 12) };
        let finding = Finding::new(&requests::SCOPE_NOT_GRANTED, "x").severity(Severity::Note).at(place, "");
        assert!(rendered(finding).starts_with("::notice file=clients/a.yaml,line=1,endLine=2,title=SG0503"));
    }

    #[test]
    fn no_name_of_a_file_begins_a_property_or_a_command() {
        let finding = Finding::new(&requests::NO_SIGNING_KEY, "a\r\n::add-mask::b")
            .severity(Severity::Warning)
            .in_file("./a,line=1:x\n::stop-commands::y%");
        assert_eq!(
            rendered(finding),
            "::warning file=a%2Cline=1%3Ax%0A%3A%3Astop-commands%3A%3Ay%25,title=SG0531 no_signing_key\
             ::a%0D%0A::add-mask::b%0Amore: signet explain SG0531\n"
        );
    }
}
