//! What a header and claims must say, apart from the signature: RFC 9068 §4 and RFC 7519 §4.1,
//! each check a function from claims to a reason in words. Types are checked, not guessed: a claim
//! of a wrong type is wrong, never absent.

use serde_json::{Map, Value};

use super::strict_json::shown;
use super::verify::Expected;
use crate::clock::UnixTime;

/// Members that no header of an access token may have.
pub static NOT_PLAIN: &[&str] = &["crit", "b64", "jwk", "jku", "x5u", "x5c", "zip"];
/// Kinds of token that are access tokens.
pub static TYPES: &[&str] = &["at+jwt", "jwt"];

/// `crit` names extensions that must be understood, and none is (RFC 7515 §4.1.11). Keys and
/// places of keys inside a token are never followed, so a token that needs them is refused.
pub(super) fn header_is_plain(header: &Map<String, Value>) -> Result<(), String> {
    match NOT_PLAIN.iter().find(|name| header.contains_key(**name)) {
        Some(name) => Err(format!("the header has `{name}`, which access tokens must do without")),
        None => Ok(()),
    }
}

/// RFC 9068 §4, with `JWT` besides, which this issuer writes for verifiers that want it. Media
/// types have no case, and `application/` may be left out (RFC 7515 §4.1.9).
pub(super) fn typ(header: &Map<String, Value>) -> Result<(), String> {
    let typ = match header.get("typ") {
        None => return Err("the header has no `typ`; it should be at+jwt or JWT".to_owned()),
        Some(Value::String(typ)) => typ.to_ascii_lowercase(),
        Some(_) => return Err("the header's `typ` is not text".to_owned()),
    };
    match typ.strip_prefix("application/").unwrap_or(&typ) {
        known if TYPES.contains(&known) => Ok(()),
        other => Err(format!("`typ` is {}, not at+jwt or JWT: this is another kind of token", shown(other))),
    }
}

pub(super) fn issuer(claims: &Map<String, Value>, expected: &str) -> Result<(), String> {
    match claims.get("iss") {
        None => Err("there is no `iss`".to_owned()),
        Some(Value::String(issuer)) if issuer == expected => Ok(()),
        Some(Value::String(issuer)) if issuer.trim_end_matches('/') == expected.trim_end_matches('/') => Err(
            format!("issued by {}, expected {expected}: they differ in a slash at the end", shown(issuer)),
        ),
        Some(Value::String(issuer)) => Err(format!("issued by {}, expected {expected}", shown(issuer))),
        Some(_) => Err("`iss` is not text".to_owned()),
    }
}

/// One text, or a list of texts that is not empty (RFC 7519 §4.1.3).
pub(super) fn audience(claims: &Map<String, Value>, expected: Option<&str>) -> Result<(), String> {
    let audiences: Option<Vec<&str>> = match claims.get("aud") {
        None => return Err("there is no `aud`: the token is for nobody".to_owned()),
        Some(Value::String(one)) => Some(vec![one]),
        Some(Value::Array(several)) => several.iter().map(Value::as_str).collect(),
        Some(_) => None,
    };
    let audiences = audiences
        .filter(|audiences| !audiences.is_empty())
        .ok_or("`aud` is neither text nor a list of texts".to_owned())?;
    match expected {
        Some(expected) if !audiences.contains(&expected) => {
            let found: Vec<_> = audiences.iter().map(|audience| shown(audience)).collect();
            Err(format!("meant for {}, expected {expected}", found.join(", ")))
        }
        _ => Ok(()),
    }
}

pub(super) fn expiry(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), String> {
    let expiry = date(claims, "exp")?;
    let passed = expected.now.since(expiry);
    // RFC 7519 §4.1.4: on or after the moment it must not be accepted.
    if passed < expected.leeway_seconds {
        return Ok(());
    }
    Err(format!("expired {} ago, at {expiry}", span(passed)))
}

pub(super) fn issued(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), String> {
    let issued = date(claims, "iat")?;
    let ahead = issued.since(expected.now);
    if ahead <= expected.leeway_seconds {
        return Ok(());
    }
    Err(format!("issued {} in the future, at {issued}: one of the two clocks is wrong", span(ahead)))
}

pub(super) fn not_before(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), String> {
    let start = date(claims, "nbf")?;
    let ahead = start.since(expected.now);
    if ahead <= expected.leeway_seconds {
        return Ok(());
    }
    Err(format!("not valid before {start}, which is {} ahead", span(ahead)))
}

