//! Every kernel with operands at the edges, beside a big-integer oracle; in the model, and on the
//! processor where it can.

use num_bigint::BigUint;

use super::*;
use crate::arithmetic::Arithmetic;
use crate::limbs::{self, Limbs};
use crate::vector::{LANES, LIMB_BITS, LIMB_MASK};

/// Above the bits of a limb, where a kernel must not look.
const GARBAGE: u64 = 0xa5f << LIMB_BITS;

fn one() -> BigUint {
    BigUint::from(1_u8)
}

/// Without a pattern, and the same each time.
fn mixed(bits: u32, seed: u64) -> BigUint {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let words = (0..bits.div_ceil(32)).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as u32
    });
    BigUint::new(words.collect()) % (one() << bits)
}

fn to_limbs<const L: usize>(number: &BigUint) -> Limbs<L> {
    limbs::from_be_bytes(&number.to_bytes_be())
}

fn from_limbs(limbs: &[u64]) -> BigUint {
    limbs.iter().rev().fold(BigUint::ZERO, |sum, limb| (sum << LIMB_BITS) + (limb & LIMB_MASK))
}

/// One number for each lane, with garbage above its limbs.
fn lanes<V: Vector>(proof: V::Proof, numbers: &[BigUint; LANES]) -> Number<V> {
    let limbs = numbers.each_ref().map(to_limbs::<LIMBS>);
    std::array::from_fn(|j| V::from_lanes(proof, std::array::from_fn(|lane| limbs[lane][j] | GARBAGE)))
}

fn of_lanes<V: Vector>(number: &Number<V>) -> [BigUint; LANES] {
    let limbs = number.map(V::to_lanes);
    std::array::from_fn(|lane| from_limbs(&limbs.map(|vector| vector[lane])))
}

fn pairs<V: Vector>(proof: V::Proof, numbers: &[BigUint; 4]) -> Number<V> {
    let half = one() << 1040;
    lanes(
        proof,
        &std::array::from_fn(|lane| {
            let number = &numbers[lane % 4];
            if lane < 4 { number % &half } else { number >> 1040 }
        }),
    )
}

fn of_pairs<V: Vector>(number: &Number<V>) -> [BigUint; 4] {
    let halves = of_lanes(number);
    std::array::from_fn(|lane| &halves[lane] + (&halves[lane + 4] << 1040))
}

fn modulus<V: Vector, const L: usize>(
    proof: V::Proof,
    moduli: &[BigUint],
    place: impl Fn(&[BigUint]) -> Number<V>,
) -> Modulus<V> {
    let factors: Vec<u64> = moduli.iter().map(|m| limbs::negative_inverse(&to_limbs::<L>(m))).collect();
    let scaled: Vec<BigUint> =
        moduli.iter().zip(&factors).map(|(m, k)| from_limbs(&limbs::scaled(&to_limbs::<L>(m), *k))).collect();
    let factor = V::from_lanes(proof, std::array::from_fn(|lane| factors[lane % factors.len()]));
    // What is compared or subtracted has no garbage.
    let mask = factor.constant(LIMB_MASK);
    let clean = |number: Number<V>| number.map(|limb| limb.and(mask));
    Modulus { number: clean(place(moduli)), scaled: clean(place(&scaled)), factor }
}

/// Odd, of exactly `bits` bits: the least, the largest, and some between.
fn moduli<const COUNT: usize>(bits: u32) -> [BigUint; COUNT] {
    let top = one() << (bits - 1);
    std::array::from_fn(|lane| match lane {
        0 => &top + one(),
        1 => (&top << 1) - one(),
        _ => (&top + mixed(bits - 1, lane as u64)) | one(),
    })
}

/// Numbers below 3m, with m: the edges, and one between.
fn operands(m: &BigUint, seed: u64) -> Vec<BigUint> {
    vec![
        BigUint::ZERO,
        one(),
        m - one(),
        m.clone(),
        m + one(),
        m * 2_u8,
        m * 3_u8 - one(),
        mixed(2_048, seed) % (m * 3_u8),
    ]
}

