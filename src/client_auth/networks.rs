//! Which addresses are of the public internet, by the special-purpose registries of IANA
//! (RFC 6890), and networks that an operator names. What is not public is inside: loopback, private
//! networks, the metadata services of clouds.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;

/// Networks in the form `10.0.0.0/8,fd00::/8`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// More is a mistake.
const NETWORKS_MAX: usize = 100;

impl Networks {
    /// What `from_str` takes, as a regular expression (ECMA 262); ranges of numbers are beyond it.
    pub const PATTERN: &str = "^[ ,]*(?:[0-9A-Fa-f:.]+/[0-9]{1,3}(?:[ ,]+|$))*$";

    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for Networks {
    type Err = String;

    /// Commas or spaces stand between them. Bits below the prefix are refused: who writes
    /// `10.1.2.3/8` may have meant one address.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut networks = Vec::new();
        for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
            let network: IpNet =
                word.parse().map_err(|_| format!("`{word}` is no network like 10.0.0.0/8 or fd00::/8"))?;
            if network != network.trunc() {
                return Err(format!(
                    "`{word}` is not the beginning of a network; write `{}`",
                    network.trunc()
                ));
            }
            networks.push(network);
        }
        if networks.len() > NETWORKS_MAX {
            return Err(format!("more than {NETWORKS_MAX} networks"));
        }
        Ok(Self(networks))
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join(","))
    }
}

/// Can the address be one of a host on the public internet?
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || matches!(
            (a, b, c),
            // This network, multicast, reserved, broadcast.
            (0 | 224..=255, _, _)
            // Shared by carriers (RFC 6598); some clouds keep their metadata there.
            | (100, 64..=127, _)
            // Protocol assignments, 6to4 relays, benchmarks.
            | (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _)
        );
    !special
}

/// Global unicast is 2000::/3; an address of IPv4 inside of one of IPv6 counts as what it leads to.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([w, x], [y, z]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(w, x, y, z))
    };
    match [a, b, c, d, e, f] {
        // Mapped (RFC 4291 §2.5.5.2) and translated (RFC 6052).
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => v4(g, h),
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => v4(high, low),
        // Protocol assignments, Teredo among them, and documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_is_not_public_in_any_spelling() {
        for public in [
            "8.8.8.8",
            "93.184.216.34",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "2606:4700::1111",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(public.parse().expect("an address")), "{public}");
        }
        for inside in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
            "100::1",
        ] {
            assert!(!is_public(inside.parse().expect("an address")), "{inside}");
        }
    }

    #[test]
    fn networks_are_named_by_their_beginnings() {
        let networks: Networks = "10.0.0.0/8, fd00::/8".parse().expect("networks");
        assert_eq!(networks.to_string(), "10.0.0.0/8,fd00::/8");
        for inside in ["10.1.2.3", "fd12::1", "::ffff:10.0.0.1"] {
            assert!(networks.contains(inside.parse().expect("an address")), "{inside}");
        }
        for outside in ["11.0.0.1", "127.0.0.1", "fe80::1"] {
            assert!(!networks.contains(outside.parse().expect("an address")), "{outside}");
        }
        for bad in ["10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "example.com/8", "10.0.0.0/8;fd00::/8"] {
            assert!(bad.parse::<Networks>().is_err(), "{bad}");
        }
        assert_eq!("".parse(), Ok(Networks::default()));
    }
}