/// A `NumericDate` (RFC 7519 §2): a number, with or without a fraction, which is dropped.
fn date(claims: &Map<String, Value>, name: &str) -> Result<UnixTime, String> {
    /// 2^53: beyond it JSON numbers are no exact integers any more (RFC 8259 §6).
    const SECONDS_MAX: f64 = 9_007_199_254_740_992.0;
    let value = claims.get(name).ok_or_else(|| format!("there is no `{name}`"))?;
    if let Some(seconds) = value.as_i64() {
        return Ok(UnixTime::from_seconds(seconds));
    }
    match value.as_f64() {
        // The fraction is dropped on purpose, and the range makes the cast exact.
        Some(seconds) if seconds.abs() <= SECONDS_MAX => Ok(UnixTime::from_seconds(seconds.floor() as i64)),
        Some(_) => Err(format!("`{name}` is out of range")),
        None => Err(format!("`{name}` is not a number")),
    }
}

/// A span of time as people say it.
fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..7_200 => format!("{} min", seconds.div_euclid(60)),
        7_200..172_800 => format!("{} h", seconds.div_euclid(3_600)),
        _ => format!("{} days", seconds.div_euclid(86_400)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    fn expected(now: i64) -> Expected<'static> {
        let now = UnixTime::from_seconds(now);
        Expected { issuer: "https://i.example", audience: Some("https://a.example"), now, leeway_seconds: 5 }
    }

    #[test]
    fn claims_of_a_wrong_type_are_wrong_and_not_absent() {
        for wrong in [json!(null), json!(1), json!(["https://i.example"]), json!({})] {
            assert!(issuer(&claims(json!({"iss": wrong})), "https://i.example").is_err(), "{wrong}");
        }
        for wrong in
            [json!(null), json!(1), json!([]), json!([1]), json!(["https://a.example", 1]), json!({})]
        {
            assert!(audience(&claims(json!({"aud": wrong})), None).is_err(), "{wrong}");
        }
        for wrong in [json!(null), json!("1000"), json!([1000]), json!(1e300), json!(true)] {
            assert!(expiry(&claims(json!({"exp": wrong})), &expected(0)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_token_ends_at_exp_plus_leeway() {
        let at = |now| expiry(&claims(json!({"exp": 1000})), &expected(now));
        assert_eq!(at(1004), Ok(()));
        assert_eq!(at(1005), Err("expired 5 s ago, at 1970-01-01T00:16:40Z".to_owned()));
        assert!(at(1300).unwrap_err().starts_with("expired 5 min ago"));
        assert_eq!(expiry(&claims(json!({"exp": 1000.9})), &expected(1004)), Ok(()));
    }

    #[test]
    fn tokens_of_the_future_are_refused() {
        assert_eq!(issued(&claims(json!({"iat": 1005})), &expected(1000)), Ok(()));
        assert!(issued(&claims(json!({"iat": 1006})), &expected(1000)).is_err());
        assert!(not_before(&claims(json!({"nbf": 1006})), &expected(1000)).is_err());
    }

    #[test]
    fn audiences_are_compared_byte_for_byte() {
        let meant_for = |aud: Value| audience(&claims(json!({"aud": aud})), Some("https://a.example"));
        assert_eq!(meant_for(json!("https://a.example")), Ok(()));
        assert_eq!(meant_for(json!(["https://b.example", "https://a.example"])), Ok(()));
        for wrong in ["https://a.example/", "https://A.example", "a.example"] {
            assert!(meant_for(json!(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_access_tokens_pass() {
        for right in ["at+jwt", "JWT", "application/at+jwt", "AT+JWT"] {
            assert_eq!(typ(&claims(json!({"typ": right}))), Ok(()), "{right}");
        }
        for wrong in [json!("dpop+jwt"), json!("logout+jwt"), json!(1), json!("")] {
            assert!(typ(&claims(json!({"typ": wrong}))).is_err(), "{wrong}");
        }
        assert!(typ(&claims(json!({}))).is_err());
    }

    #[test]
    fn b30_crit_and_embedded_keys_are_refused() {
        for name in ["crit", "b64", "jwk", "jku", "x5u", "x5c", "zip"] {
            assert!(header_is_plain(&claims(json!({name: []}))).is_err(), "{name}");
        }
        assert_eq!(header_is_plain(&claims(json!({"alg": "RS256", "x5t": "x"}))), Ok(()));
    }
}
