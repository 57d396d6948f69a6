//! Password hashes that other issuers kept: argon2, bcrypt and PBKDF2 strings, taken over so that
//! clients need no new secret on the day of a migration. Their cost is capped, because whoever
//! writes the file decides how long a check takes, and how much memory.

use std::fmt;
use std::num::NonZeroU32;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::digest::{SHA256, digest};
use ring::error::Unspecified;
use ring::pbkdf2;
use ring::rand::{SecureRandom as _, SystemRandom};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::secret::SECRET_WRONG;
use crate::client::{Context, Fit, Misfit, Proof, Reading, Verifier};

/// Memory of one check: 64 MiB is what RFC 9106 §4 recommends, four times it is the cap.
const ARGON2_KIB_MAX: u32 = 256 * 1024;
/// Passes over that memory; at the cap of memory this is about two seconds.
const ARGON2_PASSES_MAX: u32 = 10;
const ARGON2_LANES_MAX: u32 = 16;
/// 2^14 rounds take about a second.
const BCRYPT_COST_MAX: u32 = 14;
/// bcrypt reads no further, so a longer secret would share its hash with others (CVE-2025-22228).
const BCRYPT_BYTES_MAX: usize = 72;
/// About half a second with SHA-256.
const PBKDF2_ROUNDS_MAX: u32 = 2_000_000;
/// Salts and digests are 16 to 64 bytes everywhere.
const BYTES: std::ops::RangeInclusive<usize> = 8..=64;

/// PHC strings use base64 without padding (some writers pad); one value may have one spelling only
/// as far as trailing bits go.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The three forms as a schema can tell them; what a check may cost is arithmetic.
pub const PATTERN: &str = r"\$argon2(?:id|i|d)\$(?:v=(?:16|19)\$)?[mtp=,0-9]+\$[A-Za-z0-9+/.=]+\$[A-Za-z0-9+/.=]+|\$2[aby]\$(?:0[4-9]|1[0-4])\$[A-Za-z0-9./]{53}|\$pbkdf2-sha(?:256|512)\$(?:i=)?[0-9]+(?:,l=[0-9]+)?\$[A-Za-z0-9+/.=]+\$[A-Za-z0-9+/.=]+";

/// A registered hash.
pub struct PasswordHash {
    form: Form,
    fingerprint: [u8; 32],
}

enum Form {
    Argon2 { hasher: Argon2<'static>, salt: Box<[u8]>, expected: Box<[u8]> },
    Bcrypt(Box<str>),
    Pbkdf2 { algorithm: pbkdf2::Algorithm, rounds: NonZeroU32, salt: Box<[u8]>, expected: Box<[u8]> },
}

/// Does the text begin like a hash that is read here?
pub fn is_known(text: &str) -> bool {
    ["$argon2", "$2a$", "$2b$", "$2y$", "$pbkdf2-sha"].iter().any(|prefix| text.starts_with(prefix))
}

/// A hash for a secret that could be guessed; it makes a search of the file dear, not impossible.
/// argon2id with the least parameters that OWASP's cheat sheet about password storage names.
///
/// # Errors
/// When the system gives no random numbers.
pub fn hash(secret: &str) -> Result<String, Unspecified> {
    const KIB: u32 = 19 * 1024;
    const PASSES: u32 = 2;
    const LANES: u32 = 1;
    let (mut salt, mut hash) = ([0; 16], Zeroizing::new([0; 32]));
    SystemRandom::new().fill(&mut salt)?;
    let params = Params::new(KIB, PASSES, LANES, Some(hash.len())).map_err(|_| Unspecified)?;
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    hasher.hash_password_into(secret.as_bytes(), &salt, &mut *hash).map_err(|_| Unspecified)?;
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(*hash));
    Ok(format!("$argon2id$v=19$m={KIB},t={PASSES},p={LANES}${salt}${hash}"))
}

impl PasswordHash {
    /// Reads `$argon2id$v=19$m=65536,t=3,p=4$SALT$HASH` (also `argon2i`, `argon2d`), `$2b$12$…`,
    /// `$pbkdf2-sha256$i=600000$SALT$HASH` and the older `$pbkdf2-sha256$600000$SALT$HASH`.
    ///
    /// # Errors
    /// What is wrong, in words that show nothing of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split('$').skip(1).collect();
        let form = match fields.as_slice() {
            [name, rest @ ..] if name.starts_with("argon2") => argon2(name, rest)?,
            ["2a" | "2b" | "2y", cost, _] => bcrypt(text, cost)?,
            [name, rest @ ..] if name.starts_with("pbkdf2-") => pbkdf2(name, rest)?,
            _ => return Err("this form is not known".to_owned()),
        };
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Ok(Self { form, fingerprint })
    }
}

