//! The registered signature algorithms that this product speaks of (RFC 7518 §3.1, RFC 8037 §3.1).
//! A word here is no promise: what can be signed with is `keys::BACKENDS`.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
}

impl Algorithm {
    /// In the order of the metadata: the default first.
    pub const ALL: &[Self] = &[Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// The registered name ("JSON Web Signature and Encryption Algorithms", IANA).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Whether `alg` says this algorithm. RFC 9864 §2.2: `Ed25519` is the new name of the only EdDSA
    /// that is known here.
    pub fn is_named(self, alg: &str) -> bool {
        self.name() == alg || (self == Self::EdDsa && alg == "Ed25519")
    }

    /// As it stands in the name of a key file.
    pub const fn file_part(self) -> &'static str {
        match self {
            Self::Rs256 => "rs256",
            Self::Ps256 => "ps256",
            Self::Es256 => "es256",
            Self::EdDsa => "eddsa",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    pub fn from_file_part(part: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.file_part() == part)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
