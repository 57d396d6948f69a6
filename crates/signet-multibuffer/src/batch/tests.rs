//! Whole batches, in the model and on the processor: signatures by a big-integer oracle, injected
//! faults, and the life of the blinding.

use std::sync::atomic::{AtomicU64, Ordering};

use num_bigint::BigUint;

use super::*;
use crate::key::{Components, Unusual};
use crate::portable::Portable;

/// Where a fault is injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// After the multiplication of this window.
    Power(u32),
    Recombination,
}

/// Bits that flip in one limb of one lane.
#[derive(Clone, Copy, Debug)]
pub struct Injected {
    pub stage: Stage,
    pub lane: usize,
    pub limb: usize,
    pub flipped: u64,
}

impl<V: Arithmetic> Workspace<V> {
    pub fn disturb(&mut self, proof: V::Proof, stage: Stage, number: &mut Number<V>) {
        if let Some(fault) = self.fault.filter(|fault| fault.stage == stage) {
            let mut lanes = number[fault.limb].to_lanes();
            lanes[fault.lane] ^= fault.flipped;
            number[fault.limb] = V::from_lanes(proof, lanes);
        }
    }
}

/// A key of two fixed primes, as OpenSSL made them for these tests; nobody uses it.
struct Fixed {
    parts: [Vec<u8>; 7],
}

impl Fixed {
    fn new(exchanged: bool) -> Self {
        let mut primes = [P, Q].map(|hex| BigUint::parse_bytes(hex.as_bytes(), 16).expect("a number"));
        if exchanged {
            primes.reverse();
        }
        let [p, q] = primes;
        let (e, one) = (BigUint::from(65_537_u32), BigUint::from(1_u8));
        let phi = (&p - &one) * (&q - &one);
        let d = e.modinv(&phi).expect("e is prime to it");
        let (dp, dq) = (&d % (&p - &one), &d % (&q - &one));
        let q_inverse = q.modinv(&p).expect("p is prime");
        Self { parts: [&p * &q, e, p, q, dp, dq, q_inverse].map(|part| part.to_bytes_be()) }
    }

    fn components(&self) -> Components<'_> {
        let [n, e, p, q, dp, dq, q_inverse] = &self.parts;
        Components { n, e, p, q, dp, dq, q_inverse }
    }

    /// Whether it is the signature: only one number below n gives the message.
    fn verifies(&self, message: &EncodedMessage, outcome: &Outcome) -> bool {
        let n = BigUint::from_bytes_be(&self.parts[0]);
        outcome.is_ok_and(|signature| {
            let signature = BigUint::from_bytes_be(&signature);
            signature < n
                && signature.modpow(&65_537_u32.into(), &n) == BigUint::from_bytes_be(message.as_bytes())
        })
    }
}

const P: &str = include_str!("p.hex");
const Q: &str = include_str!("q.hex");

/// As random as a test has to be, and different with each call.
#[expect(clippy::unnecessary_wraps, reason = "the type of a source of random numbers")]
fn random(bytes: &mut [u8]) -> Result<(), RandomError> {
    static CALLS: AtomicU64 = AtomicU64::new(1);
    let mut state = CALLS.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *byte = (state >> 56) as u8;
    }
    Ok(())
}

fn messages<const COUNT: usize>(seed: u8) -> [EncodedMessage; COUNT] {
    std::array::from_fn(|lane| EncodedMessage::pkcs1_sha256(&[seed.wrapping_add(lane as u8); 32]))
}

/// Values at the edges of what may be signed: they pass through every step as they are.
fn edges() -> Vec<EncodedMessage> {
    let mut low = [0; MODULUS_BYTES];
    let mut high = [0xff; MODULUS_BYTES];
    high[0] = 0x7f;
    let mut all = vec![low, high];
    low[MODULUS_BYTES - 1] = 1;
    all.push(low);
    low[0] = 0x40;
    all.push(low);
    all.into_iter().filter_map(EncodedMessage::from_bytes).collect()
}

