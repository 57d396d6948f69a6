//! `private_key_jwt`: the client signs an assertion with a key of its own (RFC 7523 §2.2 and §3,
//! OpenID Connect Core §9). The algorithm is the registered key's, never the header's; keys and
//! places of keys in the header are refused; the audience is our issuer as a plain text
//! (draft-ietf-oauth-rfc7523bis §4), unless the registration says otherwise.

use std::fmt;
use std::sync::Arc;

use ring::digest::{SHA256, digest};

use super::assertion_key::{NOBODYS_KEYS, check_header, check_signature};
use super::key_source::Keys;
use super::{CredentialKind, RequestView, client_keys, client_keys_table};
use crate::client::{Context, Fit, Misfit, Once, Presented, Proof, Verifier};
use crate::clock::{UnixTime, duration_text};
use crate::diagnostic::{Findings, Section};
use crate::jose::key_set::VerificationKey;
use crate::jose::{UnverifiedJwt, WrongType, thumbprint};
use crate::oauth::Reason;
use crate::section::beside::Beside;
use crate::section::shown;
use crate::section::table::{Absent, Member};

crate::oauth::reasons! {
    TYPE_MISSING = InvalidClient ASSERTION_TYPE_MISSING;
    TYPE_WRONG = InvalidClient ASSERTION_TYPE_WRONG;
    TYPE_ALONE = InvalidClient ASSERTION_MISSING;
    MALFORMED = InvalidClient ASSERTION_MALFORMED;
    ISSUER_WRONG = InvalidClient ASSERTION_ISSUER;
    AUDIENCE_WRONG = InvalidClient ASSERTION_AUDIENCE;
    EXPIRY_WRONG = InvalidClient ASSERTION_EXPIRY;
    EXPIRED = InvalidClient ASSERTION_EXPIRED;
    LIFETIME_LONG = InvalidClient ASSERTION_LIFETIME;
    NOT_YET = InvalidClient ASSERTION_NOT_YET;
    JTI_WRONG = InvalidClient ASSERTION_JTI;
}

pub const NAME: &str = "private_key_jwt";
const ASSERTION: &str = "client_assertion";
const ASSERTION_TYPE: &str = "client_assertion_type";
/// RFC 7523 §2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far `exp` may lie ahead, unless the registration says otherwise: the time in which a
/// stolen assertion is of use, and for which its `jti` is kept.
pub(super) const LIFETIME_SECONDS: u32 = 5 * 60;
/// The clock of a client may be ahead by this much (FAPI 2.0 §5.3.2.1 item 13 asks for 10 s at least).
const AHEAD_SECONDS_MAX: i64 = 60;
/// UUIDs have 36 characters; what is much longer is no identifier.
const JTI_BYTES_MAX: usize = 256;

static MEMBER: Member = Member {
    name: NAME,
    text: "Public keys of the client, which signs an assertion for every request (RFC 7523).",
    absent: Absent::Nothing,
    schema: || serde_json::json!({"$ref": "#/$defs/private_key_jwt"}),
    example: "",
};

/// The kind of credential.
pub struct PrivateKeyJwt;

/// What a registration says.
pub(super) struct ClientKeys {
    /// All of them are tried for an assertion without `kid`.
    pub keys: Keys,
    pub accepts_token_endpoint: bool,
    pub accepts_array: bool,
    pub lifetime_seconds_max: u32,
}

