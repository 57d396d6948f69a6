//! The members of a credential: what all kinds share, and one member a kind.

use serde_json::{Value, json};

use crate::client_auth::KINDS;
use crate::section::table::{Absent, Member, date, note};

/// What every kind may have beside its own member.
pub(in crate::config) const SHARED_MEMBERS: &[Member] = &[
    Member {
        name: "not_before",
        text: "Valid from then on: a day (midnight UTC at its beginning) or a time with offset.",
        absent: Absent::Means("valid at once"),
        schema: date,
        example: r#""2027-03-01T09:00:00+01:00""#,
    },
    Member {
        name: "expires",
        text: "Valid until before then. `signet check` warns 30 days ahead.",
        absent: Absent::Means("it never ends"),
        schema: date,
        example: r#""2027-03-01""#,
    },
    Member {
        name: "note",
        text: "For people.",
        absent: Absent::Nothing,
        schema: note,
        example: r#""made for the rollout in March""#,
    },
];

/// The kinds first.
pub(super) fn members() -> impl Iterator<Item = &'static Member> {
    KINDS.iter().map(|kind| kind.member()).chain(SHARED_MEMBERS)
}

pub(super) fn exactly_one_kind() -> Value {
    KINDS.iter().map(|kind| json!({"required": [kind.name()]})).collect()
}
