//! What a client file may hold, as tables of members: the reader (`raw`) takes its names and limits
//! from here, editors get the JSON Schema, the documentation its reference. Rules across entries
//! (`validate`) and what YAML itself may do (`yaml`) are not a schema's to say.

pub(super) mod claims;
pub(super) mod client;
pub(super) mod credential;
pub(super) mod registration;
pub(super) mod resource;
pub(super) mod team;

use serde_json::{Value, json};

use crate::client_auth::{KINDS, kind};
use crate::section::table::{Absent, Member, object};

/// Most clients of all files together.
pub(super) const CLIENTS_MAX: usize = 1_000_000;
/// Most resources; a token service for more APIs is several services.
pub(super) const RESOURCES_MAX: usize = 10_000;
/// Most teams; each is matched against every file.
pub(super) const TEAMS_MAX: usize = 1_000;

/// The members of a file.
pub(super) const SECTIONS: &[Member] = &[
    Member {
        name: "resources",
        text: "What tokens are for: one entry an API.",
        absent: Absent::Is("[]"),
        schema: || json!({"type": "array", "items": {"$ref": "#/$defs/resource"}, "maxItems": RESOURCES_MAX}),
        example: "",
    },
    Member {
        name: "clients",
        text: "Who may get them: one entry a client. All files form one list.",
        absent: Absent::Is("[]"),
        schema: || json!({"type": "array", "items": {"$ref": "#/$defs/client"}, "maxItems": CLIENTS_MAX}),
        example: "",
    },
    Member {
        name: "teams",
        text: "Which files may hand out which audiences: one entry a team.",
        absent: Absent::Is("[]"),
        schema: || json!({"type": "array", "items": {"$ref": "#/$defs/team"}, "maxItems": TEAMS_MAX}),
        example: "",
    },
    Member {
        name: "registration",
        text: "Who may register clients by a web call (RFC 7591).",
        absent: Absent::Means("nobody, and there is no registration endpoint"),
        schema: || json!({"$ref": "#/$defs/registration"}),
        example: "",
    },
];

/// A mapping of the file and its members, in the order of the reference.
pub struct Table {
    /// The name below `$defs`; empty for the file itself.
    pub name: &'static str,
    pub title: &'static str,
    pub members: Vec<&'static Member>,
}

/// Every mapping of a client file but `claims`, whose members are free.
pub fn client_tables() -> Vec<Table> {
    let mut tables = vec![
        Table { name: "", title: "Client file", members: SECTIONS.iter().collect() },
        Table { name: "resource", title: "Resource", members: resource::MEMBERS.iter().collect() },
        Table { name: "client", title: "Client", members: client::MEMBERS.iter().collect() },
        Table { name: "team", title: "Team", members: team::MEMBERS.iter().collect() },
        Table {
            name: "registration",
            title: "Registration",
            members: registration::MEMBERS.iter().collect(),
        },
        Table { name: "policy", title: "Policy", members: registration::POLICY_MEMBERS.iter().collect() },
        Table { name: "denied", title: "Denied", members: registration::DENIED_MEMBERS.iter().collect() },
        Table { name: "credential", title: "Credential", members: credential::members().collect() },
    ];
    let with_members = KINDS.iter().filter(|kind| !kind.members().is_empty());
    tables.extend(with_members.map(|kind| Table {
        name: kind.name(),
        title: kind.name(),
        members: kind.members().iter().collect(),
    }));
    tables
}

/// JSON Schema of a client file.
pub fn client_schema() -> Value {
    let mut definitions = claims::definitions();
    let mut schema = Value::Null;
    for table in client_tables() {
        let mut mapping = object(table.title, table.members.into_iter());
        let rule = match table.name {
            // An empty mapping is an empty file (SG0112).
            "" => Some(("minProperties", json!(1))),
            // Without either no token could have an audience (SG0123).
            "client" | "policy" => {
                Some(("anyOf", json!([{"required": ["scope"]}, {"required": ["audience"]}])))
            }
            "denied" => Some(("oneOf", registration::which())),
            "credential" => Some(("oneOf", credential::exactly_one_kind())),
            name => kind(name).map(|kind| ("oneOf", kind.alternatives())).filter(|(_, rule)| !rule.is_null()),
        };
        if let (Some(mapping), Some((keyword, value))) = (mapping.as_object_mut(), rule) {
            mapping.insert(keyword.into(), value);
        }
        match table.name {
            "" => schema = mapping,
            name => drop(definitions.insert(name.to_owned(), mapping)),
        }
    }
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("$id".into(), "urn:signet:schema:clients:1".into());
        schema.insert("title".into(), "signet client file".into());
        schema.insert("description".into(), "Which client may get which token.".into());
        schema.insert("$defs".into(), definitions.into());
    }
    schema
}
