//! The arithmetic that takes the time: Montgomery multiplication and squaring of eight numbers at
//! once, and the selection from a table. Written over [`Vector`], so the model and the processor
//! run the same code.
//!
//! A number is 20 limbs of 52 bits, limb `j` of all eight lanes in one vector. R = 2^1040, and
//! everything here is below 3m for a modulus m of 1,024 bits: R > 9·2^12·m, so no subtraction is
//! needed between multiplications.
//!
//! **Reduction without its multiplication.** Row i of Montgomery's algorithm needs a factor f with
//! `c0 + f·m ≡ 0 (mod 2^52)`, which is `f = c0·k` with `k = -1/m mod 2^52`; each row waits for that
//! product. The multiple M = k·m is ≡ -1, so its factor is c0 itself, and adding `c0·M` is adding
//! `c0·(M+1)/2^52` one column higher and dropping c0 (only what is above its 52 bits is carried on).
//! The last row takes m itself: it decides how large the result is. With a·b = T:
//! result ≤ T/R + M/2^52 + m < T/R + 2m.
//!
//! **Loose limbs.** The multiplier ignores bits 52 to 63 of its operands, so results keep there what
//! has already been carried to the next limb. Whatever is no multiplication must take those bits
//! away, and never carry them again.
//!
//! The rows stand in `rows.rs`.
#![expect(
    clippy::absurd_extreme_comparisons,
    reason = "the numbers of written-out loops are constants, which clippy takes for conditions"
)]

use crate::unroll::each;
use crate::vector::Vector;
use rows::{
    add_rows, add_rows_and_reduce, carried, carry_to_high_halves, reduce, reduce_last, shift, square_columns,
};
use rows::{high_halves, low_halves};

mod rows;

/// Limbs of a number below 2^1040.
pub const LIMBS: usize = 20;
/// Entries of the table of an exponentiation: all values of a window.
pub const ENTRIES: usize = 1 << WINDOW_BITS;
/// 16 entries are 20 KiB, of a first-level cache of 32 to 48.
pub const WINDOW_BITS: u32 = 4;

/// Windows of an exponent of 1,024 bits.
pub const WINDOWS: u32 = 1024 / WINDOW_BITS;
const WINDOWS_PER_WORD: u32 = u64::BITS / WINDOW_BITS;

/// An exponent of 1,024 bits for each lane, the lowest 64 first.
pub type Exponent<V> = [V; 16];
/// Limbs of eight numbers. In *pairs* it holds four numbers of 40 limbs instead: number `i` has its
/// low 20 limbs in lane i and its high 20 in lane 4 + i.
pub type Number<V> = [V; LIMBS];

/// What a modulus m is to the reduction, by lane.
#[derive(Clone, Copy)]
pub struct Modulus<V> {
    /// m
    pub number: Number<V>,
    /// (k·m + 1) / 2^52
    pub scaled: Number<V>,
    /// k = -1/m mod 2^52
    pub factor: V,
}

/// `a ← a·b/R mod m` in all lanes: below 3m when a and b are.
#[inline(always)]
pub fn multiply<V: Vector>(a: &mut Number<V>, b: &Number<V>, modulus: &Modulus<V>) {
    let zero = a[0].constant(0);
    let mut c = [zero; 25];
    let (blocks, _) = b.as_chunks::<4>();
    let (last, blocks) = (blocks[4], &blocks[..4]);
    for rows in blocks {
        add_rows_and_reduce::<V, false>(&mut c, V::opaque(a), *rows, V::opaque(modulus));
    }
    let factors = add_rows::<V, false, true>(&mut c, V::opaque(a), last, modulus);
    reduce_last::<V, false>(&mut c, &factors, V::opaque(modulus), a);
}

/// The same for four pairs: R = 2^2080, m of 2,048 bits.
#[inline(always)]
pub fn multiply_pairs<V: Vector>(a: &mut Number<V>, b: &Number<V>, modulus: &Modulus<V>) {
    let zero = a[0].constant(0);
    let mut c = [zero; 25];
    let (blocks, _) = b.as_chunks::<4>();
    for rows in blocks {
        add_rows_and_reduce::<V, true>(&mut c, V::opaque(a), low_halves(*rows), V::opaque(modulus));
    }
    let (last, blocks) = (blocks[4], &blocks[..4]);
    for rows in blocks {
        add_rows_and_reduce::<V, true>(&mut c, V::opaque(a), high_halves(*rows), V::opaque(modulus));
    }
    let factors = add_rows::<V, true, true>(&mut c, V::opaque(a), high_halves(last), modulus);
    reduce_last::<V, true>(&mut c, &factors, V::opaque(modulus), a);
    carry_to_high_halves(a);
}

/// `a ← a²/R mod m`, `times` times. `scratch` is overwritten.
#[inline(always)]
pub fn square<V: Vector>(a: &mut Number<V>, scratch: &mut [V; 40], modulus: &Modulus<V>, times: u32) {
    let zero = a[0].constant(0);
    for _ in 0..times {
        let mut factors = square_columns(a, scratch, modulus);
        let columns = V::opaque(scratch);
        let mut c = [zero; 25];
        each!(J in 25 { if J > 4 { c[J] = columns[J]; } });
        c[4] = columns[4].add(carried::<V, false>(factors[3]));
        for next in columns[25..37].as_chunks::<4>().0 {
            factors = reduce::<V, false, true, false>(&mut c, &factors, V::opaque(modulus));
            shift(&mut c, *next);
        }
        factors = reduce::<V, false, true, true>(&mut c, &factors, V::opaque(modulus));
        shift(&mut c, [columns[37], columns[38], columns[39], zero]);
        reduce_last::<V, false>(&mut c, &factors, V::opaque(modulus), a);
    }
}

/// The entry that `window` of each lane's exponent names. Reads all of them.
#[inline(always)]
pub fn select<V: Vector>(table: &[Number<V>; ENTRIES], exponent: &Exponent<V>, window: u32) -> Number<V> {
    let (word, bit) = (window / WINDOWS_PER_WORD, window % WINDOWS_PER_WORD * WINDOW_BITS);
    let first = exponent[0];
    let wanted = exponent[word as usize % 16].shift_right(bit).and(first.constant(ENTRIES as u64 - 1));
    let mut c = [first.constant(0); LIMBS];
    for (number, entry) in table.iter().enumerate() {
        let mask = wanted.equal(first.constant(number as u64));
        each!(J in 20 { c[J] = c[J].or_masked(entry[J], mask); });
    }
    c
}

#[cfg(test)]
mod tests;
