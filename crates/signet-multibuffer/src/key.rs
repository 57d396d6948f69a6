//! A private key, checked for its shape and laid out in lanes: p in lanes 0 to 3, q in lanes 4 to 7,
//! n in pairs. Wiped when dropped.

use std::fmt;

use zeroize::Zeroizing;

use crate::arithmetic::Arithmetic;
use crate::kernels::{Exponent, LIMBS, Modulus, Number};
use crate::limbs::{self, Limbs};
use crate::vector::LANES;

/// Bits of a modulus that is served.
pub const MODULUS_BITS: usize = 2048;
/// Bytes of a signature.
pub const MODULUS_BYTES: usize = MODULUS_BITS / 8;
const PRIME_BITS: usize = 1024;
const PRIME_BYTES: usize = PRIME_BITS / 8;
/// The public exponent that is served (F4), which is that of nearly every key.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// The integers of an RSAPrivateKey (RFC 8017 A.1.2), big-endian. Zeros in front do not matter.
#[derive(Clone, Copy)]
pub struct Components<'k> {
    pub n: &'k [u8],
    pub e: &'k [u8],
    pub p: &'k [u8],
    pub q: &'k [u8],
    pub dp: &'k [u8],
    pub dq: &'k [u8],
    pub q_inverse: &'k [u8],
}

/// Why a key is not served here. Another library may well sign with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusual {
    /// The processor lacks AVX-512 IFMA.
    Processor,
    /// n has not exactly 2,048 bits.
    ModulusSize,
    /// e is not 65537.
    PublicExponent,
    /// p or q has not exactly 1,024 bits or is even.
    Primes,
    /// The parts do not belong together: p·q is not n, or a part is larger than it can be.
    Parts,
    /// What the key signs does not verify, or the source of random numbers fails.
    SelfTest,
}

impl fmt::Display for Unusual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Processor => "the processor has no AVX-512 IFMA",
            Self::ModulusSize => "the modulus has not 2048 bits",
            Self::PublicExponent => "the public exponent is not 65537",
            Self::Primes => "the primes have not 1024 bits each",
            Self::Parts => "the parts do not belong together",
            Self::SelfTest => "the self-test failed",
        })
    }
}

impl std::error::Error for Unusual {}

/// A modulus with what brings numbers into Montgomery form.
#[derive(Clone, Copy)]
pub struct Montgomery<V> {
    pub modulus: Modulus<V>,
    /// R² mod m
    pub r2: Number<V>,
}

pub struct Key<V: Arithmetic> {
    /// n, in pairs.
    pub public: Montgomery<V>,
    /// p and q.
    pub primes: Montgomery<V>,
    /// R³ modulo p and q: brings the high half of a number of 2,048 bits into Montgomery form.
    pub r3: Number<V>,
    /// R modulo p and q: one in Montgomery form.
    pub one: Number<V>,
    /// 1, which takes a number out of Montgomery form.
    pub plain_one: Number<V>,
    /// d modulo p - 1 and q - 1.
    pub private: Exponent<V>,
    /// p - 2 and q - 2: the power that inverts.
    pub inverting: Exponent<V>,
    /// 1/q mod p in Montgomery form; q in all lanes.
    pub q_inverse: Number<V>,
    pub q: Number<V>,
    /// n
    pub n: Limbs<40>,
    proof: V::Proof,
}

impl<V: Arithmetic> Key<V> {
    /// # Errors
    /// A key of a shape that is not served.
    pub fn new(proof: V::Proof, components: &Components<'_>) -> Result<Box<Self>, Unusual> {
        let significant = |bytes: &'_ [u8]| bytes.iter().skip_while(|byte| **byte == 0).count();
        let n = sized::<40>(components.n, MODULUS_BYTES).ok_or(Unusual::ModulusSize)?;
        if significant(components.e) != EXPONENT.len() || !components.e.ends_with(&EXPONENT) {
            return Err(Unusual::PublicExponent);
        }
        let prime = |bytes| sized::<LIMBS>(bytes, PRIME_BYTES).ok_or(Unusual::Primes);
        let (p, q) = (prime(components.p)?, prime(components.q)?);
        if !limbs::equal(&limbs::product(&p, &q), &n) {
            return Err(Unusual::Parts);
        }
        let part = |bytes, limit: &Limbs<LIMBS>| below(bytes, limit).ok_or(Unusual::Parts);
        let (dp, dq) = (part(components.dp, &p)?, part(components.dq, &q)?);
        let q_inverse = part(components.q_inverse, &p)?;

        let zero = V::from_lanes(proof, [0; LANES]);
        let empty = Montgomery {
            modulus: Modulus { number: [zero; LIMBS], scaled: [zero; LIMBS], factor: zero },
            r2: [zero; LIMBS],
        };
        // Filled in its place, so that no copy stays behind elsewhere.
        let mut key = Box::new(Self {
            public: empty,
            primes: empty,
            r3: [zero; LIMBS],
            one: [zero; LIMBS],
            plain_one: [zero; LIMBS],
            private: [zero; 16],
            inverting: [zero; 16],
            q_inverse: [zero; LIMBS],
            q: [zero; LIMBS],
            n: *n,
            proof,
        });
        let numbers = |p: &Limbs<LIMBS>, q: &Limbs<LIMBS>, into: &mut Number<V>| {
            for (limb, (p, q)) in into.iter_mut().zip(p.iter().zip(q)) {
                *limb = V::from_lanes(proof, [*p, *p, *p, *p, *q, *q, *q, *q]);
            }
        };
        numbers(&p, &q, &mut key.primes.modulus.number);
        numbers(&q, &q, &mut key.q);
        let (of_p, of_q) = (limbs::negative_inverse(&p), limbs::negative_inverse(&q));
        key.primes.modulus.factor = V::from_lanes(proof, [of_p, of_p, of_p, of_p, of_q, of_q, of_q, of_q]);
        let scaled =
            [(&p, of_p), (&q, of_q)].map(|(prime, factor)| Zeroizing::new(limbs::scaled(prime, factor)));
        numbers(&scaled[0], &scaled[1], &mut key.primes.modulus.scaled);
        for (exponent, into) in [(1040, &mut key.one), (2080, &mut key.primes.r2)] {
            let powers =
                [&p, &q].map(|prime| Zeroizing::new(limbs::power_of_two(exponent, prime, PRIME_BITS)));
            numbers(&powers[0], &powers[1], into);
        }
        key.plain_one[0] = zero.constant(1);
        key.r3 = key.primes.r2;
        V::multiply(&mut key.r3, &key.primes.r2, &key.primes.modulus);
        numbers(&q_inverse, &[0; LIMBS], &mut key.q_inverse);
        V::multiply(&mut key.q_inverse, &key.primes.r2, &key.primes.modulus);
        exponents(proof, &dp, &dq, &mut key.private);
        let mut two = [0; LIMBS];
        two[0] = 2;
        let inverting = [&p, &q].map(|prime| Zeroizing::new(limbs::subtract(prime, &two).0));
        exponents(proof, &inverting[0], &inverting[1], &mut key.inverting);

        let factor = limbs::negative_inverse(&n);
        key.public.modulus = Modulus {
            number: pairs(proof, &[*n; 4]),
            scaled: pairs(proof, &[limbs::scaled(&n, factor); 4]),
            factor: zero.constant(factor),
        };
        key.public.r2 = pairs(proof, &[limbs::power_of_two(4160, &n, MODULUS_BITS); 4]);
        Ok(key)
    }

