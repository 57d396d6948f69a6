//! Configuration files → validated values. `load` is the whole of it: files, YAML, raw
//! registrations, rules, and either a `Registry` or findings, all of them at once.

mod demo;
mod files;
mod load;
mod members;
mod raw;
mod revision;
mod settings;
mod settings_file;
mod validate;
mod words;
mod yaml;

pub use demo::{demo_secrets, published_secrets};
pub use load::{Loaded, LoadedFile, Options, load, load_text};
pub use revision::Revision;
pub use settings::{
    InputSettings, LIFETIME_SECONDS_MAX, LimitSettings, ListenAddress, ReloadSettings, TokenSettings, issuer,
    seconds,
};
pub use settings_file::read as read_settings;

/// A word of a file as a message may quote it: one line, at most 64 characters.
fn shown(word: &str) -> String {
    const CHARACTERS_MAX: usize = 64;
    let mut text: String = word.chars().take(CHARACTERS_MAX).flat_map(char::escape_debug).collect();
    text = text.replace("\\\"", "\"").replace("\\'", "'");
    if word.chars().nth(CHARACTERS_MAX).is_some() {
        text.push('…');
    }
    text
}

/// The candidate that `word` was probably meant to be.
fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    /// A misspelt word is compared with so many candidates, so that a large list costs no minutes.
    const CANDIDATES_MAX: usize = 1_000;
    let most = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .take(CANDIDATES_MAX)
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= most)
        .map(|candidate| {
            (strsim::osa_distance(&word.to_ascii_lowercase(), &candidate.to_ascii_lowercase()), candidate)
        })
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
