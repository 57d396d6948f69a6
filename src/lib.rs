//! signet: a stateless OAuth 2.0 token service for machines.

pub mod client;
pub mod client_auth;
pub mod clock;
pub mod config;
pub mod diagnostic;
pub mod http;
pub mod jose;
pub mod keys;
pub mod oauth;
