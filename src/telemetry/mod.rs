//! What the outside learns of a running server: metrics, the audit line of every decision, and
//! the log. The only subscriber and exporter.

pub mod audit;
mod audit_lines;
mod client_keys;
mod keys;
mod logging;
mod metrics;
pub mod registrations;
mod reloads;
mod replay_store;
mod shed;

pub use client_keys::{ClientKeysReport, FetchOutcome};
pub use logging::{LogFormat, LogGuard, init};
pub use metrics::{Gauges, Metrics};
pub use reloads::{Reloads, ReloadsReport};
pub use replay_store::ReplayStoreMetrics;
pub use shed::ShedRequests;
