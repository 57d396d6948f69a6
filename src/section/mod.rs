//! Reads one section of a configuration file: the members of a mapping, durations and dates, and
//! the nearest spelling of a misspelt word. Shared by the client list and by every kind of
//! credential, which reads its own section (`client_auth::KINDS`).

pub mod json;
pub mod members;
pub mod table;
pub mod words;

pub use crate::diagnostic::shown;

/// The candidate that `word` was probably meant to be.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
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