fn signs<V: Arithmetic>(proof: V::Proof) {
    for fixed in [Fixed::new(false), Fixed::new(true)] {
        let key = Key::<V>::new(proof, &fixed.components()).expect("a usual key");
        let mut workspace = Workspace::new(&key);
        for batch in
            [&edges()[..], &messages::<1>(1), &messages::<2>(2), &messages::<3>(3), &messages::<4>(4)]
        {
            let outcomes = workspace.sign(&key, batch, random).expect("random numbers");
            for (message, outcome) in batch.iter().zip(outcomes) {
                assert!(fixed.verifies(message, &outcome));
            }
        }
    }
}

fn withholds<V: Arithmetic>(proof: V::Proof) {
    let fixed = Fixed::new(false);
    let key = Key::<V>::new(proof, &fixed.components()).expect("a usual key");
    let batch = messages::<4>(9);
    let mut workspace = Workspace::new(&key);
    let right = workspace.sign(&key, &batch, random).expect("random numbers");
    assert!(batch.iter().zip(&right).all(|(message, outcome)| fixed.verifies(message, outcome)));
    let stages =
        [(Stage::Power(254), 8), (Stage::Power(100), 8), (Stage::Power(0), 8), (Stage::Recombination, 4)];
    for (stage, lanes) in stages {
        for lane in 0..lanes {
            workspace.batches_left = 0;
            // Make the blinding without the fault: it passes through the same stages.
            workspace.fault = None;
            workspace.renew_blinding(&key, random).expect("random numbers");
            workspace.fault = Some(Injected { stage, lane, limb: lane, flipped: 1 << (6 * lane) });
            let outcomes = workspace.sign(&key, &batch, random).expect("random numbers");
            for (message, outcome) in outcomes.iter().enumerate() {
                let expected = if message == lane % 4 { Err(Fault) } else { right[message] };
                assert_eq!(*outcome, expected, "{stage:?}, lane {lane}, message {message}");
            }
            assert_eq!(workspace.batches_left, 0, "the blinding is made anew");
        }
    }
    workspace.fault = None;
    assert_eq!(workspace.sign(&key, &batch, random).expect("random numbers"), right);
}

/// A stored part that changes after the key was loaded: the check does not depend on it.
fn withholds_all_of_a_damaged_key<V: Arithmetic>(proof: V::Proof) {
    let fixed = Fixed::new(false);
    let batch = messages::<4>(5);
    let damages: [fn(&mut Key<V>) -> &mut V; 6] = [
        |key| &mut key.primes.modulus.number[0],
        |key| &mut key.primes.modulus.scaled[19],
        |key| &mut key.primes.modulus.factor,
        |key| &mut key.private[7],
        |key| &mut key.q_inverse[3],
        |key| &mut key.q[11],
    ];
    for damage in damages {
        let mut key = Key::<V>::new(proof, &fixed.components()).expect("a usual key");
        let mut workspace = Workspace::new(&key);
        workspace.renew_blinding(&key, random).expect("random numbers");
        let part = damage(&mut key);
        *part = V::from_lanes(proof, part.to_lanes().map(|lane| lane ^ 0x10));
        let outcomes = workspace.sign(&key, &batch, random).expect("random numbers");
        assert_eq!(outcomes, [Err(Fault); 4]);
    }
}

