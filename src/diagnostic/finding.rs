//! One problem of an input, and the list that a run collects.

use std::collections::BTreeMap;

use super::{Code, Place};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    /// Asks for nothing: a default that is loosened on purpose, say, for whoever reviews it.
    Note,
}

impl Severity {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Severity and code, one plain sentence, the place, the reason beside it, what to do.
#[derive(Clone, Debug)]
pub struct Finding {
    pub code: &'static Code,
    pub severity: Severity,
    pub message: String,
    /// The file that the finding is about when it has no place in a text (a missing key, say).
    pub file: Option<String>,
    pub place: Option<Place>,
    /// The short reason printed under the place.
    pub label: String,
    pub help: Option<String>,
    /// Other places that matter: the first of two definitions, say.
    pub related: Vec<(Place, String)>,
}

impl Finding {
    /// A finding of the code's own severity, without a place yet.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            message: message.into(),
            file: None,
            place: None,
            label: String::new(),
            help: None,
            related: Vec::new(),
        }
    }

    #[must_use]
    pub fn at(mut self, place: Place, label: impl Into<String>) -> Self {
        self.place = Some(place);
        self.label = label.into();
        self
    }

    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push((place, label.into()));
        self
    }

    pub fn file_name(&self) -> Option<&str> {
        self.place.as_ref().map(|place| place.source.name.as_str()).or(self.file.as_deref())
    }
}

/// Most findings of one severity that a run keeps. A file of a million broken registrations must
/// not cost memory without end, and nobody reads further; the others are counted.
const FINDINGS_KEPT_MAX: usize = 10_000;

/// All findings of a run.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    /// How many there were, kept or not.
    found: BTreeMap<(Severity, &'static str), usize>,
    /// The errors among them; asked for after every entry.
    errors: usize,
}

impl Findings {
    pub fn push(&mut self, finding: Finding) {
        let is_kept = self.of(finding.severity) < FINDINGS_KEPT_MAX;
        self.count(finding.severity, finding.code.id, 1);
        if is_kept {
            self.kept.push(finding);
        }
    }

    pub fn extend(&mut self, other: Findings) {
        let mut left_out = other.found;
        for finding in other.kept {
            if let Some(count) = left_out.get_mut(&(finding.severity, finding.code.id)) {
                *count = count.saturating_sub(1);
            }
            self.push(finding);
        }
        left_out.into_iter().for_each(|((severity, code), found)| self.count(severity, code, found));
    }

    fn count(&mut self, severity: Severity, code: &'static str, found: usize) {
        let count = self.found.entry((severity, code)).or_default();
        *count = count.saturating_add(found);
        if severity == Severity::Error {
            self.errors = self.errors.saturating_add(found);
        }
    }

    /// Adds a place to all of these findings.
    pub fn related(&mut self, place: &Place, label: &str) {
        for finding in &mut self.kept {
            finding.related.push((place.clone(), label.to_owned()));
        }
    }

    pub fn errors(&self) -> usize {
        self.errors
    }

    pub fn warnings(&self) -> usize {
        self.of(Severity::Warning)
    }

    pub fn notes(&self) -> usize {
        self.of(Severity::Note)
    }

    fn of(&self, severity: Severity) -> usize {
        self.found.iter().filter(|((found, _), _)| *found == severity).map(|(_, count)| count).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Findings that were counted but not kept.
    pub fn left_out(&self) -> usize {
        self.found.values().sum::<usize>().saturating_sub(self.kept.len())
    }

    /// Makes errors of those that `denied` picks.
    #[must_use]
    pub fn denying(self, denied: impl Fn(Severity, &str) -> bool) -> Self {
        let mut findings = Self::default();
        let as_error = |severity, code: &str| if denied(severity, code) { Severity::Error } else { severity };
        for ((severity, code), found) in self.found {
            findings.count(as_error(severity, code), code, found);
        }
        let kept = self.kept.into_iter();
        findings.kept = kept
            .map(|finding| {
                let severity = as_error(finding.severity, finding.code.id);
                finding.severity(severity)
            })
            .collect();
        findings
    }

    /// Errors and warnings alone.
    #[must_use]
    pub fn without_notes(mut self) -> Self {
        self.kept.retain(|finding| finding.severity != Severity::Note);
        self.found.retain(|(severity, _), _| *severity != Severity::Note);
        self
    }

    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.kept.iter()
    }

    /// The first `most`; the others are counted as left out.
    #[must_use]
    pub fn first(mut self, most: usize) -> Self {
        self.kept.truncate(most);
        self
    }

    /// Sorted by file, then place; findings without a file come first.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.kept.sort_by(|a, b| {
            let key = |f: &Finding| f.place.as_ref().map(|place| place.span);
            a.file_name().cmp(&b.file_name()).then_with(|| key(a).cmp(&key(b)))
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::catalogue::requests;

    #[test]
    fn findings_beyond_the_limit_are_counted_and_not_kept() {
        let mut findings = Findings::default();
        for _ in 0..FINDINGS_KEPT_MAX + 5 {
            findings.push(Finding::new(&requests::SIGNING_FAILED, "x"));
        }
        let mut all = Findings::default();
        all.push(Finding::new(&requests::SIGNING_FAILED, "y"));
        all.extend(findings);
        assert_eq!((all.errors(), all.iter().count(), all.left_out()), (10_006, 10_000, 6));
        let warning = Finding::new(&requests::SIGNING_FAILED, "z").severity(Severity::Warning);
        all.push(warning);
        assert_eq!((all.errors(), all.warnings(), all.left_out()), (10_006, 1, 6), "errors leave room");
    }

    #[test]
    fn denied_findings_are_errors_and_the_others_stay_what_they_are() {
        let mut findings = Findings::default();
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            findings.push(Finding::new(&requests::SIGNING_FAILED, "x").severity(severity));
            findings.push(Finding::new(&requests::NO_SIGNING_KEY, "y").severity(severity));
        }
        let counts = |findings: &Findings| (findings.errors(), findings.warnings(), findings.notes());
        let warnings = findings.clone().denying(|severity, _| severity == Severity::Warning);
        assert_eq!(counts(&warnings), (4, 0, 2));
        let one = findings.clone().denying(|_, code| code == requests::SIGNING_FAILED.id);
        assert_eq!(counts(&one), (4, 1, 1));
        assert_eq!(one.iter().filter(|finding| finding.severity == Severity::Error).count(), 4);
        assert_eq!(counts(&findings.clone().without_notes()), (2, 2, 0));
        assert_eq!(findings.without_notes().left_out(), 0);
    }
}
