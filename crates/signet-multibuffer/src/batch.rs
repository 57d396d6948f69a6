//! One batch: blind, raise to the private exponent modulo p and q, recombine, unblind, **check with
//! the public exponent modulo n**, and only then hand out bytes.
//!
//! **Blinding.** The base is multiplied by b^e for a random b that nobody knows, the result by 1/b,
//! each lane with its own: what the private exponents work on has nothing to do with the message.
//! Both factors are squared after each batch and made anew after [`BATCHES_PER_BLINDING`].

use crate::arithmetic::Arithmetic;
use crate::encoded::EncodedMessage;
use crate::kernels::{ENTRIES, Exponent, LIMBS, Number, WINDOW_BITS, WINDOWS};
use crate::key::{Key, MODULUS_BYTES, Montgomery, numbers, pairs};
use crate::limbs::{self, Limbs};
use crate::vector::LANES;

/// Messages of a batch.
pub const BATCH: usize = 4;
/// Making new blinding factors takes about as long as a batch. OpenSSL takes 32 for its signatures;
/// what is added by squaring once more is the same for each.
const BATCHES_PER_BLINDING: u32 = 256;
/// The public exponent is 2^16 + 1.
const SQUARINGS: u32 = 16;

/// Fills the bytes with random ones, or says that it cannot.
pub type Random = fn(&mut [u8]) -> Result<(), RandomError>;

/// There are no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomError;

/// The signature of this lane did not verify and is withheld: a fault of the processor or of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault;

/// An encoded message, and what became of it.
pub type Outcome = Result<[u8; MODULUS_BYTES], Fault>;

/// What one batch works in, for one thread at a time. Wiped when dropped.
pub struct Workspace<V: Arithmetic> {
    table: [Number<V>; ENTRIES],
    columns: [V; 2 * LIMBS],
    /// b^e and 1/b in Montgomery form modulo n, in pairs; b is different in each lane.
    blinding: Number<V>,
    unblinding: Number<V>,
    batches_left: u32,
    #[cfg(test)]
    pub fault: Option<tests::Injected>,
}

impl<V: Arithmetic> Workspace<V> {
    pub fn new(key: &Key<V>) -> Box<Self> {
        let zero = [V::from_lanes(key.proof(), [0; LANES]); LIMBS];
        Box::new(Self {
            table: [zero; ENTRIES],
            columns: [zero[0]; 2 * LIMBS],
            blinding: zero,
            unblinding: zero,
            batches_left: 0,
            #[cfg(test)]
            fault: None,
        })
    }

    /// Signs up to [`BATCH`] encoded messages (RFC 8017 §8), each below n. The outcomes of lanes
    /// beyond the messages mean nothing.
    ///
    /// # Errors
    /// There are no random numbers to blind with.
    pub fn sign(
        &mut self,
        key: &Key<V>,
        messages: &[EncodedMessage],
        random: Random,
    ) -> Result<[Outcome; BATCH], RandomError> {
        if self.batches_left == 0 {
            self.renew_blinding(key, random)?;
        }
        self.batches_left -= 1;
        // Lanes without a message repeat one.
        let encoded: [Limbs<40>; BATCH] = std::array::from_fn(|lane| {
            let message = messages.get(lane).or(messages.first());
            message.map_or([0; 40], |message| limbs::from_be_bytes(message.as_bytes()))
        });

        let modulus = &key.public.modulus;
        let mut base = pairs(key.proof(), &encoded);
        V::multiply_pairs(&mut base, &self.blinding, modulus);
        let mut signed = self.raise(key, base, &key.private);
        V::multiply_pairs(&mut signed, &self.unblinding, modulus);
        for factor in [&mut self.blinding, &mut self.unblinding] {
            let same = *factor;
            V::multiply_pairs(factor, &same, modulus);
        }

        let signatures = numbers(&signed).map(|number| canonical(&number, &key.n));
        let opened = raise_publicly(&key.public, pairs(key.proof(), &signatures));
        let opened = numbers(&opened).map(|number| canonical(&number, &key.n));
        let outcomes: [Outcome; BATCH] = std::array::from_fn(|lane| {
            if !limbs::equal(&opened[lane], &encoded[lane]) {
                return Err(Fault);
            }
            let mut bytes = [0; MODULUS_BYTES];
            limbs::to_be_bytes(&signatures[lane], &mut bytes);
            Ok(bytes)
        });
        if outcomes.iter().any(Result::is_err) {
            // Nothing that stood here is trusted any longer.
            self.batches_left = 0;
        }
        Ok(outcomes)
    }

