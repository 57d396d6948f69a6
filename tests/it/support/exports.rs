//! Exports of other issuers (`tests/fixtures/import`), and the list that the program makes of one.

use serde_json::Value;

use super::program::{Output, Workspace};

pub const KEYCLOAK: &str = include_str!("../../fixtures/import/keycloak-realm.json");
pub const HYDRA_LIST: &str = include_str!("../../fixtures/import/hydra-list.json");
pub const HYDRA_ROWS: &str = include_str!("../../fixtures/import/hydra-rows.json");
pub const DEX: &str = include_str!("../../fixtures/import/dex.yaml");
pub const AUTH0: &str = include_str!("../../fixtures/import/auth0-tenant.json");

/// The export comes by standard input.
pub fn import(from: &str, export: &str, more: &str) -> Output {
    Workspace::empty().run_with(&format!("clients import --from {from} - {more}"), &[], export)
}

/// The export with this JSON pointer set to `value`.
pub fn with(export: &str, pointer: &str, value: Value) -> String {
    let mut json: Value = serde_json::from_str(export).expect("JSON");
    *json.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
    json.to_string()
}
