//! A line of a source as it may be shown: nothing that could be a secret stands in it.
//!
//! Rules that are each enough on their own for the usual case. What a reader marked with
//! `Source::mask` is hidden wherever it reaches; and on every line that is shown, what follows a
//! word like `client_secret:` is hidden, and the password in a URL, even where the file could not
//! be parsed at all.

use super::{Source, Span};

/// What stands where something is hidden.
const HIDDEN: char = '…';
/// The form that `client_secret` has in a good file; the prefix is shown, the digest is not.
const DIGEST_PREFIX: &str = "sha256:";
/// Longer lines are not shown: to search one for secrets again for each of its findings would
/// cost minutes.
const LINE_BYTES_READ_MAX: usize = 64 * 1024;
/// How much of a line is shown before and from the place: a few lines of a terminal.
const SURROUNDINGS_BYTES: (usize, usize) = (400, 800);
/// SHA-256 in base64url without padding.
const DIGEST_CHARACTERS: usize = 43;

/// Does this member name, perhaps misspelt, stand before something that must not be shown?
pub fn is_secretive(word: &str) -> bool {
    let word: String = word.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    let word = word.to_ascii_lowercase();
    let telling = ["secret", "passw", "passphrase", "apikey"];
    telling.iter().any(|part| word.contains(part))
        || word == "privatekey"
        || strsim::osa_distance(&word, "clientsecret") <= 3
        || strsim::osa_distance(&word, "secret") <= 1
}

/// Every line of a text as it may be shown.
pub fn shown_lines(source: &Source) -> Vec<String> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        lines.push(ShownLine::new(source, start).text);
        start = start.saturating_add(u32::try_from(line.len()).unwrap_or(u32::MAX));
    }
    lines
}

/// One line without its line break, with the hidden parts replaced.
pub(super) struct ShownLine {
    pub text: String,
    /// For every hidden part: where it stood in the source, and where its replacement begins.
    hidden: Vec<(Span, usize)>,
    line: Span,
}

impl ShownLine {
    pub(super) fn new(source: &Source, offset: u32) -> Self {
        let line = source.line_span(offset);
        let mut masks = source.masks_in(line);
        match source.slice(line) {
            text if text.len() <= LINE_BYTES_READ_MAX => {
                secrets_by_name(text, line.start, &mut masks);
                passwords_of_urls(text, line.start, &mut masks);
                masks.extend(far_from(offset, text, line));
            }
            _ => masks.push(line),
        }
        let mut shown = Self { text: String::new(), hidden: Vec::new(), line };
        let mut from = line.start;
        for mask in joined(masks) {
            let mask = Span { start: mask.start.max(from), end: mask.end.min(line.end) };
            let covered = source.slice(mask);
            if covered.trim().is_empty() {
                continue;
            }
            shown.text.push_str(source.slice(Span { start: from, end: mask.start }));
            // The indentation of a hidden continuation line stays.
            let indentation = covered.len() - covered.trim_start().len();
            shown.text.push_str(covered.get(..indentation).unwrap_or_default());
            shown.hidden.push((mask, shown.text.len()));
            shown.text.push(HIDDEN);
            from = mask.end;
        }
        shown.text.push_str(source.slice(Span { start: from, end: line.end }));
        shown
    }

    /// Where a byte of the source stands in the shown text; a hidden byte is at the replacement.
    pub(super) fn position(&self, offset: u32) -> usize {
        let offset = offset.clamp(self.line.start, self.line.end);
        let (mut source_at, mut shown_at) = (self.line.start, 0);
        for (mask, replaced_at) in &self.hidden {
            if offset < mask.start {
                break;
            }
            if offset < mask.end {
                return *replaced_at;
            }
            (source_at, shown_at) = (mask.end, replaced_at + HIDDEN.len_utf8());
        }
        shown_at + (offset - source_at) as usize
    }

    /// The end of a span that begins at `start`: at least one character, never past the line.
    pub(super) fn end_position(&self, span: Span) -> usize {
        let start = self.position(span.start);
        let end = self.position(span.end.max(span.start));
        let hidden_end = |(_, at): &&(Span, usize)| (*at..at + HIDDEN.len_utf8()).contains(&end);
        match self.hidden.iter().find(hidden_end) {
            Some((mask, at)) if span.end > mask.start => at + HIDDEN.len_utf8(),
            _ => end.max(start),
        }
    }
}

