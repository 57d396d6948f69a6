//! Identifiers: a client, an audience, the issuer. Each is parsed once and cannot be wrong after.

use std::fmt;
use std::sync::Arc;

/// Longest client id; a length that fits every log field, header and file name.
pub const CLIENT_ID_BYTES_MAX: usize = 128;
/// Longest id of a registered client: with its secret in HTTP Basic below 1 KiB, and twice in a
/// token below the 4 KiB that a token should have.
pub const REGISTERED_ID_BYTES_MAX: usize = 600;
/// How ids of registered clients begin, and no others.
pub const REGISTERED_ID_PREFIX: &str = "sgc_";
/// Longest audience; the limit that gateways put on such names (AWS ALB: 256).
pub const AUDIENCE_BYTES_MAX: usize = 256;
/// Longest issuer; the same gateways' limit.
pub const ISSUER_BYTES_MAX: usize = 256;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        /// Maps keyed by the identifier can be asked with text from a request.
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id! {
    /// A client identifier (RFC 6749 §2.2): `[A-Za-z0-9._~-]{1,128}`, the unreserved characters
    /// plus nothing, so that it reads the same raw, form-encoded and in a path. That of a registered
    /// client is longer: `sgc_` and base64url, 600 characters at most.
    ClientId
}
text_id! {
    /// The exact `aud` value of a resource server (RFC 9068 §2.2): 1 to 256 visible ASCII
    /// characters without `"` and `\`.
    Audience
}
text_id! {
    /// The issuer identifier (RFC 8414 §2), byte for byte as configured.
    IssuerUrl
}

impl ClientId {
    /// What `parse` takes, as a regular expression (ECMA 262).
    pub const PATTERN: &str = "^(?!sgc_)[A-Za-z0-9._~-]{1,128}$";

    /// The id of a client of the list. `None` when `text` is empty, longer than 128 bytes, has
    /// another character, or begins as those of registered clients do.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = (1..=CLIENT_ID_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte))
            && !text.starts_with(REGISTERED_ID_PREFIX);
        valid.then(|| Self(text.into()))
    }

    /// The id of a registered client, by its form; whether it is one, its seal tells.
    pub fn parse_registered(text: &str) -> Option<Self> {
        let sealed = text.strip_prefix(REGISTERED_ID_PREFIX)?;
        let valid = !sealed.is_empty()
            && text.len() <= REGISTERED_ID_BYTES_MAX
            && sealed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        valid.then(|| Self(text.into()))
    }

    /// What a request may name: an id of either kind.
    pub fn parse_presented(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| Self::parse_registered(text))
    }
}

impl Audience {
    /// What `parse` takes, as a regular expression (ECMA 262).
    pub const PATTERN: &str = r"^[!#-\[\]-~]{1,256}$";

    /// `None` when `text` is empty, too long, or has a space, a control or a quoting character.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = (1..=AUDIENCE_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
        valid.then(|| Self(text.into()))
    }
}

impl IssuerUrl {
    /// What `parse` takes, as a regular expression (ECMA 262); the range of ports and the length
    /// are beyond it.
    pub const PATTERN: &str = concat!(
        r"^(?:https://(?:[!$-.0-9;=A-Z_a-z~\]][!$-.0-9;=A-Z_a-z~\[\]]*|\[[!$-.0-;=A-Z_a-z~\[]*\])",
        r"|http://(?:localhost|127\.0\.0\.1|\[::1\]))(?::0*[1-9][0-9]{0,4})?",
        r"(?:/(?!\.{1,2}(?:/|$))[!$-.0-;=@A-Z_a-z~\[\]]+)*$",
    );

