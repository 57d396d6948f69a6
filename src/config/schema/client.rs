//! The members of a client (names after RFC 7591 §2).

use serde_json::json;

use super::resource::scopes;
use crate::client_auth;
use crate::grant;
use crate::oauth::{Audience, ClientId};
use crate::section::table::{Absent, Member, boolean, duration, form, list_or_one, note, one_of};

pub(in crate::config) const CREDENTIALS_MAX: usize = 64;
pub(in crate::config) const CONTACTS_MAX: usize = 64;
pub(in crate::config) const AUDIENCES_MAX: usize = 256;

pub(in crate::config) const MEMBERS: &[Member] = &[
    Member {
        name: "client_id",
        text: "The identifier; stands in `sub` and `client_id` of its tokens.",
        absent: Absent::Required,
        schema: || form("client id", ClientId::PATTERN),
        example: r#""billing-worker""#,
    },
    Member {
        name: "client_name",
        text: "A name for people.",
        absent: Absent::Nothing,
        schema: note,
        example: r#""Billing worker""#,
    },
    Member {
        name: "contacts",
        text: "Whom to ask about it, for people.",
        absent: Absent::Is("[]"),
        schema: || list_or_one(json!({"type": "string"}), CONTACTS_MAX),
        example: r#"["payments@example.com"]"#,
    },
    Member {
        name: "grant_types",
        text: "The grants that it may use.",
        absent: Absent::Is(r#"["client_credentials"]"#),
        schema: || {
            let grant = one_of(grant::grant_types());
            json!({"anyOf": [grant, {"type": "array", "items": grant}]})
        },
        example: "",
    },
    Member {
        name: "token_endpoint_auth_method",
        text: "The only method that it may authenticate with.",
        absent: Absent::Means("every method that fits its credentials"),
        schema: || one_of(client_auth::methods()),
        example: r#""client_secret_basic""#,
    },
    Member {
        name: "credentials",
        text: "The proofs that it may give; several live ones at once are normal while one replaces another.",
        absent: Absent::Means("every request of it is refused, with a warning here"),
        schema: || json!({"type": "array", "items": {"$ref": "#/$defs/credential"}, "maxItems": CREDENTIALS_MAX}),
        example: "",
    },
    Member {
        name: "scope",
        text: "The scopes that it may have: a list, or one text with spaces between them.",
        absent: Absent::Nothing,
        schema: scopes,
        example: r#""invoices:read invoices:write""#,
    },
    Member {
        name: "default_scope",
        text: "What it gets when it names no scope, and which audience when it has several.",
        absent: Absent::Means("all of `scope`"),
        schema: scopes,
        example: r#""invoices:read""#,
    },
    Member {
        name: "audience",
        text: "The audiences that it may have, each declared by a resource.",
        absent: Absent::Means("those of its scopes"),
        schema: || list_or_one(form("audience", Audience::PATTERN), AUDIENCES_MAX),
        example: r#"["https://invoices.example.com"]"#,
    },
    Member {
        name: "multiple_audiences",
        text: "May one token name several of them? Their resources must agree on `typ` and `signing_alg`.",
        absent: Absent::Is("false"),
        schema: boolean,
        example: "",
    },
    Member {
        name: "access_token_lifetime",
        text: "The lifetime of its tokens: at most `24h`, above `1h` with a warning.",
        absent: Absent::Means("that of the resource, then the server's setting"),
        schema: duration,
        example: r#""10m""#,
    },
    Member {
        name: "reuse",
        text: "For so long whoever asks for the same gets the same token again, at most `5m` and half of its lifetime. \
               For fleets that start together.",
        absent: Absent::Means("a token of its own for every request"),
        schema: duration,
        example: r#""60s""#,
    },
    Member {
        name: "claims",
        text: "Fixed claims of its tokens, 2 KiB in all. Names that the server sets or verifiers act on are refused.",
        absent: Absent::Nothing,
        schema: || json!({"$ref": "#/$defs/claims"}),
        example: r#"{"tenant": "acme"}"#,
    },
    Member {
        name: "disabled",
        text: "`true` refuses every request of it.",
        absent: Absent::Is("false"),
        schema: boolean,
        example: "",
    },
];
