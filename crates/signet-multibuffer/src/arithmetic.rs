//! The kernels as functions of a kind of vector: what the batch is written in. `ifma.rs` has them
//! compiled for the processor, the model has them as they are written.

use crate::crt;
use crate::kernels::{self, ENTRIES, Exponent, Modulus, Number};
use crate::vector::Vector;

macro_rules! arithmetic {
    ($($module:ident fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        /// Each function is described where it is written: in `kernels` and `crt`.
        pub trait Arithmetic: Vector {
            $( fn $name($($argument: $type),*) $(-> $result)? { $module::$name($($argument),*) } )*
        }
    };
}

arithmetic! {
    kernels fn multiply(a: &mut Number<Self>, b: &Number<Self>, modulus: &Modulus<Self>);
    kernels fn multiply_pairs(a: &mut Number<Self>, b: &Number<Self>, modulus: &Modulus<Self>);
    kernels fn square(a: &mut Number<Self>, scratch: &mut [Self; 40], modulus: &Modulus<Self>, times: u32);
    kernels fn select(table: &[Number<Self>; ENTRIES], exponent: &Exponent<Self>, window: u32) -> Number<Self>;
    crt fn halves(pairs: &Number<Self>) -> [Number<Self>; 2];
    crt fn sum(a: &mut Number<Self>, b: &Number<Self>);
    crt fn canonical(a: &mut Number<Self>, modulus: &Modulus<Self>);
    crt fn difference(residues: &Number<Self>, modulus: &Modulus<Self>) -> Number<Self>;
    crt fn join(h: &Number<Self>, residues: &Number<Self>, q: &Number<Self>) -> Number<Self>;
}
