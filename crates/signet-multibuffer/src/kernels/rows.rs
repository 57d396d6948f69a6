//! Four rows of a product or of its reduction at a time, over 25 columns that stay in registers, and
//! the columns of a square. The order of operations matters as much as their number: see `step`.

#![expect(
    clippy::absurd_extreme_comparisons,
    clippy::manual_is_multiple_of,
    reason = "the numbers of written-out loops are constants, which clippy takes for conditions"
)]

use super::{Modulus, Number};
use crate::unroll::each;
use crate::vector::{LIMB_MASK, Vector};

/// The accumulators of four rows: columns 0 to 24 above the first row.
type Columns<V> = [V; 25];

/// All columns of a², without carries: cross products once and doubled, then the squares. Returns
/// the factors of the first four rows; what is above column 3 is not carried yet.
#[inline(always)]
pub fn square_columns<V: Vector>(a: &Number<V>, columns: &mut [V; 40], modulus: &Modulus<V>) -> [V; 4] {
    let mut limb = *a;
    each!(J in 20 { limb[J] = a[J]; });
    let mut factors = [limb[0]; 4];
    // As many columns at a time as there are registers beside the limbs.
    each!(G in 4 {
        if G == 3 {
            let mut c = [limb[0].constant(0); 25];
            each!(J in 4 { c[J] = columns[J]; });
            each!(R in 4 { step::<V, false, false, 0, R>(&mut c, &mut factors, modulus); });
        }
        let mut c = [limb[0].constant(0); 10];
        each!(I in 20 {
            each!(J in 20 {
                if I < J && (I + J) / 10 == G {
                    c[(I + J) % 10] = c[(I + J) % 10].madd_low(limb[I], limb[J]);
                }
            });
            each!(J in 20 {
                if I < J && (I + J + 1) / 10 == G {
                    c[(I + J + 1) % 10] = c[(I + J + 1) % 10].madd_high(limb[I], limb[J]);
                }
            });
        });
        each!(K in 10 {
            const I: usize = (10 * G + K) / 2;
            let doubled = c[K].add(c[K]);
            columns[10 * G + K] =
                if K % 2 == 0 { doubled.madd_low(limb[I], limb[I]) } else { doubled.madd_high(limb[I], limb[I]) };
        });
    });
    factors
}

/// Four rows of a product and of its reduction.
#[inline(always)]
pub fn add_rows_and_reduce<V: Vector, const PAIRS: bool>(
    c: &mut Columns<V>,
    a: &Number<V>,
    rows: [V; 4],
    modulus: &Modulus<V>,
) {
    let factors = add_rows::<V, PAIRS, false>(c, a, rows, modulus);
    reduce::<V, PAIRS, false, false>(c, &factors, modulus);
    shift(c, [c[0].constant(0); 4]);
}

/// `c += a·rows`, and the factors of these rows. They are computed between products that do not
/// need them, each as soon as its column is complete: at the end everything would wait for them.
#[inline(always)]
pub fn add_rows<V: Vector, const PAIRS: bool, const LAST: bool>(
    c: &mut Columns<V>,
    a: &Number<V>,
    rows: [V; 4],
    modulus: &Modulus<V>,
) -> [V; 4] {
    let mut factors = rows;
    each!(J in 20 {
        let limb = a[J];
        each!(R in 4 { c[J + R] = c[J + R].madd_low(limb, rows[R]); });
        each!(R in 4 { c[J + R + 1] = c[J + R + 1].madd_high(limb, rows[R]); });
        if J >= 7 && J % 3 == 1 {
            const STEP: usize = if J >= 7 { (J - 7) / 3 } else { 0 };
            step::<V, PAIRS, LAST, 0, STEP>(c, &mut factors, modulus);
        }
    });
    factors
}

/// Four rows of the reduction with the scaled modulus: columns 0 to 3 become what is dropped. With
/// `AHEAD` the factors of the next four rows come back (`LAST`: which are the last ones).
#[inline(always)]
pub fn reduce<V: Vector, const PAIRS: bool, const AHEAD: bool, const LAST: bool>(
    c: &mut Columns<V>,
    factors: &[V; 4],
    modulus: &Modulus<V>,
) -> [V; 4] {
    let mut next = *factors;
    each!(J in 20 {
        let limb = modulus.scaled[J];
        each!(R in 4 {
            if J + R + 1 >= 4 { c[J + R + 1] = c[J + R + 1].madd_low(limb, factors[R]); }
        });
        each!(R in 4 {
            if J + R + 2 >= 4 { c[J + R + 2] = c[J + R + 2].madd_high(limb, factors[R]); }
        });
        if AHEAD && J >= 7 && J % 3 == 1 {
            const STEP: usize = if J >= 7 { (J - 7) / 3 } else { 0 };
            step::<V, PAIRS, LAST, 4, STEP>(c, &mut next, modulus);
        }
    });
    hand_over::<V, PAIRS>(c);
    next
}

