//! The private operation in lanes: numbers modulo n into their residues modulo p (lanes 0 to 3) and
//! q (lanes 4 to 7), and back by Garner's formula (RFC 8017 §5.1.2 2.b). All of it is less than one
//! part in a hundred of a signature.

use crate::kernels::{LIMBS, Modulus, Number};
use crate::unroll::each;
use crate::vector::{LIMB_MASK, Vector};

/// The low and the high halves of four pairs, each in lanes 0 to 3 and again in lanes 4 to 7.
#[inline(always)]
pub fn halves<V: Vector>(pairs: &Number<V>) -> [Number<V>; 2] {
    let (mut low, mut high) = (*pairs, *pairs);
    each!(J in 20 {
        low[J] = pairs[J].low_twice();
        high[J] = pairs[J].high_twice();
    });
    [low, high]
}

/// `a ← a + b`, both with loose limbs.
#[inline(always)]
pub fn sum<V: Vector>(a: &mut Number<V>, b: &Number<V>) {
    let mask = a[0].constant(LIMB_MASK);
    let mut carry = a[0].constant(0);
    for (a, b) in a.iter_mut().zip(b) {
        let sum = a.and(mask).add(b.and(mask)).add(carry);
        carry = sum.carry();
        *a = sum.and(mask);
    }
}

/// `a ← a mod m` with canonical limbs, for a below 3m.
#[inline(always)]
pub fn canonical<V: Vector>(a: &mut Number<V>, modulus: &Modulus<V>) {
    let mask = a[0].constant(LIMB_MASK);
    each!(J in 20 { a[J] = a[J].and(mask); });
    for _ in 0..2 {
        let mut difference = *a;
        let mut borrow = a[0].constant(0);
        each!(J in 20 {
            let limb = a[J].sub(modulus.number[J]).add(borrow);
            borrow = limb.signed_carry();
            difference[J] = limb.and(mask);
        });
        // All bits set where the difference is below zero: there a stays.
        let stays = borrow;
        let changes = stays.constant(u64::MAX).sub(stays);
        each!(J in 20 {
            a[J] = difference[J].and(changes).or_masked(a[J], stays);
        });
    }
}

/// `m1 - m2 + 2p` in lanes 0 to 3, of canonical `residues` m1 (lanes 0 to 3) and m2 (lanes 4 to 7).
/// Above zero because m2 < q < 2p: both primes have 1,024 bits.
#[inline(always)]
pub fn difference<V: Vector>(residues: &Number<V>, modulus: &Modulus<V>) -> Number<V> {
    let mask = residues[0].constant(LIMB_MASK);
    let mut carry = residues[0].constant(0);
    let mut result = *residues;
    for (limb, prime) in result.iter_mut().zip(&modulus.number) {
        let sum = limb.add(*prime).add(*prime).sub(limb.high_to_low()).add(carry);
        carry = sum.signed_carry();
        *limb = sum.and(mask);
    }
    result
}

/// `m2 + q·h` as four pairs, of `h` (lanes 0 to 3), m2 (lanes 4 to 7 of `residues`) and q in all
/// lanes; all canonical, so the result is below n.
#[inline(always)]
pub fn join<V: Vector>(h: &Number<V>, residues: &Number<V>, q: &Number<V>) -> Number<V> {
    let mask = h[0].constant(LIMB_MASK);
    let mut columns = [h[0].constant(0); 2 * LIMBS];
    for (column, residue) in columns.iter_mut().zip(residues) {
        *column = residue.high_to_low();
    }
    for (first, h) in h.iter().enumerate() {
        for (second, q) in q.iter().enumerate() {
            let column = first + second;
            columns[column] = columns[column].madd_low(*h, *q);
            columns[column + 1] = columns[column + 1].madd_high(*h, *q);
        }
    }
    let mut carry = h[0].constant(0);
    for column in &mut columns {
        let limb = column.add(carry);
        carry = limb.carry();
        *column = limb.and(mask);
    }
    let mut pairs = *h;
    each!(J in 20 { pairs[J] = columns[J].low_only().or_masked(columns[LIMBS + J].low_to_high(), mask); });
    pairs
}
