//! Findings as rustc prints them: severity and code, one sentence, the place, the line, the
//! reason, what to do. Only one line of a file is ever shown, and only its masked form.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
    renderer::DecorStyle,
};

use super::super::mask::ShownLine;
use super::super::{Finding, Findings, Place, Severity};
use super::is_url;

/// All findings and a count; empty when there are none. Without colour the text holds no escape.
pub fn human(findings: &Findings, colour: bool) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for finding in findings.iter() {
        let rendered = renderer.render(&[group(finding)]);
        text.push_str(with_true_column(rendered, finding).trim_end());
        text.push_str("\n\n");
    }
    text.push_str(&count(findings));
    text.push('\n');
    text
}

/// `2 errors, 1 warning in 3 files`; what stands on the network is no file but a place.
pub fn count(findings: &Findings) -> String {
    let several = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    let counts = [(findings.errors(), "error"), (findings.warnings(), "warning"), (findings.notes(), "note")];
    let parts: Vec<String> =
        counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| several(n, word)).collect();
    let mut text = if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") };
    let files: BTreeSet<&str> = findings.iter().filter_map(Finding::file_name).collect();
    if !files.is_empty() {
        text.push_str(" in ");
        let is_file = files.iter().any(|name| !is_url(name));
        text.push_str(&several(files.len(), if is_file { "file" } else { "place" }));
    }
    if findings.left_out() > 0 {
        let _ = write!(text, "; {} of them are not shown", findings.left_out());
    }
    text
}

fn group(finding: &Finding) -> Group<'_> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(finding.message.as_str()).id(finding.code.id);
    let mut group = title.elements(None::<Origin<'_>>);
    match (&finding.place, &finding.file) {
        (Some(place), _) => {
            group = group.element(snippet(place, &finding.label, AnnotationKind::Primary));
        }
        (None, Some(file)) => group = group.element(Origin::path(file.as_str())),
        (None, None) => {}
    }
    for (place, label) in &finding.related {
        group = group.element(snippet(place, label, AnnotationKind::Context));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
    }
    group.element(Level::NOTE.with_name("more").message(format!("signet explain {}", finding.code.id)))
}

fn snippet<'a>(place: &'a Place, label: &'a str, kind: AnnotationKind) -> Snippet<'a, Annotation<'a>> {
    let line = ShownLine::new(&place.source, place.span.start);
    let span = line.position(place.span.start)..line.end_position(place.span);
    let annotation = match label {
        "" => kind.span(span),
        label => kind.span(span).label(label),
    };
    Snippet::source(line.text)
        .path(place.source.name.as_str())
        .line_start(place.line_column().0 as usize)
        .fold(false)
        .annotation(annotation)
}

/// The renderer counts columns in the line that it is given; where something before the place is
/// masked, that is not the column in the file.
fn with_true_column(rendered: String, finding: &Finding) -> String {
    let Some(place) = &finding.place else { return rendered };
    let line = ShownLine::new(&place.source, place.span.start);
    let before = line.text.get(..line.position(place.span.start)).unwrap_or_default();
    let (row, column) = place.line_column();
    let shown_column = before.chars().count() + 1;
    if shown_column == column as usize {
        return rendered;
    }
    let name = &place.source.name;
    rendered.replacen(&format!("{name}:{row}:{shown_column}"), &format!("{name}:{row}:{column}"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::catalogue::requests;
    use crate::diagnostic::{Source, Span, json};
    use std::sync::Arc;

    fn finding(text: &str, needle: &str) -> Findings {
        let source = Source::new("clients/a.yaml", text);
        let start = text.find(needle).unwrap_or_default();
        let place = Place { source: Arc::clone(&source), span: Span::between(start, start + needle.len()) };
        let first = Place { source, span: Span::at(0) };
        let mut findings = Findings::default();
        findings.push(
            Finding::new(&requests::SCOPE_NOT_GRANTED, "client `a` asks for something")
                .at(place, "no resource defines this")
                .related(first, "first seen here")
                .help("did you mean `b`?"),
        );
        findings.push(Finding::new(&requests::NO_SIGNING_KEY, "no key").in_file("keys"));
        findings
    }

    #[test]
    fn a_finding_reads_like_one_of_the_compiler() {
        insta::assert_snapshot!(human(&finding("clients:\n  - scope: [invoice:write]\n", "invoice:write"), false), @r"
        error[SG0503]: client `a` asks for something
         --> clients/a.yaml:2:13
          |
        2 |   - scope: [invoice:write]
          |             ^^^^^^^^^^^^^ no resource defines this
          |
         ::: clients/a.yaml:1:1
          |
        1 | clients:
          | - first seen here
          |
          = help: did you mean `b`?
          = more: signet explain SG0503

        error[SG0531]: no key
        --> keys
         = more: signet explain SG0531

        2 errors in 2 files
        ");
    }

    #[test]
    fn the_column_is_the_one_in_the_file_when_something_before_it_is_masked() {
        let text = format!("clients: []\nx: {{client_secret: sha256:{}, scope: bad}}\n", "8".repeat(43));
        let (human, json) = (human(&finding(&text, "bad"), false), json(&finding(&text, "bad")));
        assert!(human.contains("clients/a.yaml:2:79\n"), "{human}");
        assert!(human.contains("{client_secret: sha256:…, scope: bad}"), "{human}");
        assert!(json.contains("\"line\": 2,\n      \"column\": 79,"), "{json}");
    }

    #[test]
    fn neither_rendering_shows_a_secret_or_an_escape_of_the_file() {
        let text = "{client_secret: hunter2, note: \u{1b}[31m}\n";
        for needle in ["client_secret", "hunter2", "note", "\u{1b}"] {
            let findings = finding(text, needle);
            assert!(!human(&findings, false).contains("hunter2"));
            assert!(!human(&findings, true).contains("hunter2"));
            assert!(!json(&findings).contains("hunter2"));
            assert!(!human(&findings, false).contains('\u{1b}'));
        }
        assert!(human(&finding("a: b\n", "a"), true).contains('\u{1b}'));
    }
}