    pub fn proof(&self) -> V::Proof {
        self.proof
    }
}

impl<V: Arithmetic> Drop for Key<V> {
    fn drop(&mut self) {
        let primes = &mut self.primes;
        for secret in [
            &mut primes.modulus.number,
            &mut primes.modulus.scaled,
            &mut primes.r2,
            &mut self.r3,
            &mut self.one,
            &mut self.q_inverse,
            &mut self.q,
        ] {
            V::wipe(secret);
        }
        V::wipe(std::slice::from_mut(&mut primes.modulus.factor));
        V::wipe(&mut self.private);
        V::wipe(&mut self.inverting);
    }
}

/// Four numbers of 40 limbs in pairs.
pub fn pairs<V: Arithmetic>(proof: V::Proof, numbers: &[Limbs<40>; 4]) -> Number<V> {
    std::array::from_fn(|j| {
        let limb = |lane: usize| numbers[lane % 4][j + if lane < 4 { 0 } else { LIMBS }];
        V::from_lanes(proof, std::array::from_fn(limb))
    })
}

/// Their limbs, canonical, of carried ones.
pub fn numbers<V: Arithmetic>(pairs: &Number<V>) -> [Limbs<40>; 4] {
    let mut numbers = [[0; 40]; 4];
    for (j, vector) in pairs.iter().enumerate() {
        let lanes = vector.to_lanes();
        for (lane, number) in numbers.iter_mut().enumerate() {
            number[j] = lanes[lane] & crate::vector::LIMB_MASK;
            number[j + LIMBS] = lanes[lane + 4] & crate::vector::LIMB_MASK;
        }
    }
    numbers
}

/// An odd number whose highest bit is the first of `bytes`.
fn sized<const L: usize>(integer: &[u8], bytes: usize) -> Option<Zeroizing<Limbs<L>>> {
    let zeros = integer.len().checked_sub(bytes)?;
    let (zeros, number) = integer.split_at(zeros);
    let usual = zeros.iter().all(|zero| *zero == 0) && number.first()? & 0x80 != 0 && number.last()? & 1 == 1;
    usual.then(|| Zeroizing::new(limbs::from_be_bytes(number)))
}

/// A number below `limit`.
fn below(integer: &[u8], limit: &Limbs<LIMBS>) -> Option<Zeroizing<Limbs<LIMBS>>> {
    let (zeros, number) = integer.split_at(integer.len().saturating_sub(PRIME_BYTES));
    let number = Zeroizing::new(limbs::from_be_bytes(number));
    let (_, is_below) = limbs::subtract(&number, limit);
    (zeros.iter().all(|zero| *zero == 0) && is_below != 0).then_some(number)
}

/// Exponents of the lanes of p and of those of q, in words of 64 bits.
fn exponents<V: Arithmetic>(proof: V::Proof, p: &Limbs<LIMBS>, q: &Limbs<LIMBS>, into: &mut Exponent<V>) {
    let bytes = [p, q].map(|exponent| {
        let mut bytes = Zeroizing::new([0; PRIME_BYTES]);
        limbs::to_be_bytes(exponent, &mut *bytes);
        bytes
    });
    let words = bytes[0].as_chunks().0.iter().zip(bytes[1].as_chunks().0);
    for (into, (p, q)) in into.iter_mut().rev().zip(words) {
        let (p, q) = (u64::from_be_bytes(*p), u64::from_be_bytes(*q));
        *into = V::from_lanes(proof, [p, p, p, p, q, q, q, q]);
    }
}
