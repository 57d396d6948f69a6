//! JSON that comes from others, read so that two readers cannot understand it differently: a
//! member that stands twice is refused at every depth (RFC 7515 §4, RFC 7519 §4, RFC 7517 §4),
//! and so is anything after the value.
//!
//! Depth is bounded by the parser (128), size by the callers.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a text is refused, in words. May quote the name of a member, escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError(String);

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for JsonError {}

/// A JSON object without repeated members.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, JsonError> {
    match value(bytes)? {
        Value::Object(members) => Ok(members),
        _ => Err(JsonError("it is JSON, but not an object".to_owned())),
    }
}

/// A JSON value whose objects have no repeated members.
pub fn value(bytes: &[u8]) -> Result<Value, JsonError> {
    let Strict(value) =
        serde_json::from_slice(bytes).map_err(|error: serde_json::Error| JsonError(error.to_string()))?;
    Ok(value)
}

/// Text from others as it may be shown to a person: escaped, so that no control character reaches
/// a terminal, and cut.
pub fn shown(text: &str) -> String {
    const CHARACTERS_MAX: usize = 128;
    let mut cut: String = text.chars().take(CHARACTERS_MAX).flat_map(char::escape_debug).collect();
    if text.chars().nth(CHARACTERS_MAX).is_some() {
        cut.push('…');
    }
    cut
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            if members.contains_key(&name) {
                let name = shown(&name);
                return Err(de::Error::custom(format_args!("the member \"{name}\" stands twice")));
            }
            let Strict(value) = access.next_value()?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_read() {
        let text = br#"{"a":[null,true,1,-1,1.5,18446744073709551615],"b":{"c":"d\u00e9"}}"#;
        assert_eq!(object(text), Ok(serde_json::from_slice(text).expect("valid")));
    }

    #[test]
    fn a_member_that_stands_twice_is_refused_at_every_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"b":2,"a":3}}"#,
            r#"{"x":[{"a":1,"a":3}]}"#,
        ] {
            let error = object(text.as_bytes()).expect_err("twice").to_string();
            assert!(error.contains("the member \"a\" stands twice"), "{error}");
        }
    }

    #[test]
    fn what_is_not_exactly_one_object_is_refused() {
        for text in ["", "null", "[]", "{}{}", "{} x", "\u{feff}{}", "{\"a\":1,}", "{'a':1}", "{\"a\":NaN}"] {
            assert!(object(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(object(&[b'{', b'"', 0xff, b'"', b':', b'1', b'}']).is_err(), "not UTF-8");
        assert!(object(format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200)).as_bytes()).is_err());
    }

    #[test]
    fn text_of_others_cannot_reach_the_terminal_raw() {
        assert_eq!(shown("a\u{1b}[31m"), "a\\u{1b}[31m");
        assert_eq!(shown(&"x".repeat(1000)).chars().count(), 129);
    }
}
