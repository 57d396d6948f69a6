//! The portal over real sockets, as a browser meets it, with a clock and a token service of the tests.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that cannot go on must fail"
)]

mod download;
mod login;
mod pages;
mod support;
mod token_service;
