//! What callers hold: a key that signs any number of encoded messages from any number of threads.

use std::sync::Mutex;

use crate::batch::{BATCH, Fault, Random, RandomError, Workspace};
use crate::encoded::EncodedMessage;
use crate::key::{Components, Key, MODULUS_BYTES, Unusual};
use crate::{Lanes, detect};

/// A signature, as long as the modulus.
pub type Signature = [u8; MODULUS_BYTES];

/// An RSA-2048 key in the lanes of the processor.
pub struct Signer {
    key: Box<Key<Lanes>>,
    /// One for each thread that has signed at the same time as another.
    idle: Mutex<Vec<Box<Workspace<Lanes>>>>,
    random: Random,
}

impl Signer {
    /// Whether the processor can sign here.
    pub fn is_supported() -> bool {
        detect().is_some()
    }

    /// A key, after a self-test. `random` blinds; it is called seldom.
    ///
    /// # Errors
    /// The processor or the shape of the key: another library has to sign.
    pub fn new(components: &Components<'_>, random: Random) -> Result<Self, Unusual> {
        let detected = detect().ok_or(Unusual::Processor)?;
        let signer = Self { key: Key::new(detected, components)?, idle: Mutex::default(), random };
        signer.self_test().then_some(signer).ok_or(Unusual::SelfTest)
    }

    /// Signs the messages, four at a time; the outcomes are in their order. A message is signed in
    /// about the time of the whole batch that it is in: with one or two other ways may be faster.
    ///
    /// # Errors
    /// There are no random numbers; nothing is signed. A single message that is withheld is an
    /// outcome, not this error.
    pub fn sign(&self, messages: &[EncodedMessage]) -> Result<Vec<Result<Signature, Fault>>, RandomError> {
        let mut workspace = self.workspace();
        let mut outcomes = Vec::with_capacity(messages.len());
        for batch in messages.chunks(BATCH) {
            let signed = workspace.sign(&self.key, batch, self.random)?;
            outcomes.extend(signed.into_iter().take(batch.len()));
        }
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(workspace);
        }
        Ok(outcomes)
    }

    fn workspace(&self) -> Box<Workspace<Lanes>> {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        idle.unwrap_or_else(|| Workspace::new(&self.key))
    }

    /// Every lane signs something of its own, and every signature verifies.
    fn self_test(&self) -> bool {
        let messages: [_; BATCH] =
            std::array::from_fn(|lane| EncodedMessage::pkcs1_sha256(&[lane as u8; 32]));
        self.sign(&messages).is_ok_and(|outcomes| outcomes.iter().all(Result::is_ok))
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(RSA-2048)")
    }
}