    /// RFC 8414 §2: `https`, no query, no fragment; here also no userinfo, no trailing slash, at
    /// most 256 characters, and `http` for loopback hosts only.
    ///
    /// # Errors
    /// The reason in words, to follow "the issuer …".
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > ISSUER_BYTES_MAX {
            return Err("is longer than 256 characters, which gateways refuse");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\<>^`{|}".contains(&byte)) {
            return Err("holds a character that no URL may hold");
        }
        let (rest, secure) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (rest, true),
            (_, Some(rest)) => (rest, false),
            _ => return Err("must begin with https://"),
        };
        if text.contains('?') {
            return Err("has a query, which RFC 8414 section 2 forbids");
        }
        if text.contains('#') {
            return Err("has a fragment, which RFC 8414 section 2 forbids");
        }
        if text.ends_with('/') {
            return Err("ends with a slash; verifiers compare it byte for byte, leave the slash out");
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.contains('@') {
            return Err("has a user name in it");
        }
        let host = host_of(authority).ok_or("has no valid host and port")?;
        if rest.split('/').skip(1).any(|part| part.is_empty() || part == "." || part == "..") {
            return Err("has an empty or dotted path segment");
        }
        if !secure && !matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
            return Err("uses http; only loopback hosts may, everything else needs https");
        }
        Ok(Self(text.into()))
    }

    /// The path component without a trailing slash; empty when the issuer has none.
    pub fn path(&self) -> &str {
        let after_scheme = self.0.find("://").map_or(0, |at| at + 3);
        let rest = self.0.get(after_scheme..).unwrap_or_default();
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
    }
}

/// The host of `host[:port]`, brackets kept; `None` when either is malformed.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let end = rest.find(']')? + 2;
            (authority.get(..end)?, authority.get(end..)?)
        }
        None => match authority.find(':') {
            Some(at) => (authority.get(..at)?, authority.get(at..)?),
            None => (authority, ""),
        },
    };
    let port_is_valid = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| digits.parse::<u16>().is_ok_and(|n| n > 0));
    (!host.is_empty() && port_is_valid).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_ids_keep_to_characters_that_need_no_encoding() {
        for good in ["a", "billing-worker", "fioXfS_HLZiKc6bKlruVFJJWLjAa", "v1.x~2"] {
            assert!(ClientId::parse(good).is_some(), "{good}");
        }
        // RFC 9068 §5: a subject of ours cannot read like a user's or a workload's name (row D5).
        for bad in ["", "a b", "alice@example.com", "system:serviceaccount:a:b", "a/b", "a%41", "é"] {
            assert!(ClientId::parse(bad).is_none(), "{bad}");
        }
        assert!(ClientId::parse(&"a".repeat(128)).is_some());
        assert!(ClientId::parse(&"a".repeat(129)).is_none());
    }

    #[test]
    fn ids_of_registered_clients_are_told_by_their_form() {
        let id = |characters: usize| format!("sgc_{}", "A".repeat(characters - 4));
        for good in [id(5), id(129), id(600), "sgc_a-_9".to_owned()] {
            assert!(ClientId::parse_registered(&good).is_some(), "{good}");
            assert!(ClientId::parse_presented(&good).is_some(), "{good}");
            assert!(ClientId::parse(&good).is_none(), "{good}");
        }
        for bad in [id(601).as_str(), "sgc_", "sgc_a.b", "sgc_a~", "sgc_a=", "SGC_abc", "worker", ""] {
            assert!(ClientId::parse_registered(bad).is_none(), "{bad}");
        }
        assert!(ClientId::parse_presented("worker").is_some());
    }

    #[test]
    fn c3_issuers_follow_rfc_8414_section_2() {
        for good in [
            "https://auth.example.com",
            "https://auth.example.com:8443/tenant-1",
            "http://localhost:8080",
            "http://127.0.0.1:8080/a",
            "http://[::1]:8080",
        ] {
            assert!(IssuerUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "auth.example.com",
            "http://auth.example.com",
            "https://a/",
            "https://a?x=1",
            "https://a#f",
            "https://u@a",
            "https://",
            "https://a:0",
            "https://a:99999",
            "https://a//b",
            "https://a/../b",
            "https://a b",
            "ftp://a",
            "http://localhost.evil.example",
        ] {
            assert!(IssuerUrl::parse(bad).is_err(), "{bad}");
        }
        assert!(IssuerUrl::parse(&format!("https://{}", "a".repeat(260))).is_err());
    }

    #[test]
    fn the_path_of_an_issuer_is_what_follows_the_authority() {
        let path = |text| IssuerUrl::parse(text).map(|issuer| issuer.path().to_owned());
        assert_eq!(path("https://a.example"), Ok(String::new()));
        assert_eq!(path("https://a.example/t/one"), Ok("/t/one".to_owned()));
    }
}
