//! One binary for all integration tests; one file per section of a specification or per input.

mod key_fixtures;
mod keys_directory;
mod rfc7515_signatures;
mod rfc7517_key_set;
