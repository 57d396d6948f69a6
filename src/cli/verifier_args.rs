//! `--verifier`: which verifiers are in use. What `check` and `keys plan` share.

use clap::Args;

use crate::config;
use crate::keys::verifiers::{self, VERIFIERS, Verifier};

/// Which verifiers are in use.
#[derive(Args)]
pub struct VerifierArgs {
    /// Verifiers in use, by name, or poll=DURATION for one that polls; docs: "How verifiers cache"
    #[arg(long, env = "SIGNET_VERIFIER", value_name = "NAME,…", value_parser = named)]
    verifier: Option<Named>,
}

impl VerifierArgs {
    /// The verifiers that were named, if any were.
    pub fn named(&self) -> Option<&[Verifier]> {
        self.verifier.as_ref().map(|named| named.0.as_slice())
    }
}

/// As one value, so that a settings file gives it like a flag does.
#[derive(Clone, Debug)]
struct Named(Vec<Verifier>);

/// What `--verifier` takes, as a regular expression.
pub fn pattern() -> String {
    let names: Vec<&str> = VERIFIERS.iter().map(|verifier| verifier.name).collect();
    let one = format!("({}|poll=[1-9][0-9]{{0,4}}[smhd])", names.join("|"));
    format!("^{one}(,{one})*$")
}

fn named(text: &str) -> Result<Named, String> {
    text.split(',').map(verifier).collect::<Result<_, _>>().map(Named)
}

fn verifier(name: &str) -> Result<Verifier, String> {
    if let Some(every) = name.strip_prefix("poll=") {
        let seconds = poll_seconds(every).ok_or("write poll=30s, poll=15m, poll=12h or poll=2d")?;
        return Ok(Verifier::poller(seconds));
    }
    verifiers::find(name).ok_or_else(|| {
        let names: Vec<&str> = VERIFIERS.iter().map(|verifier| verifier.name).collect();
        format!("no verifier `{name}` is known; known are {}, and poll=DURATION", names.join(", "))
    })
}

/// A whole number above zero of at most five digits, and its unit.
fn poll_seconds(text: &str) -> Option<i64> {
    let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let (number, unit) =
        units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)))?;
    let plain =
        number.len() <= 5 && !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = number.parse().ok().filter(|_| plain)?;
    Some(number.saturating_mul(unit))
}

/// Seconds of a duration as settings have it, or of whole days (`90d`, 24 hours each); nothing is
/// `0s`.
pub fn duration(text: &str) -> Result<i64, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u16>().ok());
    match (days, text) {
        (Some(days), _) => Ok(i64::from(days).saturating_mul(86_400)),
        (None, "0s") => Ok(0),
        (None, _) => config::seconds(text).map(i64::from).map_err(|reason| format!("{reason}; or 90d")),
    }
}
