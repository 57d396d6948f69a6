//! What the outside learns of a running server: metrics, the audit line of every decision, and
//! the log. The only subscriber and exporter.

pub mod audit;
mod logging;
mod metrics;

pub use logging::{LogFormat, LogGuard, init};
pub use metrics::{Gauges, Metrics};
