//! A secret checked away from any request, by the code that answers requests: for whoever wants to
//! know which credential it is before a client sends it. An answer here is no proof.

use super::authenticate::{Attempt, Stop, judge};
use super::registered::Clients;
use super::secret::{ClientSecret, SECRET_WRONG, without_typo};
use super::{CredentialKind as _, Memory, Outcomes, Remembered, SettledBefore, client_secret_basic};
use crate::client::{Client, Context, Misfit, Presented, Proof, Reading, Registry};
use crate::clock::UnixTime;
use crate::diagnostic::{Findings, Section};
use crate::oauth::{Reason, Refusal};

/// Would a request with this secret be taken for one of the client's? The attempt says which
/// credential the secret fits, also when the answer is no. Takes up to a second for each password
/// hash.
///
/// # Errors
/// The refusal that the request would get.
pub fn would_authenticate(
    registry: &Registry,
    client: &Client,
    secret: &str,
    now: UnixTime,
) -> (Attempt, Result<(), Refusal>) {
    let kind = ClientSecret.name();
    let pinned = client.token_endpoint_auth_method;
    let mut methods = ClientSecret.methods().iter().copied();
    let method =
        methods.find(|method| pinned.is_none_or(|only| only == *method)).unwrap_or(client_secret_basic::NAME);
    let presented = || Presented {
        kind,
        method,
        client_id: client.id.to_string(),
        proof: without_typo(Proof::secret(secret.as_bytes().to_vec())),
    };
    let (memory, remembered) = (Memory::new(0, 0), Remembered::default());
    let mut outcomes = Outcomes::default();
    let clients = Clients::listed(registry);
    loop {
        let mut attempt = Attempt::default();
        let settled = SettledBefore { remembered: &remembered, outcomes: &outcomes, now };
        let context = Context { settled: &settled, ..Context::offline(now) };
        match judge(&clients, presented(), &context, &memory, &mut attempt) {
            Ok(_) => return (attempt, Ok(())),
            Err(Stop::Refused(refusal)) => return (attempt, Err(refusal)),
            // One run settles every credential of the client.
            Err(Stop::Slow(check)) if outcomes.is_empty() => outcomes = check.run(registry),
            Err(Stop::Slow(_)) => return (attempt, Err((&SECRET_WRONG).into())),
        }
    }
}

/// Does the secret fit what stands as `client_secret` in a client file? `None` when that is no
/// stored form of a secret; the findings say why.
pub fn stored_secret_fits(
    stored: &Section,
    secret: &str,
    findings: &mut Findings,
) -> Option<Result<(), &'static Reason>> {
    let verifier = ClientSecret.configure(stored, &mut (), findings)?;
    let bytes = secret.as_bytes().to_vec();
    let proof = without_typo(Proof::secret(bytes.clone()));
    if let Proof::Unreadable(reason) = proof {
        return Some(Err(reason));
    }
    // Nothing of a file depends on the time.
    let context = Context::offline(UnixTime::from_seconds(0));
    Some(match verifier.verify(&proof, &context) {
        Ok(_) => Ok(()),
        Err(Misfit::Wrong(reason)) => Err(reason),
        Err(Misfit::Unsettled) if verifier.verify_slowly(&Reading::new(bytes)) => Ok(()),
        Err(Misfit::Unsettled | Misfit::Unavailable) => Err(&SECRET_WRONG),
    })
}
