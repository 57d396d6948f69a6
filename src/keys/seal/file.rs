//! The content of a seal key's file: one line, base64url of 256 random bits.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::{SECRET_BYTES, SealError, SealKey};
use crate::clock::UnixTime;

/// Why a file holds no seal key. Carries nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Not one line of 43 characters base64url.
    Malformed,
    /// One byte, over and over: nothing that a generator made.
    NotRandom,
    Failed,
}

/// The key of a file.
///
/// # Errors
/// Why there is none.
pub fn read(file: &str, activation: UnixTime, content: &[u8]) -> Result<SealKey, Unusable> {
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    let line = content.strip_suffix(b"\n").unwrap_or(content);
    let decoded = URL_SAFE_NO_PAD.decode_slice(line, &mut *secret);
    if decoded != Ok(SECRET_BYTES) {
        return Err(Unusable::Malformed);
    }
    if secret.iter().all(|byte| Some(byte) == secret.first()) {
        return Err(Unusable::NotRandom);
    }
    SealKey::new(file, activation, &secret).map_err(|SealError| Unusable::Failed)
}

/// The content of a new file.
///
/// # Errors
/// When the system gives no random numbers.
pub fn new_content() -> Result<Zeroizing<String>, SealError> {
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    SystemRandom::new().fill(&mut *secret).map_err(|_| SealError)?;
    let mut content = Zeroizing::new(String::with_capacity(64));
    URL_SAFE_NO_PAD.encode_string(*secret, &mut content);
    content.push('\n');
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(content: &str) -> Option<Unusable> {
        read("file", UnixTime::from_seconds(0), content.as_bytes()).err()
    }

    #[test]
    fn what_is_made_is_read_and_nothing_else() {
        let content = new_content().expect("random numbers");
        assert_eq!((content.len(), problem(&content), problem(content.trim_end())), (44, None, None));
        assert_ne!(content, new_content().expect("random numbers"));
        for wrong in [
            "",
            "\n",
            content.split_at(1).1,
            &content.repeat(2),
            &format!("{}\n", &*content),
            "=".repeat(43).as_str(),
        ] {
            assert_eq!(problem(wrong), Some(Unusable::Malformed), "{wrong:?}");
        }
        assert_eq!(problem(&"A".repeat(43)), Some(Unusable::NotRandom));
    }
}
