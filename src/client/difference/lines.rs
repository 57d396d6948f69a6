//! A difference in sentences: what `diff` prints and a reload logs; here those about
//! clients. What comes from the files and is no identifier (owners, claims) is quoted and cut.

use std::fmt;

use super::{ClientChange, ClientDifference, ClientState, Delta, Lifetime, RegisteredCredential};
use crate::client::Validity;
use crate::clock::{UnixTime, date_text, duration_text};
use crate::diagnostic::{is_secretive, shown};
use crate::oauth::{Audience, ScopeToken};

/// Longest value of a claim that is shown; a claim is no secret, but no reason to fill a screen.
const CLAIM_CHARACTERS_MAX: usize = 40;
/// Most scopes in one line.
const SCOPES_SHOWN_MAX: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Gain,
    Loss,
    Change,
}

impl Sign {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gain => "+",
            Self::Loss => "-",
            Self::Change => "~",
        }
    }
}

/// One line about one client or resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub sign: Sign,
    pub text: String,
    /// Who stops working until they are changed too: to follow "breaks".
    pub breaks: Option<String>,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.sign.as_str(), self.text)?;
        match &self.breaks {
            Some(who) => write!(f, "; breaks {who}"),
            None => Ok(()),
        }
    }
}

impl Line {
    pub(super) fn new(sign: Sign, text: impl Into<String>) -> Self {
        Self { sign, text: text.into(), breaks: None }
    }

    pub(super) fn breaking(self, who: impl Into<String>) -> Self {
        Self { breaks: Some(who.into()), ..self }
    }
}

impl ClientDifference {
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        if let Some(state) = self.state() {
            lines.push(state_line(state, &self.changes));
            // Of a client that may do nothing any more, the rest follows.
            if state.new != Some(ClientState::Enabled) {
                return lines;
            }
        } else {
            lines.extend(reach(&self.changes).into_iter().map(|(sign, text)| Line::new(sign, text)));
        }
        lines.extend(self.changes.iter().filter_map(line));
        lines
    }
}

/// `- removed: loses search:read on https://search.example.com`.
fn state_line(state: &Delta<ClientState>, changes: &[ClientChange]) -> Line {
    use ClientState::{Disabled, Enabled};
    let (what, verb) = match (state.old, state.new) {
        (None, Some(Enabled)) => ("added", "gains"),
        (None, _) => ("added, disabled", ""),
        (Some(Disabled), Some(_)) => ("enabled", "gains"),
        (Some(_), Some(_)) => ("disabled", "loses"),
        (Some(_), None) => ("removed", "loses"),
    };
    let reach: Vec<String> = reach(changes).into_iter().map(|(_, text)| text).collect();
    let text = match reach.is_empty() {
        true => what.to_owned(),
        false => format!("{what}: {verb} {}", reach.join(", ")),
    };
    let sign = match (state.sign(), verb) {
        (Sign::Change, "gains") => Sign::Gain,
        (Sign::Change, _) => Sign::Loss,
        (sign, _) => sign,
    };
    Line::new(sign, text)
}

/// The scopes of one audience that share a fate, in one line.
fn reach(changes: &[ClientChange]) -> Vec<(Sign, String)> {
    let mut groups: Vec<(&Audience, Delta<bool>, Vec<&ScopeToken>)> = Vec::new();
    for change in changes {
        let ClientChange::Scope(audience, scope, delta) = change else { continue };
        // What is lost is lost, whether it had to be asked for or not.
        let delta = Delta { old: delta.old.map(|old| old || delta.new.is_none()), new: delta.new };
        match groups.iter_mut().find(|(known, fate, _)| *known == audience && *fate == delta) {
            Some((_, _, scopes)) => scopes.push(scope),
            None => groups.push((audience, delta, vec![scope])),
        }
    }
    let with_scopes = |audience: &Audience, sign: Sign| {
        groups.iter().any(|(known, delta, _)| *known == audience && delta.sign() == sign)
    };
    let mut lines: Vec<(Sign, String)> = Vec::new();
    for change in changes {
        if let ClientChange::Audience(audience, delta) = change
            && !with_scopes(audience, delta.sign())
        {
            lines.push((delta.sign(), format!("tokens for {audience}")));
        }
    }
    for (audience, delta, scopes) in &groups {
        let scopes = listed(scopes.iter().map(|scope| scope.as_str()));
        let fate = match (delta.old, delta.new) {
            (None, Some(false)) => " (only when asked for)",
            (Some(_), Some(false)) => " only when asked for now (was by default)",
            (Some(_), Some(true)) => " by default now (was only when asked for)",
            _ => "",
        };
        lines.push((delta.sign(), format!("{scopes} on {audience}{fate}")));
    }
    lines
}

