//! Loops that are written out when the program is compiled, so that every index is a constant and
//! every accumulator a register. An optimiser unrolls such loops mostly; kernels need always.

/// `each!(I in 4 { … })`: the block once for each number below 4, 10, 20 or 25, as the constant `I`.
macro_rules! each {
    ($index:ident in 3 $body:block) => { $crate::unroll::each!(@ $index $body 0 1 2) };
    ($index:ident in 4 $body:block) => { $crate::unroll::each!(@ $index $body 0 1 2 3) };
    ($index:ident in 10 $body:block) => { $crate::unroll::each!(@ $index $body 0 1 2 3 4 5 6 7 8 9) };
    ($index:ident in 20 $body:block) => {
        $crate::unroll::each!(@ $index $body 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19)
    };
    ($index:ident in 25 $body:block) => {
        $crate::unroll::each!(@ $index $body 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24)
    };
    (@ $index:ident $body:block $($number:literal)*) => {
        $( { const $index: usize = $number; $body } )*
    };
}

pub(crate) use each;
