//! No token outlives the publication of the key that signed it. Lifetimes stand with clients and
//! resources, the plan with the keys, so the proof needs both. The plan is made for the cap of
//! lifetimes (`retention`); this is the check that the two still fit together.

use std::collections::HashMap;

use crate::client::{Registration, Registry, Resource};
use crate::clock::UnixTime;
use crate::diagnostic::catalogue::settings;
use crate::diagnostic::{Finding, Findings};
use crate::jose::Algorithm;
use crate::keys::Keyring;
use crate::token::lifetime_at;

/// A key signs its last token right before its successor is active, and a verifier whose clock is
/// behind by the allowance accepts that token so much longer than it lives. Until then the key must
/// be published. `default_lifetime_seconds` is for tokens for which no file sets a lifetime.
pub fn tokens_outlive_keys(
    registry: &Registry,
    keyring: &Keyring,
    default_lifetime_seconds: u32,
    clock_allowance_seconds: u32,
    now: UnixTime,
) -> Findings {
    let mut findings = Findings::default();
    let retiring: Vec<_> = keyring
        .states(now)
        .into_iter()
        .filter_map(|key| {
            Some((key.file, key.algorithm, key.succeeded?, key.gone.filter(|gone| *gone > now)?))
        })
        .collect();
    if retiring.is_empty() {
        return findings;
    }
    let longest = longest_lifetimes(registry, default_lifetime_seconds);
    for (file, algorithm, succeeded, gone) in retiring {
        let Some(lifetime) = longest.get(&algorithm) else { continue };
        let needed = i64::from(*lifetime).saturating_add(clock_allowance_seconds.into());
        let published = gone.since(succeeded);
        if published < needed {
            let message = format!(
                "tokens of the key {file} are accepted for {needed} s after its last one, and it is published \
                 for {published} s"
            );
            let help = "shorten the lifetimes of clients and resources, or the clock allowance";
            findings.push(Finding::new(&settings::TOKEN_OUTLIVES_KEY, message).in_file(file).help(help));
        }
    }
    findings
}

/// In seconds, by the algorithm that signs.
fn longest_lifetimes(registry: &Registry, default_seconds: u32) -> HashMap<Algorithm, u32> {
    let mut longest: HashMap<Algorithm, u32> = HashMap::new();
    let mut note = |resource: &Resource, seconds: u32| {
        let known = longest.entry(resource.signing_alg).or_default();
        *known = seconds.max(*known);
    };
    for client in registry.clients() {
        for granted in client.granted.iter() {
            note(&granted.resource, lifetime_at(client, &granted.resource, default_seconds).seconds);
        }
    }
    // Registered clients get what the resource says, or less.
    let policies = registry.registration().into_iter().flat_map(Registration::policies);
    for granted in policies.flat_map(|policy| policy.granted.iter()) {
        let seconds = granted.resource.access_token_lifetime_seconds.unwrap_or(default_seconds);
        note(&granted.resource, seconds);
    }
    longest
}
