//! Text of a file inside a sentence.

/// A word of a file as a message may quote it: one line, at most 64 characters.
pub fn shown(word: &str) -> String {
    const CHARACTERS_MAX: usize = 64;
    let mut text: String = word.chars().take(CHARACTERS_MAX).flat_map(char::escape_debug).collect();
    text = text.replace("\\\"", "\"").replace("\\'", "'");
    if word.chars().nth(CHARACTERS_MAX).is_some() {
        text.push('…');
    }
    text
}
