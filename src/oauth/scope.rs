//! Scope (RFC 6749 §3.3): a set of case-sensitive tokens; order and doubles mean nothing.

use std::fmt;
use std::sync::Arc;

/// Longest scope token that a resource may define.
pub const SCOPE_TOKEN_BYTES_MAX: usize = 128;

/// One scope token of a resource.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeToken(Arc<str>);

impl ScopeToken {
    /// What `parse` takes, as a regular expression (ECMA 262).
    pub const PATTERN: &str = r"^[!#-\[\]-~]{1,128}$";
    /// Any number of scope tokens in one text, with white space between them.
    pub const LIST_PATTERN: &str = r"^[ \t\n\f\r]*(?:[!#-\[\]-~]{1,128}(?:[ \t\n\f\r]+|$))*$";

    /// `None` when `text` is no `scope-token` (RFC 6749 §3.3) or is longer than 128 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() <= SCOPE_TOKEN_BYTES_MAX && is_scope_token(text)).then(|| Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ScopeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Sets of scopes can be asked with text.
impl std::borrow::Borrow<str> for ScopeToken {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`.
fn is_scope_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

/// The tokens of a `scope` parameter, first occurrence kept, doubles and extra spaces dropped.
///
/// # Errors
/// `Err(())` when a part is no scope token; nothing of it may be echoed.
#[expect(clippy::result_unit_err, reason = "the caller names the reason; the text must not travel")]
pub fn parse_scope(text: &str) -> Result<Vec<&str>, ()> {
    let mut tokens: Vec<&str> = Vec::new();
    for token in text.split(' ').filter(|token| !token.is_empty()) {
        if !is_scope_token(token) || tokens.len() == SCOPE_TOKENS_MAX {
            return Err(());
        }
        if !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    Ok(tokens)
}

/// Most tokens in one request: beyond it, removing doubles would cost more than a signature.
const SCOPE_TOKENS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a14_order_is_kept_doubles_and_spaces_collapse() {
        assert_eq!(parse_scope("b a  b "), Ok(vec!["b", "a"]));
        assert_eq!(parse_scope(" "), Ok(vec![]));
    }

    #[test]
    fn a12_characters_outside_the_grammar_are_refused() {
        for bad in ["a\"b", "a\\b", "a\tb", "a\rb", "a\nb", "a\0b", "é"] {
            assert_eq!(parse_scope(bad), Err(()), "{bad:?}");
        }
    }
}