fn blinds<V: Arithmetic>(proof: V::Proof) {
    let fixed = Fixed::new(false);
    let key = Key::<V>::new(proof, &fixed.components()).expect("a usual key");
    let mut workspace = Workspace::new(&key);
    let batch = messages::<4>(7);
    let seen =
        |workspace: &Workspace<V>| numbers(&workspace.blinding).map(|number| canonical(&number, &key.n));
    let all_sign = |workspace: &mut Workspace<V>, random: Random| {
        workspace.sign(&key, &batch, random).is_ok_and(|outcomes| outcomes.iter().all(Result::is_ok))
    };
    assert!(all_sign(&mut workspace, random));
    let first = seen(&workspace);
    assert!((1..4).all(|lane| first[lane] != first[0]), "each lane has its own");
    assert!(all_sign(&mut workspace, random));
    assert!((0..4).all(|lane| seen(&workspace)[lane] != first[lane]), "and changes it with each batch");

    workspace.batches_left = 0;
    assert_eq!(workspace.sign(&key, &batch, |_| Err(RandomError)), Err(RandomError));
    assert!(all_sign(&mut workspace, random));
    assert!((0..4).all(|lane| seen(&workspace)[lane] != first[lane]), "made anew");
    // While there is blinding, no random numbers are asked for.
    assert!(all_sign(&mut workspace, |_| Err(RandomError)));
    assert_eq!(workspace.batches_left, BATCHES_PER_BLINDING - 2);
}

fn wipes<V: Arithmetic>(proof: V::Proof) {
    let mut vectors = [V::from_lanes(proof, [u64::MAX; LANES]); 3];
    V::wipe(&mut vectors[..2]);
    assert_eq!(vectors.map(V::to_lanes), [[0; LANES], [0; LANES], [u64::MAX; LANES]]);
}

crate::testing::in_lanes! {
    every_lane_signs_as_the_oracle_does: signs;
    a_fault_withholds_its_own_message_and_no_other: withholds;
    a_stored_part_that_changes_withholds_everything: withholds_all_of_a_damaged_key;
    blinding_differs_by_lane_and_batch_and_needs_random_numbers: blinds;
    what_is_wiped_is_zero: wipes;
}

#[test]
fn keys_of_unusual_shape_are_refused() {
    let fixed = Fixed::new(false);
    let refused = |change: fn(&mut [Vec<u8>; 7])| {
        let mut parts = fixed.parts.clone();
        change(&mut parts);
        let [n, e, p, q, dp, dq, q_inverse] = &parts;
        Key::<Portable>::new((), &Components { n, e, p, q, dp, dq, q_inverse }).err()
    };
    assert_eq!(refused(|_| {}), None);
    assert_eq!(refused(|parts| parts.iter_mut().for_each(|part| part.insert(0, 0))), None);
    assert_eq!(refused(|parts| parts[0][0] &= 0x7f), Some(Unusual::ModulusSize));
    assert_eq!(refused(|parts| parts[0].insert(0, 1)), Some(Unusual::ModulusSize));
    assert_eq!(refused(|parts| parts[0].truncate(255)), Some(Unusual::ModulusSize));
    assert_eq!(refused(|parts| parts[0].clear()), Some(Unusual::ModulusSize));
    assert_eq!(refused(|parts| parts[1] = vec![3]), Some(Unusual::PublicExponent));
    assert_eq!(refused(|parts| parts[1] = vec![1, 0, 0, 0, 1]), Some(Unusual::PublicExponent));
    assert_eq!(refused(|parts| parts[1] = vec![1, 1, 0, 1]), Some(Unusual::PublicExponent));
    assert_eq!(refused(|parts| parts[2].insert(0, 1)), Some(Unusual::Primes));
    assert_eq!(refused(|parts| parts[3][0] &= 0x7f), Some(Unusual::Primes));
    assert_eq!(refused(|parts| parts[3][127] ^= 1), Some(Unusual::Primes));
    assert_eq!(refused(|parts| parts[3][127] ^= 2), Some(Unusual::Parts));
    assert_eq!(refused(|parts| parts[2] = parts[3].clone()), Some(Unusual::Parts));
    assert_eq!(refused(|parts| parts[4] = vec![0xff; 128]), Some(Unusual::Parts));
    assert_eq!(refused(|parts| parts[5].insert(0, 1)), Some(Unusual::Parts));
    assert_eq!(refused(|parts| parts[6] = parts[2].clone()), Some(Unusual::Parts));
}