fn multiplies<V: Arithmetic>(proof: V::Proof) {
    let m = moduli::<LANES>(1024);
    let modulus = modulus::<V, LIMBS>(proof, &m, |numbers| lanes(proof, numbers.try_into().expect("eight")));
    for first in 0..LANES {
        for second in 0..LANES {
            let a: [_; LANES] = std::array::from_fn(|lane| operands(&m[lane], 1)[(first + lane) % 8].clone());
            let b: [_; LANES] =
                std::array::from_fn(|lane| operands(&m[lane], 2)[(second + lane) % 8].clone());
            let mut result = lanes::<V>(proof, &a);
            V::multiply(&mut result, &lanes(proof, &b), &modulus);
            for (lane, result) in of_lanes(&result).iter().enumerate() {
                assert!(*result < &m[lane] * 3_u8);
                assert_eq!((result << 1040) % &m[lane], &a[lane] * &b[lane] % &m[lane], "lane {lane}");
            }
        }
        // Up to 5m once, when the base comes into Montgomery form.
        let a: [_; LANES] = std::array::from_fn(|lane| &m[lane] * 5_u8 - one());
        let mut result = lanes::<V>(proof, &a);
        V::multiply(&mut result, &lanes(proof, &a), &modulus);
        assert!(of_lanes(&result).iter().zip(&m).all(|(result, m)| *result < m * 3_u8));
    }
}

fn squares<V: Arithmetic>(proof: V::Proof) {
    let m = moduli::<LANES>(1024);
    let modulus = modulus::<V, LIMBS>(proof, &m, |numbers| lanes(proof, numbers.try_into().expect("eight")));
    let mut scratch = [modulus.factor; 40];
    for first in 0..LANES {
        for times in [1, 4] {
            let a: [_; LANES] = std::array::from_fn(|lane| operands(&m[lane], 3)[(first + lane) % 8].clone());
            let mut result = lanes::<V>(proof, &a);
            V::square(&mut result, &mut scratch, &modulus, times);
            for (lane, result) in of_lanes(&result).iter().enumerate() {
                assert!(*result < &m[lane] * 3_u8);
                // a^(2^t) = result · R^(2^t - 1)
                let power = (1_u32 << times) - 1;
                let wanted = a[lane].modpow(&(one() << times), &m[lane]);
                assert_eq!((result << (1040 * power)) % &m[lane], wanted, "lane {lane}");
            }
        }
    }
}

fn multiplies_pairs<V: Arithmetic>(proof: V::Proof) {
    let m = moduli::<4>(2048);
    let modulus = modulus::<V, 40>(proof, &m, |numbers| pairs(proof, numbers.try_into().expect("four")));
    for first in 0..8 {
        for second in 0..8 {
            let a: [_; 4] = std::array::from_fn(|lane| operands(&m[lane], 4)[(first + lane) % 8].clone());
            let b: [_; 4] = std::array::from_fn(|lane| operands(&m[lane], 5)[(second + lane) % 8].clone());
            let mut result = pairs::<V>(proof, &a);
            V::multiply_pairs(&mut result, &pairs(proof, &b), &modulus);
            for (lane, result) in of_pairs(&result).iter().enumerate() {
                assert!(*result < &m[lane] * 3_u8);
                assert_eq!((result << 2080) % &m[lane], &a[lane] * &b[lane] % &m[lane], "lane {lane}");
            }
        }
    }
}

/// Carries that run through every limb of the result.
fn carries_through_all_limbs<V: Arithmetic>(proof: V::Proof) {
    // m = 2^1024 - 1 and R = 2^1040: one in Montgomery form is 2^16, its square 2^16.
    let m: [BigUint; LANES] = std::array::from_fn(|_| (one() << 1024) - one());
    let modulus = modulus::<V, LIMBS>(proof, &m, |numbers| lanes(proof, numbers.try_into().expect("eight")));
    for shift in 0..20 {
        let a: [_; LANES] = std::array::from_fn(|lane| (one() << (52 * shift + lane)) - one());
        let mut result = lanes::<V>(proof, &a);
        V::multiply(&mut result, &lanes(proof, &m), &modulus);
        V::canonical(&mut result, &modulus);
        assert_eq!(of_lanes(&result), [BigUint::ZERO; LANES]);
    }
}