impl Verifier for PasswordHash {
    fn verify(&self, proof: &Proof, context: &Context<'_>) -> Result<Fit, Misfit> {
        let Proof::Secret { reading, raw } = proof else { return Err(Misfit::Wrong(&SECRET_WRONG)) };
        let outcome = |reading: &Reading| context.settled.outcome(&self.fingerprint, reading);
        match (outcome(reading), raw.as_ref().map(outcome)) {
            (Some(true), _) => Ok(Fit::default()),
            (_, Some(Some(true))) => Ok(Fit { relaxations: vec!["basic_raw"], once: None }),
            (None, _) | (_, Some(None)) => Err(Misfit::Unsettled),
            (Some(false), None | Some(Some(false))) => Err(Misfit::Wrong(&SECRET_WRONG)),
        }
    }

    fn verify_slowly(&self, reading: &Reading) -> bool {
        let secret = reading.bytes();
        match &self.form {
            Form::Argon2 { hasher, salt, expected } => {
                let mut hash = Zeroizing::new(vec![0; expected.len()]);
                let made = hasher.hash_password_into(secret, salt, &mut hash);
                made.is_ok() && hash.as_slice().ct_eq(expected).into()
            }
            Form::Bcrypt(text) => {
                secret.len() <= BCRYPT_BYTES_MAX && bcrypt::verify(secret, text).unwrap_or(false)
            }
            Form::Pbkdf2 { algorithm, rounds, salt, expected } => {
                pbkdf2::verify(*algorithm, *rounds, salt, secret, expected).is_ok()
            }
        }
    }

    fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }
}

fn argon2(name: &str, fields: &[&str]) -> Result<Form, String> {
    let algorithm = match name {
        "argon2id" => Algorithm::Argon2id,
        "argon2i" => Algorithm::Argon2i,
        "argon2d" => Algorithm::Argon2d,
        _ => return Err("this kind of argon2 is not known".to_owned()),
    };
    let (version, parameters, salt, hash) = match fields {
        ["v=19", parameters, salt, hash] => (Version::V0x13, parameters, salt, hash),
        ["v=16", parameters, salt, hash] | [parameters, salt, hash] => {
            (Version::V0x10, parameters, salt, hash)
        }
        _ => return Err("argon2 has version, parameters, salt and hash".to_owned()),
    };
    let (mut memory, mut passes, mut lanes) = (None, None, None);
    for parameter in parameters.split(',') {
        let (name, value) = parameter.split_once('=').ok_or("a parameter of argon2 has no value")?;
        let value: u32 = value.parse().map_err(|_| "a parameter of argon2 is no number".to_owned())?;
        match name {
            "m" => memory = Some(value),
            "t" => passes = Some(value),
            "p" => lanes = Some(value),
            _ => return Err("argon2 has a parameter other than m, t and p".to_owned()),
        }
    }
    let (Some(memory), Some(passes), Some(lanes)) = (memory, passes, lanes) else {
        return Err("argon2 has the parameters m, t and p".to_owned());
    };
    if memory > ARGON2_KIB_MAX || passes > ARGON2_PASSES_MAX || lanes > ARGON2_LANES_MAX {
        return Err(format!(
            "it costs more than m={ARGON2_KIB_MAX},t={ARGON2_PASSES_MAX},p={ARGON2_LANES_MAX}, the most that is accepted"
        ));
    }
    let (salt, expected) = (bytes("salt", salt)?, bytes("hash", hash)?);
    let params = Params::new(memory, passes, lanes, Some(expected.len()));
    let params = params.map_err(|_| "its parameters are none of argon2".to_owned())?;
    Ok(Form::Argon2 { hasher: Argon2::new(algorithm, version, params), salt, expected })
}

fn bcrypt(text: &str, cost: &str) -> Result<Form, String> {
    let digits = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
    let cost: u32 = if digits { cost.parse().unwrap_or(0) } else { 0 };
    if !(4..=BCRYPT_COST_MAX).contains(&cost) {
        return Err(format!("bcrypt has a cost of 04 to {BCRYPT_COST_MAX} here"));
    }
    // Two bytes of a character could make the library count wrongly (RUSTSEC-2026-0199).
    if !text.is_ascii() || text.len() != 60 || text.parse::<bcrypt::HashParts>().is_err() {
        return Err("bcrypt has 60 characters".to_owned());
    }
    Ok(Form::Bcrypt(text.into()))
}

