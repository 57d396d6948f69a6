//! The key of a client assertion: what its header may say, and whether one of the client's keys
//! made the signature. The header chooses among registered keys and nothing else (RFC 8725 §3.1,
//! §3.10).

use std::hint::black_box;
use std::sync::LazyLock;

use super::client_keys;
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
    let named = |key: &&VerificationKey| kid.is_none_or(|kid| is_named(key, kid));
    // The key's algorithm decides; the header may only agree (RFC 8725 §3.1).
    let agrees = |key: &&VerificationKey| key.algorithm.is_named(algorithm);
    let signed = |key: &VerificationKey| jwt.is_signed_by(key);
    let mut agreeing = keys.iter().filter(named).filter(agrees).peekable();
    if agreeing.peek().is_some() {
        return if agreeing.any(signed) { Ok(()) } else { Err(&SIGNATURE_WRONG) };
    }
    // The work that an unknown client makes, or the time would tell it from this one.
    black_box(NOBODYS_KEYS.iter().filter(agrees).any(signed));
    Err(if keys.iter().any(|key| named(&key)) { &ALGORITHM_WRONG } else { &KEY_UNKNOWN })
}

/// Keys whose private halves nobody has. Example keys of RFC 7515 §A.2 and §A.3 and RFC 8037 §A.1
/// would not do, since their private halves are printed there; these were made and forgotten.
pub(super) static NOBODYS_KEYS: LazyLock<Vec<VerificationKey>> = LazyLock::new(client_keys::nobodys);

/// By its `kid`, or by its thumbprint (RFC 7638). A key that is registered without `kid` answers
/// to every name: there is nothing to compare.
fn is_named(key: &VerificationKey, kid: &str) -> bool {
    match &key.kid {
        Some(own) => own == kid || thumbprint::sha256(&key.public_key) == kid,
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::jose::{Algorithm, compact};

    /// A wrong signature of the right length.
    fn jwt(algorithm: Algorithm, kid: &str) -> UnverifiedJwt {
        let bytes = if matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256) { 256 } else { 64 };
        let header = compact::encode(format!(r#"{{"alg":"{algorithm}","kid":"{kid}"}}"#).as_bytes());
        UnverifiedJwt::parse(&format!("{header}.e30.{}", compact::encode(&vec![1; bytes]))).expect("a JWT")
    }

    /// The shortest of many, which a busy machine does not change.
    fn shortest(jwt: &UnverifiedJwt, keys: &[VerificationKey], reason: &'static Reason) -> Duration {
        let one = || {
            let started = Instant::now();
            assert_eq!(check_signature(jwt, keys), Err(reason));
            started.elapsed()
        };
        (0..200).map(|_| one()).min().unwrap_or_default()
    }

    #[test]
    fn b40_a_key_that_is_not_there_costs_as_much_as_a_wrong_signature() {
        for algorithm in Algorithm::ALL.iter().copied() {
            let (mut own, others): (Vec<_>, Vec<_>) =
                NOBODYS_KEYS.iter().cloned().partition(|key| key.algorithm == algorithm);
            let full = shortest(&jwt(algorithm, "own"), &own, &SIGNATURE_WRONG);
            let without_algorithm = shortest(&jwt(algorithm, "own"), &others, &ALGORITHM_WRONG);
            own.iter_mut().for_each(|key| key.kid = Some("own".to_owned()));
            let without_name = shortest(&jwt(algorithm, "other"), &own, &KEY_UNKNOWN);
            for time in [without_algorithm, without_name] {
                assert!(time > full / 2 && time < full * 2, "{algorithm}: {time:?} and {full:?}");
            }
        }
    }
}
