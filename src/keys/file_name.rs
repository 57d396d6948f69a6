//! The names of key files: `<activation>.<alg>.pem`, `.pub.pem` for a public half alone,
//! `.revoked.pem` for a key that is withdrawn, and `<activation>.seal.key` for a seal key. The name is
//! all that a key's state is computed from, so it is read strictly; the content is not looked at here.

use std::fmt;

use crate::clock::UnixTime;
use crate::jose::Algorithm;

/// When a key becomes active, what it signs with, and which half the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyFileName {
    pub algorithm: Algorithm,
    pub activation: UnixTime,
    pub half: Half,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Half {
    Private,
    Public,
}

/// What a name in the directory stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Key(KeyFileName),
    /// The key of this name is withdrawn: not published and never used, whatever else is there.
    Revoked(KeyFileName),
    /// A seal key with its activation; no signing key.
    Seal(UnixTime),
    /// `README*` and names that start with a dot: `.gitignore`, half-written files, and the
    /// `..data` links of Kubernetes volumes.
    Ignored,
    /// Not a key by its name; worth a word, because a misnamed key looks like this.
    Foreign,
    /// Ends with `.pem` or `.seal.key`, but is not named as keys are.
    Misnamed,
    /// Named as keys are, with a day or a time that no calendar holds.
    ImpossibleDate,
}

/// Reads a name. Case matters, as it does in file systems.
pub fn read(name: &str) -> Entry {
    if name.starts_with('.') || name.starts_with("README") {
        return Entry::Ignored;
    }
    if let Some(date) = name.strip_suffix(SEAL) {
        return match Digits::read(date).map(|digits| digits.instant()) {
            Some(Some(activation)) => Entry::Seal(activation),
            Some(None) => Entry::ImpossibleDate,
            None => Entry::Misnamed,
        };
    }
    let Some(stem) = name.strip_suffix(".pem") else {
        return Entry::Foreign;
    };
    let (stem, revoked) = match stem.strip_suffix(".revoked") {
        Some(stem) => (stem, true),
        None => (stem, false),
    };
    let (stem, half) = match stem.strip_suffix(".pub") {
        Some(stem) => (stem, Half::Public),
        None => (stem, Half::Private),
    };
    let Some((date, algorithm)) = stem.split_once('.') else {
        return Entry::Misnamed;
    };
    let (Some(digits), Some(algorithm)) = (Digits::read(date), Algorithm::from_file_part(algorithm)) else {
        return Entry::Misnamed;
    };
    match digits.instant() {
        Some(activation) if revoked => Entry::Revoked(KeyFileName { algorithm, activation, half }),
        Some(activation) => Entry::Key(KeyFileName { algorithm, activation, half }),
        None => Entry::ImpossibleDate,
    }
}

const SEAL: &str = ".seal.key";

/// The name of a seal key.
pub fn seal(activation: UnixTime) -> String {
    format!("{}{SEAL}", basic(activation))
}

impl KeyFileName {
    /// The name that withdraws the key.
    pub fn revoked(&self) -> String {
        format!("{}.{}.revoked.pem", basic(self.activation), self.algorithm.file_part())
    }
}

impl fmt::Display for KeyFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = match self.half {
            Half::Private => "",
            Half::Public => ".pub",
        };
        write!(f, "{}.{}{half}.pem", basic(self.activation), self.algorithm.file_part())
    }
}

/// ISO 8601 basic form, `20261122T190000Z`: it sorts by time and holds no `:`, which some file
/// systems refuse.
fn basic(time: UnixTime) -> String {
    let extended = time.to_string();
    extended.chars().filter(|character| !matches!(character, '-' | ':')).collect()
}

/// The numbers of `YYYYMMDDTHHMMSSZ`, not yet checked against a calendar.
struct Digits {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
}

impl Digits {
    fn read(text: &str) -> Option<Self> {
        let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
        if date.len() != 8
            || time.len() != 6
            || !(date.bytes().chain(time.bytes())).all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let two = |text: &str, from: usize| text.get(from..from.saturating_add(2))?.parse::<i8>().ok();
        Some(Self {
            year: date.get(..4)?.parse().ok()?,
            month: two(date, 4)?,
            day: two(date, 6)?,
            hour: two(time, 0)?,
            minute: two(time, 2)?,
            second: two(time, 4)?,
        })
    }