fn pbkdf2(name: &str, fields: &[&str]) -> Result<Form, String> {
    let algorithm = match name {
        "pbkdf2-sha256" => pbkdf2::PBKDF2_HMAC_SHA256,
        "pbkdf2-sha512" => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return Err("PBKDF2 is known with SHA-256 and SHA-512".to_owned()),
    };
    let [parameters, salt, hash] = fields else {
        return Err("PBKDF2 has rounds, salt and hash".to_owned());
    };
    // `i=600000,l=32` in PHC strings; a bare number in older ones.
    let rounds = parameters.split(',').find_map(|field| field.strip_prefix("i=")).unwrap_or(parameters);
    let rounds: u32 = rounds.parse().map_err(|_| "the rounds of PBKDF2 are no number".to_owned())?;
    let rounds = NonZeroU32::new(rounds).filter(|rounds| rounds.get() <= PBKDF2_ROUNDS_MAX);
    let rounds = rounds.ok_or_else(|| format!("PBKDF2 has 1 to {PBKDF2_ROUNDS_MAX} rounds here"))?;
    Ok(Form::Pbkdf2 { algorithm, rounds, salt: bytes("salt", salt)?, expected: bytes("hash", hash)? })
}

/// Some older writers use `.` for `+`.
fn bytes(what: &str, text: &str) -> Result<Box<[u8]>, String> {
    let decoded = BASE64.decode(text.replace('.', "+")).map_err(|_| format!("its {what} is not base64"))?;
    if BYTES.contains(&decoded.len()) {
        Ok(decoded.into())
    } else {
        Err(format!("its {what} does not have {} to {} bytes", BYTES.start(), BYTES.end()))
    }
}

/// A hash is as good as the secret to whoever can search for it; it is not printed.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with the reference implementations of argon2 and bcrypt and with Python's hashlib.
    const HASHES: &[&str] = &[
        "$argon2id$v=19$m=256,t=2,p=2$CeWPpNjuR3/mcVEzmILvBQ$M5bSVxllRlMHos18B4tiYZxiztqXJy+tZl0OAD0Qp3c",
        "$2b$04$IV7OqNZNVjz8RhPNtY7JxOBSTePSCinTP.h.HwMyoLaM4wGJHY.by",
        "$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$yqSq2SygY1sB4EcH9f2FG0JTMES+wqLsOT5YmiRBplI",
        "$pbkdf2-sha512$i=1000,l=64$MDEyMzQ1Njc4OWFiY2RlZg$5bTW2oeyDJyGJPcmEr+mRDE11ghpozWrDGnSNhRXo2ZCu0KHRDiUMAVEGzLJC+oDhRoeIja9J1iLIv9ptDJMfQ",
        "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$yqSq2SygY1sB4EcH9f2FG0JTMES.wqLsOT5YmiRBplI",
    ];

    fn fits(hash: &str, secret: &str) -> bool {
        PasswordHash::parse(hash).expect("a hash").verify_slowly(&Reading::new(secret.into()))
    }

    #[test]
    fn hashes_of_other_programs_are_checked() {
        for hash in HASHES {
            assert!(fits(hash, "correct horse battery staple"), "{hash}");
            for wrong in ["correct horse battery stapl", "Correct horse battery staple", ""] {
                assert!(!fits(hash, wrong), "{hash} {wrong}");
            }
        }
    }

    #[test]
    fn a_hash_made_here_accepts_its_secret_and_is_another_one_each_time() {
        let [a, b] = [hash("hunter2 and more"), hash("hunter2 and more")].map(|hash| hash.expect("a hash"));
        assert!(fits(&a, "hunter2 and more") && !fits(&a, "hunter2 and mor"));
        assert_ne!(a, b);
    }

    #[test]
    fn a31_bcrypt_never_ignores_the_end_of_a_long_secret() {
        let long = "x".repeat(80);
        let hash = bcrypt::hash(&long, 4).expect("a hash");
        assert!(!fits(&hash, &long) && !fits(&hash, &"x".repeat(81)));
        let hash = bcrypt::hash("x".repeat(72), 4).expect("a hash");
        assert!(fits(&hash, &"x".repeat(72)) && !fits(&hash, &"x".repeat(73)));
    }

    #[test]
    fn forms_that_cost_too_much_or_are_broken_are_refused() {
        for text in [
            "$argon2id$v=19$m=262145,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$argon2id$v=19$m=65536,t=11,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$argon2id$v=19$m=65536,t=1,p=17$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$argon2id$v=19$m=64,t=1$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$argon2id$v=18$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$argon2id$v=19$m=64,t=1,p=1$c2E$aGFzaGhhc2g",
            "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ",
            "$argon2x$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$2b$15$NotReallyASaltOf22Characters1234567890123456789012345",
            "$2b$10$short",
            "$2b$1ä$7EqJtq98hPqEX7fNZaFWoOePaWxn96p36WQoeG6Lruj3vjPGga31",
            "$pbkdf2-sha256$i=0$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$pbkdf2-sha256$i=2000001$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$pbkdf2-sha256$i=x$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$pbkdf2-sha1$i=1000$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$pbkdf2-sha256$i=1000$c2FsdHNhbHQ",
            "$scrypt$ln=1,r=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$",
            "",
        ] {
            assert!(PasswordHash::parse(text).is_err(), "{text}");
        }
    }
}
