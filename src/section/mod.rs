//! Reads one section of a configuration file: the members of a mapping, durations and dates, files
//! that it names, and the nearest spelling of a misspelt word. Shared by the client list and by every kind of
//! credential, which reads its own section (`client_auth::KINDS`).

pub mod beside;
pub mod json;
pub mod members;
pub mod table;
pub mod words;

pub use crate::diagnostic::shown;

/// The candidate that `word` was probably meant to be, among the first thousand: a list of many
/// misspelt words must not cost minutes.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    const CANDIDATES_MAX: usize = 1_000;
    nearest_of_all(word, candidates.into_iter().take(CANDIDATES_MAX))
}

/// The same among any number, for a question about one word. Of equally near ones the first.
pub fn nearest_of_all<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let most = (word.chars().count() / 3).max(1);
    let word = word.to_ascii_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= most)
        .map(|candidate| (strsim::osa_distance(&word, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
