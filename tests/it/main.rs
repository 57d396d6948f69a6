//! The integration tests: one binary, one file per subject.

mod config_clients;
