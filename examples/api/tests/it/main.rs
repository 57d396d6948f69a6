//! The API over real sockets, with an issuer of the tests. Rows J1–J5 of `tests/requirements.txt`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that cannot go on must fail"
)]

mod key_set;
mod rfc6750_bearer;
mod rfc9068_access_token;
mod support;
