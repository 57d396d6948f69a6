//! RS256 four at a time, where the processor has AVX-512 IFMA (`crates/signet-multibuffer`): two to
//! four waiting inputs make a batch. A lone input, a key of unusual shape, a signature that the
//! batch withholds and everything on another processor go to aws-lc-rs.
//!
//! Every signature of a batch is verified modulo n before it is released; see that crate. This file
//! knows neither lanes nor limbs.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use rustls_pki_types::PrivateKeyDer;
use signet_multibuffer::{BATCH, Components, EncodedMessage, Fault, RandomError, Signature, Signer};

use super::{Backend, KeyRejected, SigningError, SigningKey, aws_lc_rsa, der, rsa, sign_each};
use crate::jose::{Algorithm, Jwk};

/// As the setting spells it.
pub const NAME: &str = "multi-buffer";
/// The choice between this and aws-lc-rs, as the setting spells it.
pub const AUTO: &str = "auto";

pub struct MultiBufferRsa {
    name: &'static str,
    /// Only if a batch of two is faster than two signatures.
    if_it_pays: bool,
}

pub static RS256: MultiBufferRsa = MultiBufferRsa { name: NAME, if_it_pays: false };
pub static RS256_IF_IT_PAYS: MultiBufferRsa = MultiBufferRsa { name: AUTO, if_it_pays: true };

/// Signatures that did not verify and were made again by aws-lc-rs, since the process started. More
/// than none is a fault of the processor or of memory.
pub fn withheld_signatures() -> u64 {
    WITHHELD.load(Ordering::Relaxed)
}

static WITHHELD: AtomicU64 = AtomicU64::new(0);

impl Backend for MultiBufferRsa {
    fn name(&self) -> &'static str {
        self.name
    }

    fn algorithm(&self) -> Algorithm {
        Algorithm::Rs256
    }

    fn load(&self, private: &PrivateKeyDer<'_>) -> Result<Box<dyn SigningKey>, KeyRejected> {
        let single = aws_lc_rsa::RS256.load(private)?;
        let Some(components) = der::rsa_private_key_components(rsa::private_key(private)?) else {
            return Ok(single);
        };
        let [n, e, _, p, q, dp, dq, q_inverse] = components;
        let Ok(signer) = Signer::new(&Components { n, e, p, q, dp, dq, q_inverse }, random) else {
            return Ok(single);
        };
        let key = MultiBufferRsaKey { lanes: Box::new(signer), single };
        if self.if_it_pays && !pays(&key) { Ok(key.single) } else { Ok(Box::new(key)) }
    }
}

/// What signs a batch: the processor, or a fake.
trait Lanes: Send + Sync {
    fn sign(&self, messages: &[EncodedMessage]) -> Result<Vec<Result<Signature, Fault>>, RandomError>;
}

impl Lanes for Signer {
    fn sign(&self, messages: &[EncodedMessage]) -> Result<Vec<Result<Signature, Fault>>, RandomError> {
        Signer::sign(self, messages)
    }
}

struct MultiBufferRsaKey {
    lanes: Box<dyn Lanes>,
    single: Box<dyn SigningKey>,
}

impl MultiBufferRsaKey {
    /// One batch. What it withholds is made by the other library.
    fn sign_batch(&self, inputs: &[&[u8]], signatures: &mut [u8]) -> Result<(), SigningError> {
        let length = self.signature_bytes().max(1);
        let messages: Option<Vec<_>> = inputs.iter().map(|input| encode(input)).collect();
        let outcomes = self.lanes.sign(&messages.ok_or(SigningError)?).map_err(|_| SigningError)?;
        if outcomes.len() != inputs.len() {
            return Err(SigningError);
        }
        for ((input, outcome), signature) in
            inputs.iter().zip(outcomes).zip(signatures.chunks_exact_mut(length))
        {
            match outcome {
                Ok(made) if made.len() == signature.len() => signature.copy_from_slice(&made),
                Ok(_) => return Err(SigningError),
                Err(Fault) => {
                    WITHHELD.fetch_add(1, Ordering::Relaxed);
                    self.single.sign(&[input], signature)?;
                }
            }
        }
        Ok(())
    }
}

impl SigningKey for MultiBufferRsaKey {
    fn public_jwk(&self) -> &Jwk {
        self.single.public_jwk()
    }

    fn signature_bytes(&self) -> usize {
        self.single.signature_bytes()
    }

