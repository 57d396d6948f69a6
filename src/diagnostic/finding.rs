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

/// All findings of a run.
#[derive(Clone, Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    pub fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    pub fn extend(&mut self, other: Findings) {
        self.0.extend(other.0);
    }

    pub fn errors(&self) -> usize {
        self.0.iter().filter(|finding| finding.severity == Severity::Error).count()
    }

    pub fn warnings(&self) -> usize {
        self.0.len() - self.errors()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter()
    }

    /// Sorted by file, then place; findings without a file come first.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.0.sort_by(|a, b| {
            let key = |f: &Finding| f.place.as_ref().map(|place| place.span);
            a.file_name().cmp(&b.file_name()).then_with(|| key(a).cmp(&key(b)))
        });
        self
    }
}
