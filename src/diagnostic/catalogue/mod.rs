//! The catalogue: one entry per code, the only source of `signet explain`, of the pages under
//! `/errors/`, of the reference in the documentation and of the log field `reason`.
//!
//! 01xx client files, 02xx keys, 03xx settings, 04xx interoperability, 05xx run time,
//! 06xx deployment. A number is never used again for something else.

pub mod assertions;
pub mod client_keys;
pub mod clients;
pub mod deployment;
pub mod issuers;
pub mod keys;
pub mod registrars;
pub mod registration;
pub mod reload;
pub mod requests;
pub mod rules;
pub mod settings;

use std::sync::LazyLock;

use super::Severity;

/// A code with its texts.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `SG0107`.
    pub id: &'static str,
    /// The stable short name used in logs and metrics: `scope_not_granted`.
    pub name: &'static str,
    pub severity: Severity,
    /// One plain sentence, ASCII, without a full stop.
    pub title: &'static str,
    /// What it means, why it is refused, what to do: the text of `explain`. Markdown paragraphs.
    pub text: &'static str,
}

impl Code {
    /// The text of `signet explain` and of the plain page under `/errors/`.
    pub fn explain(&self) -> String {
        format!("{} ({})\n{}\n\n{}\n", self.id, self.name, self.title, self.text)
    }
}

static SORTED: LazyLock<Vec<&'static Code>> = LazyLock::new(|| {
    let groups = [
        clients::ALL,
        rules::ALL,
        registrars::ALL,
        keys::ALL,
        settings::ALL,
        reload::ALL,
        issuers::ALL,
        requests::ALL,
        assertions::ALL,
        client_keys::ALL,
        registration::ALL,
        deployment::ALL,
    ];
    let mut codes: Vec<&'static Code> = groups.into_iter().flatten().copied().collect();
    codes.sort_unstable_by_key(|code| code.id);
    codes
});

/// Every code, sorted by id.
pub fn all() -> impl Iterator<Item = &'static Code> {
    SORTED.iter().copied()
}

/// By id (`SG0107`, any case) or by name.
pub fn find(word: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(word) || code.name == word)
}

/// What `signet check --strict` makes an error of: a client that is locked out or will be soon, and
/// a list that `serve` would refuse.
pub static STRICT: &[&Code] = &[
    &clients::CREDENTIAL_OUTDATED,
    &clients::CREDENTIAL_EXPIRES_SOON,
    &clients::CREDENTIAL_NONE_LIVE,
    &deployment::DEMO_SECRET,
];

/// Declares the codes of one group and the list `ALL` of them.
macro_rules! codes {
    ($($name:ident = $id:literal $short:literal $severity:ident $title:literal $text:literal;)*) => {
        $(pub static $name: $crate::diagnostic::Code = $crate::diagnostic::Code {
            id: $id,
            name: $short,
            severity: $crate::diagnostic::Severity::$severity,
            title: $title,
            text: $text,
        };)*
        /// Every code of this group, sorted by id.
        pub static ALL: &[&$crate::diagnostic::Code] = &[$(&$name),*];
    };
}
use codes;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_names_are_unique() {
        let ids: Vec<&str> = all().map(|code| code.id).collect();
        assert!(ids.windows(2).all(|pair| pair.first() < pair.last()), "{ids:?}");
        let mut names: Vec<&str> = all().map(|code| code.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn every_code_has_its_three_texts() {
        for code in all() {
            assert!(code.title.is_ascii() && !code.title.ends_with('.'), "{}", code.id);
            assert!(code.text.len() > 20 && code.text.ends_with('.'), "{}", code.id);
            assert!(!code.text.contains("  "), "{}", code.id);
            assert_eq!(find(code.name), Some(code));
            assert_eq!(code.text.contains("--strict"), STRICT.contains(&code), "{}", code.id);
            assert_eq!(find(&code.id.to_lowercase()), Some(code));
        }
    }
}
