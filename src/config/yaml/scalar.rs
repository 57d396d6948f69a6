//! Scalars by the YAML 1.2 core schema (YAML 1.2.2 §10.3.2). Only plain scalars are resolved;
//! quoted ones and block scalars are text.

use crate::diagnostic::Value;

/// Longest plain scalar that can be a number; a longer one is text.
const NUMBER_BYTES_MAX: usize = 64;

/// `None` for an integer that no 64-bit number holds: to round it would change its meaning.
pub(super) fn resolve(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Boolean(true),
        "false" | "False" | "FALSE" => Value::Boolean(false),
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        _ => match text.strip_prefix(['-', '+']).unwrap_or(text) {
            ".inf" | ".Inf" | ".INF" if text.starts_with('-') => Value::Float(f64::NEG_INFINITY),
            ".inf" | ".Inf" | ".INF" => Value::Float(f64::INFINITY),
            unsigned if is_number_like(unsigned, text) => return number(text, unsigned),
            _ => Value::Text(text.to_owned()),
        },
    })
}

fn is_number_like(unsigned: &str, text: &str) -> bool {
    let digits = |text: &str, radix| !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
    // Most plain scalars are words; their first byte settles it.
    if text.len() > NUMBER_BYTES_MAX || !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    match text.get(..2) {
        Some("0x") => digits(text.get(2..).unwrap_or_default(), 16),
        Some("0o") => digits(text.get(2..).unwrap_or_default(), 8),
        _ => is_decimal(unsigned),
    }
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_decimal(text: &str) -> bool {
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent_is_valid = exponent.is_none_or(|text| {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        !digits.is_empty() && all_digits(digits)
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    exponent_is_valid
        && all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
}

fn number(text: &str, unsigned: &str) -> Option<Value> {
    if let Some(digits) = text.strip_prefix("0x") {
        return i64::from_str_radix(digits, 16).ok().map(Value::Integer);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return i64::from_str_radix(digits, 8).ok().map(Value::Integer);
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Value::Integer);
    }
    text.parse().ok().map(Value::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        let kind = |text: &str| match resolve(text) {
            None => "too large".to_owned(),
            // `Debug` shows no scalar.
            Some(Value::Text(text)) => format!("text {text}"),
            Some(Value::Boolean(flag)) => format!("Boolean({flag})"),
            Some(Value::Integer(number)) => format!("Integer({number})"),
            Some(Value::Float(number)) => format!("Float({number:?})"),
            Some(value) => format!("{value:?}"),
        };
        for (text, expected) in [
            ("", "Null"),
            ("~", "Null"),
            ("True", "Boolean(true)"),
            ("yes", "text yes"),
            ("on", "text on"),
            ("0", "Integer(0)"),
            ("-12", "Integer(-12)"),
            ("+12", "Integer(12)"),
            ("007", "Integer(7)"),
            ("0x1F", "Integer(31)"),
            ("0o17", "Integer(15)"),
            ("0xZZ", "text 0xZZ"),
            ("1.5", "Float(1.5)"),
            (".5", "Float(0.5)"),
            ("1.", "Float(1.0)"),
            ("1e3", "Float(1000.0)"),
            ("1e", "text 1e"),
            (".", "text ."),
            ("-", "text -"),
            (".inf", "Float(inf)"),
            ("-.INF", "Float(-inf)"),
            (".nan", "Float(NaN)"),
            ("1_000", "text 1_000"),
            ("15m", "text 15m"),
            ("2027-03-01", "text 2027-03-01"),
            ("12:30", "text 12:30"),
            ("9223372036854775808", "too large"),
            ("0xFFFFFFFFFFFFFFFFF", "too large"),
            ("infinity", "text infinity"),
            ("NaN", "text NaN"),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }
}
