//! Looks for secrets in whatever came out of a program, in every spelling that a program may give
//! them by accident.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Percent-encoded, as forms and URLs carry it.
pub fn percent(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(*byte))
            }
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// Every spelling in which something could come out. Base64 is that of any position: of the three
/// ways to stand in a longer text, the characters that only the secret decides.
fn spellings(secret: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(secret).into_owned();
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let json = serde_json::to_string(&text).expect("JSON");
    let mut all = vec![
        text.clone(),
        text.chars().rev().collect(),
        percent(secret),
        percent(secret).replace("%20", "+"),
        percent(secret).to_lowercase(),
        hex.to_uppercase(),
        hex,
        json.trim_matches('"').to_owned(),
        format!("{secret:?}").trim_matches(['[', ']']).to_owned(),
        format!("{text:?}").trim_matches('"').to_owned(),
        STANDARD.encode(secret),
    ];
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        for before in 0..3 {
            let shifted = engine.encode([&vec![0; before], secret].concat());
            all.push(shifted[(before * 8).div_ceil(6)..shifted.len() - 1].to_owned());
        }
    }
    all
}

/// Secrets to look for.
pub struct Canaries(Vec<(&'static str, Vec<String>)>);

impl Canaries {
    pub fn new(secrets: &[(&'static str, &[u8])]) -> Self {
        Self(secrets.iter().map(|(name, secret)| (*name, spellings(secret))).collect())
    }

    /// The first that stands in the text, and how it is spelt there.
    pub fn found_in(&self, text: &str) -> Option<(&'static str, &str)> {
        self.0.iter().find_map(|(name, spellings)| {
            let spelling = spellings.iter().find(|spelling| text.contains(spelling.as_str()))?;
            Some((*name, spelling.as_str()))
        })
    }

    /// # Panics
    /// When one of them stands in the text.
    pub fn absent_from(&self, place: &str, text: &str) {
        if let Some((name, spelling)) = self.found_in(text) {
            panic!("{name} stands in {place} as {spelling}: {text}");
        }
    }
}
