//! Durations and dates as they stand in files.

use jiff::{SignedDuration, Timestamp};

use crate::clock::UnixTime;

/// Whole seconds above zero.
///
/// # Errors
/// What to do, in words.
pub fn seconds(text: &str) -> Result<u32, String> {
    if text.trim() == text && text.parse::<f64>().is_ok() {
        return Err(format!("a number needs its unit: write `{text}s` for seconds, or `15m`"));
    }
    let duration: SignedDuration =
        text.parse().map_err(|_| "write it like `900s`, `15m` or `1h 30m`".to_owned())?;
    if duration.subsec_nanos() != 0 {
        return Err("whole seconds only: `exp` of a token is a whole number".to_owned());
    }
    match u32::try_from(duration.as_secs()) {
        Ok(0) => Err("it must be above zero; leave the member out for the default".to_owned()),
        Ok(seconds) => Ok(seconds),
        Err(_) if duration.is_negative() => Err("it must be above zero".to_owned()),
        Err(_) => Ok(u32::MAX),
    }
}

/// A day (midnight UTC at its beginning) or an RFC 3339 time with offset.
///
/// # Errors
/// What to do, in words.
pub fn time(text: &str) -> Result<UnixTime, &'static str> {
    let digit_at = |at| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let byte_at = |at| text.as_bytes().get(at).copied();
    let is_day = (0..4).all(digit_at)
        && byte_at(4) == Some(b'-')
        && byte_at(7) == Some(b'-')
        && [5, 6, 8, 9].into_iter().all(digit_at);
    let parsed: Option<Timestamp> = match byte_at(10) {
        None if is_day => format!("{text}T00:00:00Z").parse().ok(),
        Some(b'T') if is_day && text.ends_with(|c: char| c == 'Z' || c.is_ascii_digit()) => {
            if !text.ends_with('Z') && !text.get(11..).is_some_and(|time| time.contains(['+', '-'])) {
                return Err("a time needs its offset: `2027-03-01T09:00:00Z` or `…+01:00`");
            }
            text.parse().ok()
        }
        _ => None,
    };
    parsed
        .map(|timestamp| UnixTime::from_seconds(timestamp.as_second()))
        .ok_or("write a day, `2027-03-01`, or a time with offset, `2027-03-01T09:00:00Z`")
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
            ("24 hours", 86_400),
            ("PT15M", 900),
        ] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in
            ["900", "0", "", "15", "1.5", "0s", "-5m", "5m ago", "1500ms", "1d", "1 month", "15 x", " ", "m"]
        {
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
        ] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
