//! What was decided about one request: the answer, and the record for audit and metrics. The
//! record has no field that could hold a secret, a key, an assertion or a token.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::registration::RegistrationDecision;
use crate::client_auth::{SlowCheck, ThrottleName, Use};
use crate::oauth::{ClientId, Reason, Refusal};
use crate::token::{SignedToken, UnsignedToken};

/// A request that is decided but for the signature.
pub struct Prepared {
    /// What is left to sign, or why nothing is.
    pub token: Result<Ready, Refusal>,
    /// A proof for one use, noted at this replica: whoever shares a store notes it there too
    /// before the answer, whatever that is.
    pub used: Option<Use>,
    pub record: Record,
    /// See [`Decision::challenge`].
    pub challenge: bool,
}

/// A token that is granted.
pub enum Ready {
    Unsigned(UnsignedToken),
    /// Made for an earlier request, given out again.
    Kept(SignedToken),
}

/// How far a request came without waiting.
pub enum Step {
    Prepared(Prepared),
    /// Ask again with the outcomes of this check ([`super::Issuer::settle`]).
    Slow {
        check: Box<SlowCheck>,
        record: Record,
        challenge: bool,
    },
}

/// The answer of the token endpoint.
pub struct Decision {
    pub outcome: Outcome,
    pub record: Record,
    /// Was an `Authorization` header used? Then a refusal of the client carries
    /// `WWW-Authenticate` (RFC 6749 §5.2).
    pub challenge: bool,
}

pub enum Outcome {
    Issued(SignedToken),
    Refused(Refusal),
}

/// What is known about a request, as far as the pipeline came.
#[derive(Clone, Debug)]
pub struct Record {
    /// The grant, when it is one of `GRANTS`.
    pub grant: Option<&'static str>,
    pub method: Option<&'static str>,
    pub client_id: Option<ClientId>,
    /// Who registered the client, when it is a registered one.
    pub registrar: Option<ClientId>,
    /// Index (from 0) of the credential that fitted.
    pub credential: Option<usize>,
    /// Tolerances that the request needed: `basic_raw`.
    pub relaxations: Vec<&'static str>,
    /// Where failures of the claimed client are counted.
    pub throttle_name: ThrottleName,
    /// Why authentication failed, when the answer says only that it failed too often.
    pub throttled: Option<&'static Reason>,
    /// Audiences of the token, space-separated.
    pub audience: String,
    pub revision: Arc<str>,
}

impl Record {
    pub(super) fn of_revision(revision: &Arc<str>) -> Self {
        Self {
            grant: None,
            method: None,
            client_id: None,
            registrar: None,
            credential: None,
            relaxations: Vec::new(),
            throttle_name: ThrottleName::default(),
            throttled: None,
            audience: String::new(),
            revision: Arc::clone(revision),
        }
    }
}

/// What the transport adds to a record.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub request_id: String,
    pub peer: Option<IpAddr>,
    /// From the complete request head to the decision.
    pub duration: Duration,
}

/// Told of every decision after the answer is ready; must not block.
pub trait Observer: Send + Sync {
    fn decided(&self, decision: &Decision, delivery: &Delivery);

    /// Told of every token request that was refused unread, because there was too much to do.
    fn shed(&self, refusal: &Refusal);

    /// The same of a registration.
    fn registered(&self, decision: &RegistrationDecision, delivery: &Delivery);
}
