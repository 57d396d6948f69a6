//! Start, and exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    signet::cli::run(std::env::args_os().collect()).into()
}