/// The last four rows, three with the scaled modulus and one with the modulus itself, and the
/// result as loose limbs: each as soon as its column is complete.
#[inline(always)]
pub fn reduce_last<V: Vector, const PAIRS: bool>(
    c: &mut Columns<V>,
    factors: &[V; 4],
    modulus: &Modulus<V>,
    result: &mut Number<V>,
) {
    let mut carry = c[0].constant(0);
    each!(J in 20 {
        let limb = modulus.scaled[J];
        each!(R in 3 {
            if J + R + 1 >= 4 { c[J + R + 1] = c[J + R + 1].madd_low(limb, factors[R]); }
        });
        each!(R in 3 {
            if J + R + 2 >= 4 { c[J + R + 2] = c[J + R + 2].madd_high(limb, factors[R]); }
        });
        let limb = modulus.number[J];
        if J >= 1 { c[J + 3] = c[J + 3].madd_low(limb, factors[3]); }
        c[J + 4] = c[J + 4].madd_high(limb, factors[3]);
        if J >= 3 && !PAIRS {
            result[J - 3] = c[J + 1].add(carry);
            carry = result[J - 3].carry();
        }
    });
    hand_over::<V, PAIRS>(c);
    each!(J in 20 {
        if J >= 17 || PAIRS {
            result[J] = c[J + 4].add(carry);
            carry = result[J].carry();
        }
    });
}

/// Steps 0 to 3 complete a column with what the factors before it add to it, and make it the next
/// factor. Step 4 carries to the column above; the last row gets its own factor before.
#[inline(always)]
fn step<V: Vector, const PAIRS: bool, const LAST: bool, const BASE: usize, const STEP: usize>(
    c: &mut Columns<V>,
    factors: &mut [V; 4],
    modulus: &Modulus<V>,
) {
    let mut column = c[BASE + STEP];
    if STEP == 4 {
        if LAST {
            let factor = column.constant(0).madd_low(factors[3], modulus.factor);
            factors[3] = pairwise::<V, PAIRS>(factor);
            c[BASE + 3] = c[BASE + 3].madd_low(modulus.number[0], factors[3]);
        }
    } else {
        each!(S in 4 {
            if S + 2 <= STEP { column = column.madd_high(modulus.scaled[STEP - S - 2], factors[S]); }
            if S < STEP { column = column.madd_low(modulus.scaled[STEP - S - 1], factors[S]); }
        });
    }
    if STEP >= 1 {
        column = column.add(carried::<V, PAIRS>(c[BASE + STEP - 1]));
    }
    c[BASE + STEP] = column;
    if STEP < 4 {
        factors[STEP] = pairwise::<V, PAIRS>(column);
    }
}

/// The factor belongs to the low half of a pair, and both halves work with it.
#[inline(always)]
fn pairwise<V: Vector, const PAIRS: bool>(factor: V) -> V {
    if PAIRS { factor.low_twice() } else { factor }
}

/// Only the low half of a pair drops columns; the high half hands them on to it whole.
#[inline(always)]
pub fn carried<V: Vector, const PAIRS: bool>(column: V) -> V {
    if PAIRS { column.carry().low_only() } else { column.carry() }
}

/// The columns that the high halves drop go to the top of the low halves.
#[inline(always)]
fn hand_over<V: Vector, const PAIRS: bool>(c: &mut Columns<V>) {
    if PAIRS {
        each!(R in 4 { c[20 + R] = c[20 + R].add(c[R].high_to_low()); });
    }
}

#[inline(always)]
pub fn low_halves<V: Vector>(rows: [V; 4]) -> [V; 4] {
    let [a, b, c, d] = rows;
    [a.low_twice(), b.low_twice(), c.low_twice(), d.low_twice()]
}

#[inline(always)]
pub fn high_halves<V: Vector>(rows: [V; 4]) -> [V; 4] {
    let [a, b, c, d] = rows;
    [a.high_twice(), b.high_twice(), c.high_twice(), d.high_twice()]
}

/// Four columns down; `next` are the new ones at the top.
#[inline(always)]
pub fn shift<V: Vector>(c: &mut Columns<V>, next: [V; 4]) {
    each!(J in 20 { c[J] = c[J + 4]; });
    c[20] = c[24];
    each!(J in 4 { c[21 + J] = next[J]; });
}

/// The highest carry of each low half goes into its high half.
#[inline(always)]
pub fn carry_to_high_halves<V: Vector>(a: &mut Number<V>) {
    let mask = a[0].constant(LIMB_MASK);
    let mut carry = a[19].carry().low_to_high();
    each!(J in 20 {
        a[J] = a[J].and(mask).add(carry);
        carry = a[J].carry();
    });
}
