//! One number at a time, in limbs of 52 bits: what a key is prepared with, and what turns bytes into
//! limbs and back. No branch and no address depends on a value.

use crate::vector::{LIMB_BITS, LIMB_MASK};

/// A number below 2^(52·L), canonical: no limb above 52 bits.
pub type Limbs<const L: usize> = [u64; L];

/// What is beyond `L` limbs is lost; callers know the length.
pub fn from_be_bytes<const L: usize>(bytes: &[u8]) -> Limbs<L> {
    let mut limbs = [0; L];
    for (position, byte) in bytes.iter().rev().enumerate() {
        let bit = 8 * position;
        let (limb, offset) = (bit / LIMB_BITS as usize, bit % LIMB_BITS as usize);
        let spread = u128::from(*byte) << offset;
        if limb < L {
            limbs[limb] |= spread as u64 & LIMB_MASK;
        }
        if limb + 1 < L {
            limbs[limb + 1] |= (spread >> LIMB_BITS) as u64;
        }
    }
    limbs
}

pub fn to_be_bytes<const L: usize>(limbs: &Limbs<L>, bytes: &mut [u8]) {
    for (position, byte) in bytes.iter_mut().rev().enumerate() {
        let bit = 8 * position;
        let (limb, offset) = (bit / LIMB_BITS as usize, bit % LIMB_BITS as usize);
        let low = limbs.get(limb).copied().unwrap_or(0);
        let high = limbs.get(limb + 1).copied().unwrap_or(0);
        *byte = ((u128::from(low) | u128::from(high) << LIMB_BITS) >> offset) as u8;
    }
}

/// `a - b`, and all bits set when that is below zero.
pub fn subtract<const L: usize>(a: &Limbs<L>, b: &Limbs<L>) -> (Limbs<L>, u64) {
    let mut borrow = 0_i64;
    let mut difference = [0; L];
    for (limb, (a, b)) in difference.iter_mut().zip(a.iter().zip(b)) {
        let value = a.cast_signed().wrapping_sub(b.cast_signed()).wrapping_add(borrow);
        *limb = value.cast_unsigned() & LIMB_MASK;
        borrow = value >> LIMB_BITS;
    }
    (difference, borrow.cast_unsigned())
}

/// `a` minus `modulus`, unless that is below zero.
pub fn subtract_once<const L: usize>(a: &Limbs<L>, modulus: &Limbs<L>) -> Limbs<L> {
    let (difference, below) = subtract(a, modulus);
    let mut result = [0; L];
    for (limb, (difference, a)) in result.iter_mut().zip(difference.iter().zip(a)) {
        *limb = (difference & !below) | (a & below);
    }
    result
}

/// Whether the numbers are equal.
pub fn equal<const L: usize>(a: &Limbs<L>, b: &Limbs<L>) -> bool {
    a.iter().zip(b).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}

/// `2^exponent mod modulus`, for a modulus of exactly `bits` bits and an exponent of no fewer.
pub fn power_of_two<const L: usize>(exponent: usize, modulus: &Limbs<L>, bits: usize) -> Limbs<L> {
    let mut power = [0; L];
    let top = bits - 1;
    power[top / LIMB_BITS as usize] = 1 << (top % LIMB_BITS as usize);
    for _ in top..exponent {
        let mut carry = 0;
        for limb in &mut power {
            let doubled = (*limb << 1) | carry;
            *limb = doubled & LIMB_MASK;
            carry = doubled >> LIMB_BITS;
        }
        power = subtract_once(&power, modulus);
    }
    power
}

/// `-1/modulus mod 2^52`, for an odd modulus.
pub fn negative_inverse<const L: usize>(modulus: &Limbs<L>) -> u64 {
    let lowest = modulus[0];
    // Newton: x·(2 - m·x) doubles the bits that are right; m itself has three of them.
    let inverse = (0..5).fold(lowest, |x, _| x.wrapping_mul(2_u64.wrapping_sub(lowest.wrapping_mul(x))));
    inverse.wrapping_neg() & LIMB_MASK
}

/// `(factor·modulus + 1) / 2^52`, where `factor` is the negative inverse.
pub fn scaled<const L: usize>(modulus: &Limbs<L>, factor: u64) -> Limbs<L> {
    let mut limbs = [0; L];
    let mut carry = 1_u128;
    for (position, limb) in modulus.iter().enumerate() {
        let sum = u128::from(*limb) * u128::from(factor) + carry;
        if position > 0 {
            limbs[position - 1] = sum as u64 & LIMB_MASK;
        }
        carry = sum >> LIMB_BITS;
    }
    limbs[L - 1] = carry as u64;
    limbs
}

/// The product of two numbers of 20 limbs.
pub fn product(a: &Limbs<20>, b: &Limbs<20>) -> Limbs<40> {
    let mut columns = [0_u128; 40];
    for (i, a) in a.iter().enumerate() {
        for (j, b) in b.iter().enumerate() {
            columns[i + j] += u128::from(*a) * u128::from(*b);
        }
    }
    let mut carry = 0;
    columns.map(|column| {
        let sum = column + carry;
        carry = sum >> LIMB_BITS;
        sum as u64 & LIMB_MASK
    })
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;

    fn big<const L: usize>(limbs: &Limbs<L>) -> BigUint {
        limbs.iter().rev().fold(BigUint::ZERO, |sum, limb| (sum << LIMB_BITS) + *limb)
    }

    /// Zero, one, all ones, a single high bit and something without a pattern.
    fn samples() -> Vec<[u8; 130]> {
        let mut top = [0; 130];
        top[0] = 0x80;
        let mut one = [0; 130];
        one[129] = 1;
        let mixed = std::array::from_fn(|i| (i * i * 7 + 13 * i + 5) as u8);
        vec![[0; 130], one, [0xff; 130], top, mixed]
    }

    #[test]
    fn bytes_become_limbs_and_bytes_again() {
        for bytes in samples() {
            let limbs = from_be_bytes::<20>(&bytes);
            assert_eq!(big(&limbs), BigUint::from_bytes_be(&bytes));
            let mut again = [0; 130];
            to_be_bytes(&limbs, &mut again);
            assert_eq!(again, bytes);
        }
    }

    #[test]
    fn products_and_differences_are_those_of_the_oracle() {
        for a in samples() {
            for b in samples() {
                let (a, b) = (from_be_bytes::<20>(&a), from_be_bytes::<20>(&b));
                assert_eq!(big(&product(&a, &b)), big(&a) * big(&b));
                let once = subtract_once(&a, &b);
                assert_eq!(big(&once), if big(&a) >= big(&b) { big(&a) - big(&b) } else { big(&a) });
                assert_eq!(equal(&a, &b), big(&a) == big(&b));
            }
        }
    }

    #[test]
    fn what_a_modulus_is_prepared_with_is_that_of_the_oracle() {
        let mut bytes = [0xa7; 128];
        for last in [1, 3, 0x5b, 0xff] {
            bytes[127] = last;
            let modulus = from_be_bytes::<20>(&bytes);
            let factor = negative_inverse(&modulus);
            let multiple = big(&modulus) * factor + 1_u8;
            assert_eq!(&multiple % (BigUint::from(1_u8) << LIMB_BITS), BigUint::ZERO);
            assert_eq!(big(&scaled(&modulus, factor)), multiple >> LIMB_BITS);
            for exponent in [1024, 1040, 2080] {
                let power = (BigUint::from(1_u8) << exponent) % big(&modulus);
                assert_eq!(big(&power_of_two(exponent, &modulus, 1024)), power);
            }
        }
    }
}