fn selects<V: Arithmetic>(proof: V::Proof) {
    let number =
        |entry: usize| std::array::from_fn(|j| V::from_lanes(proof, [(entry * 100 + j) as u64; LANES]));
    let table: [Number<V>; ENTRIES] = std::array::from_fn(number);
    let exponents: [u64; LANES] =
        std::array::from_fn(|lane| 0xfedc_ba98_7654_3210_u64.rotate_left(4 * lane as u32));
    let exponent: Exponent<V> = std::array::from_fn(|word| {
        V::from_lanes(proof, exponents.map(|lane| lane.rotate_left(8 * word as u32)))
    });
    for window in 0..WINDOWS {
        let selected = V::select(&table, &exponent, window);
        let word = exponent[window as usize / 16].to_lanes();
        for (j, vector) in selected.iter().enumerate() {
            for (lane, limb) in vector.to_lanes().into_iter().enumerate() {
                let entry = word[lane] >> (4 * (window % 16)) & 0xf;
                assert_eq!(limb, entry * 100 + j as u64);
            }
        }
    }
}

fn reduces_adds_and_splits<V: Arithmetic>(proof: V::Proof) {
    let m = moduli::<LANES>(1024);
    let modulus = modulus::<V, LIMBS>(proof, &m, |numbers| lanes(proof, numbers.try_into().expect("eight")));
    for first in 0..LANES {
        let a: [_; LANES] = std::array::from_fn(|lane| operands(&m[lane], 6)[(first + lane) % 8].clone());
        let b: [_; LANES] = std::array::from_fn(|lane| operands(&m[lane], 7)[first].clone());
        let mut result = lanes::<V>(proof, &a);
        V::canonical(&mut result, &modulus);
        let canonical = of_lanes(&result);
        assert!((0..LANES).all(|lane| canonical[lane] == &a[lane] % &m[lane]));
        assert!(result.iter().flat_map(|limb| limb.to_lanes()).all(|limb| limb <= LIMB_MASK));

        let mut sum = lanes::<V>(proof, &a);
        V::sum(&mut sum, &lanes(proof, &b));
        assert_eq!(of_lanes(&sum), std::array::from_fn(|lane| &a[lane] + &b[lane]));

        let [low, high] = V::halves(&lanes(proof, &a));
        assert_eq!(of_lanes(&low), std::array::from_fn(|lane| a[lane % 4].clone()));
        assert_eq!(of_lanes(&high), std::array::from_fn(|lane| a[lane % 4 + 4].clone()));
    }
}

/// Garner's formula with residues at both ends, p below and above q.
fn recombines<V: Arithmetic>(proof: V::Proof) {
    let all = moduli::<LANES>(1024);
    for (p, q) in [(&all[0], &all[1]), (&all[1], &all[0]), (&all[2], &all[3])] {
        let both: [BigUint; LANES] = std::array::from_fn(|lane| if lane < 4 { p.clone() } else { q.clone() });
        let modulus =
            modulus::<V, LIMBS>(proof, &both, |numbers| lanes(proof, numbers.try_into().expect("eight")));
        let ends = |m: &BigUint| [BigUint::ZERO, m - one(), one(), mixed(1024, 8) % m];
        let residues: [_; LANES] = std::array::from_fn(|lane| {
            if lane < 4 { ends(p)[lane].clone() } else { ends(q)[(lane + 1) % 4].clone() }
        });
        let clean = |numbers: &[BigUint; LANES]| {
            lanes::<V>(proof, numbers).map(|limb| limb.and(limb.constant(LIMB_MASK)))
        };
        let difference = of_lanes(&V::difference(&clean(&residues), &modulus));
        for lane in 0..4 {
            assert_eq!(&difference[lane] + &residues[lane + 4], &residues[lane] + p * 2_u8);
        }
        let joined =
            of_pairs(&V::join(&clean(&residues), &clean(&residues), &clean(&[0; LANES].map(|_| q.clone()))));
        for lane in 0..4 {
            assert_eq!(joined[lane], &residues[lane] * q + &residues[lane + 4]);
        }
    }
}

crate::testing::in_lanes! {
    products_are_those_of_the_oracle: multiplies;
    squares_are_those_of_the_oracle: squares;
    products_of_pairs_are_those_of_the_oracle: multiplies_pairs;
    a_carry_runs_through_all_limbs: carries_through_all_limbs;
    each_lane_selects_its_own_entry: selects;
    numbers_are_reduced_added_and_split: reduces_adds_and_splits;
    residues_are_recombined: recombines;
}
