//! Settings of the replay store that a fleet shares. What the URL means is said by the module that
//! connects (`replay_store`); here it is a text that must not be printed.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

/// Where replicas note together which client assertions were used.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Replay store")]
pub struct ReplayStoreSettings {
    /// Valkey or Redis that all replicas share: rediss://HOST:PORT/DB, so that an assertion is used once in all
    #[arg(
        long,
        hide_short_help = true,
        env = "SIGNET_REPLAY_STORE",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub replay_store: Option<StoreUrl>,
    /// While the store is down: refuse assertions with 503, or accept each once at every replica
    #[arg(
        long,
        hide_short_help = true,
        env = "SIGNET_REPLAY_STORE_DOWN",
        value_name = "refuse|local",
        hide_possible_values = true,
        default_value = "refuse"
    )]
    pub replay_store_down: WhenStoreDown,
    /// File with the password of the store; read again for every connection
    #[arg(long, hide_short_help = true, env = "SIGNET_REPLAY_STORE_PASSWORD_FILE", value_name = "FILE")]
    pub replay_store_password_file: Option<PathBuf>,
    /// Certificates (PEM) to trust for rediss:// instead of those of the system
    #[arg(long, hide_short_help = true, env = "SIGNET_REPLAY_STORE_CA", value_name = "FILE")]
    pub replay_store_ca: Option<PathBuf>,
}

/// What becomes of assertions that the store cannot be asked about. (No text of the members: one
/// would switch `--help` to its long layout.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WhenStoreDown {
    Refuse,
    Local,
}

impl WhenStoreDown {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Local => "local",
        }
    }
}

/// May hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl(String);

impl StoreUrl {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for StoreUrl {
    type Err = &'static str;

    /// Takes whatever is there: a parser of flags repeats in its message what it refuses.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() { Err("an empty text is no URL") } else { Ok(Self(text.to_owned())) }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreUrl(..)")
    }
}