impl CredentialKind for PrivateKeyJwt {
    fn member(&self) -> &'static Member {
        &MEMBER
    }

    fn members(&self) -> &'static [Member] {
        client_keys_table::MEMBERS
    }

    fn alternatives(&self) -> serde_json::Value {
        client_keys_table::one_source()
    }

    fn methods(&self) -> &'static [&'static str] {
        &[NAME]
    }

    fn parameters(&self) -> &'static [&'static str] {
        &[ASSERTION, ASSERTION_TYPE]
    }

    fn configure(
        &self,
        section: &Section,
        beside: &mut dyn Beside,
        findings: &mut Findings,
    ) -> Option<Box<dyn Verifier>> {
        client_keys::read(section, beside, findings).map(|keys| Box::new(keys) as Box<dyn Verifier>)
    }

    /// The client is the one that `sub` names; `client_id` is optional and must say the same
    /// (RFC 7521 §4.2), which `authenticate` compares.
    fn presented(
        &self,
        request: &RequestView<'_>,
        found: &mut Vec<Presented>,
    ) -> Result<(), &'static Reason> {
        let (assertion, kind) = (request.params.get(ASSERTION), request.params.get(ASSERTION_TYPE));
        let proof = match (assertion, kind) {
            (None, None) => return Ok(()),
            (None, Some(_)) => Proof::Unreadable(&TYPE_ALONE),
            (Some(_), None) => Proof::Unreadable(&TYPE_MISSING),
            (Some(_), Some(kind)) if kind != JWT_BEARER => Proof::Unreadable(&TYPE_WRONG),
            (Some(assertion), Some(_)) => UnverifiedJwt::parse(assertion)
                .map_or(Proof::Unreadable(&MALFORMED), |jwt| Proof::Assertion(Box::new(jwt))),
        };
        let subject = match &proof {
            Proof::Assertion(jwt) => jwt.claim_text("sub").ok().flatten(),
            _ => None,
        };
        let client_id = subject.or(request.params.get("client_id")).unwrap_or_default().to_owned();
        found.push(Presented { kind: NAME, method: NAME, client_id, proof });
        Ok(())
    }

    fn decoy(&self) -> Box<dyn Verifier> {
        Box::new(client_keys::of_keys(NOBODYS_KEYS.clone()))
    }
}

impl Verifier for ClientKeys {
    fn verify(&self, proof: &Proof, context: &Context<'_>) -> Result<Fit, Misfit> {
        let Proof::Assertion(jwt) = proof else { return Err(Misfit::Wrong(&MALFORMED)) };
        check_header(jwt)?;
        match &self.keys {
            Keys::Here { keys, .. } => check_signature(jwt, keys)?,
            Keys::At(source) => {
                let keys = context.key_sets.of(source, context.now).ok_or(Misfit::Unavailable)?;
                check_signature(jwt, &keys)?;
            }
        }
        let mut fit = Fit::default();
        check_issuer(jwt)?;
        self.check_audience(jwt, context, &mut fit)?;
        let expires = self.check_times(jwt, context.now, &mut fit)?;
        let jti = jwt.claim_text("jti").ok().flatten().filter(|jti| (1..=JTI_BYTES_MAX).contains(&jti.len()));
        let jti = jti.ok_or(&JTI_WRONG)?.to_owned();
        fit.once = Some(Once { jti, expires });
        Ok(fit)
    }

    /// The same first key, or the same place of keys, at two clients is a shared credential.
    fn fingerprint(&self) -> [u8; 32] {
        let first = match &self.keys {
            Keys::Here { keys, .. } => keys.first().map(|key| thumbprint::sha256(&key.public_key)),
            Keys::At(source) => Some(source.to_string()),
        };
        digest(&SHA256, first.unwrap_or_default().as_bytes()).as_ref().try_into().unwrap_or_default()
    }

    fn terms(&self) -> Vec<String> {
        let of_key = |key: &VerificationKey| {
            let kid = key.kid.as_ref().map_or_else(String::new, |kid| format!(", kid {kid}"));
            format!("key {} {}{kid}", key.algorithm, thumbprint::sha256(&key.public_key))
        };
        let audience = [(self.accepts_token_endpoint, "token endpoint"), (self.accepts_array, "array")];
        let audience = audience.into_iter().filter(|(accepted, _)| *accepted);
        let lifetime = (self.lifetime_seconds_max != LIFETIME_SECONDS)
            .then(|| format!("assertions of up to {}", duration_text(self.lifetime_seconds_max)));
        let audience = audience.map(|(_, word)| format!("accepts as aud: {word}"));
        let keys = match &self.keys {
            Keys::Here { keys, .. } => keys.iter().map(of_key).collect(),
            Keys::At(source) => vec![format!("keys of {source}")],
        };
        keys.into_iter().chain(audience).chain(lifetime).collect()
    }

