//! The `Host` field: `uri-host [ ":" port ]` (RFC 9110 §7.2). Checked because a request with a
//! broken one must be refused (RFC 9112 §3.2), and then never used: what this server says about
//! itself comes from its settings.

use super::characters::is_registered_name;

/// False for an empty host, user information, several hosts, or any character outside the grammar.
pub fn is_valid(value: &[u8]) -> bool {
    let (name, port) = match value {
        [b'[', rest @ ..] => {
            let Some(end) = rest.iter().position(|byte| *byte == b']') else { return false };
            let (address, after) = rest.split_at(end);
            if !is_ip_literal(address) {
                return false;
            }
            match after {
                [b']'] => return true,
                [b']', b':', port @ ..] => return is_port(port),
                _ => return false,
            }
        }
        _ => match value.iter().position(|byte| *byte == b':') {
            Some(at) => (value.get(..at).unwrap_or_default(), value.get(at + 1..).unwrap_or_default()),
            None => (value, &[][..]),
        },
    };
    !name.is_empty() && is_registered_name(name) && is_port(port)
}

/// IPv6 without a zone: a zone means nothing outside of the client's machine (RFC 6874 §1).
fn is_ip_literal(address: &[u8]) -> bool {
    std::str::from_utf8(address).is_ok_and(|text| text.parse::<std::net::Ipv6Addr>().is_ok())
}

/// `port` may be empty (RFC 3986 §3.2.3).
fn is_port(port: &[u8]) -> bool {
    port.len() <= 5 && port.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn a40_names_addresses_and_ports_are_hosts() {
        for good in ["a", "auth.example.com", "a:80", "a:", "127.0.0.1:8080", "[::1]", "[::1]:8443", "a%41b"]
        {
            assert!(is_valid(good.as_bytes()), "{good}");
        }
    }

    #[test]
    fn a40_everything_else_is_no_host() {
        for bad in [
            "",
            ":80",
            "u@a",
            "u:p@a",
            "a/b",
            "a b",
            "a,b",
            "a:x",
            "a:123456",
            "a:1:2",
            "[::1",
            "[]",
            "[a]",
            "[::1]x",
            "[::1%25eth0]",
            "a%4",
            "a\\b",
            "a?b",
            "a#b",
            "http://a",
            "\u{e4}",
        ] {
            assert!(!is_valid(bad.as_bytes()), "{bad}");
        }
    }
}
