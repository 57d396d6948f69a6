//! One problem of an input, and the list that a run collects.

use super::{Code, Place};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
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

/// Most findings that a run keeps. A file of a million broken registrations must not cost memory
/// without end, and nobody reads further; the others are counted.
const FINDINGS_KEPT_MAX: usize = 10_000;

/// All findings of a run.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    errors: usize,
    warnings: usize,
}

impl Findings {
    pub fn push(&mut self, finding: Finding) {
        match finding.severity {
            Severity::Error => self.errors = self.errors.saturating_add(1),
            Severity::Warning => self.warnings = self.warnings.saturating_add(1),
        }
        if self.kept.len() < FINDINGS_KEPT_MAX {
            self.kept.push(finding);
        }
    }

    pub fn extend(&mut self, other: Findings) {
        let (errors, warnings) = (self.errors + other.errors, self.warnings + other.warnings);
        for finding in other.kept {
            self.push(finding);
        }
        (self.errors, self.warnings) = (errors, warnings);
    }

    pub fn errors(&self) -> usize {
        self.errors
    }

    pub fn warnings(&self) -> usize {
        self.warnings
    }

    pub fn is_empty(&self) -> bool {
        self.errors == 0 && self.warnings == 0
    }

    /// Findings that were counted but not kept.
    pub fn left_out(&self) -> usize {
        (self.errors + self.warnings).saturating_sub(self.kept.len())
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
    }
}
