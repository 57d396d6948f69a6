//! The plan and the simulation as text and as json.

use serde_json::{Value, json};

use super::super::seal::KIND;
use super::{Outcome, Subject};
use crate::cli::{Format, output};
use crate::clock::UnixTime;
use crate::keys::simulate::Refusal;
use crate::keys::verifiers::duration;

/// Refusals of one verifier that are listed; a year of daily keys would hide the others.
const REFUSALS_LISTED_MAX: usize = 5;
/// Events that are listed.
const EVENTS_LISTED_MAX: usize = 100;

pub fn plan(subject: &Subject, outcomes: Option<&[Outcome]>, format: Format) {
    if format == Format::Json {
        output::line(&as_json(subject, outcomes).to_string());
        return;
    }
    timeline(subject);
    if let Some(outcomes) = outcomes {
        output::line("");
        simulation(subject, outcomes);
    }
}

/// Every change in the order of time, with a mark at now.
fn timeline(subject: &Subject) {
    let mut events: Vec<(UnixTime, String)> = Vec::new();
    for (turn, shown) in subject.rotation.turns().iter().zip(&subject.keys) {
        let algorithm = turn.key.algorithm.name();
        let mut event = |at: Option<UnixTime>, what: &str| {
            events.extend(at.map(|at| (at, format!("{algorithm:<6} {what:<16} {}", shown.key))));
        };
        event(turn.key.appears.filter(|at| *at < turn.starts), "is published");
        event(Some(turn.starts), "signs");
        event(turn.succeeded, "retires");
        event(turn.gone, "is gone");
    }
    for key in &subject.seals {
        let mut event = |at: Option<UnixTime>, what: &str| {
            events.extend(at.map(|at| (at, format!("{KIND:<6} {what:<16} {}", key.id))));
        };
        event(Some(key.seals), "seals");
        event(key.opens_only, "opens only");
        event(key.gone, "is gone");
    }
    events.sort_by_key(|(at, _)| *at);
    let mut now = subject.now;
    for (at, words) in events.iter().take(EVENTS_LISTED_MAX) {
        if let Some(marked) = now.take_if(|now| *at > *now) {
            mark(marked);
        }
        let from = subject.now.unwrap_or(subject.start);
        output::line(&format!("{at}  {:>16}  {words}", distance(*at, from, subject.now.is_some())));
    }
    if let Some(marked) = now {
        mark(marked);
    }
    let left_out = events.len().saturating_sub(EVENTS_LISTED_MAX);
    if left_out > 0 {
        output::line(&format!("and {left_out} more changes"));
    }
}

fn mark(now: UnixTime) {
    output::line(&format!("{now}  {:>16}  ----------------", "now"));
}

/// `in 2 days 7 h`, `3 h ago`; for a plan without files the time from its start.
fn distance(at: UnixTime, from: UnixTime, has_now: bool) -> String {
    let seconds = at.since(from);
    match (has_now, seconds < 0) {
        (true, true) => format!("{} ago", duration(seconds.saturating_neg())),
        (true, false) => format!("in {}", duration(seconds)),
        (false, true) => format!("- {}", duration(seconds.saturating_neg())),
        (false, false) => format!("+ {}", duration(seconds)),
    }
}

fn simulation(subject: &Subject, outcomes: &[Outcome]) {
    output::line(&format!("{:<28} {:<26} {}", "verifier", "refuses tokens", "fetches the key set"));
    for (verifier, refusals) in outcomes {
        let line = format!("{:<28} {:<26} {}", verifier.title, summary(refusals), verifier.describe());
        output::line(&line);
    }
    for (verifier, refusals) in outcomes.iter().filter(|(_, refusals)| !refusals.is_empty()) {
        output::line(&format!("\n{}", verifier.title));
        for refusal in refusals.iter().take(REFUSALS_LISTED_MAX) {
            let key = subject.keys.get(refusal.key).map_or("", |shown| shown.key.as_str());
            let until = refusal.until.map_or("somebody uploads it ".to_owned(), |until| until.to_string());
            let length = refusal.seconds().map_or(String::new(), duration);
            output::line(&format!("  {} until {until}  {length:<12}  {key}", refusal.from));
        }
        let left_out = refusals.len().saturating_sub(REFUSALS_LISTED_MAX);
        if left_out > 0 {
            output::line(&format!("  and {left_out} times more"));
        }
    }
}

/// `nothing`, `10 min`, `10 min, 4 times`, `until it is uploaded`.
fn summary(refusals: &[Refusal]) -> String {
    let longest = refusals.iter().map(Refusal::seconds).max_by_key(|seconds| seconds.unwrap_or(i64::MAX));
    let length = match longest {
        None => return "nothing".to_owned(),
        Some(None) => "until it is uploaded".to_owned(),
        Some(Some(seconds)) => duration(seconds),
    };
    match refusals.len() {
        1 => length,
        times => format!("{length}, {times} times"),
    }
}

fn as_json(subject: &Subject, outcomes: Option<&[Outcome]>) -> Value {
    let time = |at: Option<UnixTime>| at.map(|at| at.to_string());
    let keys: Vec<Value> = subject
        .rotation
        .turns()
        .iter()
        .zip(&subject.keys)
        .map(|(turn, shown)| {
            json!({
                "key": shown.key,
                "file": shown.file,
                "alg": turn.key.algorithm.name(),
                "state": shown.state.map(|state| state.name()),
                "published": time(turn.key.appears),
                "signs": turn.starts.to_string(),
                "retires": time(turn.succeeded),
                "gone": time(turn.gone),
            })
        })
        .collect();
    let seals = subject.seals.iter().map(|key| {
        let (seals, opens_only, gone) = (key.seals.to_string(), time(key.opens_only), time(key.gone));
        json!({"key": key.id, "seals": seals, "opens_only": opens_only, "gone": gone})
    });
    let verifiers = outcomes.map(|outcomes| {
        let of = |outcome: &Outcome| verifier_json(subject, outcome);
        outcomes.iter().map(of).collect::<Vec<Value>>()
    });
    json!({
        "version": 1,
        "start": subject.start.to_string(),
        "end": subject.end.to_string(),
        "now": time(subject.now),
        "keys": keys,
        "seal_keys": seals.collect::<Vec<_>>(),
        "verifiers": verifiers,
    })
}

fn verifier_json(subject: &Subject, (verifier, refusals): &Outcome) -> Value {
    let refusals: Vec<Value> = refusals
        .iter()
        .map(|refusal| {
            json!({
                "key": subject.keys.get(refusal.key).map(|shown| shown.key.as_str()),
                "from": refusal.from.to_string(),
                "until": refusal.until.map(|until| until.to_string()),
                "seconds": refusal.seconds(),
            })
        })
        .collect();
    json!({
        "name": verifier.name,
        "title": verifier.title,
        "fetches": verifier.describe(),
        "poll_seconds": verifier.poll_seconds(),
        "keeps_withdrawn_key": verifier.keeps_withdrawn(),
        "evidence": verifier.evidence.name(),
        "refuses": refusals,
    })
}
