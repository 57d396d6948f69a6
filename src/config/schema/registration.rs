//! The members of `registration`, of one of its policies, and of an entry of `denied`.

use serde_json::{Value, json};

use super::resource::scopes;
use crate::client_auth::KINDS;
use crate::client_auth::registered::KINDS as REGISTRABLE;
use crate::keys::seal::VALIDITY_SECONDS_MAX;
use crate::oauth::{Audience, ClientId};
use crate::section::table::{Absent, Member, date, duration, form, list_or_one, note, one_of};

pub(in crate::config) const POLICIES_MAX: usize = 1_000;
pub(in crate::config) const REGISTRARS_MAX: usize = 1_000;
/// An incident denies by registrar and time; ids one by one are for the few.
pub(in crate::config) const DENIED_MAX: usize = 10_000;
pub(in crate::config) const PER_MINUTE_DEFAULT: u32 = 60;
/// A thousand a second; above it a registrar is no quota's business.
pub(in crate::config) const PER_MINUTE_MAX: u32 = 60_000;
/// In days, as the file writes it.
pub(in crate::config) const VALIDITY_DAYS_MAX: u32 = VALIDITY_SECONDS_MAX / (24 * 60 * 60);

pub(in crate::config) const MEMBERS: &[Member] = &[
    Member {
        name: "policies",
        text: "Who may register clients, within which limits.",
        absent: Absent::Is("[]"),
        schema: || json!({"type": "array", "items": {"$ref": "#/$defs/policy"}, "maxItems": POLICIES_MAX}),
        example: "",
    },
    Member {
        name: "denied",
        text: "Registered clients that are refused from the next request after the reload on.",
        absent: Absent::Is("[]"),
        schema: || json!({"type": "array", "items": {"$ref": "#/$defs/denied"}, "maxItems": DENIED_MAX}),
        example: "",
    },
];

pub(in crate::config) const POLICY_MEMBERS: &[Member] = &[
    Member {
        name: "registrars",
        text: "Ids of clients of this list that may register clients under the policy. A client stands in one policy.",
        absent: Absent::Required,
        schema: || {
            let id = form("client id", ClientId::PATTERN);
            json!({"anyOf": [id, {"type": "array", "items": id, "minItems": 1, "maxItems": REGISTRARS_MAX}]})
        },
        example: r#"["sdk-portal"]"#,
    },
    Member {
        name: "scope",
        text: "The most that a registered client may have: a list, or one text with spaces between them.",
        absent: Absent::Nothing,
        schema: scopes,
        example: r#""catalog:read""#,
    },
    Member {
        name: "audience",
        text: "The audiences that it may have, each declared by a resource.",
        absent: Absent::Means("those of the scopes"),
        schema: || list_or_one(form("audience", Audience::PATTERN), super::client::AUDIENCES_MAX),
        example: r#"["https://catalog.example.com"]"#,
    },
    Member {
        name: "credentials",
        text: "The kinds of credential that may be registered.",
        absent: Absent::Is(r#"["client_secret", "private_key_jwt"]"#),
        schema: || {
            let kind = one_of(REGISTRABLE);
            json!({"anyOf": [kind, {"type": "array", "items": kind, "minItems": 1, "maxItems": KINDS.len()}]})
        },
        example: r#"["client_secret"]"#,
    },
    Member {
        name: "access_token_lifetime",
        text: "The longest lifetime of its tokens: at most `24h`, above `1h` with a warning.",
        absent: Absent::Means("that of the resource, then the server's setting"),
        schema: duration,
        example: r#""10m""#,
    },
    Member {
        name: "validity",
        text: "The longest time until a registration ends: at most `365d`.",
        absent: Absent::Required,
        schema: duration,
        example: r#""30d""#,
    },
    Member {
        name: "per_minute",
        text: "How many clients each registrar may register in a minute at each replica.",
        absent: Absent::Is("60"),
        schema: || json!({"type": "integer", "minimum": 1, "maximum": PER_MINUTE_MAX}),
        example: "",
    },
];

pub(in crate::config) const DENIED_MEMBERS: &[Member] = &[
    Member {
        name: "client_id_sha256",
        text: "The digest of one client id, as `signet clients show ID` prints it.",
        absent: Absent::Nothing,
        schema: || form("digest of an id", "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"),
        example: r#""jinN5QfVp0RF3ReORXuKZf3b_8c2dcBEsKO0QhhCoOk""#,
    },
    Member {
        name: "registrar",
        text: "All clients that this one has registered.",
        absent: Absent::Nothing,
        schema: || form("client id", ClientId::PATTERN),
        example: r#""sdk-portal""#,
    },
    Member {
        name: "issued_before",
        text: "Only those, or of all registrars those, that were registered before this moment.",
        absent: Absent::Nothing,
        schema: date,
        example: r#""2026-12-01""#,
    },
    Member {
        name: "note",
        text: "Why, for people.",
        absent: Absent::Nothing,
        schema: note,
        example: r#""laptop lost""#,
    },
];

/// One id, or a registrar, a time, or both.
pub(super) fn which() -> Value {
    let id = json!({"required": ["client_id_sha256"]});
    let (registrar, time) = (json!({"required": ["registrar"]}), json!({"required": ["issued_before"]}));
    json!([{"allOf": [id], "not": {"anyOf": [registrar, time]}}, {"anyOf": [registrar, time], "not": id}])
}