/// What is hidden of a long line: all but the surroundings of the place.
fn far_from(offset: u32, text: &str, line: Span) -> [Span; 2] {
    let (before, after) = SURROUNDINGS_BYTES;
    let at = offset.saturating_sub(line.start) as usize;
    let is_border = |at: &usize| text.is_char_boundary(*at);
    let start = (0..=at.saturating_sub(before)).rev().find(is_border).unwrap_or(0);
    let end = (at.saturating_add(after)..text.len()).find(is_border).unwrap_or(text.len());
    let base = line.start as usize;
    [Span::between(base, base + start), Span::between(base + end, base + text.len())]
}

/// Sorted, and what touches or overlaps made one.
fn joined(mut masks: Vec<Span>) -> Vec<Span> {
    masks.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(masks.len());
    for mask in masks {
        match joined.last_mut() {
            Some(last) if mask.start <= last.end => last.end = last.end.max(mask.end),
            _ => joined.push(mask),
        }
    }
    joined
}

/// Finds `word:` and `word=` with a secretive word and hides what follows.
fn secrets_by_name(line: &str, line_start: u32, masks: &mut Vec<Span>) {
    let mut from = 0;
    while let Some(found) = line.get(from..).and_then(|rest| rest.find([':', '='])) {
        let colon = from + found;
        from = colon + 1;
        let before = line.get(..colon).unwrap_or_default().trim_end_matches([' ', '\t', '"', '\'']);
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let word = before.rsplit(|c| !is_word(c)).next().unwrap_or_default();
        if word.is_empty() || !is_secretive(word) {
            continue;
        }
        let value = line.get(from..).unwrap_or_default();
        let at = from + value.len() - value.trim_start_matches([' ', '\t']).len();
        let value = line.get(at..).unwrap_or_default();
        let unquoted = value.trim_start_matches(['"', '\'']);
        let digest_at = at + value.len() - unquoted.len() + DIGEST_PREFIX.len();
        let (start, end) = match (well_formed_digest(unquoted), quoted_size(value)) {
            (Some(digest), _) => (digest_at, digest_at + digest.len()),
            (None, Some(size)) => (at, at + size),
            (None, None) => (at, line.len()),
        };
        let base = line_start as usize;
        masks.push(Span::between(base + start, base + end));
        from = end;
    }
}

/// Finds `://user:password@` and hides the password, whatever characters it has.
fn passwords_of_urls(line: &str, line_start: u32, masks: &mut Vec<Span>) {
    for (found, mark) in line.match_indices("://") {
        let from = found + mark.len();
        let rest = line.get(from..).unwrap_or_default();
        let rest = rest.split(char::is_whitespace).next().unwrap_or_default();
        let Some((user, password)) = rest.rsplit_once('@').and_then(|(before, _)| before.split_once(':'))
        else {
            continue;
        };
        let start = line_start as usize + from + user.len() + 1;
        masks.push(Span::between(start, start + password.len()));
    }
}

/// The size of a quoted text that ends on this line, when that is certain: no escape in it, and a
/// delimiter after it.
fn quoted_size(value: &str) -> Option<usize> {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = value.get(1..)?.split(quote).next()?;
    let after = value.get(inner.len() + 2..)?;
    let delimited = after.is_empty() || after.starts_with([' ', ',', '}', ']']);
    (delimited && !inner.contains('\\')).then_some(inner.len() + 2)
}