    /// `base^exponent mod n` by the residues modulo p and q: pairs below 3n to canonical pairs.
    fn raise(&mut self, key: &Key<V>, base: Number<V>, exponent: &Exponent<V>) -> Number<V> {
        let modulus = &key.primes.modulus;
        // base·R = low·R + high·R²: below 5m, which the kernels take as well.
        let [mut low, mut high] = V::halves(&base);
        V::multiply(&mut low, &key.primes.r2, modulus);
        V::multiply(&mut high, &key.r3, modulus);
        V::sum(&mut low, &high);

        self.table[0] = key.one;
        self.table[1] = low;
        for entry in 2..ENTRIES {
            let mut power = self.table[entry - 1];
            V::multiply(&mut power, &low, modulus);
            self.table[entry] = power;
        }
        let mut power = V::select(&self.table, exponent, WINDOWS - 1);
        for window in (0..WINDOWS - 1).rev() {
            V::square(&mut power, &mut self.columns, modulus, WINDOW_BITS);
            let entry = V::select(&self.table, exponent, window);
            V::multiply(&mut power, &entry, modulus);
            #[cfg(test)]
            self.disturb(key.proof(), tests::Stage::Power(window), &mut power);
        }
        V::multiply(&mut power, &key.plain_one, modulus);
        V::canonical(&mut power, modulus);

        let mut h = V::difference(&power, modulus);
        V::multiply(&mut h, &key.q_inverse, modulus);
        V::canonical(&mut h, modulus);
        #[cfg(test)]
        self.disturb(key.proof(), tests::Stage::Recombination, &mut h);
        V::join(&h, &power, &key.q)
    }

    fn renew_blinding(&mut self, key: &Key<V>, random: Random) -> Result<(), RandomError> {
        let mut lanes = [[0; 40]; BATCH];
        for lane in &mut lanes {
            // One byte less than n has, so it is below n, as good as never zero modulo p or q.
            let mut bytes = zeroize::Zeroizing::new([0; MODULUS_BYTES - 1]);
            random(&mut *bytes)?;
            *lane = limbs::from_be_bytes(&*bytes);
        }
        let base = pairs(key.proof(), &lanes);
        zeroize::Zeroize::zeroize(&mut lanes);
        self.unblinding = self.raise(key, base, &key.inverting);
        V::multiply_pairs(&mut self.unblinding, &key.public.r2, &key.public.modulus);
        self.blinding = raise_publicly(&key.public, base);
        V::multiply_pairs(&mut self.blinding, &key.public.r2, &key.public.modulus);
        self.batches_left = BATCHES_PER_BLINDING;
        Ok(())
    }
}

/// `base^65537 mod n`, below 3n.
fn raise_publicly<V: Arithmetic>(public: &Montgomery<V>, base: Number<V>) -> Number<V> {
    let mut power = base;
    V::multiply_pairs(&mut power, &public.r2, &public.modulus);
    for _ in 0..SQUARINGS {
        let same = power;
        V::multiply_pairs(&mut power, &same, &public.modulus);
    }
    // One factor with R, one without: the product has none.
    V::multiply_pairs(&mut power, &base, &public.modulus);
    power
}

/// Below n, of a number below 3n.
fn canonical(number: &Limbs<40>, n: &Limbs<40>) -> Limbs<40> {
    limbs::subtract_once(&limbs::subtract_once(number, n), n)
}

impl<V: Arithmetic> Drop for Workspace<V> {
    fn drop(&mut self) {
        self.table.iter_mut().for_each(|entry| V::wipe(entry));
        V::wipe(&mut self.columns);
        V::wipe(&mut self.blinding);
        V::wipe(&mut self.unblinding);
    }
}

#[cfg(test)]
mod tests;
