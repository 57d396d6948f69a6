//! The key of a client assertion: what its header may say, and whether one of the client's keys
//! made the signature. The header chooses among registered keys and nothing else (RFC 8725 §3.1,
//! §3.10).

use crate::jose::key_set::VerificationKey;
use crate::jose::{UnverifiedJwt, WrongType, thumbprint};
use crate::oauth::Reason;

crate::oauth::reasons! {
    HEADER_REFUSED = InvalidClient ASSERTION_HEADER;
    TYP_WRONG = InvalidClient ASSERTION_TYP;
    ALGORITHM_WRONG = InvalidClient ASSERTION_ALGORITHM;
    KEY_UNKNOWN = InvalidClient ASSERTION_KEY_UNKNOWN;
    SIGNATURE_WRONG = InvalidClient ASSERTION_SIGNATURE;
}

pub(super) fn check_header(jwt: &UnverifiedJwt) -> Result<(), &'static Reason> {
    if jwt.refused_header_member().is_some() { Err(&HEADER_REFUSED) } else { check_typ(jwt) }
}

/// Absent, `JWT`, or the type of draft-ietf-oauth-rfc7523bis; media types have no case, and
/// `application/` may be left out (RFC 7515 §4.1.9).
fn check_typ(jwt: &UnverifiedJwt) -> Result<(), &'static Reason> {
    let typ = jwt.header_text("typ").map_err(|WrongType| &TYP_WRONG)?.map(str::to_ascii_lowercase);
    match typ.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ)) {
        None | Some("jwt" | "client-authentication+jwt") => Ok(()),
        Some(_) => Err(&TYP_WRONG),
    }
}

pub(super) fn check_signature(jwt: &UnverifiedJwt, keys: &[VerificationKey]) -> Result<(), &'static Reason> {
    let algorithm = jwt.header_text("alg").ok().flatten().ok_or(&ALGORITHM_WRONG)?;
    let kid = jwt.header_text("kid").map_err(|WrongType| &KEY_UNKNOWN)?;
    let mut named = keys.iter().filter(|key| kid.is_none_or(|kid| is_named(key, kid))).peekable();
    if named.peek().is_none() {
        return Err(&KEY_UNKNOWN);
    }
    // The key's algorithm decides; the header may only agree (RFC 8725 §3.1).
    let mut agreeing = named.filter(|key| key.algorithm.is_named(algorithm)).peekable();
    if agreeing.peek().is_none() {
        return Err(&ALGORITHM_WRONG);
    }
    if agreeing.any(|key| jwt.is_signed_by(key)) { Ok(()) } else { Err(&SIGNATURE_WRONG) }
}

/// By its `kid`, or by its thumbprint (RFC 7638). A key that is registered without `kid` answers
/// to every name: there is nothing to compare.
fn is_named(key: &VerificationKey, kid: &str) -> bool {
    match &key.kid {
        Some(own) => own == kid || thumbprint::sha256(&key.public_key) == kid,
        None => true,
    }
}