    fn backend(&self) -> &'static str {
        NAME
    }

    fn lanes(&self) -> usize {
        BATCH
    }

    fn sign(&self, inputs: &[&[u8]], signatures: &mut [u8]) -> Result<(), SigningError> {
        let length = self.signature_bytes();
        if Some(signatures.len()) != inputs.len().checked_mul(length) {
            return Err(SigningError);
        }
        let parts = signatures.chunks_mut(length.saturating_mul(BATCH).max(1));
        let outcome = inputs.chunks(BATCH).zip(parts).try_for_each(|(inputs, part)| match inputs {
            [_] => self.single.sign(inputs, part),
            _ => self.sign_batch(inputs, part),
        });
        if outcome.is_err() {
            signatures.fill(0);
        }
        outcome
    }
}

fn encode(input: &[u8]) -> Option<EncodedMessage> {
    let digest = digest(&SHA256, input);
    Some(EncodedMessage::pkcs1_sha256(digest.as_ref().try_into().ok()?))
}

fn random(bytes: &mut [u8]) -> Result<(), RandomError> {
    SystemRandom::new().fill(bytes).map_err(|_| RandomError)
}

/// Whether two waiting inputs are signed faster together. Measured once for the process, with the
/// first key, in about 5 ms: processors that split the instructions may gain nothing.
fn pays(key: &MultiBufferRsaKey) -> bool {
    /// The least of a few: what disturbs a measurement only adds to it.
    const ROUNDS: usize = 5;
    const INPUTS: [&[u8]; 2] = [b"signet measures", b"two at a time"];
    static PAYS: OnceLock<bool> = OnceLock::new();
    *PAYS.get_or_init(|| {
        let mut signatures = vec![0; key.signature_bytes().saturating_mul(INPUTS.len())];
        let length = key.signature_bytes();
        let (mut together, mut apart) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            let start = Instant::now();
            if key.sign(&INPUTS, &mut signatures).is_err() {
                return false;
            }
            together = together.min(start.elapsed());
            let start = Instant::now();
            let one = |input: &[u8], signature: &mut [u8]| key.single.sign(&[input], signature);
            if sign_each(&INPUTS, length, &mut signatures, one).is_err() {
                return false;
            }
            apart = apart.min(start.elapsed());
        }
        together < apart
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::generate;

    /// Withholds the lanes that it is told to, and writes over the others.
    struct Fake {
        withheld: &'static [usize],
    }

    impl Lanes for Fake {
        fn sign(&self, messages: &[EncodedMessage]) -> Result<Vec<Result<Signature, Fault>>, RandomError> {
            let lane = |lane| if self.withheld.contains(&lane) { Err(Fault) } else { Ok([0x5a; 256]) };
            Ok((0..messages.len()).map(lane).collect())
        }
    }

    struct WithoutRandom;

    impl Lanes for WithoutRandom {
        fn sign(&self, _: &[EncodedMessage]) -> Result<Vec<Result<Signature, Fault>>, RandomError> {
            Err(RandomError)
        }
    }

    fn key(lanes: impl Lanes + 'static) -> MultiBufferRsaKey {
        let (private, _) = generate::private_key(Algorithm::Rs256, generate::BITS).expect("a key");
        let single = aws_lc_rsa::RS256.load(&private.der()).expect("loaded");
        MultiBufferRsaKey { lanes: Box::new(lanes), single }
    }

    #[test]
    fn a_withheld_signature_is_counted_and_made_by_the_other_library() {
        let key = key(Fake { withheld: &[1, 3] });
        let inputs: [&[u8]; 4] = [b"a", b"b", b"c", b"d"];
        let before = withheld_signatures();
        let mut signatures = [0; 4 * 256];
        key.sign(&inputs, &mut signatures).expect("signed");
        assert_eq!(withheld_signatures() - before, 2);
        for (number, made) in signatures.chunks(256).enumerate() {
            let mut single = [0; 256];
            key.single.sign(&inputs[number..=number], &mut single).expect("signed");
            assert_eq!(made == single.as_slice(), number % 2 == 1);
            assert_eq!(made == [0x5a; 256].as_slice(), number % 2 == 0);
        }
    }

    #[test]
    fn a_lone_input_is_signed_by_the_other_library_also_behind_a_batch() {
        let key = key(Fake { withheld: &[] });
        for count in [1, 5] {
            let inputs = vec![b"input".as_slice(); count];
            let mut signatures = vec![0; count * 256];
            key.sign(&inputs, &mut signatures).expect("signed");
            let batched = signatures.chunks(256).filter(|made| *made == [0x5a; 256].as_slice()).count();
            assert_eq!(batched, count - 1);
        }
    }

    #[test]
    fn without_random_numbers_nothing_is_released() {
        let key = key(WithoutRandom);
        let mut signatures = [1; 5 * 256];
        assert_eq!(key.sign(&[b"input".as_slice(); 5], &mut signatures), Err(SigningError));
        assert_eq!(signatures, [0; 5 * 256]);
    }
}
