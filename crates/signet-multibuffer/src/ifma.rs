//! [`Vector`] on AVX-512 IFMA, and the kernels compiled for it. The only `unsafe` of this crate.
//!
//! It is sound because an [`Ifma`] is made from a [`Detected`] or from another [`Ifma`], a
//! [`Detected`] only after asking the processor, and nothing else here needs care.
#![expect(unsafe_code, reason = "instructions that not every processor has; see each block")]

use std::arch::asm;
use std::arch::x86_64::*;

use crate::arithmetic::Arithmetic;
use crate::crt;
use crate::kernels::{self, ENTRIES, Exponent, Modulus, Number};
use crate::vector::{LANES, Vector};

/// The processor has what [`Ifma`] needs, and the system saves its registers.
#[derive(Clone, Copy, Debug)]
pub struct Detected(());

/// Asks the processor.
pub fn detect() -> Option<Detected> {
    let all = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512ifma")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw");
    all.then_some(Detected(()))
}

/// Eight lanes in one register.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Ifma(__m512i);

/// An instruction on vectors that exist.
macro_rules! instruction {
    ($instruction:expr) => {
        // SAFETY: the features of the instruction are there, because an `Ifma` or a `Detected` is
        // (see the top of this file); it touches registers only.
        unsafe { $instruction }
    };
}

impl Vector for Ifma {
    type Proof = Detected;

    #[inline(always)]
    fn from_lanes(_: Detected, lanes: [u64; LANES]) -> Self {
        let [a, b, c, d, e, f, g, h] = lanes.map(u64::cast_signed);
        Self(instruction!(_mm512_setr_epi64(a, b, c, d, e, f, g, h)))
    }

    #[inline(always)]
    fn to_lanes(self) -> [u64; LANES] {
        // SAFETY: both are 64 bytes without padding, and every bit pattern is a value of both.
        unsafe { std::mem::transmute::<__m512i, [u64; LANES]>(self.0) }
    }

    #[inline(always)]
    fn constant(self, value: u64) -> Self {
        Self(instruction!(_mm512_set1_epi64(value.cast_signed())))
    }

    #[inline(always)]
    fn madd_low(self, a: Self, b: Self) -> Self {
        Self(instruction!(_mm512_madd52lo_epu64(self.0, a.0, b.0)))
    }

    #[inline(always)]
    fn madd_high(self, a: Self, b: Self) -> Self {
        Self(instruction!(_mm512_madd52hi_epu64(self.0, a.0, b.0)))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(instruction!(_mm512_add_epi64(self.0, other.0)))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(instruction!(_mm512_sub_epi64(self.0, other.0)))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(instruction!(_mm512_and_si512(self.0, other.0)))
    }

    #[inline(always)]
    fn or_masked(self, other: Self, mask: Self) -> Self {
        /// The truth table of `a | (b & c)`.
        const A_OR_B_AND_C: i32 = 0b1111_1000;
        Self(instruction!(_mm512_ternarylogic_epi64::<A_OR_B_AND_C>(self.0, other.0, mask.0)))
    }

    #[inline(always)]
    fn carry(self) -> Self {
        Self(instruction!(_mm512_srli_epi64::<52>(self.0)))
    }

    #[inline(always)]
    fn signed_carry(self) -> Self {
        Self(instruction!(_mm512_srai_epi64::<52>(self.0)))
    }

    #[inline(always)]
    fn shift_right(self, count: u32) -> Self {
        Self(instruction!(_mm512_srl_epi64(self.0, _mm_cvtsi64_si128(i64::from(count)))))
    }

    #[inline(always)]
    fn equal(self, other: Self) -> Self {
        Self(instruction!(_mm512_movm_epi64(_mm512_cmpeq_epi64_mask(self.0, other.0))))
    }

    #[inline(always)]
    fn low_twice(self) -> Self {
        Self(instruction!(_mm512_shuffle_i64x2::<0b01_00_01_00>(self.0, self.0)))
    }

    #[inline(always)]
    fn high_twice(self) -> Self {
        Self(instruction!(_mm512_shuffle_i64x2::<0b11_10_11_10>(self.0, self.0)))
    }

    #[inline(always)]
    fn low_only(self) -> Self {
        Self(instruction!(_mm512_maskz_mov_epi64(0b0000_1111, self.0)))
    }

    #[inline(always)]
    fn high_to_low(self) -> Self {
        Self(instruction!(_mm512_maskz_shuffle_i64x2::<0b11_10_11_10>(0b0000_1111, self.0, self.0)))
    }

    #[inline(always)]
    fn low_to_high(self) -> Self {
        Self(instruction!(_mm512_maskz_shuffle_i64x2::<0b01_00_01_00>(0b1111_0000, self.0, self.0)))
    }

    #[inline(always)]
    #[expect(clippy::pointers_in_nomem_asm_block, reason = "the text is a comment")]
    fn opaque<T>(reference: &T) -> &T {
        let mut pointer: *const T = reference;
        // SAFETY: the text is a comment, so nothing changes; the operand only makes the compiler forget
        // where the pointer came from.
        unsafe { asm!("/* {0} */", inout(reg) pointer, options(nomem, nostack, preserves_flags)) };
        // SAFETY: it is the reference that came in, with the same lifetime.
        unsafe { &*pointer }
    }

    fn wipe(vectors: &mut [Self]) {
        for vector in vectors {
            let zero = vector.constant(0);
            // SAFETY: a valid, aligned place to write to; volatile, so that the store stays.
            unsafe { std::ptr::write_volatile(vector, zero) };
        }
        std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
    }
}

/// Kernels as functions with the features that [`Detected`] has asked for.
macro_rules! kernels {
    ($($module:ident fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        $(
            #[target_feature(enable = "avx512f,avx512ifma,avx512vl,avx512dq,avx512bw")]
            #[inline(never)]
            fn $name($($argument: $type),*) $(-> $result)? {
                $module::$name($($argument),*)
            }
        )*

        impl Arithmetic for Ifma {
            $(
                fn $name($($argument: $type),*) $(-> $result)? {
                    // SAFETY: the features are there, because an `Ifma` is: see the top of this file.
                    unsafe { $name($($argument),*) }
                }
            )*
        }
    };
}

kernels! {
    kernels fn multiply(a: &mut Number<Ifma>, b: &Number<Ifma>, modulus: &Modulus<Ifma>);
    kernels fn multiply_pairs(a: &mut Number<Ifma>, b: &Number<Ifma>, modulus: &Modulus<Ifma>);
    kernels fn square(a: &mut Number<Ifma>, scratch: &mut [Ifma; 40], modulus: &Modulus<Ifma>, times: u32);
    kernels fn select(table: &[Number<Ifma>; ENTRIES], exponent: &Exponent<Ifma>, window: u32) -> Number<Ifma>;
    crt fn halves(pairs: &Number<Ifma>) -> [Number<Ifma>; 2];
    crt fn sum(a: &mut Number<Ifma>, b: &Number<Ifma>);
    crt fn canonical(a: &mut Number<Ifma>, modulus: &Modulus<Ifma>);
    crt fn difference(residues: &Number<Ifma>, modulus: &Modulus<Ifma>) -> Number<Ifma>;
    crt fn join(h: &Number<Ifma>, residues: &Number<Ifma>, q: &Number<Ifma>) -> Number<Ifma>;
}
