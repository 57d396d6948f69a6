//! A secret of another issuer on its way into a client file: what of it may stand there.

use super::CredentialKind as _;
use super::generated_secret::{STRENGTH_BITS_MIN, guesses_from, strength_bits};
use super::password_hash;
use super::secret::{ClientSecret, FOREIGN_HASHES, stored_form};
use crate::diagnostic::{Findings, Section, Source, Span, Value};

/// What became of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenOver {
    /// It was a hash, and stays as it is.
    Hash,
    /// Long enough for a fast digest.
    Digest,
    /// It may have so few bits that a digest could be searched for it, so it was hashed slowly.
    SlowHash { bits: u32 },
}

/// The form of `secret` for the client file; a hash of a known form stays what it is.
///
/// # Errors
/// Why it may not stand there, in words that show nothing of it.
pub fn take_over(secret: &str, client_id: &str) -> Result<(String, TakenOver), String> {
    let is_hash =
        password_hash::is_known(secret) || FOREIGN_HASHES.iter().any(|head| secret.starts_with(head));
    if is_hash {
        return accepted(secret.to_owned()).map(|hash| (hash, TakenOver::Hash));
    }
    if secret.is_empty() {
        return Err("the secret is empty".to_owned());
    }
    if guesses_from(client_id).iter().any(|guess| guess == secret) {
        return Err("the secret is made of the client's own id".to_owned());
    }
    let digest = accepted(stored_form(secret))?;
    let bits = strength_bits(secret);
    if bits >= STRENGTH_BITS_MIN {
        return Ok((digest, TakenOver::Digest));
    }
    let hash = password_hash::hash(secret).map_err(|_| "the system gives no random numbers".to_owned())?;
    Ok((hash, TakenOver::SlowHash { bits }))
}

/// What the reader of client files takes.
fn accepted(stored: String) -> Result<String, String> {
    let source = Source::new("a secret", stored.as_str());
    let span = Span::between(0, stored.len());
    let mut findings = Findings::default();
    let section = Section { source, span, value: Value::Text(stored.clone()) };
    match ClientSecret.configure(&section, &mut (), &mut findings) {
        Some(_) => Ok(stored),
        None => Err(findings.iter().next().map(|finding| finding.message.clone()).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l7_strong_secrets_are_digested_weak_ones_hashed_slowly_and_words_refused() {
        let strong = "Xy0-fJ8wq2Lr9sV1bN6mTgHd";
        assert_eq!(take_over(strong, "a"), Ok((stored_form(strong), TakenOver::Digest)));
        let (hash, how) = take_over("correct horse", "a").expect("a hash");
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(matches!(how, TakenOver::SlowHash { bits: 1..=127 }), "{how:?}");
        for word in ["", "secret", "changeme", "ZXhhbXBsZS1hcHAtc2VjcmV0", "billing", "billing-secret"] {
            let reason = take_over(word, "billing").expect_err(word);
            assert!(word.is_empty() || word == "secret" || !reason.contains(word), "{reason}");
        }
    }

    #[test]
    fn hashes_stay_as_they_are_and_those_that_are_not_read_are_refused() {
        let known = "$2b$04$IV7OqNZNVjz8RhPNtY7JxOBSTePSCinTP.h.HwMyoLaM4wGJHY.by";
        assert_eq!(take_over(known, "a"), Ok((known.to_owned(), TakenOver::Hash)));
        for unknown in
            ["$scrypt$ln=17,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2g", "$2b$15$NotReallyASalt", "{SSHA}abcd"]
        {
            assert!(take_over(unknown, "a").is_err(), "{unknown}");
        }
    }
}
