//! Policies for registration against the clients and resources of the list.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::nearest;
use super::super::raw::{RawClient, RawPolicy, RawRegistration};
use super::asked::Asked;
use super::{reach, teams};
use crate::client::{Granted, Policy, Registration};
use crate::client_auth::registered::REGISTRATION_SCOPE;
use crate::diagnostic::catalogue::registrars as codes;
use crate::diagnostic::{Finding, Findings, Place};

/// Who asks for tokens: the clients of the list, in its order.
pub(super) struct Registrars<'c>(HashMap<&'c str, &'c RawClient>);

impl<'c> Registrars<'c> {
    pub(super) fn new(clients: &'c [RawClient]) -> Self {
        let named = clients.iter().filter(|client| client.id.is_some());
        Self(named.map(|client| (client.id_text(), client)).collect())
    }

    /// A registrar is a client, stands in one policy, and can prove itself. `complete` as in
    /// `registry`.
    pub(super) fn check(&self, policies: &[RawPolicy], complete: bool, findings: &mut Findings) {
        let mut seen: HashMap<&str, Place> = HashMap::new();
        for policy in policies {
            for registrar in &policy.registrars {
                let id = registrar.value.as_str();
                let place = Place { source: Arc::clone(&policy.source), span: registrar.span };
                match self.0.get(id) {
                    None if complete => findings.push(self.unknown(id, place.clone())),
                    Some(client) if !can_prove(client) => findings.push(without_proof(client, place.clone())),
                    _ => {}
                }
                if let Some(first) = seen.get(id) {
                    findings.push(
                        Finding::new(&codes::REGISTRAR_TWICE, format!("`{id}` is a registrar twice"))
                            .at(place, "the second time")
                            .related(first.clone(), "the first time")
                            .help("join the two policies, or use two clients"),
                    );
                } else {
                    seen.insert(id, place);
                }
            }
        }
    }

    fn unknown(&self, id: &str, place: Place) -> Finding {
        let message = format!("the registrar `{id}` is no client of this list");
        let finding = Finding::new(&codes::REGISTRAR_UNKNOWN, message).at(place, "no such client");
        match nearest(id, self.0.keys().copied()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("add the client to `clients`, or remove it here"),
        }
    }
}

fn can_prove(client: &RawClient) -> bool {
    let has_secret = client.credentials.iter().any(|raw| raw.credential.kind == "client_secret");
    let has_scope = client.scopes.iter().flatten().any(|scope| scope.value.as_str() == REGISTRATION_SCOPE);
    has_secret || has_scope || client.credentials_are_broken || client.reach_is_broken
}

fn without_proof(client: &RawClient, place: Place) -> Finding {
    let message =
        format!("the registrar `{}` has neither a secret nor `{REGISTRATION_SCOPE}`", client.id_text());
    Finding::new(&codes::REGISTRAR_WITHOUT_PROOF, message)
        .at(place, "its registrations are refused")
        .related(client.id_place(), "this client")
        .help(format!("grant it `{REGISTRATION_SCOPE}` at a resource whose audience is the issuer"))
}

/// The section as values, with the reach of each policy worked out as that of a client is.
pub(super) fn registration(
    raw: RawRegistration,
    reach: &mut reach::Checker<'_, '_>,
    teams: &teams::Checker<'_>,
    findings: &mut Findings,
) -> Registration {
    let policies = raw.policies.into_iter().map(|policy| {
        let asked = Asked::by_policy(&policy);
        let granted = reach.granted(&asked, findings);
        teams.check(&asked, &granted, findings);
        forbidden_scope(&policy, findings);
        value(policy, granted)
    });
    Registration::new(policies.collect(), raw.denied)
}

fn forbidden_scope(policy: &RawPolicy, findings: &mut Findings) {
    let mut scopes = policy.scopes.iter().flatten();
    let Some(scope) = scopes.find(|scope| scope.value.as_str() == REGISTRATION_SCOPE) else { return };
    let message = format!("a registered client may not have `{REGISTRATION_SCOPE}`");
    let place = Place { source: Arc::clone(&policy.source), span: scope.span };
    findings.push(
        Finding::new(&codes::REGISTRATION_SCOPE, message)
            .at(place, "for clients of the list only")
            .help("remove it"),
    );
}

fn value(raw: RawPolicy, granted: Arc<[Granted]>) -> Policy {
    Policy {
        line: raw.source.line(raw.span.start),
        file: raw.file,
        registrars: raw.registrars.into_iter().map(|id| id.value).collect(),
        granted,
        credentials: raw.credentials.into(),
        access_token_lifetime_seconds: raw.lifetime_seconds,
        validity_seconds: raw.validity_seconds,
        per_minute: raw.per_minute,
    }
}
