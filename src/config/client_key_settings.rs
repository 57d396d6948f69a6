//! Settings about keys that clients publish (`jwks_uri`): how often they are fetched, how long the
//! last good ones count, and where a connection may go.

use std::path::PathBuf;

use clap::Args;

use super::settings::seconds;
use crate::client_auth::networks::Networks;

/// Nobody is asked more often; see `remote_keys`.
const REFRESH_SECONDS_MIN: u32 = 60;
const REFRESH_SECONDS_MAX: u32 = 24 * 60 * 60;
/// A withdrawn key must not live for longer than this.
const MAX_AGE_SECONDS_MAX: u32 = 7 * 24 * 60 * 60;

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Client keys")]
pub struct ClientKeySettings {
    /// Time from one good fetch of a `jwks_uri` to the next (1m to 24h)
    #[arg(long, hide_short_help = true, env = "SIGNET_JWKS_URI_REFRESH", value_name = "DURATION", default_value = "5m", value_parser = refresh)]
    pub jwks_uri_refresh: u32,
    /// Time that the last good keys of a `jwks_uri` are used while it gives none (at most 7d, at least twice the refresh)
    #[arg(long, hide_short_help = true, env = "SIGNET_JWKS_URI_MAX_AGE", value_name = "DURATION", default_value = "24h", value_parser = max_age)]
    pub jwks_uri_max_age: u32,
    /// Networks inside which a `jwks_uri` may lie, beside the public internet: 10.0.0.0/8,fd00::/8
    #[arg(long, hide_short_help = true, env = "SIGNET_JWKS_URI_NETWORKS", value_name = "NETWORKS")]
    pub jwks_uri_networks: Option<Networks>,
    /// Certificate authorities (PEM) that a `jwks_uri` may be certified by, beside those of the system
    #[arg(long, hide_short_help = true, env = "SIGNET_JWKS_URI_CA", value_name = "FILE")]
    pub jwks_uri_ca: Option<PathBuf>,
}

impl ClientKeySettings {
    /// Long enough that one fetch may fail.
    pub fn max_age_seconds(&self) -> u32 {
        self.jwks_uri_max_age.max(self.jwks_uri_refresh.saturating_mul(2))
    }
}

fn refresh(text: &str) -> Result<u32, String> {
    let value = seconds(text)?;
    let is_good = (REFRESH_SECONDS_MIN..=REFRESH_SECONDS_MAX).contains(&value);
    if is_good { Ok(value) } else { Err("must be at least 1m and at most 24h".to_owned()) }
}

fn max_age(text: &str) -> Result<u32, String> {
    let value = seconds(text)?;
    if value <= MAX_AGE_SECONDS_MAX { Ok(value) } else { Err("must be at most 7d".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_fetches_have_bounds() {
        assert_eq!((refresh("1m"), refresh("24h")), (Ok(60), Ok(86_400)));
        assert!(["59s", "25h", "0s", "300", ""].iter().all(|text| refresh(text).is_err()));
        assert!(max_age("7d").is_ok() && max_age("8d").is_err());
    }
}
