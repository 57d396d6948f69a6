//! `client_secret`: a secret that client and server share, kept as its SHA-256. A fast digest is
//! right for 256 random bits; what people make up is refused when the file is read.

use std::fmt;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use subtle::{Choice, ConstantTimeEq as _};

use super::password_hash::{self, PasswordHash};
use super::{CredentialKind, RequestView, client_secret_basic, client_secret_post, generated_secret};
use crate::client::{Context, Fit, Misfit, Presented, Proof, Reading, Verifier};
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Code, Finding, Findings, Section, Value};
use crate::oauth::Reason;
use crate::section::beside::Beside;
use crate::section::table::{Absent, Member, form};

crate::oauth::reasons! {
    SECRET_WRONG = InvalidClient SECRET_WRONG;
    SECRET_TYPO = InvalidClient SECRET_TYPO;
}

const PREFIX: &str = "sha256:";
/// SHA-256 in base64url without padding.
const DIGEST_CHARACTERS: usize = 43;
/// How password hashes begin that are not read, and forms of digests that are not ours.
pub(super) const FOREIGN_HASHES: &[&str] =
    &["$pbkdf2", "$scrypt", "$7$", "$y$", "$5$", "$6$", "$1$", "{SSHA", "{SHA"];

/// Secrets that anybody would try first.
const WEAK: &[&str] = &[
    "",
    "secret",
    "Secret",
    "SECRET",
    "password",
    "Password",
    "Password1",
    "passw0rd",
    "changeme",
    "change-me",
    "changeit",
    "change_me",
    "test",
    "test123",
    "testing",
    "demo",
    "example",
    "admin",
    "root",
    "letmein",
    "client_secret",
    "client-secret",
    "clientsecret",
    "mysecret",
    "my-secret",
    "supersecret",
    "super-secret",
    "topsecret",
    "s3cr3t",
    "1234",
    "12345",
    "123456",
    "12345678",
    "123456789",
    "1234567890",
    "qwerty",
    "hunter2",
    "foobar",
    // Stands in the example configuration of Dex, and from there in many others.
    "ZXhhbXBsZS1hcHAtc2VjcmV0",
    "foo",
    "bar",
];
static WEAK_DIGESTS: LazyLock<Vec<[u8; 32]>> =
    LazyLock::new(|| WEAK.iter().map(|word| sha256(word.as_bytes())).collect());

/// The name of the kind.
pub(super) const NAME: &str = "client_secret";

static MEMBER: Member = Member {
    name: NAME,
    text: "The digest of a secret that client and server share, never the secret: `signet secret new` makes both. \
           Hashes of other issuers are read as they are: argon2, bcrypt, PBKDF2.",
    absent: Absent::Nothing,
    // The last of 43 characters holds four bits; the two below them are zero.
    schema: || {
        let imported = password_hash::PATTERN;
        form("digest", &format!("^(?:sha256:[A-Za-z0-9_-]{{42}}[AEIMQUYcgkosw048]|{imported})$"))
    },
    example: r#""sha256:jinN5QfVp0RF3ReORXuKZf3b_8c2dcBEsKO0QhhCoOk""#,
};

/// The kind of credential.
pub struct ClientSecret;

/// A registered secret: only its digest.
struct SecretDigest([u8; 32]);

