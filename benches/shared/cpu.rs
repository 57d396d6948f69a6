//! Processor time, and which core does what. Time on a core does not grow when other programs want
//! it too, so ratios of such times hold on a busy machine where rates do not.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;
use std::time::Duration;

/// The core of the server and of raw signatures; the load has the other.
pub const SERVER: &str = "0";
pub const LOAD: &str = "1";
const ROUNDS: usize = 11;
const CALLS: usize = 20_000;

/// Of all threads of a process that live.
pub fn of_process(pid: u32) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("Linux shows threads");
    tasks.flatten().map(|task| on_cores(&task.path())).sum()
}

/// Of the calling thread, to the moment; what `/proc` shows is as old as the last tick.
pub fn of_thread() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Nanoseconds of one call of each: measured in turns, the median of the rounds.
pub fn nanoseconds<const N: usize>(calls: [&dyn Fn(); N]) -> [f64; N] {
    let mut rounds = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (call, rounds) in calls.iter().zip(&mut rounds) {
            let before = of_thread();
            (0..CALLS).for_each(|_| call());
            rounds.push((of_thread() - before).as_nanos() as f64 / CALLS as f64);
        }
    }
    rounds.map(|rounds| super::median(&rounds))
}

fn on_cores(task: &Path) -> Duration {
    // A thread may end between the two steps.
    let text = std::fs::read_to_string(task.join("schedstat")).unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// This thread and those that it starts; call it before there are others.
pub fn pin_to(core: &str) {
    let pinned = of_this_thread("taskset", &["-pc", core]);
    assert!(pinned, "taskset (util-linux) must be there, and a second core");
}

/// Changes the calling thread with a program that takes its number last.
fn of_this_thread(program: &str, arguments: &[&str]) -> bool {
    let task = std::fs::read_link("/proc/thread-self").expect("Linux shows threads");
    let task = task.file_name().expect("a number").to_owned();
    let status = Command::new(program).args(arguments).arg(task).stdout(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
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

/// Of one call.
pub fn nanoseconds_of(call: impl Fn()) -> f64 {
    let [one] = nanoseconds([&call]);
    one
}

/// Keeps a core from halting until it is dropped, with a thread that runs when nobody else would. To
/// wake a core of a virtual machine that has halted takes some tens of microseconds, which belong to
/// the machine and not to the server.
pub struct Awake {
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<Duration>>,
}

impl Awake {
    pub fn keep(core: &'static str) -> Self {
        let (end, is_there) = (Arc::new(AtomicBool::new(false)), Arc::new(Barrier::new(2)));
        let (seen, ready) = (Arc::clone(&end), Arc::clone(&is_there));
        let thread = std::thread::spawn(move || {
            pin_to(core);
            assert!(of_this_thread("chrt", &["-i", "-p", "0"]), "chrt (util-linux) must be there");
            ready.wait();
            while !seen.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
            of_thread()
        });
        is_there.wait();
        Self { end, thread: Some(thread) }
    }

    /// The time for which nobody else wanted the core.
    pub fn end(mut self) -> Duration {
        self.join()
    }

    fn join(&mut self) -> Duration {
        self.end.store(true, Ordering::Relaxed);
        self.thread.take().map_or(Duration::ZERO, |thread| thread.join().expect("a thread ends in order"))
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        self.join();
    }
}
