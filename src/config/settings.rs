//! Settings: how this process runs. One definition serves the flag, its environment twin and the
//! member of `--config signet.yaml`, in that order of strength (`cli/settings_file.rs` adds the
//! third as defaults).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::client_auth::{FAILURES_PER_MINUTE, REPLAY_ENTRIES_MAX};
use crate::jose::Algorithm;
use crate::keys::{AUTO, BACKENDS};
use crate::oauth::IssuerUrl;
use crate::section::words;

/// Longest lifetime of an access token that any setting may give.
pub const LIFETIME_SECONDS_MAX: u32 = 24 * 60 * 60;
/// Above this a lifetime is a warning: a token cannot be called back.
pub const LIFETIME_SECONDS_GOOD: u32 = 60 * 60;

/// The files that most commands read.
#[derive(Args, Clone, Debug)]
pub struct InputSettings {
    /// File or directory that lists the clients
    #[arg(long, env = "SIGNET_CLIENTS", value_name = "PATH", default_value = "clients.yaml")]
    pub clients: PathBuf,
    /// Directory of the signing keys
    #[arg(long, env = "SIGNET_KEYS", value_name = "DIR", default_value = "keys")]
    pub keys: PathBuf,
}

/// What tokens look like.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Tokens")]
pub struct TokenSettings {
    /// Lifetime of access tokens where neither client nor resource sets one (at most 24h)
    #[arg(long, env = "SIGNET_ACCESS_TOKEN_LIFETIME", value_name = "DURATION", default_value = "15m",
          value_parser = lifetime)]
    pub access_token_lifetime: u32,
    /// How far `iat` is set back, for verifiers whose clock is behind (at most 60s)
    #[arg(long, env = "SIGNET_CLOCK_ALLOWANCE", value_name = "DURATION", default_value = "5s",
          value_parser = allowance)]
    pub clock_allowance: u32,
    /// What makes RSA signatures (the same bytes by all)
    #[arg(long, env = "SIGNET_SIGNER", value_name = "NAME", default_value = AUTO,
          value_parser = signers())]
    pub signer: String,
    /// Publish scopes_supported in the metadata
    #[arg(long, env = "SIGNET_PUBLISH_SCOPES", value_name = "true|false", default_value_t = true,
          hide_possible_values = true, action = clap::ArgAction::Set)]
    pub publish_scopes: bool,
    /// Publish an authorization_endpoint (a page that says no), which common clients insist on
    #[arg(long, env = "SIGNET_AUTHORIZATION_ENDPOINT", value_name = "true|false", default_value_t = true,
          hide_possible_values = true, action = clap::ArgAction::Set)]
    pub authorization_endpoint: bool,
}

/// Limits of the listeners (the defaults are those of the documentation's "limits" page).
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitSettings {
    /// Threads that answer requests [default: one a core]
    #[arg(long, hide_short_help = true, env = "SIGNET_WORKERS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// Threads that check imported password hashes [default: one for two cores]
    #[arg(long, hide_short_help = true, env = "SIGNET_SLOW_CHECK_THREADS", value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=64))]
    pub slow_check_threads: Option<u16>,
    /// Connections open at once; above it new ones are closed
    #[arg(
        long,
        hide_short_help = true,
        env = "SIGNET_CONNECTIONS_MAX",
        value_name = "N",
        default_value_t = 25_000
    )]
    pub connections_max: usize,
    /// Client assertions remembered at once, so that none is used twice; above it new ones get 503
    #[arg(long, hide_short_help = true, env = "SIGNET_REPLAY_ENTRIES_MAX", value_name = "N", default_value_t = REPLAY_ENTRIES_MAX)]
    pub replay_entries_max: usize,
    /// Failed authentications of one client from one network before the answer is 429 (0: never)
    #[arg(long, hide_short_help = true, env = "SIGNET_FAILURES_PER_MINUTE", value_name = "N", default_value_t = FAILURES_PER_MINUTE,
          value_parser = clap::value_parser!(u32).range(0..=60_000))]
    pub failures_per_minute: u32,
    /// Bytes of a request body
    #[arg(
        long,
        hide_short_help = true,
        env = "SIGNET_BODY_BYTES_MAX",
        value_name = "BYTES",
        default_value_t = 65_536
    )]
    pub body_bytes_max: u64,
    /// Time for a request head, from its first byte
    #[arg(long, hide_short_help = true, env = "SIGNET_HEAD_DEADLINE", value_name = "DURATION", default_value = "10s", value_parser = seconds)]
    pub head_deadline: u32,
    /// Time for a request body, from the end of its head
    #[arg(long, hide_short_help = true, env = "SIGNET_BODY_DEADLINE", value_name = "DURATION", default_value = "10s", value_parser = seconds)]
    pub body_deadline: u32,
    /// Time without progress after which a client that does not read is dropped
    #[arg(long, hide_short_help = true, env = "SIGNET_WRITE_DEADLINE", value_name = "DURATION", default_value = "30s", value_parser = seconds)]
    pub write_deadline: u32,
    /// Time that an idle connection is kept
    #[arg(long, hide_short_help = true, env = "SIGNET_IDLE_DEADLINE", value_name = "DURATION", default_value = "75s", value_parser = seconds)]
    pub idle_deadline: u32,
    /// Time for requests in flight at shutdown
    #[arg(long, hide_short_help = true, env = "SIGNET_SHUTDOWN_DEADLINE", value_name = "DURATION", default_value = "25s", value_parser = seconds)]
    pub shutdown_deadline: u32,
}