impl CredentialKind for ClientSecret {
    fn member(&self) -> &'static Member {
        &MEMBER
    }

    fn methods(&self) -> &'static [&'static str] {
        &[client_secret_basic::NAME, client_secret_post::NAME]
    }

    fn configure(
        &self,
        section: &Section,
        _beside: &mut dyn Beside,
        findings: &mut Findings,
    ) -> Option<Box<dyn Verifier>> {
        let Value::Text(text) = &section.value else {
            if !matches!(section.value, Value::Refused) {
                let message = "`client_secret` must be the digest of a secret";
                refuse(&codes::SECRET_MALFORMED, message, "expected `sha256:…`", section, findings);
            }
            return None;
        };
        if password_hash::is_known(text) {
            return imported(text, section, findings);
        }
        let Some(encoded) = text.strip_prefix(PREFIX) else {
            not_a_digest(text, section, findings);
            return None;
        };
        match decode(encoded) {
            Ok(digest) if WEAK_DIGESTS.contains(&digest) => {
                let message = "the secret is a word that anybody would try first";
                refuse(&codes::SECRET_WEAK, message, "the digest of such a word", section, findings);
                None
            }
            Ok(digest) => Some(Box::new(SecretDigest(digest))),
            Err(label) => {
                let message = "the digest of a secret is malformed";
                refuse(&codes::SECRET_MALFORMED, message, &label, section, findings);
                None
            }
        }
    }

    fn presented(
        &self,
        request: &RequestView<'_>,
        found: &mut Vec<Presented>,
    ) -> Result<(), &'static Reason> {
        let of_body = client_secret_post::parse(self.name(), request.params);
        let of_headers =
            request.authorization.iter().map(|header| client_secret_basic::parse(self.name(), header));
        for presented in of_body.into_iter().map(Ok).chain(of_headers) {
            let presented = presented?;
            found.push(Presented { proof: without_typo(presented.proof), ..presented });
        }
        Ok(())
    }

    fn parameters(&self) -> &'static [&'static str] {
        &[client_secret_post::CLIENT_SECRET]
    }

    fn decoy(&self) -> Box<dyn Verifier> {
        // No text is known whose SHA-256 is zero.
        Box::new(SecretDigest([0; 32]))
    }
}

impl Verifier for SecretDigest {
    fn verify(&self, proof: &Proof, _context: &Context<'_>) -> Result<Fit, Misfit> {
        compare(proof, |reading| reading.sha256().ct_eq(&self.0))
    }

    fn fingerprint(&self) -> [u8; 32] {
        self.0
    }
}

/// Both readings are looked at, whatever the first one shows.
pub(super) fn compare(proof: &Proof, is_it: impl Fn(&Reading) -> Choice) -> Result<Fit, Misfit> {
    let Proof::Secret { reading, raw } = proof else { return Err(Misfit::Wrong(&SECRET_WRONG)) };
    let fits = is_it(reading);
    let fits_raw = raw.as_ref().map_or(Choice::from(0), is_it);
    match (bool::from(fits), bool::from(fits_raw)) {
        (true, _) => Ok(Fit::default()),
        (false, true) => Ok(Fit { relaxations: vec!["basic_raw"], once: None }),
        (false, false) => Err(Misfit::Wrong(&SECRET_WRONG)),
    }
}

/// A digest is as good as the secret to whoever can search for it; it is not printed.
impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(…)")
    }
}

/// A mistyped secret of ours is refused before anything is looked up.
pub(super) fn without_typo(proof: Proof) -> Proof {
    match &proof {
        Proof::Secret { reading, .. } if generated_secret::is_mistyped(reading.bytes()) => {
            Proof::Unreadable(&SECRET_TYPO)
        }
        _ => proof,
    }
}

/// How a secret stands in the client file.
pub fn stored_form(secret: &str) -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(sha256(secret.as_bytes())))
}

/// What is wrong, in words that show nothing of it.
fn decode(encoded: &str) -> Result<[u8; 32], String> {
    let count = encoded.chars().count();
    if encoded.len() == 64 && encoded.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("hexadecimal; base64url is wanted, 43 characters".into());
    }
    if encoded.ends_with('=') || encoded.contains(['+', '/']) {
        return Err("plain base64; base64url without padding is wanted (`-` and `_`, no `=`)".into());
    }
    if count != DIGEST_CHARACTERS {
        return Err(format!("{DIGEST_CHARACTERS} characters are wanted after `{PREFIX}`, here are {count}"));
    }
    // The engine refuses trailing bits, so that one digest has one spelling.
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| "not base64url".to_owned())?;
    <[u8; 32]>::try_from(bytes).map_err(|_| "not 32 bytes".to_owned())
}

