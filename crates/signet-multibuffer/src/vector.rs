//! Eight 64-bit lanes: the operations that the arithmetic is written in. `ifma.rs` has them as
//! instructions, `portable.rs` as a model of these. Nothing here knows what the lanes mean.

/// Lanes of a vector.
pub const LANES: usize = 8;
/// Bits of a limb: what the multiplier of AVX-512 IFMA takes.
pub const LIMB_BITS: u32 = 52;
/// The bits of a limb.
pub const LIMB_MASK: u64 = (1 << LIMB_BITS) - 1;

/// Eight unsigned 64-bit integers. Additions and subtractions wrap.
///
/// A vector is made from another one or with a `Proof` that the processor can work with it, so
/// whoever holds one may use its operations.
pub trait Vector: Copy {
    /// What shows that the operations exist here.
    type Proof: Copy + Send + Sync;

    fn from_lanes(proof: Self::Proof, lanes: [u64; LANES]) -> Self;
    fn to_lanes(self) -> [u64; LANES];

    /// The same value in every lane.
    fn constant(self, value: u64) -> Self;

    /// `self` + the low 52 bits of the 104-bit product of the low 52 bits of `a` and `b`.
    fn madd_low(self, a: Self, b: Self) -> Self;
    /// `self` + the high 52 bits of that product.
    fn madd_high(self, a: Self, b: Self) -> Self;

    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;
    /// `self | (other & mask)`
    fn or_masked(self, other: Self, mask: Self) -> Self;
    /// What is above a limb: a logical shift by 52.
    fn carry(self) -> Self;
    /// The same of a signed integer: an arithmetic shift by 52.
    fn signed_carry(self) -> Self;
    /// A logical shift by a public count below 64.
    fn shift_right(self, count: u32) -> Self;
    /// All bits set where the lanes are equal.
    fn equal(self, other: Self) -> Self;

    /// Lanes 0 to 3, twice.
    fn low_twice(self) -> Self;
    /// Lanes 4 to 7, twice.
    fn high_twice(self) -> Self;
    /// Lanes 0 to 3; the others are zero.
    fn low_only(self) -> Self;
    /// Lanes 4 to 7 in the place of lanes 0 to 3; the others are zero.
    fn high_to_low(self) -> Self;
    /// Lanes 0 to 3 in the place of lanes 4 to 7; the others are zero.
    fn low_to_high(self) -> Self;

    /// The same reference, of which the compiler no longer knows what it refers to. Without it the
    /// compiler moves every load of a row out of the loop over the rows, more than there are
    /// registers, and stores and loads them again: a quarter of the speed.
    fn opaque<T>(reference: &T) -> &T;

    /// Sets every vector to zero in a way that is not optimised away.
    fn wipe(vectors: &mut [Self]);
}
