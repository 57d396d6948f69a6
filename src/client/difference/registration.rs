//! What changes about registration: whose policies grant what, and who is denied. A registered
//! client feels both with its next request, so a narrower policy breaks clients that nobody lists.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::{Policy, Registration, Registry, Which};
use super::compare::differing;
use super::{Delta, Line, Sign};
use crate::clock::{date_text, duration_text};

/// What differs about the policy of one registrar, or about what is denied; at least one change.
#[derive(Debug, PartialEq, Eq)]
pub struct RegistrationDifference {
    /// `registration by sdk-portal`, or `registration` alone for what is denied.
    pub subject: String,
    pub changes: Vec<RegistrationChange>,
}

/// One fact: of which kind, about what, and its value where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationChange {
    /// The name of the member of the file, or `policy`.
    pub what: &'static str,
    pub name: String,
    pub value: Delta<String>,
}

type Facts = Vec<((&'static str, String), String)>;

/// Those of policies in the order of registrars, then what is denied.
pub(super) fn registrations(old: &Registry, new: &Registry) -> Vec<RegistrationDifference> {
    let by_registrar = |registry: &Registry| -> BTreeMap<String, Facts> {
        let policies = registry.registration().into_iter().flat_map(Registration::policies);
        let named = policies
            .flat_map(|policy| policy.registrars.iter().map(move |id| (id.to_string(), facts(policy))));
        named.collect()
    };
    let (old_policies, new_policies) = (by_registrar(old), by_registrar(new));
    let mut registrars: Vec<&String> = old_policies.keys().chain(new_policies.keys()).collect();
    registrars.sort_unstable();
    registrars.dedup();
    let of_registrar = |registrar: &&String| {
        let of = |all: &BTreeMap<String, Facts>| all.get(*registrar).cloned().unwrap_or_default();
        difference(format!("registration by {registrar}"), of(&old_policies), of(&new_policies))
    };
    let policies = registrars.iter().filter_map(of_registrar);
    policies.chain(difference("registration".to_owned(), denied(old), denied(new))).collect()
}

fn difference(subject: String, old: Facts, new: Facts) -> Option<RegistrationDifference> {
    let changes: Vec<_> =
        differing(old, new).map(|((what, name), value)| RegistrationChange { what, name, value }).collect();
    (!changes.is_empty()).then_some(RegistrationDifference { subject, changes })
}

fn facts(policy: &Policy) -> Facts {
    let there = |what, name: String| ((what, name), String::new());
    let mut facts = vec![there("policy", String::new())];
    for granted in policy.granted.iter() {
        let audience = &granted.resource.audience;
        facts.push(there("audience", audience.to_string()));
        let scopes = granted.scopes.iter();
        facts.extend(scopes.map(|scope| there("scope", format!("{} on {audience}", scope.as_str()))));
    }
    facts.extend(policy.credentials.iter().map(|kind| there("credentials", (*kind).to_owned())));
    let value = |what, text: String| ((what, String::new()), text);
    let lifetime = policy.access_token_lifetime_seconds;
    facts.extend(lifetime.map(|seconds| value("access_token_lifetime", duration_text(seconds))));
    facts.push(value("validity", duration_text(policy.validity_seconds)));
    facts.push(value("per_minute", policy.per_minute.to_string()));
    facts
}

fn denied(registry: &Registry) -> Facts {
    let denials = registry.registration().into_iter().flat_map(Registration::denials);
    let text = |which: &Which| match which {
        Which::Id(digest) => format!("client {}", URL_SAFE_NO_PAD.encode(digest)),
        Which::All { registrar, issued_before } => {
            let of = registrar.as_ref().map_or_else(String::new, |id| format!(" of {id}"));
            let before = issued_before
                .map_or_else(String::new, |end| format!(" registered before {}", date_text(end)));
            format!("all clients{of}{before}")
        }
    };
    denials.map(|denial| (("denied", text(&denial.which)), String::new())).collect()
}

impl RegistrationDifference {
    pub fn lines(&self) -> Vec<Line> {
        let policy =
            self.changes.iter().find(|change| change.what == "policy").map(|change| change.value.sign());
        // Of a policy that is gone, the rest follows.
        let told = |change: &&RegistrationChange| policy != Some(Sign::Loss) || change.what == "policy";
        let mut lines: Vec<Line> = self.changes.iter().filter(told).map(line).collect();
        lines.sort_by_key(|line| line.text != MAY && line.text != MAY_NOT);
        lines
    }
}

const MAY: &str = "may register clients";
const MAY_NOT: &str = "may no longer register clients";
const REGISTERED: &str = "clients that it registered";

fn line(change: &RegistrationChange) -> Line {
    let sign = change.value.sign();
    let (name, is_loss) = (&change.name, sign == Sign::Loss);
    let broken = |line: Line| if is_loss { line.breaking(REGISTERED) } else { line };
    match change.what {
        "policy" => broken(Line::new(sign, if is_loss { MAY_NOT } else { MAY })),
        "denied" if is_loss => Line::new(sign, format!("no longer denies {name}")),
        "denied" => Line::new(sign, format!("denies {name}")).breaking(name.clone()),
        "scope" => broken(Line::new(sign, name.clone())),
        "audience" => broken(Line::new(sign, format!("audience {name}"))),
        "credentials" => broken(Line::new(sign, format!("credentials of the kind {name}"))),
        what => {
            let text = match (&change.value.old, &change.value.new) {
                (Some(old), Some(new)) => format!("{what} {new} (was {old})"),
                (old, new) => format!("{what} {}", new.as_ref().or(old.as_ref()).map_or("", String::as_str)),
            };
            Line::new(sign, text)
        }
    }
}
