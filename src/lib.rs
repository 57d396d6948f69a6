//! signet: a stateless OAuth 2.0 token service for machines.
//!
//! The product is an immutable [`issuer::Issuer`] that answers three questions: a token request,
//! the metadata, the key set. HTTP is a thin layer over it. A reload builds a new `Issuer` aside
//! and swaps one pointer.
//!
//! ```text
//!  6  main  cli                        words in, exit code out
//!  5  app → reload → inputs ← dev     composition: settings → Issuer → server; build, then swap
//!     app → remote_keys               keys that clients publish, fetched in the background
//!  4  http → replay_store ← telemetry  the only actix_web; what a fleet shares; the only exporter
//!  3  issuer  config                   the pipeline, metadata, key set  |  YAML → validated values
//!  2  grant → token → client_auth      plug-in points and minting
//!     registration → client_auth       clients that are registered, and kept nowhere (RFC 7591)
//!  1  client  keys  section            registrations; signing keys and their plan; sections of files
//!  0  oauth → diagnostic  jose → clock words, formats, time, findings; no I/O, no clock reads
//!     priority                         that of the calling thread
//! ```
//!
//! A module uses lower layers, and within its own only the arrows drawn here;
//! `tests/it/architecture.rs` holds it. Invariants, and where each is kept:
//!
//! - Only `client_auth::authenticate` makes an `AuthenticatedClient`; only whoever holds one makes
//!   an `Authorization`; only the minter makes a `SignedToken`. `issuer::why` asks the same phases
//!   about a client that is named, and holds neither.
//! - No type below `http` holds a status code, none below `config` a file.
//! - Nothing on the request path reads a file, parses a key, waits for a reload or calls out; the
//!   one exception is opt-in: `replay_store`, for requests with a client assertion.

pub mod app;
pub mod cli;
pub mod client;
pub mod client_auth;
pub mod clock;
pub mod config;
pub mod dev;
pub mod diagnostic;
pub mod grant;
pub mod http;
pub mod inputs;
pub mod issuer;
pub mod jose;
pub mod keys;
pub mod oauth;
pub mod priority;
pub mod registration;
pub mod reload;
pub mod remote_keys;
pub mod replay_store;
pub mod section;
pub mod telemetry;
pub mod token;
