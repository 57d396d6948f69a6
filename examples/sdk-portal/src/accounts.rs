//! Who may log in: names with argon2id hashes, one `NAME:HASH` a line. A name that does not exist costs
//! as much time as a wrong password. Knows nothing of sessions and of how often somebody tried.

use std::collections::HashMap;

use actix_web::web;
use anyhow::{Context as _, bail, ensure};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

/// It stands in the name of the client, for which registration allows 64 bytes.
const NAME_CHARACTERS_MAX: usize = 32;
/// Hashing a longer one is work for nothing.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Shorter passwords are guessed, throttled or not.
const PASSWORD_CHARACTERS_MIN: usize = 10;
/// A check takes 19 MiB and a core for some time.
const CHECKS_AT_ONCE: usize = 2;
const ACCOUNTS_MAX: usize = 100_000;

pub struct Accounts {
    hashes: HashMap<String, String>,
    /// Checked for names that do not exist.
    nobody: String,
    checks: Semaphore,
}

impl Accounts {
    /// # Errors
    /// When a line is not `NAME:HASH`, or a name stands there twice.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut hashes = HashMap::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = || format!("line {}", number + 1);
            let (name, hash) = line.split_once(':').context("there is no `:`").with_context(place)?;
            ensure!(is_name(name), "line {}: a name is 1 to 32 of a-z, 0-9, `.`, `_`, `-`", number + 1);
            let hash_is_argon2id =
                PasswordHash::new(hash).is_ok_and(|hash| hash.algorithm.as_str() == "argon2id");
            ensure!(hash_is_argon2id, "line {}: make it with `sdk-portal hash-password`", number + 1);
            if hashes.insert(name.to_owned(), hash.to_owned()).is_some() {
                bail!("line {}: {name} stands there twice", number + 1);
            }
            ensure!(hashes.len() <= ACCOUNTS_MAX, "more than {ACCOUNTS_MAX} accounts");
        }
        ensure!(!hashes.is_empty(), "there is no account; make one with `sdk-portal hash-password`");
        let nobody = hash("a password that nobody has")?;
        Ok(Self { hashes, nobody, checks: Semaphore::new(CHECKS_AT_ONCE) })
    }

    /// The line for a new account.
    ///
    /// # Errors
    /// When the name or the password is not of the allowed form.
    pub fn line(name: &str, password: &str) -> anyhow::Result<String> {
        ensure!(is_name(name), "a name is 1 to 32 of a-z, 0-9, `.`, `_`, `-`");
        let long_enough = password.chars().count() >= PASSWORD_CHARACTERS_MIN;
        ensure!(long_enough, "a password has at least {PASSWORD_CHARACTERS_MIN} characters");
        ensure!(password.len() <= PASSWORD_BYTES_MAX, "a password has at most {PASSWORD_BYTES_MAX} bytes");
        Ok(format!("{name}:{}", hash(password)?))
    }

    /// Whether this is the password of that name. Waits for its turn.
    pub async fn check(&self, name: &str, password: String) -> bool {
        let known = self.hashes.get(name);
        let exists = known.is_some();
        let hash = known.unwrap_or(&self.nobody).clone();
        let Ok(_turn) = self.checks.acquire().await else { return false };
        let matches = web::block(move || {
            let hash = PasswordHash::new(&hash);
            hash.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        });
        matches.await.unwrap_or(false) && exists
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    (1..=NAME_CHARACTERS_MAX).contains(&name.len()) && name.bytes().all(allowed)
}

fn hash(password: &str) -> anyhow::Result<String> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    Ok(hashed.map_err(|error| anyhow::anyhow!("cannot hash a password: {error}"))?.to_string())
}
