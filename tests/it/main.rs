//! One binary for all integration tests; one file per section of a specification or per input.

mod config_clients;
mod deadlines;
mod key_fixtures;
mod keys_directory;
mod raw_http;
mod rfc7515_signatures;
mod rfc7517_key_set;
mod rfc9112_framing;
