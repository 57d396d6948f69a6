//! What tokens are for: a resource server, its scopes, the form of its tokens.

use crate::jose::Algorithm;
use crate::oauth::{Audience, ScopeToken};

/// The `typ` header of a resource's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenType {
    /// `at+jwt` (RFC 9068 §2.1), the default.
    AccessTokenJwt,
    /// `JWT`, for verifiers that refuse the other (Spring Security's default).
    Jwt,
}

impl TokenType {
    pub const ALL: &[Self] = &[Self::AccessTokenJwt, Self::Jwt];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessTokenJwt => "at+jwt",
            Self::Jwt => "JWT",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|typ| typ.as_str() == name)
    }
}

#[derive(Clone, Debug)]
pub struct Resource {
    pub audience: Audience,
    pub name: Option<Box<str>>,
    pub scopes: Vec<ScopeToken>,
    pub typ: TokenType,
    pub signing_alg: Algorithm,
    pub access_token_lifetime_seconds: Option<u32>,
    pub owner: Option<Box<str>>,
}
