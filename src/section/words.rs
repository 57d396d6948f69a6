//! Durations and dates as they stand in files: one notation for each, so that people, editors
//! (`section::table`) and this reader take the same text for the same time.

use jiff::Timestamp;

use crate::clock::UnixTime;

/// A duration as a regular expression (ECMA 262): days, hours, minutes and seconds in this order,
/// each at most once. What it matches is a duration, unless it is zero.
pub const DURATION_PATTERN: &str = "^(?:[0-9]{1,7}d(?: ?[0-9]{1,7}h)?(?: ?[0-9]{1,7}m)?(?: ?[0-9]{1,7}s)?|[0-9]{1,7}h(?: ?[0-9]{1,7}m)?(?: ?[0-9]{1,7}s)?|[0-9]{1,7}m(?: ?[0-9]{1,7}s)?|[0-9]{1,7}s)$";
/// A day, or a time of RFC 3339 §5.6 with `T` and offset, as a regular expression. What it matches
/// is a date when the calendar has it.
pub const DATE_PATTERN: &str = "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))?$";

const DURATION_DIGITS_MAX: usize = 7;
const FRACTION_DIGITS_MAX: usize = 9;

/// Whole seconds above zero, a day being 24 hours; more than fit are the most that fit.
///
/// # Errors
/// What to do, in words.
pub fn seconds(text: &str) -> Result<u32, String> {
    if text.trim() == text && text.parse::<f64>().is_ok() {
        return Err(format!("a number needs its unit: write `{text}s` for seconds, or `15m`"));
    }
    match duration(text) {
        None => Err("write whole numbers of d, h, m and s: `900s`, `15m`, `1h 30m` or `30d`".to_owned()),
        Some(0) => Err("it must be above zero; leave it out for the default".to_owned()),
        Some(seconds) => Ok(u32::try_from(seconds).unwrap_or(u32::MAX)),
    }
}

fn duration(text: &str) -> Option<u64> {
    let (mut rest, mut total) = (text, 0_u64);
    for (unit, seconds) in [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)] {
        let part = if rest.len() < text.len() { rest.strip_prefix(' ').unwrap_or(rest) } else { rest };
        let (number, after) = leading_digits(part);
        let Some(after) = after.strip_prefix(unit).filter(|_| number.len() <= DURATION_DIGITS_MAX) else {
            continue;
        };
        let number: u64 = number.parse().ok()?;
        total = total.saturating_add(number.saturating_mul(seconds));
        rest = after;
    }
    (rest.is_empty() && !text.is_empty()).then_some(total)
}

/// A day (midnight UTC at its beginning) or an RFC 3339 time with offset.
///
/// # Errors
/// What to do, in words.
pub fn time(text: &str) -> Result<UnixTime, &'static str> {
    let wanted = "write a day, `2027-03-01`, or a time with offset, `2027-03-01T09:00:00Z`";
    let (day, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let after_clock = numbers(day, "0000-00-00")
        .filter(|rest| rest.is_empty())
        .and_then(|_| numbers(time, "00:00:00"))
        .ok_or(wanted)?;
    // RFC 3339 §5.7: a leap second is not ours to know.
    if time.get(6..8).is_some_and(|seconds| seconds == "60") {
        return Err("there is no second 60 here; write the second before or after it");
    }
    match without_fraction(after_clock) {
        Some("") => return Err("a time needs its offset: `2027-03-01T09:00:00Z` or `…+01:00`"),
        Some("Z") => {}
        Some(offset) if offset.starts_with(['+', '-']) => {
            let hours_and_minutes = offset.get(1..).unwrap_or_default();
            let is_offset = numbers(hours_and_minutes, "00:00").is_some_and(str::is_empty)
                && hours_and_minutes < "24:00"
                && hours_and_minutes.get(3..).is_some_and(|minutes| minutes < "60");
            if !is_offset {
                return Err(wanted);
            }
        }
        _ => return Err(wanted),
    }
    let parsed: Timestamp = format!("{day}T{time}").parse().map_err(|_| wanted)?;
    Ok(UnixTime::from_seconds(parsed.as_second()))
}

/// What follows a text of the form of `like`, where `0` stands for a digit.
fn numbers<'t>(text: &'t str, like: &str) -> Option<&'t str> {
    let fits = |(byte, like): (u8, u8)| if like == b'0' { byte.is_ascii_digit() } else { byte == like };
    (text.len() >= like.len() && text.bytes().zip(like.bytes()).all(fits))
        .then(|| text.get(like.len()..))
        .flatten()
}

fn without_fraction(text: &str) -> Option<&str> {
    let Some(fraction) = text.strip_prefix('.') else { return Some(text) };
    let (digits, rest) = leading_digits(fraction);
    (1..=FRACTION_DIGITS_MAX).contains(&digits.len()).then_some(rest)
}

fn leading_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_carry_their_unit() {
        for (text, expected) in [
            ("900s", 900),
            ("15m", 900),
            ("1h 30m", 5400),
            ("1h30m", 5400),
            ("1h 0m 5s", 3605),
            ("0h 1s", 1),
            ("2m30s", 150),
            ("1d", 86_400),
            ("30d", 2_592_000),
            ("1d 12h", 129_600),
            ("1d5s", 86_405),
        ] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in [
            "900",
            "0",
            "",
            "15",
            "1.5",
            "0s",
            "-5m",
            "5m ago",
            "1500ms",
            "1.5d",
            "1h 1d",
            "2w",
            "1 month",
            "15 x",
            " ",
            "m",
            "24 hours",
            "PT15M",
            "1.5h",
            " 15m",
            "15m ",
            "1m 1h",
            "1h  30m",
            "1m1m",
            "12345678s",
            "00:15:00",
            "1H",
            "+5m",
        ] {
            assert!(seconds(text).is_err(), "{text}");
        }
        assert!(seconds("900").is_err_and(|help| help.contains("`900s`")));
        assert_eq!(seconds("9999999h"), Ok(u32::MAX));
    }

    #[test]
    fn dates_are_days_in_utc_or_times_with_an_offset() {
        let at = |text: &str| time(text).map(|time| time.to_string());
        assert_eq!(at("2027-03-01").as_deref(), Ok("2027-03-01T00:00:00Z"));
        assert_eq!(at("2027-03-01T09:00:00+01:00").as_deref(), Ok("2027-03-01T08:00:00Z"));
        assert_eq!(at("2027-03-01T09:00:00Z").as_deref(), Ok("2027-03-01T09:00:00Z"));
        assert_eq!(at("2027-03-01T09:00:00.5-23:59").as_deref(), Ok("2027-03-02T08:59:00Z"));
        for text in [
            "2027-3-1",
            "2027-02-30",
            "01.03.2027",
            "2027-03-01T09:00:00",
            "2027-03-01 09:00:00Z",
            "20270301",
            "2027-03-01T09:00:00+01:00[Europe/Berlin]",
            "",
            "tomorrow",
            "2027-03-01Z",
            "2027-03-01T",
            "2027-03-01T09:00Z",
            "2027-03-01T09:00:60Z",
            "2027-03-01T24:00:00Z",
            "2027-03-01T09:00:00.Z",
            "2027-03-01T09:00:00+0100",
            "2027-03-01T09:00:00+24:00",
            "2027-03-01T09:00:00+01:60",
            "2027-03-01t09:00:00z",
            "+2027-03-01",
        ] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
