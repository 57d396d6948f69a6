//! Findings as text for people, as JSON for programs, and in the three forms that code hosts show
//! beside a change. The last three name files relative to a directory, usually the top of the
//! repository; here nothing asks the system for it.

mod github;
mod human;
mod json;
mod markdown;
mod sarif;

use std::path::Path;

pub use github::github;
pub use human::{count, human};
pub use json::json;
pub use markdown::{code_reference, markdown};
pub use sarif::sarif;

/// The name of a file as seen from `directory`; one that lies elsewhere stays as it is.
fn relative<'n>(name: &'n str, directory: &Path) -> &'n str {
    let inside = Path::new(name).strip_prefix(directory).ok().and_then(Path::to_str);
    let name = inside.filter(|inside| !inside.is_empty()).unwrap_or(name);
    name.trim_start_matches("./")
}

/// Is a finding about something on the network? Then its "file" is a URL, which is in no directory.
fn is_url(name: &str) -> bool {
    name.starts_with("https://") || name.starts_with("http://")
}
