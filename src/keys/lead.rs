//! From the files of a directory to a rotation that can be simulated, and what `check` says when
//! the verifiers that are in use would not learn a key in time.

use super::keyring::KeyStatus;
use super::plan::{Retention, State};
use super::simulate::{PlannedKey, Rotation};
use super::verifiers::{Renewal, Verifier, duration};
use crate::clock::UnixTime;
use crate::diagnostic::catalogue::keys as codes;
use crate::diagnostic::{Finding, Findings};

/// `keys new --now` names a key for the second at which it is made; the file is there a moment
/// later.
const MADE_AT_ONCE_SECONDS: i64 = 60;

/// Refusals that are shorter are not worth a warning: the file is written some seconds after its
/// name was chosen, and a client tries again.
const REFUSAL_SECONDS_MIN: i64 = 60;

/// When the file of a key appeared, from the time at which it was last written. What is written
/// when a key signs already is a copy, and says nothing about when the key appeared.
pub fn appeared(key: &KeyStatus<'_>, written: Option<UnixTime>, now: UnixTime) -> Option<UnixTime> {
    match key.state {
        State::Next => Some(written.map_or(now, |written| written.min(now))),
        _ => written.filter(|written| *written <= key.activation.plus(MADE_AT_ONCE_SECONDS)),
    }
}

/// The keys of a directory over time; turns stand in the order of `keys`, which is that of
/// `Keyring::states`. `written`: when a file was last written.
pub fn rotation(
    keys: &[KeyStatus<'_>],
    written: impl Fn(&str) -> Option<UnixTime>,
    now: UnixTime,
    retention: Retention,
    lifetime_seconds: i64,
) -> Rotation {
    let planned = |key: &KeyStatus<'_>| PlannedKey {
        algorithm: key.algorithm,
        appears: appeared(key, written(key.file), now),
        activation: key.activation,
    };
    Rotation::new(keys.iter().map(planned).collect(), retention, lifetime_seconds)
}

/// What the named verifiers would refuse from now on, one finding a key.
pub fn findings(
    keys: &[KeyStatus<'_>],
    rotation: &Rotation,
    verifiers: &[Verifier],
    now: UnixTime,
) -> Findings {
    let mut findings = Findings::default();
    let (by_hand, fetching): (Vec<&Verifier>, Vec<&Verifier>) =
        verifiers.iter().partition(|verifier| verifier.renewal == Renewal::ByHand);
    for (place, (key, turn)) in keys.iter().zip(rotation.turns()).enumerate() {
        let refusing = fetching.iter().filter_map(|verifier| {
            let refusals = rotation.worst_refusals(verifier);
            let refusal = refusals.into_iter().find(|refusal| refusal.key == place)?;
            let ahead = refusal.until.is_none_or(|until| until > now);
            let long = refusal.seconds().is_none_or(|seconds| seconds > REFUSAL_SECONDS_MIN);
            (ahead && long).then(|| (*verifier, refusal.seconds()))
        });
        let refusing: Vec<(&Verifier, Option<i64>)> = refusing.collect();
        if !refusing.is_empty() {
            let lead = turn.key.appears.map_or(0, |appears| turn.starts.since(appears));
            findings.push(short_lead(key, lead, &refusing));
        }
        if key.state == State::Next && !by_hand.is_empty() {
            let names: Vec<&str> = by_hand.iter().map(|verifier| verifier.title).collect();
            let message = format!(
                "{} must get the key `{}` before it signs, at {}",
                names.join(" and "),
                key.file,
                key.activation
            );
            let help = "upload the key set of now: it holds the next key already";
            findings.push(Finding::new(&codes::KEY_SET_UPLOAD, message).in_file(key.file).help(help));
        }
    }
    findings
}

fn short_lead(key: &KeyStatus<'_>, lead: i64, refusing: &[(&Verifier, Option<i64>)]) -> Finding {
    let words = |(verifier, seconds): &(&Verifier, Option<i64>)| {
        format!("{} ({})", verifier.title, seconds.map_or("until it fetches".to_owned(), duration))
    };
    let names: Vec<String> = refusing.iter().map(words).collect();
    let message = format!(
        "`{}` signs {} after its file appeared, and these may refuse its tokens: {}",
        key.file,
        duration(lead),
        names.join(", ")
    );
    let poll = refusing.iter().filter_map(|(verifier, _)| verifier.poll_seconds()).max();
    let enough = poll.map_or(String::new(), |seconds| format!(", {} ahead or more,", duration(seconds)));
    let help = format!(
        "give the key a later activation{enough} by renaming its file; `signet keys plan --simulate` shows when"
    );
    Finding::new(&codes::LEAD_TOO_SHORT, message).in_file(key.file).help(help)
}
