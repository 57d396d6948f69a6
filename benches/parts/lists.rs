//! Lists of every size: reading them, and asking them.

use signet::clock::{Clock as _, SystemClock};
use signet::config::{Options, load};

use crate::shared::report::Report;
use crate::shared::{client_list, cpu, number};

/// Clients, and files: one file may have 64 MiB.
const LISTS: [(usize, usize); 4] = [(10, 1), (10_000, 1), (100_000, 1), (1_000_000, 16)];

pub fn measure(report: &mut Report) {
    let most = number("SIGNET_BENCH_CLIENTS", 1_000_000.0) as usize;
    report.section("lists of clients");
    for (clients, files) in LISTS.into_iter().filter(|(clients, _)| *clients <= most) {
        let directory = tempfile::tempdir().expect("a directory");
        let bytes = client_list::write(directory.path(), clients, files);
        let before = cpu::of_thread();
        let loaded = load(directory.path(), SystemClock.now(), &Options::default());
        let seconds = (cpu::of_thread() - before).as_secs_f64();
        let registry = loaded.registry.expect("a list without errors");
        report.figure(&format!("{clients} clients: load"), seconds, "s");
        report.figure(&format!("{clients} clients: load, of the file"), bytes as f64 / 1e6 / seconds, "MB/s");
        let look_up = client_list::look_up_nanoseconds(&registry);
        report.figure(&format!("{clients} clients: a look-up"), look_up, "ns");
    }
}
