//! `client_secret_basic`: HTTP Basic (RFC 7617) with both halves form-encoded (RFC 6749 §2.3.1).
//!
//! Half of the clients in use encode the halves, the other half sends them raw. The decoded text
//! is tried first; the raw text is the alternative when it differs. Client ids consist of
//! characters that read the same in both forms, so the id needs no second reading.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::client::{Presented, Proof};
use crate::oauth::{Reason, decode_form};

pub const NAME: &str = "client_secret_basic";

crate::oauth::reasons! {
    MALFORMED = InvalidRequest AUTHORIZATION_MALFORMED;
    SCHEME_UNSUPPORTED = InvalidClient METHOD_UNSUPPORTED;
}

/// Reads the value of the one `Authorization` header.
///
/// # Errors
/// Malformed credentials, or a scheme other than `Basic` (compared without case, RFC 9110 §11.1).
pub fn parse(kind: &'static str, header: &[u8]) -> Result<Presented, &'static Reason> {
    let at = header.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(header.len());
    let (scheme, rest) = header.split_at_checked(at).ok_or(&MALFORMED)?;
    if !scheme.eq_ignore_ascii_case(b"Basic") {
        return Err(if scheme.is_empty() { &MALFORMED } else { &SCHEME_UNSUPPORTED });
    }
    // One space and nothing else: parsers that took tabs or several were attacked (GHSA-gv94-wp4h-vv8p).
    let encoded = rest.strip_prefix(b" ").ok_or(&MALFORMED)?;
    let pair = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| &MALFORMED)?);
    let colon = pair.iter().position(|byte| *byte == b':').ok_or(&MALFORMED)?;
    let id = pair.get(..colon).filter(|id| !id.is_empty()).ok_or(&MALFORMED)?;
    let raw = pair.get(colon + 1..).unwrap_or_default();
    let client_id = decode_form(id).map_or_else(|| String::from_utf8_lossy(id).into_owned(), Into::into);
    Ok(Presented { kind, method: NAME, client_id, proof: readings(raw) })
}

/// The decoded reading, and the raw one where it differs. Text that is no valid encoding has the
/// raw reading only: a broken escape is never repaired into a match.
fn readings(raw: &[u8]) -> Proof {
    match decode_form(raw) {
        Some(decoded) if decoded.as_bytes() != raw => {
            Proof::encoded_or_raw(decoded.into_owned().into_bytes(), raw.to_vec())
        }
        _ => Proof::secret(raw.to_vec()),
    }
}
