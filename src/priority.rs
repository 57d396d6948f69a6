//! The priority of threads beside those that answer: reading a large list, or checking a password
//! hash, must not slow the answers.

use std::time::Duration;

/// Lowest priority that there is (`nice`).
const NICE: i32 = 19;
/// How long such a thread may keep a core that a request waits for. The shortest slice that Linux has
/// (6.12 and later).
const SLICE: Duration = Duration::from_micros(100);

/// Lowers the calling thread and no other; elsewhere than on Linux nothing is done.
pub fn lower() {
    if let Err(error) = signet_slice::set(NICE, SLICE) {
        tracing::debug!("a thread keeps its priority: {error}");
    }
}
