//! JSON Object Signing and Encryption: names, keys as JSON, thumbprints, the compact form, and
//! the verification of tokens.

mod algorithm;

pub use algorithm::Algorithm;
