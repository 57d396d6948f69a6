//! [`Vector`] in plain Rust: a model of the instructions. It is slow and runs everywhere, so machines
//! without AVX-512 IFMA test the same arithmetic. Nothing is signed with it outside of tests.

use zeroize::Zeroize;

use crate::arithmetic::Arithmetic;
use crate::vector::{LANES, LIMB_BITS, LIMB_MASK, Vector};

/// There are no such lanes on this processor: the model stands in for the type only.
#[cfg(not(target_arch = "x86_64"))]
pub fn detect() -> Option<()> {
    None
}

/// Eight lanes. Its operations are not inlined: kernels of thousands of them would take minutes to
/// compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub struct Portable([u64; LANES]);

impl Portable {
    #[inline(never)]
    fn with(self, other: Self, operation: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|lane| operation(self.0[lane], other.0[lane])))
    }

    #[inline(never)]
    fn each(self, operation: impl Fn(u64) -> u64) -> Self {
        Self(self.0.map(operation))
    }

    /// Lane `lane` gets lane `from(lane)`, or zero.
    #[inline(never)]
    fn moved(self, from: impl Fn(usize) -> Option<usize>) -> Self {
        Self(std::array::from_fn(|lane| from(lane).map_or(0, |from| self.0[from])))
    }

    fn product(a: u64, b: u64) -> u128 {
        u128::from(a & LIMB_MASK) * u128::from(b & LIMB_MASK)
    }
}

impl Vector for Portable {
    type Proof = ();

    fn from_lanes((): (), lanes: [u64; LANES]) -> Self {
        Self(lanes)
    }

    fn to_lanes(self) -> [u64; LANES] {
        self.0
    }

    fn constant(self, value: u64) -> Self {
        Self([value; LANES])
    }

    #[inline(never)]
    fn madd_low(self, a: Self, b: Self) -> Self {
        self.add(a.with(b, |a, b| Self::product(a, b) as u64 & LIMB_MASK))
    }

    #[inline(never)]
    fn madd_high(self, a: Self, b: Self) -> Self {
        self.add(a.with(b, |a, b| (Self::product(a, b) >> LIMB_BITS) as u64))
    }

    fn add(self, other: Self) -> Self {
        self.with(other, u64::wrapping_add)
    }

    fn sub(self, other: Self) -> Self {
        self.with(other, u64::wrapping_sub)
    }

    fn and(self, other: Self) -> Self {
        self.with(other, |a, b| a & b)
    }

    #[inline(never)]
    fn or_masked(self, other: Self, mask: Self) -> Self {
        self.with(other.and(mask), |a, b| a | b)
    }

    fn carry(self) -> Self {
        self.each(|lane| lane >> LIMB_BITS)
    }

    fn signed_carry(self) -> Self {
        self.each(|lane| (lane.cast_signed() >> LIMB_BITS).cast_unsigned())
    }

    fn shift_right(self, count: u32) -> Self {
        self.each(|lane| lane >> count)
    }

    fn equal(self, other: Self) -> Self {
        self.with(other, |a, b| if a == b { u64::MAX } else { 0 })
    }

    fn low_twice(self) -> Self {
        self.moved(|lane| Some(lane % 4))
    }

    fn high_twice(self) -> Self {
        self.moved(|lane| Some(lane % 4 + 4))
    }

    fn low_only(self) -> Self {
        self.moved(|lane| (lane < 4).then_some(lane))
    }

    fn high_to_low(self) -> Self {
        self.moved(|lane| (lane < 4).then_some(lane + 4))
    }

    fn low_to_high(self) -> Self {
        self.moved(|lane| lane.checked_sub(4))
    }

    fn opaque<T>(reference: &T) -> &T {
        reference
    }

    fn wipe(vectors: &mut [Self]) {
        vectors.iter_mut().for_each(|vector| vector.0.zeroize());
    }
}

impl Arithmetic for Portable {}
