//! A difference in sentences: those about resources.

use super::lines::{lifetime_text, listed};
use super::{Delta, Line, ResourceChange, ResourceDifference, Sign};
use crate::client::TokenType;
use crate::diagnostic::shown;

impl ResourceDifference {
    pub fn lines(&self) -> Vec<Line> {
        let scopes = |sign: Sign| {
            let of_sign = self.changes.iter().filter_map(move |change| match change {
                ResourceChange::Scope(scope, delta) if delta.sign() == sign => Some(scope.as_str()),
                _ => None,
            });
            Some(listed(of_sign)).filter(|text| !text.is_empty())
        };
        let declared = self.changes.iter().find_map(|change| match change {
            ResourceChange::Declared(delta) => Some(delta.sign()),
            _ => None,
        });
        match declared {
            Some(Sign::Gain) => {
                let with = scopes(Sign::Gain).map_or_else(String::new, |scopes| format!(" with {scopes}"));
                return vec![Line::new(Sign::Gain, format!("declared{with}{}", self.form()))];
            }
            Some(_) => return vec![Line::new(Sign::Loss, "no longer declared: nobody gets a token for it")],
            None => {}
        }
        let mut lines = Vec::new();
        for sign in [Sign::Gain, Sign::Loss] {
            lines.extend(scopes(sign).map(|scopes| Line::new(sign, format!("defines {scopes}"))));
        }
        lines.extend(self.changes.iter().filter_map(|change| self.line(change)));
        lines
    }

    /// `, tokens JWT, RS256` of a new resource.
    fn form(&self) -> String {
        let mut text = String::new();
        for change in &self.changes {
            match change {
                ResourceChange::Typ(Delta { new: Some(typ), .. }) => {
                    text.push_str(&format!("; tokens are {}", typ.as_str()));
                }
                ResourceChange::SigningAlg(Delta { new: Some(algorithm), .. }) => {
                    text.push_str(&format!(", signed with {algorithm}"));
                }
                _ => {}
            }
        }
        text
    }

    fn line(&self, change: &ResourceChange) -> Option<Line> {
        let served = match self.clients {
            1 => "1 client".to_owned(),
            count => format!("{count} clients"),
        };
        let line = match change {
            ResourceChange::Declared(_) | ResourceChange::Scope(..) => return None,
            ResourceChange::Typ(delta) => {
                let text = delta.map(|typ| typ.as_str());
                let who = match delta.old {
                    Some(TokenType::Jwt) => "verifiers that accept JWT only (Spring Security by default)",
                    _ => "verifiers that accept at+jwt only (RFC 9068)",
                };
                Line::new(Sign::Change, format!("typ of tokens is {} ({served})", was(&text))).breaking(who)
            }
            ResourceChange::SigningAlg(delta) => {
                let text = delta.map(|algorithm| algorithm.name());
                let who = format!("verifiers that accept {} only", text.old.unwrap_or_default());
                Line::new(Sign::Change, format!("tokens are signed with {} ({served})", was(&text)))
                    .breaking(who)
            }
            ResourceChange::Lifetime(delta) => {
                let text = lifetime_text(delta);
                Line::new(
                    Sign::Change,
                    format!("tokens {text} unless their client says otherwise ({served})"),
                )
            }
            ResourceChange::Owner(delta) => {
                let owner = delta.map(|owner| shown(owner));
                let text = match (&owner.old, &owner.new) {
                    (Some(old), Some(new)) => format!("owner is {new} (was {old})"),
                    (old, new) => {
                        format!("owner {}", new.as_ref().or(old.as_ref()).map_or("", String::as_str))
                    }
                };
                Line::new(delta.sign(), text)
            }
        };
        // Where nobody gets a token, no verifier sees one.
        Some(if self.clients == 0 { Line { breaks: None, ..line } } else { line })
    }
}

fn was(delta: &Delta<&str>) -> String {
    format!("{} (was {})", delta.new.unwrap_or_default(), delta.old.unwrap_or_default())
}
