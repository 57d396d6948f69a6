//! Would a client get a token, and if not, why? Asked of a client that is named, not proved: every
//! answer comes from the functions that a token request runs through, and none of them mints.
//!
//! The pipeline stops at its first refusal. Here each part of the request is also asked alone, so
//! that everything that is missing shows at once; the outcome is that of the whole.

use super::pipeline::{entitle, find_grant, permitted};
use crate::client::{Client, Credential};
use crate::client_auth::registered::Clients;
use crate::client_auth::{enabled, in_force, known, methods_of, provable};
use crate::clock::UnixTime;
use crate::jose::Algorithm;
use crate::keys::Keyring;
use crate::oauth::{ErrorCode, Params, Refusal};
use crate::token::{Lifetime, Reach, lifetime, reach, signing_key};

/// What a request would say, but for its proof.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    pub client_id: &'q str,
    pub grant_type: &'q str,
    pub scope: Option<&'q str>,
    pub resources: &'q [String],
    pub audiences: &'q [String],
    /// The methods that the client may authenticate with.
    pub methods: &'q [&'static str],
}

/// What does not depend on the question.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'k> {
    /// Lifetime where neither client nor resource sets one.
    pub access_token_lifetime_seconds: u32,
    /// Without one, nothing is said about signing.
    pub keyring: Option<&'k Keyring>,
    pub now: UnixTime,
}

/// The answer, part by part.
#[derive(Debug)]
pub struct Why<'s> {
    pub client: Option<&'s Client>,
    pub checks: Vec<Check<'s>>,
    /// What the server would answer to the right credential.
    pub outcome: Result<WouldIssue<'s>, Refusal>,
}

/// One part of the request or of the registration, asked alone.
#[derive(Debug)]
pub struct Check<'s> {
    pub about: About<'s>,
    pub verdict: Result<(), Refusal>,
}

#[derive(Clone, Debug)]
pub enum About<'s> {
    /// The form and its grant type.
    Request,
    Client,
    /// One of several: that it is out of date refuses nothing while another is not.
    Credential {
        position: usize,
        credential: &'s Credential,
    },
    /// Some credential is live and may be presented by these methods.
    Authentication(Vec<&'static str>),
    /// What a request by this method would meet, which the client has a credential for: refuses
    /// nothing while another method is open.
    Method(&'static str),
    Enabled,
    Grant,
    Audience(String),
    Scope(String),
    /// Scopes and audiences together.
    Reach,
    Lifetime(Lifetime<'s>),
    Key(Algorithm),
}

/// The token that would be issued.
#[derive(Debug)]
pub struct WouldIssue<'s> {
    pub reach: Reach<'s>,
    pub lifetime: Lifetime<'s>,
    /// The key that would sign; `None` when no keys were given.
    pub kid: Option<String>,
}

/// Answers `question` from the list alone: no secret is needed and nothing is signed.
pub fn why<'s>(clients: &'s Clients<'_>, question: &Question<'_>, setting: &Setting<'_>) -> Why<'s> {
    Why {
        client: known(clients, question.client_id).ok().map(|client| &**client),
        checks: checks(clients, question, setting),
        outcome: outcome(clients, question, setting),
    }
}

/// The phases in the order of the pipeline.
fn outcome<'s>(
    clients: &'s Clients<'_>,
    question: &Question<'_>,
    setting: &Setting<'_>,
) -> Result<WouldIssue<'s>, Refusal> {
    let params = Params::of(question.pairs())?;
    let grant = find_grant(&params)?;
    let client = known(clients, question.client_id)?;
    provable(client, question.methods, setting.now)?;
    enabled(client)?;
    let reach = entitle(client, grant, &params)?;
    let lifetime = lifetime(client, &reach, setting.access_token_lifetime_seconds);
    let key = setting.keyring.map(|keyring| signing_key(&reach, keyring, setting.now)).transpose()?;
    Ok(WouldIssue { kid: key.map(|key| key.kid().to_owned()), reach, lifetime })
}

