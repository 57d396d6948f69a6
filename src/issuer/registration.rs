//! The registration request, step by step (RFC 7591 §3): who asks, the quota, what is asked, what
//! of it is granted, the seal. A pure function of request, snapshot and time but for the quota and
//! the nonce; the first refusal ends it. The new client is recognised before it is told its id, by
//! the code that will recognise it at every replica.

use super::decision::Record;
use super::pipeline::note_attempt;
use super::{Issuer, metadata};
use crate::client::{Client, Context};
use crate::client_auth::registered::{Clients, Recogniser, Unsealable, seal};
use crate::client_auth::{Attempt, Memory, Outcomes, SettledBefore, SlowCheck, Stop};
use crate::clock::UnixTime;
use crate::oauth::{IssuerUrl, Refusal};
use crate::registration::{
    ACCESS_TOKEN, ClientMetadata, Grounds, Registrar, granted, prove, prove_by_token, registration_body,
    token_of,
};

crate::oauth::reasons! {
    QUOTA_USED_UP = TemporarilyUnavailable REGISTRATION_QUOTA_USED_UP;
    UNAVAILABLE = TemporarilyUnavailable REGISTRATION_UNAVAILABLE;
    TOO_LONG = InvalidClientMetadata REGISTRATION_TOO_LONG;
    DENIED = AccessDenied REGISTRATION_DENIED;
}

/// A missing seal key is somebody's work.
const UNAVAILABLE_SECONDS: u32 = 60;

/// A request to the registration endpoint: the body, and what stood in the head.
pub struct RegistrationRequest<'r> {
    pub body: &'r [u8],
    /// Values of all `Authorization` header fields.
    pub authorization: &'r [&'r [u8]],
    /// What a slow check has shown that this request waited for.
    pub outcomes: &'r Outcomes,
}

/// How far a request came without waiting.
pub enum RegistrationStep {
    Decided(RegistrationDecision),
    /// Ask again with the outcomes of this check ([`Issuer::settle`]).
    Slow {
        check: Box<SlowCheck>,
        record: Record,
    },
}

/// The answer of the registration endpoint.
pub struct RegistrationDecision {
    pub outcome: Result<NewClient, Refusal>,
    /// `client_id` is the registrar.
    pub record: Record,
}

/// A client that is registered from now on.
pub struct NewClient {
    pub client: Box<Client>,
    /// The answer (RFC 7591 §3.2.1); it holds the secret.
    pub body: Vec<u8>,
}

impl Issuer {
    /// Registers a client, when the list says that somebody may.
    pub fn register(
        &self,
        request: &RegistrationRequest<'_>,
        memory: &Memory,
        now: UnixTime,
    ) -> RegistrationStep {
        let mut record = Record::of_revision(&self.revision);
        let outcome = match self.new_client(request, memory, now, &mut record) {
            Ok(client) => Ok(client),
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(Stop::Slow(check)) => return RegistrationStep::Slow { check, record },
        };
        RegistrationStep::Decided(RegistrationDecision { outcome, record })
    }

    /// A refusal from before the steps: what HTTP alone can tell.
    pub fn refuse_registration(&self, refusal: Refusal) -> RegistrationDecision {
        RegistrationDecision { outcome: Err(refusal), record: Record::of_revision(&self.revision) }
    }

    /// Where clients are registered; nothing when the list lets nobody or no key could seal.
    pub fn registration_endpoint(&self) -> Option<String> {
        metadata::registration_endpoint(self.url(), self.registry(), self.keyring())
    }

    fn new_client(
        &self,
        request: &RegistrationRequest<'_>,
        memory: &Memory,
        now: UnixTime,
        record: &mut Record,
    ) -> Result<NewClient, Stop> {
        let clients = Clients::listed(self.registry());
        let registrar = self.registrar(&clients, request, memory, now, record)?;
        let id = &registrar.client.id;
        record.client_id = Some(id.clone());
        let policy = registrar.policy;
        if let Err(seconds) = memory.registrations.take(id, policy.per_minute, now) {
            return Err(Refusal::after(&QUOTA_USED_UP, seconds).into());
        }
        let metadata = ClientMetadata::parse(request.body)?;
        let document = granted(&metadata, &Grounds { registrar: id, policy, now })?;
        let unavailable = || Refusal::after(&UNAVAILABLE, UNAVAILABLE_SECONDS);
        let sealed =
            seal(&document, self.keyring().seals(), self.url().as_str(), now).map_err(|why| match why {
                Unsealable::TooLong => (&TOO_LONG).into(),
                Unsealable::NoKey | Unsealable::Failed => unavailable(),
            })?;
        let recogniser = self.recogniser(now).ok_or_else(unavailable)?;
        let client = recogniser.recognise(sealed.id.as_str()).ok_or_else(unavailable)?;
        // All clients of the registrar are denied, and so would this one be.
        if client.disabled {
            return Err((&DENIED).into());
        }
        let secret = metadata.jwks.is_none().then_some(&**sealed.secret);
        let body = registration_body(&client, secret, metadata.jwks.as_ref());
        Ok(NewClient { client: Box::new(client), body })
    }

    fn registrar<'s>(
        &'s self,
        clients: &'s Clients<'_>,
        request: &RegistrationRequest<'_>,
        memory: &Memory,
        now: UnixTime,
        record: &mut Record,
    ) -> Result<Registrar<'s>, Stop> {
        if let [header] = request.authorization
            && let Some(token) = token_of(header)?
        {
            record.method = Some(ACCESS_TOKEN);
            return Ok(prove_by_token(token, self.registry(), self.keyring(), self.url().as_str(), now)?);
        }
        let settled = SettledBefore { remembered: &self.remembered, outcomes: request.outcomes, now };
        let context = Context {
            now,
            issuer: self.url().as_str(),
            token_endpoint: &self.token_endpoint,
            settled: &settled,
            key_sets: &memory.fetched_keys,
        };
        let mut attempt = Attempt::default();
        let proved = prove(clients, self.registry(), request.authorization, &context, memory, &mut attempt);
        note_attempt(record, attempt);
        proved
    }

    /// What recognises registered clients; nothing when the list lets nobody register any.
    pub(super) fn recogniser(&self, now: UnixTime) -> Option<Recogniser<'_>> {
        let registration = self.registry().registration()?;
        Some(Recogniser { registration, seals: self.keyring().seals(), issuer: self.url().as_str(), now })
    }
}

/// Below the issuer, as all endpoints are.
pub(super) fn endpoint(issuer: &IssuerUrl) -> String {
    format!("{issuer}/oauth2/register")
}
