//! One integration binary; one file per section of a specification.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that cannot go on must fail"
)]

mod support;

mod access_difference;
mod architecture;
mod check_flags;
mod check_formats;
mod check_pre_commit;
mod check_rules;
mod cli_clients;
mod cli_clients_import;
mod cli_diff;
mod cli_doctor;
mod cli_doctor_tls;
mod cli_fmt;
mod cli_help;
mod cli_init;
mod cli_keys;
mod cli_keys_plan;
mod cli_messages;
mod cli_secret_verify;
mod cli_secrets_keys;
mod cli_settings;
mod cli_token_key;
mod cli_tokens;
mod cli_why;
mod client_key_files;
mod client_keys_fetched;
mod client_lists;
mod config_bad;
mod config_clients;
mod config_teams;
mod contract_suites;
mod deadlines;
mod documentation;
mod http_hygiene;
mod imported_clients;
mod imported_secrets;
mod key_caching;
mod key_fixtures;
mod keys_directory;
mod keys_emergency;
mod keys_faults;
mod keys_revocation;
mod keys_rotation;
mod load_shedding;
mod metrics_keys;
mod migrate_to_keys;
mod pages;
mod process;
mod process_log;
mod raw_http;
mod registered_clients;
mod registration_commands;
mod registration_operation;
mod registration_page;
mod reload;
mod reload_faults;
mod reload_guard;
mod reload_load;
mod reload_look;
mod replay_store;
mod replay_store_login;
mod rfc6749_2_3_client_authentication;
mod rfc6749_3_2_token_endpoint;
mod rfc6749_3_3_scope;
mod rfc7515_assertion_form;
mod rfc7515_assertion_header;
mod rfc7515_assertion_signature;
mod rfc7515_signatures;
mod rfc7516_assertion_limits;
mod rfc7517_key_set;
mod rfc7518_algorithms;
mod rfc7518_client_keys;
mod rfc7523_claims;
mod rfc7523_mutations;
mod rfc7523_other_readers;
mod rfc7523_presentation;
mod rfc7523_private_key_jwt;
mod rfc7523_refusals;
mod rfc7591_2_client_metadata;
mod rfc7591_3_initial_access_token;
mod rfc7591_registration;
mod rfc8414_metadata;
mod rfc8707_resource;
mod rfc8725_assertion_algorithms;
mod rfc9068_access_token;
mod rfc9112_framing;
mod schema;
mod secrecy;
mod signing;
mod status_page;
mod throttling;
mod token_reuse;
mod verifier_models;
mod wycheproof;
