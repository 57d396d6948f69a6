//! Secrets that signet makes: `sgs_`, 256 random bits in base64url, a checksum. The fixed prefix
//! lets scanners find a leaked one; the checksum tells a typo from a guess.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

const PREFIX: &str = "sgs_";
/// 256 bits.
const RANDOM_BYTES: usize = 32;
/// Prefix and random part.
const BODY_CHARACTERS: usize = PREFIX.len() + 43;
/// 36 bits of SHA-256 of what stands before it.
const CHECKSUM_CHARACTERS: usize = 6;

/// A new secret of 53 characters, all of `[A-Za-z0-9_-]`.
///
/// # Errors
/// When the system gives no random numbers.
pub fn generate() -> Result<Zeroizing<String>, ring::error::Unspecified> {
    let mut random = Zeroizing::new([0_u8; RANDOM_BYTES]);
    SystemRandom::new().fill(&mut *random)?;
    Ok(of_bits(&random))
}

/// The secret of these bits, which nobody can guess.
pub(super) fn of_bits(bits: &[u8; RANDOM_BYTES]) -> Zeroizing<String> {
    let mut secret = Zeroizing::new(String::with_capacity(64));
    secret.push_str(PREFIX);
    URL_SAFE_NO_PAD.encode_string(bits, &mut secret);
    let checksum = checksum(&secret);
    secret.push_str(&checksum);
    secret
}

/// Does the text begin like one of our secrets without being one? Then a character of it was lost
/// or changed, and nothing needs to be looked up to know it.
pub fn is_mistyped(secret: &[u8]) -> bool {
    if !secret.starts_with(PREFIX.as_bytes()) {
        return false;
    }
    let Some((body, end)) =
        std::str::from_utf8(secret).ok().and_then(|secret| secret.split_at_checked(BODY_CHARACTERS))
    else {
        return true;
    };
    checksum(body) != end
}

fn checksum(body: &str) -> String {
    let mut checksum = URL_SAFE_NO_PAD.encode(digest(&SHA256, body.as_bytes()));
    checksum.truncate(CHECKSUM_CHARACTERS);
    checksum
}

/// Bits below which a secret can be guessed (RFC 6749 §10.10 asks for 128 of them).
pub const STRENGTH_BITS_MIN: u32 = 128;

/// What people make of the id of a client, which is public (row L7).
pub fn guesses_from(client_id: &str) -> [String; 3] {
    [client_id.to_owned(), format!("{client_id}-secret"), format!("{client_id}_secret")]
}

/// An upper bound of the bits that a secret of somebody else's making can hold: its length times
/// the bits of the alphabet that it draws from. One of few different characters counts as those.
pub fn strength_bits(secret: &str) -> u32 {
    let size_if = |there: bool, size: u32| if there { size } else { 0 };
    let alphabet = size_if(secret.contains(|c: char| c.is_ascii_lowercase()), 26)
        + size_if(secret.contains(|c: char| c.is_ascii_uppercase()), 26)
        + size_if(secret.contains(|c: char| c.is_ascii_digit()), 10)
        + size_if(secret.contains(|c: char| !c.is_ascii_alphanumeric()), 32);
    let mut different: Vec<char> = secret.chars().collect();
    let length = u32::try_from(different.len()).unwrap_or(u32::MAX);
    different.sort_unstable();
    different.dedup();
    // A drawn text of this length holds about half of its length in different characters.
    let few = different.len() < secret.chars().count().min(32) / 3;
    let alphabet = if few { u32::try_from(different.len()).unwrap_or(u32::MAX) } else { alphabet };
    // Whole bits of the alphabet, rounded to the nearest: 64 characters hold 6, 36 hold 5.
    let bits = f64::from(alphabet.max(1)).log2();
    (f64::from(length) * bits).floor() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l7_generated_secrets_have_the_documented_form_and_never_repeat() {
        let [a, b] = [generate(), generate()].map(|secret| secret.map(|s| s.to_string()).unwrap_or_default());
        assert_eq!(a.len(), 53);
        assert!(a.starts_with(PREFIX));
        assert!(a.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)));
        assert_ne!(a, b);
        assert!(strength_bits(&a) >= 256);
    }

    #[test]
    fn a_typing_error_shows_in_the_checksum() {
        let secret = generate().map(|secret| secret.to_string()).unwrap_or_default();
        assert!(!is_mistyped(secret.as_bytes()));
        for at in PREFIX.len()..secret.len() {
            let mut typo = secret.clone().into_bytes();
            typo[at] = if typo[at] == b'a' { b'b' } else { b'a' };
            assert!(is_mistyped(&typo), "{at}");
            assert!(is_mistyped(&secret.as_bytes()[..at]), "{at}");
        }
        assert!(is_mistyped(format!("{secret} ").as_bytes()));
        assert!(is_mistyped("sgs_\u{e4}".repeat(30).as_bytes()));
        for other in ["", "sgs", "SGS_x", "JIYG_OzuMcOj2KrRIamehEWJRMEa"] {
            assert!(!is_mistyped(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn l7_weak_secrets_are_told_from_strong_ones() {
        for weak in ["secret", "correct horse battery", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""]
        {
            assert!(strength_bits(weak) < 128, "{weak}: {}", strength_bits(weak));
        }
        for strong in ["JIYG_OzuMcOj2KrRIamehEWJRMEa", "0123456789abcdef0123456789abcdef"] {
            assert!(strength_bits(strong) >= 128, "{strong}: {}", strength_bits(strong));
        }
    }
}
