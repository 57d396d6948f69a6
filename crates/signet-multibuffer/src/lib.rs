//! RSA-2048 signatures, four at a time in the eight lanes of AVX-512 IFMA: the residues modulo p in
//! lanes 0 to 3, those modulo q in lanes 4 to 7.
//!
//! [`Signer::new`] takes the integers of a key and refuses what it does not serve: another
//! processor, another size, an unusual shape. [`Signer::sign`] takes encoded messages, and gives for
//! each a signature or a [`Fault`]. In both cases the caller turns to a library that signs
//! one at a time; for a lone message that is faster anyway.
//!
//! ```text
//! signer                  what callers hold: key, threads, self-test
//!   batch → key           blind, raise, recombine, unblind, check; the key in lanes
//!     arithmetic          the kernels as functions of a kind of vector
//!       kernels, crt      multiplication, squaring, selection; Garner's formula
//!         vector          the operations on eight lanes
//!           ifma          … as instructions, with the only `unsafe`
//!           portable      … as a model, for tests on any machine
//! limbs, encoded, unroll  bytes and limbs of one number; padding; written-out loops
//! ```
//!
//! # What protects the key
//!
//! - **No branch and no address depends on a secret.** Exponents are read in windows of four bits
//!   whose table is read whole. Nothing in Rust promises that a compiler leaves that so: the step
//!   `constant_time` of `.ci/run` reads the instructions of every kernel and refuses whatever could
//!   bring a value of a vector or of a number in memory into a branch or an address.
//! - **Blinding.** The private exponents work on the message times a random number that nobody
//!   knows; see `batch.rs` for what is kept, squared and made anew.
//! - **Every signature is checked** with the public exponent modulo n before a byte of it leaves. A
//!   single faulty RSA-CRT signature gives the private key away (Boneh, DeMillo and Lipton, 1997). The
//!   check knows the message and n, not what the signature was made from: p, q and the exponents.
//!   A lane that fails is withheld, and the blinding of the batch is thrown away.
//! - **Wiped**: keys and tables when they are dropped. What the compiler puts on the stack between
//!   is not (a few registers of a kernel); keep core dumps off.
//! - **Self-test** when a key is loaded: every lane signs and verifies.
//!
//! Nobody outside of this project has audited it.

mod arithmetic;
mod batch;
mod crt;
mod encoded;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod kernels;
mod key;
mod limbs;
#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable;
mod signer;
#[cfg(test)]
mod testing;
mod unroll;
mod vector;

pub use batch::{BATCH, Fault, Random, RandomError};
pub use encoded::EncodedMessage;
pub use key::{Components, MODULUS_BYTES, Unusual};
pub use signer::{Signature, Signer};

/// The lanes of this processor, and how to ask for them.
#[cfg(target_arch = "x86_64")]
use ifma::{Ifma as Lanes, detect};
#[cfg(not(target_arch = "x86_64"))]
use portable::{Portable as Lanes, detect};