    /// `None` for days and times that do not exist, leap seconds among them: the clock has none.
    fn instant(&self) -> Option<UnixTime> {
        let date = jiff::civil::Date::new(self.year, self.month, self.day).ok()?;
        let time = jiff::civil::Time::new(self.hour, self.minute, self.second, 0).ok()?;
        let zoned = date.to_datetime(time).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(UnixTime::from_seconds(zoned.timestamp().as_second()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(name: &str) -> KeyFileName {
        match read(name) {
            Entry::Key(key) => key,
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn a_name_says_when_what_and_which_half() {
        let private = key("20261122T190000Z.rs256.pem");
        assert_eq!((private.algorithm, private.half), (Algorithm::Rs256, Half::Private));
        assert_eq!(private.activation.to_string(), "2026-11-22T19:00:00Z");
        let public = key("20261122T190000Z.es256.pub.pem");
        assert_eq!((public.algorithm, public.half), (Algorithm::Es256, Half::Public));
    }

    #[test]
    fn a_withdrawn_key_is_named_by_either_of_its_halves() {
        let name = key("20261122T190000Z.rs256.pem");
        assert_eq!(name.revoked(), "20261122T190000Z.rs256.revoked.pem");
        assert_eq!(read(&name.revoked()), Entry::Revoked(name));
        let public = KeyFileName { half: Half::Public, ..name };
        assert_eq!(read("20261122T190000Z.rs256.pub.revoked.pem"), Entry::Revoked(public));
        for name in ["20261122T190000Z.rs256.revoked.pub.pem", "20261122T190000Z.revoked.pem"] {
            assert_eq!(read(name), Entry::Misnamed, "{name}");
        }
    }

    #[test]
    fn a_seal_key_is_named_by_its_activation_alone() {
        let activation = UnixTime::from_seconds(1_795_374_000);
        assert_eq!(seal(activation), "20261122T190000Z.seal.key");
        assert_eq!(read("20261122T190000Z.seal.key"), Entry::Seal(activation));
        assert_eq!(read("20261399T000000Z.seal.key"), Entry::ImpossibleDate);
        for name in
            ["seal.key", "key.seal.key", "20261122T190000.seal.key", "20261122T190000Z.rs256.seal.key"]
        {
            assert_ne!(read(name), Entry::Seal(activation), "{name}");
        }
        assert_eq!(read("20261122T190000Z.rs256.seal.key"), Entry::Misnamed);
    }

    #[test]
    fn days_and_times_that_do_not_exist_are_told_from_other_names() {
        for name in [
            "20261399T000000Z.rs256.pem",
            "20260230T000000Z.rs256.pem",
            "20270229T000000Z.rs256.pub.pem",
            "20261122T240000Z.rs256.pem",
            "20261122T236000Z.rs256.pem",
            "20261122T235960Z.rs256.pem",
            "20260001T000000Z.rs256.pem",
        ] {
            assert_eq!(read(name), Entry::ImpossibleDate, "{name}");
        }
        assert_eq!(key("20280229T000000Z.rs256.pem").activation.to_string(), "2028-02-29T00:00:00Z");
    }

    #[test]
    fn other_pem_files_are_misnamed_and_the_rest_is_ignored_or_foreign() {
        for name in [
            "key.pem",
            "20261122T190000Z.pem",
            "20261122T190000Z.RS256.pem",
            "20261122T190000Z.hs256.pem",
            "20261122T190000.rs256.pem",
            "2026-11-22T19:00:00Z.rs256.pem",
            "20261122T1900Z.rs256.pem",
            "+2026112T190000Z.rs256.pem",
            "20261122t190000z.rs256.pem",
            "20261122T190000Z.rs256.old.pem",
            "20261122T190000Z.rs256.pub.pub.pem",
        ] {
            assert_eq!(read(name), Entry::Misnamed, "{name}");
        }
        for name in ["README.md", "README", ".gitignore", "..data", ".20261122T190000Z.rs256.pem"] {
            assert_eq!(read(name), Entry::Ignored, "{name}");
        }
        for name in ["20261122T190000Z.rs256.pem~", "20261122T190000Z.rs256.PEM", "notes.txt"] {
            assert_eq!(read(name), Entry::Foreign, "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_name_that_is_written_is_read_back(
            seconds in 0_i64..253_402_300_800, algorithm in 0_usize..4, public: bool
        ) {
            let name = KeyFileName {
                algorithm: Algorithm::ALL[algorithm],
                activation: UnixTime::from_seconds(seconds),
                half: if public { Half::Public } else { Half::Private },
            };
            prop_assert_eq!(read(&name.to_string()), Entry::Key(name));
        }

        #[test]
        fn no_name_panics(name in "\\PC*", tail in "[0-9TZ.]{0,24}(rs256)?(\\.pub)?\\.pem") {
            let _ = read(&name);
            let _ = read(&tail);
        }
    }
}
