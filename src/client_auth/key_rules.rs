//! Which public keys of a client are accepted, wherever they come from: the list, a file, the
//! client's own address. One judgement for all of them.

use std::sync::Arc;

use crate::jose::key_set::{self, VerificationKey};
use crate::keys::{KeyRejected, check_public_key, public_key_from_pem};

/// An assertion without `kid` is tried with each of them.
pub(super) const KEYS_MAX: usize = 8;
/// Eight keys of 4096 bits stay below 16 KiB.
pub const KEYS_BYTES_MAX: usize = 64 * 1024;

/// The keys that may be used, and what is wrong with the others or with the whole.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub keys: Vec<VerificationKey>,
    pub problems: Vec<Problem>,
}

/// In words that name no key material.
#[derive(Debug)]
pub(super) enum Problem {
    Malformed(String),
    TooMany,
    Weak(String),
}

/// A JWK Set (RFC 7517 §5), or one JWK.
pub(super) fn of_json(text: &[u8]) -> Judged {
    let set = match key_set::parse(text) {
        Ok(set) => set,
        Err(error) => return malformed(format!("the key set of the client cannot be read: {error}")),
    };
    let unusable =
        |reason: &String| Problem::Malformed(format!("a key of the client cannot be used: {reason}"));
    let mut judged = Judged { keys: Vec::new(), problems: set.ignored.iter().map(unusable).collect() };
    if set.keys.is_empty() && judged.problems.is_empty() {
        judged.problems.push(Problem::Malformed("the key set of the client holds no key".to_owned()));
    }
    if set.keys.len() > KEYS_MAX {
        judged.problems.push(Problem::TooMany);
    }
    for (key, number) in set.keys.into_iter().zip(1_usize..) {
        judged.admit(key, number);
    }
    judged
}

/// One public key (RFC 7468 §13). Its algorithm is the default of its type: PEM has no word for it.
pub(super) fn of_pem(text: &[u8]) -> Judged {
    let mut judged = Judged::default();
    match public_key_from_pem(text).map(VerificationKey::of_default_algorithm) {
        Ok(Some(key)) => judged.admit(key, 1),
        Ok(None) => return malformed("the key of the client is of no type that can be used".to_owned()),
        Err(reason) => return malformed(format!("the key of the client cannot be used: the file {reason}")),
    }
    judged
}

impl Judged {
    fn admit(&mut self, key: VerificationKey, number: usize) {
        // A key has exactly one algorithm (RFC 8725 §3.1).
        let differs =
            |own: &&VerificationKey| own.public_key == key.public_key && own.algorithm != key.algorithm;
        if let Some(first) = self.keys.iter().find(differs) {
            let message = format!(
                "key {number} of the client stands there for {} already; one key cannot have two algorithms",
                first.algorithm
            );
            return self.problems.push(Problem::Malformed(message));
        }
        match check_public_key(&key.public_key) {
            Ok(()) => self.keys.push(key),
            Err(reason) => {
                let message = format!("key {number} of the client is not accepted: it {}", weakness(&reason));
                self.problems.push(Problem::Weak(message));
            }
        }
    }
}

/// A key set from the address of a client. Unlike in a file, a key that cannot be used does not make
/// the rest useless (RFC 7517 §5): nobody reviews what stands there, and the others still prove.
pub struct Fetched {
    pub keys: Arc<[VerificationKey]>,
    /// Why the other keys of the set are not used.
    pub ignored: Vec<String>,
}

/// # Errors
/// Why the set cannot be used at all.
pub fn fetched(text: &[u8]) -> Result<Fetched, String> {
    let Judged { keys, problems } = of_json(text);
    let mut ignored = Vec::new();
    for problem in problems {
        match problem {
            Problem::TooMany => {
                return Err(format!("the key set of the client holds more than {KEYS_MAX} keys"));
            }
            Problem::Malformed(message) | Problem::Weak(message) => ignored.push(message),
        }
    }
    match (keys.is_empty(), ignored.first()) {
        (false, _) => Ok(Fetched { keys: keys.into(), ignored }),
        (true, first) => Err(first.cloned().unwrap_or_default()),
    }
}

/// A key set that stands in a registration. All of its keys must be usable: nobody comes back to
/// look which one is not.
///
/// # Errors
/// What is wrong with it.
pub fn of_registration(text: &[u8]) -> Result<Vec<VerificationKey>, String> {
    let Judged { keys, problems } = of_json(text);
    match problems.into_iter().next() {
        None => Ok(keys),
        Some(Problem::TooMany) => Err(format!("more than {KEYS_MAX} keys")),
        Some(Problem::Malformed(message) | Problem::Weak(message)) => {
            Err(message.split_once(": ").map_or(message.clone(), |(_, reason)| reason.to_owned()))
        }
    }
}

fn malformed(message: String) -> Judged {
    Judged { keys: Vec::new(), problems: vec![Problem::Malformed(message)] }
}

fn weakness(reason: &KeyRejected) -> String {
    match reason {
        KeyRejected::TooSmall { bits } => format!("has {bits} bits, fewer than 2048"),
        KeyRejected::TooLarge { bits } => format!("has {bits} bits, more than 4096"),
        KeyRejected::SmallExponent => "has a public exponent below 65537".to_owned(),
        KeyRejected::Factorable => "can be factored: it is of a broken generator (CVE-2017-15361)".to_owned(),
        KeyRejected::WrongType(_) | KeyRejected::Malformed => {
            "is no point of its curve, or no RSA key".to_owned()
        }
    }
}