fn imported(text: &str, section: &Section, findings: &mut Findings) -> Option<Box<dyn Verifier>> {
    section.source.mask(section.span);
    match PasswordHash::parse(text) {
        Ok(hash) => Some(Box::new(hash)),
        Err(reason) => {
            let message = format!("the imported hash of a secret cannot be used: {reason}");
            refuse(&codes::SECRET_HASH_UNSUPPORTED, &message, "this hash", section, findings);
            None
        }
    }
}

fn not_a_digest(text: &str, section: &Section, findings: &mut Findings) {
    section.source.mask(section.span);
    if FOREIGN_HASHES.iter().any(|prefix| text.starts_with(prefix)) {
        let message = "this form of a hash is not read";
        return refuse(&codes::SECRET_HASH_UNSUPPORTED, message, "a password hash", section, findings);
    }
    let finding = Finding::new(&codes::SECRET_IN_CLEAR, "a client secret stands here in clear")
        .at(section.place(), "only `sha256:…` may stand here")
        .help("make a new one with `signet secret new`, or hash this one: `signet secret hash`");
    findings.push(finding);
}

fn refuse(code: &'static Code, message: &str, label: &str, section: &Section, findings: &mut Findings) {
    let help = "`signet secret new` makes a secret and the line for this file";
    findings.push(Finding::new(code, message).at(section.place(), label).help(help));
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    // SHA-256 has 32 bytes; the default is never taken.
    digest(&SHA256, bytes).as_ref().try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UnixTime;
    use crate::diagnostic::{Source, Span, human, json};

    fn configure(text: &str) -> (Option<Box<dyn Verifier>>, Findings) {
        let source = Source::new("clients.yaml", text);
        let span = Span::between(0, text.len());
        let section = Section { source, span, value: Value::Text(text.into()) };
        let mut findings = Findings::default();
        (ClientSecret.configure(&section, &mut (), &mut findings), findings)
    }

    const LONG: &str = "a-secret-made-by-a-generator-of-32-bytes";

    #[test]
    fn the_stored_form_accepts_its_secret_and_no_other() {
        let (verifier, findings) = configure(&stored_form(LONG));
        let now = Context::offline(UnixTime::from_seconds(0));
        assert!(findings.is_empty());
        let check =
            |value: &str| verifier.as_ref().map(|v| v.verify(&Proof::secret(value.into()), &now).is_ok());
        assert_eq!(check(LONG), Some(true));
        assert_eq!(check("other"), Some(false));
        assert_eq!(check(""), Some(false));
    }

    #[test]
    fn l7_what_is_no_digest_is_refused_and_never_shown() {
        let digest = stored_form(LONG);
        let hex = format!("sha256:{}", "ab".repeat(32));
        let cases = [
            ("hunter2", "SG0148"),
            ("", "SG0148"),
            ("sgs_abcdefgh", "SG0148"),
            ("sha256:hunter2", "SG0149"),
            (hex.as_str(), "SG0149"),
            ("sha256:iNQmb9TmM40TuEX88olXnQsxVMKGdJB6XWvXvvCbcrs=", "SG0149"),
            // The same digest with other trailing bits.
            ("sha256:iNQmb9TmM40TuEX88olXnQsxVMKGdJB6XWvXvvCbcrt", "SG0149"),
            ("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA", "SG0150"),
            ("$2b$12$abcdefghijklmnopqrstuv", "SG0150"),
        ];
        for (text, code) in cases {
            let (verifier, findings) = configure(text);
            assert!(verifier.is_none(), "{text}");
            assert_eq!(findings.iter().map(|f| f.code.id).collect::<Vec<_>>(), [code], "{text}");
            if text.len() > 3 {
                let secret = text.trim_start_matches("sha256:");
                assert!(!human(&findings, false).contains(secret) || code == "SG0149", "{text}");
                assert!(!json(&findings).contains(secret), "{text}");
            }
        }
        assert!(configure(&digest).0.is_some());
    }

    #[test]
    fn l7_the_digest_of_a_well_known_word_is_refused() {
        for word in ["secret", "password", "changeme", "test"] {
            let (verifier, findings) = configure(&stored_form(word));
            assert!(verifier.is_none());
            assert_eq!(findings.iter().next().map(|f| f.code.id), Some("SG0151"));
        }
    }
}
