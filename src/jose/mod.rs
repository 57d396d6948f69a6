//! JSON Object Signing and Encryption: names, keys as JSON, thumbprints, the compact form, and
//! the verification of tokens.

mod algorithm;
pub mod compact;
pub mod jwk;
pub mod key_set;
pub mod meaning;
pub mod strict_json;
pub mod thumbprint;
pub mod token_checks;
mod unverified;
pub mod verify;

pub use algorithm::Algorithm;
pub use jwk::{Jwk, PublicKey};
pub use unverified::{Malformed, UnverifiedJwt, WrongType};
