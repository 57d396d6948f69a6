//! Where a client publishes its keys (`jwks_uri`, RFC 7591 §2), as far as it can be judged without
//! asking: an https URL in the one spelling that every reader takes for the same place.

use std::net::IpAddr;

use url::{Host, Url};

use super::networks::is_public;

/// Longer ones are no place of a key set.
const BYTES_MAX: usize = 512;

/// A URL that keys may be fetched from.
///
/// # Errors
/// What is wrong, to follow "it".
pub fn parse(text: &str) -> Result<Url, String> {
    if text.len() > BYTES_MAX {
        return Err(format!("is longer than {BYTES_MAX} bytes"));
    }
    let url = Url::parse(text).map_err(|error| format!("is no URL: {error}"))?;
    if url.scheme() != "https" {
        return Err("does not begin with `https://`".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or a password".to_owned());
    }
    if url.fragment().is_some() {
        return Err("has a fragment (`#`)".to_owned());
    }
    // `https://0x7f.1/` and `https://127.0.0.1/` are one place: only what is connected to may stand there.
    if url.as_str() != text {
        return Err(format!("is another spelling of `{url}`"));
    }
    Ok(url)
}

/// The address that stands in the URL itself instead of a name.
pub fn literal_address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// Is it certain that the place lies within a private network? Names are judged when they are
/// looked up.
pub fn is_private(url: &Url) -> bool {
    let is_loopback_name = |name: &str| name == "localhost" || name.ends_with(".localhost");
    match literal_address(url) {
        Some(address) => !is_public(address),
        None => url.host_str().is_some_and(|name| is_loopback_name(name.trim_end_matches('.'))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_keys_is_an_https_url_in_one_spelling() {
        for good in [
            "https://keys.example.com/jwks.json",
            "https://keys.example.com:8443/a/b?c=d",
            "https://93.184.216.34/jwks.json",
            "https://[2606:2800:220:1::1]/jwks.json",
        ] {
            assert!(parse(good).is_ok_and(|url| !is_private(&url)), "{good}");
        }
        for bad in [
            "",
            "keys.example.com/jwks.json",
            "http://keys.example.com/jwks.json",
            "file:///etc/passwd",
            "data:application/json,{}",
            "https:keys.example.com/jwks.json",
            "https:///jwks.json",
            "https://user@keys.example.com/",
            "https://user:pass@keys.example.com/",
            "https://keys.example.com/#fragment",
            "https://Keys.Example.com/",
            "https://keys.example.com:443/",
            "https://keys.example.com",
            "https://keys.example.com/a/../b",
            "https://keys.example.com/a b",
            "https://keys.example.com\\@evil.example/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://127.1/",
            "https://\u{ff11}27.0.0.1/",
            "https://b\u{fc}cher.example/",
            " https://keys.example.com/",
            "https://keys.example.com/\n",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse(&format!("https://keys.example.com/{}", "a".repeat(BYTES_MAX))).is_err());
        for private in [
            "https://localhost/",
            "https://a.localhost./",
            "https://127.0.0.1/",
            "https://10.0.0.1:6379/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
        ] {
            assert!(parse(private).is_ok_and(|url| is_private(&url)), "{private}");
        }
    }
}