pub(super) fn listed<'s>(words: impl Iterator<Item = &'s str> + Clone) -> String {
    let count = words.clone().count();
    let mut text = words.take(SCOPES_SHOWN_MAX).collect::<Vec<_>>().join(" ");
    if let Some(more) = count.checked_sub(SCOPES_SHOWN_MAX).filter(|more| *more > 0) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// What is neither state nor reach.
fn line(change: &ClientChange) -> Option<Line> {
    Some(match change {
        ClientChange::State(_) | ClientChange::Audience(..) | ClientChange::Scope(..) => return None,
        ClientChange::GrantType(grant, delta) => Line::new(delta.sign(), format!("grant type {grant}")),
        ClientChange::Credential(delta) => credential_line(delta),
        ClientChange::AuthMethod(delta) => method_line(delta),
        ClientChange::MultipleAudiences(delta) => {
            Line::new(delta.sign(), "one token may name several audiences")
        }
        ClientChange::DefaultAudience(delta) => {
            let subject = "a request without scope and audience";
            match (&delta.old, &delta.new) {
                (None, new) => Line::new(
                    Sign::Gain,
                    format!("{subject} gets a token for {} (was refused)", text_of(new.as_ref())),
                ),
                (Some(old), None) => {
                    Line::new(Sign::Loss, format!("{subject} is refused now (got a token for {old})"))
                        .breaking("clients that name neither")
                }
                (Some(old), Some(new)) => {
                    Line::new(Sign::Change, format!("{subject} gets a token for {new} (was {old})"))
                        .breaking("clients that name neither")
                }
            }
        }
        ClientChange::Lifetime(audience, delta) => {
            Line::new(delta.sign(), format!("tokens for {audience} {}", lifetime_text(delta)))
        }
        ClientChange::Reuse(delta) => {
            let text = match (delta.old, delta.new) {
                (Some(old), Some(new)) => format!("{} (was {})", duration_text(new), duration_text(old)),
                (old, new) => new.or(old).map(duration_text).unwrap_or_default(),
            };
            Line::new(delta.sign(), format!("a token is given out again for {text}"))
        }
        ClientChange::Claim(name, delta) => {
            let value = delta.map(|value| claim_value(name, value));
            let name = shown(name);
            let text = match (&value.old, &value.new) {
                (Some(old), Some(new)) => format!("claim {name} = {new} (was {old})"),
                (_, Some(new)) => format!("claim {name} = {new}"),
                (_, None) => format!("claim {name}"),
            };
            let line = Line::new(delta.sign(), text);
            match delta.sign() {
                Sign::Gain => line,
                Sign::Loss | Sign::Change => line.breaking("verifiers that read this claim"),
            }
        }
    })
}

fn text_of(audience: Option<&Audience>) -> &str {
    audience.map_or("", Audience::as_str)
}

/// The value of a claim as JSON, hidden where its name sounds like a secret or it is long.
pub fn claim_value(name: &str, value: &serde_json::Value) -> String {
    let text = value.to_string();
    if is_secretive(name) || text.chars().count() > CLAIM_CHARACTERS_MAX {
        "…".to_owned()
    } else {
        shown(&text)
    }
}

fn credential_line(delta: &Delta<RegisteredCredential>) -> Line {
    let sign = delta.sign();
    let Some(credential) = delta.new.as_ref().or(delta.old.as_ref()) else { return Line::new(sign, "") };
    let label = format!("{} {}", credential.kind, credential.position);
    let (Some(old), Some(new)) = (&delta.old, &delta.new) else {
        let Validity { not_before, expires } = credential.validity;
        let terms: String = credential.terms.iter().map(|term| format!(", {}", shown(term))).collect();
        let from = not_before.map_or_else(String::new, |time| format!(", valid from {}", date_text(time)));
        let end = expires
            .map_or_else(|| ", never expires".to_owned(), |time| format!(", expires {}", date_text(time)));
        let text =
            if sign == Sign::Loss { format!("{label}{terms}") } else { format!("{label}{terms}{from}{end}") };
        return Line::new(sign, text);
    };
    let mut parts = Vec::new();
    if old.validity.expires != new.validity.expires {
        let text = |time: Option<UnixTime>| time.map_or_else(|| "never".to_owned(), date_text);
        parts.push(match new.validity.expires {
            Some(expires) => {
                format!("now expires {} (was {})", date_text(expires), text(old.validity.expires))
            }
            None => format!("never expires now (was {})", text(old.validity.expires)),
        });
    }
    if old.validity.not_before != new.validity.not_before {
        let text = |time: Option<UnixTime>| time.map_or_else(|| "at once".to_owned(), date_text);
        parts.push(format!(
            "is valid from {} (was {})",
            text(new.validity.not_before),
            text(old.validity.not_before)
        ));
    }
    Line::new(sign, format!("{label} {}", parts.join(", ")))
}

fn method_line(delta: &Delta<&'static str>) -> Line {
    let only = |method: Option<&str>| method.map_or_else(|| "any method".to_owned(), |m| format!("{m} only"));
    let text = format!("may authenticate with {} (was {})", only(delta.new), only(delta.old));
    let line = Line::new(Sign::Change, text);
    if delta.new.is_some() { line.breaking("clients that use another method") } else { line }
}

/// `live 10m (was 15m)`.
pub(super) fn lifetime_text(delta: &Delta<Lifetime>) -> String {
    let text = |lifetime: &Lifetime| match lifetime {
        Lifetime::Seconds(seconds) => duration_text(*seconds),
        Lifetime::ServerDefault => "the server's default".to_owned(),
    };
    let sides = delta.map(text);
    match (sides.old, sides.new) {
        (Some(old), Some(new)) => format!("live {new} (was {old})"),
        (old, new) => format!("live {}", new.or(old).unwrap_or_default()),
    }
}