/// The digest after `sha256:` when nothing but a delimiter follows it.
fn well_formed_digest(value: &str) -> Option<&str> {
    let digest = value.strip_prefix(DIGEST_PREFIX)?.get(..DIGEST_CHARACTERS)?;
    let after = value.get(DIGEST_PREFIX.len() + DIGEST_CHARACTERS..)?;
    let valid = digest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (valid && !after.starts_with(|c: char| !matches!(c, ' ' | '\t' | ',' | '}' | '"' | '\'')))
        .then_some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        ShownLine::new(&Source::new("a", text), 0).text
    }

    #[test]
    fn what_follows_a_word_for_a_secret_is_hidden() {
        for line in [
            "client_secret: hunter2",
            "  - client_secret: hunter2 # hunter2",
            "{client_secret: \"a\\\", hunter2\"}",
            "{client_secret: 'a'', hunter2'}",
            "{client_secret: 'hunter2', expires: 2027-01-01}",
            "{client_secret: hunter2, expires: 2027-01-01}",
            "client_secret : hunter2",
            "'client_secret': 'hunter2",
            "clientSecret: hunter2",
            "client-secret: sha256:hunter2",
            "cleint_secert: hunter2",
            "# SECRET=hunter2",
            "password: hunter2",
            "client_secret:hunter2",
            "client_secret: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaahunter2",
        ] {
            assert!(!shown(line).contains("hunter2"), "{}", shown(line));
            assert!(shown(line).contains('…'), "{line}");
        }
    }

    #[test]
    fn other_members_and_the_form_of_a_digest_stay_readable() {
        for line in [
            "client_id: billing",
            "clients:",
            "token_endpoint_auth_method: client_secret_basic",
            "access_token_lifetime: 15m",
            "claims: {tenant: acme}",
        ] {
            assert_eq!(shown(line), line);
        }
        let digest = "8".repeat(43);
        let line = format!("- {{client_secret: sha256:{digest}, expires: soon}}");
        assert_eq!(shown(&line), "- {client_secret: sha256:…, expires: soon}");
    }

    #[test]
    fn what_stands_beside_a_quoted_secret_stays_readable() {
        assert_eq!(shown("{client_secret: 'x, y', expires: z}"), "{client_secret: …, expires: z}");
    }

    #[test]
    fn the_password_in_a_url_is_hidden_and_the_rest_of_it_is_not() {
        for (line, expected) in [
            ("store: redis://:hunter2@a.example:1/2", "store: redis://:…@a.example:1/2"),
            (
                "{store: 'redis://user:hun@/:#ter2@a.example', b: c@d}",
                "{store: 'redis://user:…@a.example', b: c@d}",
            ),
            ("a: x://u:hunter2@h y://v:hunter2@h", "a: x://u:…@h y://v:…@h"),
        ] {
            assert_eq!(shown(line), expected);
        }
        for line in ["issuer: https://a.example:8443/b", "a: https://user@a.example", "mail: a:b@c"] {
            assert_eq!(shown(line), line);
        }
    }

    #[test]
    fn of_a_long_line_only_the_surroundings_of_the_place_are_shown() {
        let source = Source::new("a", format!("a: {}é{}", "x".repeat(2_000), "y".repeat(2_000)));
        let line = ShownLine::new(&source, 2_003);
        assert!(line.text.starts_with("…xx") && line.text.ends_with("yy…"), "{}", line.text);
        assert!(line.text.len() < 1_300);
        assert!(line.text.get(line.position(2_003)..).is_some_and(|text| text.starts_with('é')));
        let source = Source::new("a", format!("client_secret: {}\n", "hunter2 ".repeat(20_000)));
        assert_eq!(ShownLine::new(&source, 100_000).text, "…");
        let source = Source::new("a", format!("client_secret: {}\n", "hunter2 ".repeat(200)));
        assert!(!ShownLine::new(&source, 1_000).text.contains("hunter2"));
    }

    #[test]
    fn a_mask_reaches_over_lines_and_positions_follow_the_shown_text() {
        let source = Source::new("a", "a: |\n  one two\n  three\nb: c\n");
        source.mask(Span { start: 3, end: 23 });
        assert_eq!(ShownLine::new(&source, 0).text, "a: …");
        assert_eq!(ShownLine::new(&source, 6).text, "  …");
        assert_eq!(ShownLine::new(&source, 24).text, "b: c");
        let line = ShownLine::new(&Source::new("a", "{secret: abcdef}"), 0);
        assert_eq!(line.text, "{secret: …");
        assert_eq!((line.position(1), line.position(12)), (1, 9));
        assert_eq!(line.end_position(Span { start: 9, end: 14 }), 12);
        assert_eq!(line.end_position(Span { start: 1, end: 7 }), 7);
    }
}
