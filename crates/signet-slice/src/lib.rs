//! Lets a thread give way to the others soon.
//!
//! A low priority (`nice`) limits how much of a core a thread gets, not how long it keeps one: on
//! Linux a thread that runs is not preempted before its slice is over, about 3 ms, even by one that
//! answers requests. Since Linux 6.12 a thread may ask for shorter slices (`sched_setattr(2)`). The C
//! library has no function for that call, so this crate makes it.

use std::io;
use std::time::Duration;

/// Sets `nice` (-20 to 19, 19 being the lowest priority) and the slice of the calling thread and of no
/// other. A kernel that does not know slices takes the first and ignores the second.
///
/// # Errors
/// What the system says; `Unsupported` where there is no such call.
pub fn set(nice: i32, slice: Duration) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    return linux::set(nice, slice);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (nice, slice);
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::time::Duration;

    /// `struct sched_attr` of <linux/sched/types.h>, its first version.
    #[repr(C)]
    #[derive(Default)]
    pub(super) struct Attributes {
        pub size: u32,
        pub policy: u32,
        pub flags: u64,
        pub nice: i32,
        pub priority: u32,
        /// The slice, in nanoseconds.
        pub runtime: u64,
        pub deadline: u64,
        pub period: u64,
    }

    pub(super) const SIZE: u32 = size_of::<Attributes>() as u32;

    pub(super) fn set(nice: i32, slice: Duration) -> io::Result<()> {
        let runtime = u64::try_from(slice.as_nanos()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let attributes = Attributes { size: SIZE, nice, runtime, ..Attributes::default() };
        // SAFETY: the kernel reads `size` bytes at the pointer, which are those of a live value of
        // this layout, and keeps nothing. 0 is the calling thread; no flag is set.
        #[expect(unsafe_code, reason = "the C library has no function for this call")]
        let result = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Duration;

    use super::linux::{Attributes, SIZE};

    fn of_calling_thread() -> (i32, u64) {
        let mut attributes = Attributes::default();
        // SAFETY: the kernel writes at most SIZE bytes to a live value of so many.
        #[expect(unsafe_code, reason = "the C library has no function for this call")]
        let result = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut attributes, SIZE, 0) };
        assert_eq!(result, 0);
        (attributes.nice, attributes.runtime)
    }

    #[test]
    fn a_thread_gets_what_it_asks_for_and_others_keep_what_they_have() {
        let before = of_calling_thread();
        let slice = Duration::from_micros(250);
        let lowered = std::thread::spawn(move || super::set(19, slice).map(|()| of_calling_thread()));
        let (nice, runtime) = lowered.join().expect("a thread").expect("permission to give way");
        assert_eq!(nice, 19);
        // Kernels before 6.12 know no slices and say 0.
        assert!([0, 250_000].contains(&runtime), "{runtime}");
        assert_eq!(of_calling_thread(), before);
    }

    #[test]
    fn a_slice_without_end_is_refused() {
        assert!(super::set(0, Duration::MAX).is_err());
    }
}
