//! Processor time, and which core does what. Time on a core does not grow when other programs want
//! it too, so ratios of such times hold on a busy machine where rates do not.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The core of the server and of raw signatures; the load has the other.
pub const SERVER: &str = "0";
pub const LOAD: &str = "1";

/// Of all threads of a process that live.
pub fn of_process(pid: u32) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("Linux shows threads");
    tasks.flatten().map(|task| on_cores(&task.path())).sum()
}

/// Of the calling thread.
pub fn of_thread() -> Duration {
    on_cores(Path::new("/proc/thread-self"))
}

fn on_cores(task: &Path) -> Duration {
    // A thread may end between the two steps.
    let text = std::fs::read_to_string(task.join("schedstat")).unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// This thread and those that it starts; call it before there are others.
pub fn pin_to(core: &str) {
    let task = std::fs::read_link("/proc/thread-self").expect("Linux shows threads");
    let task = task.file_name().expect("a number").to_owned();
    let pinned = Command::new("taskset").args(["-pc", core]).arg(task).stdout(Stdio::null()).status();
    assert!(
        pinned.is_ok_and(|status| status.success()),
        "taskset (util-linux) must be there, and a second core"
    );
}

/// Runs `work` on a core, in a thread of its own.
pub fn on<T: Send>(core: &str, work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            pin_to(core);
            work()
        });
        thread.join().expect("a thread ends in order")
    })
}

/// A program that runs on a core.
pub fn command_on(core: &str, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(program);
    command
}
