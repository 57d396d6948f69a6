//! Strict `application/x-www-form-urlencoded` (RFC 6749 Appendix B): a bad percent-escape or
//! text that is not UTF-8 is an error, never repaired; `+` is a space and `;` is data.

use std::borrow::Cow;

use super::Refusal;

crate::oauth::reasons! {
    BAD_ENCODING = InvalidRequest BAD_FORM_ENCODING;
    REPEATED = InvalidRequest PARAMETER_REPEATED;
}

/// Parameters that may stand several times (RFC 8707 §2, RFC 8693 §2.1).
const REPEATABLE: &[&str] = &["resource", "audience"];
/// Most values of one repeatable parameter; a token with more audiences fits no header.
const REPEATS_MAX: usize = 16;

/// The known parameters of a request, decoded. Empty values are absent (RFC 6749 §3.2); unknown
/// parameters are checked for their encoding and forgotten.
pub struct Params<'r> {
    pairs: Vec<(&'static str, Cow<'r, str>)>,
}

impl<'r> Params<'r> {
    /// # Errors
    /// `invalid_request` when the encoding is bad or a known parameter stands twice.
    pub fn parse(form: &'r [u8], known: &[&'static str]) -> Result<Self, Refusal> {
        let mut params = Self { pairs: Vec::new() };
        for pair in form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (pair.get(..at).unwrap_or_default(), pair.get(at + 1..).unwrap_or_default()),
                None => (pair, &[][..]),
            };
            let name = decode_form(name).ok_or(&BAD_ENCODING)?;
            let value = decode_form(value).ok_or(&BAD_ENCODING)?;
            if let Some(name) = known.iter().find(|known| **known == name) {
                params.add(name, value)?;
            }
        }
        Ok(params)
    }

    /// The same of parameters that are decoded already.
    ///
    /// # Errors
    /// `invalid_request` when one stands too often.
    pub fn of(pairs: impl IntoIterator<Item = (&'static str, &'r str)>) -> Result<Self, Refusal> {
        let mut params = Self { pairs: Vec::new() };
        for (name, value) in pairs {
            params.add(name, Cow::Borrowed(value))?;
        }
        Ok(params)
    }

    fn add(&mut self, name: &'static str, value: Cow<'r, str>) -> Result<(), Refusal> {
        let count = self.pairs.iter().filter(|(seen, _)| *seen == name).count();
        let most = if REPEATABLE.contains(&name) { REPEATS_MAX } else { 1 };
        if count >= most {
            return Err(Refusal::naming(&REPEATED, name));
        }
        self.pairs.push((name, value));
        Ok(())
    }

    /// The value, when it is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values that are not empty, in the order sent.
    pub fn all<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s str> {
        self.pairs
            .iter()
            .filter(move |(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| &**value)
    }
}

/// One name or value of a form. `None` for a broken percent-escape or text that is not UTF-8.
pub fn decode_form(text: &[u8]) -> Option<Cow<'_, str>> {
    if !text.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return std::str::from_utf8(text).ok().map(Cow::Borrowed);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'+' => decoded.push(b' '),
            b'%' => {
                let [high, low, tail @ ..] = rest else { return None };
                decoded.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
                rest = tail;
            }
            other => decoded.push(*other),
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["grant_type", "scope", "resource"];

    fn get(form: &str, name: &str) -> Option<String> {
        Params::parse(form.as_bytes(), KNOWN).ok().and_then(|params| params.get(name).map(str::to_owned))
    }

    #[test]
    fn a34_plus_and_percent_20_are_spaces_and_a_semicolon_is_data() {
        assert_eq!(get("scope=a+b", "scope").as_deref(), Some("a b"));
        assert_eq!(get("scope=a%20b", "scope").as_deref(), Some("a b"));
        assert_eq!(get("scope=a;grant_type=x", "scope").as_deref(), Some("a;grant_type=x"));
    }

    #[test]
    fn a33_a34_broken_encoding_is_refused_wherever_it_stands() {
        for bad in ["scope=%", "scope=%2", "scope=%GG", "scope=%FF", "%ZZ=1", "unknown=%C3%28", "scope=%+1"] {
            assert!(Params::parse(bad.as_bytes(), KNOWN).is_err(), "{bad}");
        }
        assert!(Params::parse(b"scope=\xff", KNOWN).is_err());
    }

    #[test]
    fn a8_a9_a10_repeats_empty_values_and_unknown_names() {
        assert!(Params::parse(b"scope=a&scope=a", KNOWN).is_err());
        assert!(Params::parse(b"scope=&scope=a", KNOWN).is_err());
        assert_eq!(get("scope=", "scope"), None);
        assert_eq!(get("scope", "scope"), None);
        assert_eq!(get("foo=bar&foo=baz&scope=a", "scope").as_deref(), Some("a"));
        assert_eq!(get("resource=a&resource=b", "resource").as_deref(), Some("a"));
        assert_eq!(get("%73cope=a", "scope").as_deref(), Some("a"));
    }
}