fn checks<'s>(clients: &'s Clients<'_>, question: &Question<'_>, setting: &Setting<'_>) -> Vec<Check<'s>> {
    let mut checks = Vec::new();
    let params = Params::of(question.pairs());
    let grant = params.as_ref().map_err(Refusal::clone).and_then(find_grant);
    if let Err(refusal) = &grant {
        checks.push(Check { about: About::Request, verdict: Err(refusal.clone()) });
    }
    let client = known(clients, question.client_id);
    checks.push(Check::new(About::Client, client.as_ref().map(|_| ()).map_err(Refusal::clone)));
    let Ok(client) = client else { return checks };
    for (index, credential) in client.credentials.iter().enumerate() {
        let about = About::Credential { position: index.saturating_add(1), credential };
        checks.push(Check::new(about, in_force(credential.validity, setting.now)));
    }
    checks.extend(authentication(client, question.methods, setting.now));
    checks.extend(enabled(client).err().map(|reason| Check::new(About::Enabled, Err(reason))));
    if let Ok(grant) = grant {
        checks.push(Check::new(About::Grant, permitted(client, grant)));
    }
    let reach = params.and_then(|params| reach(client, &params));
    match &reach {
        Ok(reach) => checks.extend(reached(reach)),
        Err(refusal) => checks.extend(refused(client, question, refusal)),
    }
    if let Ok(reach) = &reach {
        let lifetime = lifetime(client, reach, setting.access_token_lifetime_seconds);
        checks.push(Check { about: About::Lifetime(lifetime), verdict: Ok(()) });
        let key = setting.keyring.map(|keyring| signing_key(reach, keyring, setting.now).map(|_| ()));
        let about = About::Key(reach.resource().signing_alg);
        checks.extend(key.map(|verdict| Check { about, verdict }));
    }
    checks
}

/// By any of the methods, then each that is refused for another reason although the client has its
/// credential.
fn authentication<'s>(client: &Client, methods: &[&'static str], now: UnixTime) -> Vec<Check<'s>> {
    let whole = provable(client, methods, now);
    let mut open = Vec::new();
    let mut refused = Vec::new();
    for method in methods_of(client).filter(|method| methods.contains(method)) {
        match provable(client, &[method], now) {
            Ok(()) => open.push(method),
            other if other == whole => {}
            Err(reason) => refused.push(Check::new(About::Method(method), Err(reason))),
        }
    }
    [Check::new(About::Authentication(open), whole)].into_iter().chain(refused).collect()
}

/// Audiences and scopes of a token that would be issued.
fn reached<'s>(reach: &Reach<'_>) -> Vec<Check<'s>> {
    let audiences = reach.resources().map(|resource| About::Audience(resource.audience.to_string()));
    let scopes = reach.scopes().map(|scope| About::Scope(scope.as_str().to_owned()));
    audiences.chain(scopes).map(|about| Check { about, verdict: Ok(()) }).collect()
}

/// Every audience and every scope asked for by itself, then all of them together, unless one of
/// the parts has said the same.
fn refused<'s>(client: &Client, question: &Question<'_>, whole: &Refusal) -> Vec<Check<'s>> {
    let alone = |pairs: Vec<(&'static str, &str)>, error: ErrorCode| {
        let refusal = Params::of(pairs).and_then(|params| reach(client, &params)).err();
        // Alone it may lack what another part says; only what is wrong with itself counts.
        refusal.filter(|refusal| refusal.reason.error == error).map_or(Ok(()), Err)
    };
    let mut checks: Vec<Check<'_>> = Vec::new();
    let mut targets = Vec::new();
    for target in question.targets() {
        let verdict = alone(vec![target], ErrorCode::InvalidTarget);
        if verdict.is_ok() {
            targets.push(target);
        }
        checks.push(Check { about: About::Audience(target.1.to_owned()), verdict });
    }
    for scope in question.scope.unwrap_or_default().split(' ').filter(|scope| !scope.is_empty()) {
        let pairs = targets.iter().copied().chain([("scope", scope)]).collect();
        let verdict = alone(pairs, ErrorCode::InvalidScope);
        checks.push(Check { about: About::Scope(scope.to_owned()), verdict });
    }
    let told = |check: &Check<'_>| matches!(&check.verdict, Err(part) if part.reason == whole.reason);
    if !checks.iter().any(told) {
        checks.push(Check { about: About::Reach, verdict: Err(whole.clone()) });
    }
    checks
}

impl<'s> Check<'s> {
    fn new(about: About<'s>, verdict: Result<(), impl Into<Refusal>>) -> Self {
        Self { about, verdict: verdict.map_err(Into::into) }
    }
}

impl<'q> Question<'q> {
    fn pairs(&self) -> Vec<(&'static str, &'q str)> {
        let scope = self.scope.map(|scope| ("scope", scope));
        [("grant_type", self.grant_type)].into_iter().chain(scope).chain(self.targets()).collect()
    }

    fn targets(&self) -> impl Iterator<Item = (&'static str, &'q str)> {
        let resources = self.resources.iter().map(|resource| ("resource", resource.as_str()));
        resources.chain(self.audiences.iter().map(|audience| ("audience", audience.as_str())))
    }
}
