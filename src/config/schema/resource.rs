//! The members of a resource.

use serde_json::json;

use crate::client::TokenType;
use crate::keys;
use crate::oauth::{Audience, ScopeToken};
use crate::section::table::{Absent, Member, duration, form, note, one_of};

pub(in crate::config) const SCOPES_MAX: usize = 10_000;

pub(in crate::config) const MEMBERS: &[Member] = &[
    Member {
        name: "audience",
        text: "The exact `aud` of tokens for this resource, usually the URL of the API.",
        absent: Absent::Required,
        schema: || form("audience", Audience::PATTERN),
        example: r#""https://invoices.example.com""#,
    },
    Member {
        name: "name",
        text: "A name for people.",
        absent: Absent::Nothing,
        schema: note,
        example: r#""Invoices""#,
    },
    Member {
        name: "scopes",
        text: "The scopes that exist here: a list, or one text with spaces between them (RFC 6749 section 3.3).",
        absent: Absent::Is("[]"),
        schema: scopes,
        example: r#"["invoices:read", "invoices:write"]"#,
    },
    Member {
        name: "typ",
        text: "The `typ` header of its tokens: `at+jwt` (RFC 9068), or `JWT` for verifiers that refuse that.",
        absent: Absent::Is(r#""at+jwt""#),
        schema: || one_of(TokenType::ALL.iter().map(|typ| typ.as_str())),
        example: r#""JWT""#,
    },
    Member {
        name: "signing_alg",
        text: "The algorithm that signs its tokens. There must be a key for it.",
        absent: Absent::Is(r#""RS256""#),
        schema: || one_of(keys::algorithms().into_iter().map(|algorithm| algorithm.name())),
        example: "",
    },
    Member {
        name: "access_token_lifetime",
        text: "The lifetime of its tokens: at most `24h`, above `1h` with a warning.",
        absent: Absent::Means("the server's setting"),
        schema: duration,
        example: r#""10m""#,
    },
    Member {
        name: "owner",
        text: "Who answers for it, for people.",
        absent: Absent::Nothing,
        schema: note,
        example: r#""team-payments""#,
    },
];

/// A list of scopes, or one text (RFC 7591 §2 writes `scope` so). The number of scopes in a text
/// is beyond a pattern.
pub(super) fn scopes() -> serde_json::Value {
    let list = json!({"type": "array", "items": form("scope", ScopeToken::PATTERN), "maxItems": SCOPES_MAX});
    json!({"anyOf": [form("scopes in one text", ScopeToken::LIST_PATTERN), list]})
}
