//! `--verifier`: which verifiers are in use. What `check` and `keys plan` share.

use clap::Args;

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

fn named(text: &str) -> Result<Named, String> {
    text.split(',').map(|name| verifier(name.trim())).collect::<Result<_, _>>().map(Named)
}

fn verifier(name: &str) -> Result<Verifier, String> {
    if let Some(every) = name.strip_prefix("poll=") {
        return match duration(every)? {
            0 => Err("a verifier polls every second at most".to_owned()),
            seconds => Ok(Verifier::poller(seconds)),
        };
    }
    verifiers::find(name).ok_or_else(|| {
        let names: Vec<&str> = VERIFIERS.iter().map(|verifier| verifier.name).collect();
        format!("no verifier `{name}` is known; known are {}, and poll=DURATION", names.join(", "))
    })
}

/// Seconds of a duration like `15m`, `24h` or `90d`; a day has 24 hours, and nothing is `0s`.
pub fn duration(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is no duration; write 10m, 24h or 90d");
    let span: jiff::Span = text.parse().map_err(|_| wrong())?;
    let days_are_even = jiff::SpanRelativeTo::days_are_24_hours();
    let seconds = span.to_duration(days_are_even).map_err(|_| wrong())?.as_secs();
    if (0..=DURATION_SECONDS_MAX).contains(&seconds) { Ok(seconds) } else { Err(wrong()) }
}

/// Hundred years.
const DURATION_SECONDS_MAX: i64 = 100 * 366 * 86_400;