/// When changed files are taken, and when not.
#[derive(Args, Clone, Debug)]
pub struct ReloadSettings {
    /// Time between two looks at the files (SIGHUP looks at once)
    #[arg(long, env = "SIGNET_POLL_INTERVAL", value_name = "DURATION", default_value = "5s", value_parser = seconds)]
    pub poll_interval: u32,
    /// Percent of more than 20 clients that one reload may remove or disable
    #[arg(long, env = "SIGNET_MAX_REMOVED", value_name = "PERCENT", default_value_t = 25,
          value_parser = clap::value_parser!(u8).range(0..=100))]
    pub max_removed: u8,
    /// A client file that ended with `...` has to do so again
    #[arg(long, env = "SIGNET_REQUIRE_END_MARKER", value_name = "true|false", default_value_t = true,
          hide_possible_values = true, action = clap::ArgAction::Set)]
    pub require_end_marker: bool,
}

/// An address to listen on. `localhost:PORT` stands for 127.0.0.1 and ::1 together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenAddress {
    Localhost(u16),
    Socket(SocketAddr),
}

impl ListenAddress {
    /// What `from_str` takes, as a regular expression (ECMA 262); ranges of numbers are beyond it.
    pub const PATTERN: &str =
        r"^(?:localhost|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[[0-9A-Fa-f:.]+(?:%[0-9]+)?\]):[0-9]{1,5}$";

    /// The sockets to bind; the first must succeed, a second (`::1`) may be missing on a machine
    /// without IPv6.
    pub fn sockets(self) -> Vec<SocketAddr> {
        match self {
            Self::Localhost(port) => [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
                .map(|ip| SocketAddr::new(ip, port))
                .to_vec(),
            Self::Socket(address) => vec![address],
        }
    }

    pub fn is_loopback(self) -> bool {
        self.sockets().iter().all(|address| address.ip().is_loopback())
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(port) = text.strip_prefix("localhost:") {
            let port = port.parse().map_err(|_| format!("`{port}` is no port number"))?;
            return Ok(Self::Localhost(port));
        }
        text.parse()
            .map(Self::Socket)
            .map_err(|_| "expected ADDRESS:PORT, for example 0.0.0.0:8080".to_owned())
    }
}

impl std::fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Localhost(port) => write!(f, "localhost:{port}"),
            Self::Socket(address) => address.fmt(f),
        }
    }
}

/// What signs, the default first.
fn signers() -> PossibleValuesParser {
    let of_rsa = BACKENDS.iter().filter(|backend| backend.algorithm() == Algorithm::Rs256);
    PossibleValuesParser::new(std::iter::once(AUTO).chain(of_rsa.map(|backend| backend.name())))
}

/// For clap: an issuer, or the reason why it is none.
///
/// # Errors
/// A sentence for the user.
pub fn issuer(text: &str) -> Result<IssuerUrl, String> {
    IssuerUrl::parse(text).map_err(|reason| format!("the issuer {reason}"))
}

/// Whole seconds of a duration like `90s`, `15m`, `1h 30m`.
///
/// # Errors
/// A sentence for the user.
pub fn seconds(text: &str) -> Result<u32, String> {
    words::seconds(text)
}

/// A lifetime of access tokens within the cap.
///
/// # Errors
/// A sentence for the user.
pub fn lifetime(text: &str) -> Result<u32, String> {
    seconds(text).and_then(|seconds| {
        if seconds <= LIFETIME_SECONDS_MAX { Ok(seconds) } else { Err("must be at most 24h".to_owned()) }
    })
}

fn allowance(text: &str) -> Result<u32, String> {
    if text == "0s" {
        return Ok(0);
    }
    seconds(text)
        .and_then(|seconds| if seconds <= 60 { Ok(seconds) } else { Err("must be at most 60s".to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit_and_whole_seconds() {
        assert_eq!(seconds("15m"), Ok(900));
        assert_eq!(seconds("1h 30m"), Ok(5400));
        for bad in ["900", "0s", "-5s", "1.5s", "500ms", "soon", ""] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
        assert_eq!(allowance("0s"), Ok(0));
        assert!(allowance("61s").is_err());
        assert!(lifetime("25h").is_err());
    }

    #[test]
    fn localhost_stands_for_both_loopback_addresses() {
        let both = "localhost:0".parse::<ListenAddress>().map(ListenAddress::sockets);
        assert_eq!(both.map(|sockets| sockets.len()), Ok(2));
        assert!("localhost:x".parse::<ListenAddress>().is_err());
        assert!("example.com:80".parse::<ListenAddress>().is_err());
    }
}