    fn origin(&self) -> Option<String> {
        match &self.keys {
            Keys::Here { file, .. } => file.as_ref().map(|file| format!("jwks_file {}", shown(file))),
            Keys::At(_) => Some("jwks_uri, fetched in the background".to_owned()),
        }
    }

    fn key_source(&self) -> Option<&Arc<str>> {
        match &self.keys {
            Keys::Here { .. } => None,
            Keys::At(source) => Some(source),
        }
    }
}

impl ClientKeys {
    fn check_audience(
        &self,
        jwt: &UnverifiedJwt,
        context: &Context<'_>,
        fit: &mut Fit,
    ) -> Result<(), &'static Reason> {
        let audience = match jwt.claim("aud") {
            Some(serde_json::Value::String(audience)) => audience,
            // Of one name only: an assertion for several servers can be replayed by each of them.
            Some(serde_json::Value::Array(names)) if self.accepts_array => match names.as_slice() {
                [serde_json::Value::String(audience)] => {
                    fit.relaxations.push("assertion_audience_array");
                    audience
                }
                _ => return Err(&AUDIENCE_WRONG),
            },
            _ => return Err(&AUDIENCE_WRONG),
        };
        if audience == context.issuer {
            return Ok(());
        }
        if self.accepts_token_endpoint && audience == context.token_endpoint {
            fit.relaxations.push("assertion_audience_token_endpoint");
            return Ok(());
        }
        Err(&AUDIENCE_WRONG)
    }

    /// `exp` is the end of the assertion (RFC 7523 §3 item 4): at that second it is over.
    fn check_times(
        &self,
        jwt: &UnverifiedJwt,
        now: UnixTime,
        fit: &mut Fit,
    ) -> Result<UnixTime, &'static Reason> {
        let expires = jwt.claim_time("exp").ok().flatten().ok_or(&EXPIRY_WRONG)?;
        if now >= expires {
            return Err(&EXPIRED);
        }
        let longest = i64::from(self.lifetime_seconds_max);
        if expires.since(now) > longest {
            return Err(&LIFETIME_LONG);
        }
        if expires.since(now) > i64::from(LIFETIME_SECONDS) {
            fit.relaxations.push("assertion_lifetime");
        }
        for name in ["iat", "nbf"] {
            let from = jwt.claim_time(name).map_err(|WrongType| &NOT_YET)?;
            if from.is_some_and(|from| from.since(now) > AHEAD_SECONDS_MAX) {
                return Err(&NOT_YET);
            }
        }
        // An old `iat` says that the assertion lives longer than `exp` alone tells.
        let issued = jwt.claim_time("iat").ok().flatten();
        if issued.is_some_and(|issued| now.since(issued) > longest.saturating_add(AHEAD_SECONDS_MAX)) {
            return Err(&LIFETIME_LONG);
        }
        Ok(expires)
    }
}

/// RFC 7523 §3 items 1 and 2: both name the client. That it is the one of the request was settled
/// when `sub` or an equal `client_id` found the registration.
fn check_issuer(jwt: &UnverifiedJwt) -> Result<(), &'static Reason> {
    let (issuer, subject) = (jwt.claim_text("iss"), jwt.claim_text("sub"));
    match (issuer, subject) {
        (Ok(Some(issuer)), Ok(Some(subject))) if issuer == subject => Ok(()),
        _ => Err(&ISSUER_WRONG),
    }
}

impl fmt::Debug for ClientKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.keys {
            Keys::Here { keys, .. } => write!(f, "ClientKeys({})", keys.len()),
            Keys::At(source) => write!(f, "ClientKeys({source})"),
        }
    }
}
