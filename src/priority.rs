//! The priority of threads beside those that answer: reading a large list, or checking a password
//! hash, must not slow the answers.

/// Lowest priority that there is (`nice`).
#[cfg(target_os = "linux")]
const NICE: i32 = 19;

/// Lowers the calling thread and no other. On Linux "process 0" of setpriority(2) is the calling
/// thread; elsewhere it would be the whole process, so nothing is done.
pub fn lower() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!("a thread keeps its priority: {error}");
    }
}
