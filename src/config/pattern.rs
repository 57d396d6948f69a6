//! Patterns of `teams`: which files belong to a team. `*` stands for any text within one part of a
//! path, `**` as a whole part for any number of parts. Everything else stands for itself; what other
//! tools read as a sign (`?`, `[`, `{`, `!`, `\`) is refused, so that no pattern means less than it
//! says.

use serde_json::{Value, json};

/// Longest pattern; as long as the longest path that systems agree on.
const CHARACTERS_MAX: usize = 4096;

/// A pattern for paths relative to the root of the list, parts separated by `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Box<str>);

impl Pattern {
    /// # Errors
    /// What is wrong, in words.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() || text.chars().count() > CHARACTERS_MAX {
            return Err("a pattern has 1 to 4096 characters");
        }
        if text.starts_with('/') {
            return Err("patterns are relative to the directory of `--clients`: leave the first `/` out");
        }
        if text.contains(['?', '[', ']', '{', '}', '!', '\\']) {
            return Err("only `*` and `**` are signs here; write other files as further patterns");
        }
        if text.split('/').any(|part| part.contains("**") && part != "**") {
            return Err("`**` stands for whole parts of a path: `payments/**`");
        }
        if text.ends_with('/') {
            return Err("it names a directory; add `**` for the files below it");
        }
        if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err("a part of it is empty, `.` or `..`");
        }
        Ok(Self(text.into()))
    }

    /// The same rules as JSON Schema.
    pub(super) fn schema() -> Value {
        json!({
            "title": "pattern for files", "type": "string", "maxLength": CHARACTERS_MAX,
            "pattern": r"^[^/?\[\]{}!\\]+(/[^/?\[\]{}!\\]+)*$",
            "not": {"pattern": r"(^|/)\.\.?(/|$)|[^/]\*\*|\*\*[^/]"},
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        let wanted: Vec<&str> = self.0.split('/').collect();
        let parts: Vec<&str> = path.split('/').collect();
        wild(&wanted, &parts, |part| *part == "**", |wanted, part| part_matches(wanted, part))
    }
}

fn part_matches(wanted: &str, part: &str) -> bool {
    wild(wanted.as_bytes(), part.as_bytes(), |byte| *byte == b'*', |wanted, byte| wanted == byte)
}

/// Does `wanted` match all of `given`, where a wild element of `wanted` stands for any number of
/// elements? Only the last wild element is ever tried again, so the work is at most the product
/// of the lengths.
fn wild<T>(wanted: &[T], given: &[T], is_wild: impl Fn(&T) -> bool, same: impl Fn(&T, &T) -> bool) -> bool {
    let (mut at, mut next) = (0, 0);
    // The wild element last passed, and how much of `given` it takes.
    let mut retry: Option<(usize, usize)> = None;
    while let Some(element) = given.get(at) {
        match wanted.get(next) {
            Some(pattern) if is_wild(pattern) => {
                retry = Some((next, at));
                next += 1;
            }
            Some(pattern) if same(pattern, element) => {
                at += 1;
                next += 1;
            }
            _ => {
                let Some((wild, taken)) = retry else { return false };
                retry = Some((wild, taken + 1));
                at = taken + 1;
                next = wild + 1;
            }
        }
    }
    wanted.get(next..).is_some_and(|rest| rest.iter().all(is_wild))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stays_within_a_part_and_two_go_across() {
        let matches = |pattern: &str, path: &str| Pattern::parse(pattern).map(|one| one.matches(path));
        for (pattern, path) in [
            ("payments/**", "payments/a.yaml"),
            ("payments/**", "payments/eu/a.yaml"),
            ("payments/*.yaml", "payments/a.yaml"),
            ("**", "a.yaml"),
            ("**/a.yaml", "a.yaml"),
            ("**/a.yaml", "x/y/a.yaml"),
            ("x/**/y/*.yaml", "x/y/y/z/y/a.yaml"),
            ("pay-*-*.yaml", "pay-eu-1-2.yaml"),
            ("*", "clients.yaml"),
        ] {
            assert_eq!(matches(pattern, path), Ok(true), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("payments/**", "payments.yaml"),
            ("payments/**", "old/payments/a.yaml"),
            ("payments/*.yaml", "payments/eu/a.yaml"),
            ("payments/*", "Payments/a.yaml"),
            ("*", "x/a.yaml"),
            ("**/b.yaml", "x/ab.yaml"),
            ("x/**/y/*.yaml", "x/y/z/a.yaml"),
            ("a*b", "acbd"),
            ("a.yaml", "a_yaml"),
        ] {
            assert_eq!(matches(pattern, path), Ok(false), "{pattern} {path}");
        }
    }

    #[test]
    fn what_would_mean_less_than_it_says_is_refused() {
        for text in
            ["", "/a", "a/", "a//b", "./a", "../a", "a/**b", "***", "a?", "[ab]", "{a,b}", "!a", "a\\b"]
        {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
        assert!(Pattern::parse(&"a".repeat(CHARACTERS_MAX + 1)).is_err());
    }

    #[test]
    fn a_hostile_pattern_costs_no_more_than_the_product_of_the_lengths() {
        let pattern = Pattern::parse(&format!("{}b", "a*".repeat(1000))).expect("a pattern");
        assert!(!pattern.matches(&"a".repeat(4000)));
        let pattern = Pattern::parse(&format!("{}b", "**/a/".repeat(500))).expect("a pattern");
        assert!(!pattern.matches(&"a/".repeat(2000)));
    }
}
