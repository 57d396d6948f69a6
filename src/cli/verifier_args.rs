//! `--verifier`: which verifiers are in use. What `check` and `keys plan` share.

use std::iter::Peekable;
use std::str::Split;

use clap::Args;

use crate::config;
use crate::keys::verifiers::{self, VERIFIERS, Verifier};

/// Which verifiers are in use.
#[derive(Args)]
pub struct VerifierArgs {
    /// Verifiers in use, as istio, jose:poll=20m:cooldown=2m, poll=12h; docs: "How verifiers cache"
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
    const DURATION: &str = "[1-9][0-9]{0,4}[smhd]";
    let names = |polls: bool, asks: bool| {
        let of_kind = VERIFIERS.iter().filter(|verifier| {
            (verifier.polling(1).is_some(), verifier.cooling_down(0).is_some()) == (polls, asks)
        });
        of_kind.map(|verifier| verifier.name).collect::<Vec<_>>().join("|")
    };
    let poll = format!("(:poll={DURATION})?");
    let one = format!(
        "(poll={DURATION}|({}){poll}|({}){poll}(:cooldown=(0s|{DURATION}))?|({}))",
        names(true, false),
        names(true, true),
        names(false, false)
    );
    format!("^{one}(,{one})*$")
}

fn named(text: &str) -> Result<Named, String> {
    text.split(',').map(verifier).collect::<Result<_, _>>().map(Named)
}

fn verifier(text: &str) -> Result<Verifier, String> {
    let mut parts = text.split(':').peekable();
    let verifier = match value(&mut parts, "poll=") {
        Some(every) => {
            let seconds = above_zero(every).ok_or("write poll=30s, poll=15m, poll=12h or poll=2d")?;
            Verifier::poller(seconds)
        }
        None => with_own_figures(parts.next().unwrap_or_default(), &mut parts)?,
    };
    match parts.next() {
        None => Ok(verifier),
        Some(rest) => Err(format!("`:{rest}` of `{text}` makes no sense; {OWN_FIGURES}")),
    }
}

const OWN_FIGURES: &str = "write envoy:poll=5m, jose:cooldown=2m or jose:poll=20m:cooldown=2m";

fn with_own_figures(name: &str, parts: &mut Parts<'_>) -> Result<Verifier, String> {
    let mut verifier = verifiers::find(name).ok_or_else(|| {
        let names: Vec<&str> = VERIFIERS.iter().map(|verifier| verifier.name).collect();
        format!("no verifier `{name}` is known; known are {}, and poll=DURATION", names.join(", "))
    })?;
    if let Some(every) = value(parts, "poll=") {
        let polling = verifier.polling(above_zero(every).ok_or(OWN_FIGURES)?);
        verifier = polling.ok_or_else(|| format!("{name} is given its keys by hand, so it has no poll"))?;
    }
    if let Some(pause) = value(parts, "cooldown=") {
        let seconds = if pause == "0s" { 0 } else { above_zero(pause).ok_or(OWN_FIGURES)? };
        verifier = verifier
            .cooling_down(seconds)
            .ok_or_else(|| format!("{name} fetches nothing for an unknown kid, so it has no cooldown"))?;
    }
    Ok(verifier)
}

type Parts<'a> = Peekable<Split<'a, char>>;

/// What stands behind `word` when the next part begins with it.
fn value<'a>(parts: &mut Parts<'a>, word: &str) -> Option<&'a str> {
    parts.next_if(|part| part.starts_with(word))?.strip_prefix(word)
}

/// Seconds of a whole number above zero of at most five digits, and its unit.
fn above_zero(text: &str) -> Option<i64> {
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
