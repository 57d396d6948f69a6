//! Who may read a private key, besides the account that signs with it.
//!
//! Nobody else, with one exception that Kubernetes needs: a Secret volume belongs to root, and a
//! process that runs as another user reads it through the group that `fsGroup` sets. There the
//! group is how we read the file at all, not somebody else.

use std::path::Path;

/// Which permission is too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    Others,
    GroupWrites,
    GroupReads,
}

impl Exposure {
    /// For "the private key …".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Others => "can be used by every account of this machine",
            Self::GroupWrites => "can be changed by its group",
            Self::GroupReads => "can be read by its group",
        }
    }
}

const OTHERS: u32 = 0o007;
const GROUP_WRITE_OR_EXECUTE: u32 = 0o030;
const GROUP_READ: u32 = 0o040;
const OTHERS_WRITE: u32 = 0o002;

/// Judges a private half. `us` is the account that runs this process; not knowing it is taken for
/// being the owner, so the exception does not apply.
pub fn private_half(mode: u32, owner: u32, us: Option<u32>) -> Option<Exposure> {
    let roots_file_for_us = owner == 0 && us.is_some_and(|us| us != 0);
    if mode & OTHERS != 0 {
        Some(Exposure::Others)
    } else if mode & GROUP_WRITE_OR_EXECUTE != 0 {
        Some(Exposure::GroupWrites)
    } else if mode & GROUP_READ != 0 && !roots_file_for_us {
        Some(Exposure::GroupReads)
    } else {
        None
    }
}

/// Judges a public half: everybody may read it, but who can change it can have tokens of their own
/// accepted.
pub const fn public_half(mode: u32) -> Option<Exposure> {
    if mode & OTHERS_WRITE != 0 { Some(Exposure::Others) } else { None }
}

/// The effective user of this process. The standard library has no call for it; on Linux the
/// process directory belongs to it (and to root when the process hides itself, which is taken for
/// root and therefore strict). Elsewhere it is not known.
pub fn effective_user() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(Path::new("/proc/self")).ok().map(|directory| directory.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c15_only_the_owner_may_read_a_private_half() {
        for (mode, expected) in [
            (0o600, None),
            (0o400, None),
            (0o644, Some(Exposure::Others)),
            (0o604, Some(Exposure::Others)),
            (0o601, Some(Exposure::Others)),
            (0o602, Some(Exposure::Others)),
            (0o640, Some(Exposure::GroupReads)),
            (0o440, Some(Exposure::GroupReads)),
            (0o620, Some(Exposure::GroupWrites)),
            (0o660, Some(Exposure::GroupWrites)),
            (0o610, Some(Exposure::GroupWrites)),
        ] {
            assert_eq!(private_half(mode, 1000, Some(1000)), expected, "{mode:o}");
            assert_eq!(private_half(mode, 0, Some(0)), expected, "{mode:o} as root");
            assert_eq!(private_half(mode, 0, None), expected, "{mode:o} as nobody knows who");
        }
    }

    #[test]
    fn roots_file_in_a_secret_volume_may_be_read_by_the_group_and_no_more() {
        assert_eq!(private_half(0o440, 0, Some(1000)), None);
        assert_eq!(private_half(0o640, 0, Some(1000)), None);
        assert_eq!(private_half(0o660, 0, Some(1000)), Some(Exposure::GroupWrites));
        assert_eq!(private_half(0o444, 0, Some(1000)), Some(Exposure::Others));
        assert_eq!(private_half(0o440, 1001, Some(1000)), Some(Exposure::GroupReads));
    }

    #[test]
    fn a_public_half_may_be_read_but_not_written_by_everybody() {
        assert_eq!(public_half(0o644), None);
        assert_eq!(public_half(0o666), Some(Exposure::Others));
    }
}
