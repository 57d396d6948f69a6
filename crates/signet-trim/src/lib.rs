//! Gives memory that was freed back to the system.
//!
//! The C library keeps what a program frees for its next use. That is right for requests, and wrong
//! for a reload: the list before, and all that was needed to read the new one, are of no use until
//! the next reload, hours later. `malloc_trim(3)` returns the free pages of every arena. There is
//! no safe interface to it, so it has a crate of its own.

/// Returns free pages to the system where the C library can do so (glibc), and does nothing
/// elsewhere. Takes the locks of the allocator one arena at a time; for a thread that nobody waits
/// for. Returns whether anything was given back.
pub fn trim() -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: malloc_trim has no precondition and touches free memory only; glibc lists it as
        // safe for threads (MT-Safe). Its argument is the number of bytes to keep at the top.
        #[expect(unsafe_code, reason = "the C library has no safe interface to its allocator")]
        let given_back = unsafe { libc::malloc_trim(0) };
        given_back == 1
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    false
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use std::fs;

    /// Blocks of which the C library keeps the pages (those of 128 KiB and more it gives back itself).
    const BLOCKS: usize = 20_000;
    const BLOCK_BYTES: usize = 4_096;

    fn resident_bytes() -> u64 {
        let status = fs::read_to_string("/proc/self/status").expect("Linux has it");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("it says so");
        line.split_whitespace().nth(1).and_then(|text| text.parse::<u64>().ok()).expect("a number") * 1024
    }

    #[test]
    fn what_was_freed_below_a_block_that_stays_goes_back_to_the_system() {
        let mut blocks: Vec<Vec<u8>> = (0..BLOCKS).map(|_| vec![1; BLOCK_BYTES]).collect();
        // The last one stays, so that the top of the heap cannot simply sink.
        let last = blocks.pop();
        drop(blocks);
        let before = resident_bytes();
        assert!(super::trim());
        let after = resident_bytes();
        let most = (BLOCKS * BLOCK_BYTES) as u64;
        assert!(before - after > most / 2, "{before} bytes before, {after} after");
        assert_eq!(last.map(|block| block.len()), Some(BLOCK_BYTES));
    }
}
