//! The archive that is handed out: the SDK, the client's credentials, and a first call. Entries carry the
//! permissions that they need; the file with the secret is for its owner alone.

use std::io::{Cursor, Write as _};

use actix_web::web::Bytes;
use serde_json::json;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::issuer::NewClient;

/// What the SDK talks to.
pub struct Place<'p> {
    pub issuer: &'p str,
    pub api: &'p str,
    pub scope: &'p str,
}

/// (name, text, Unix permissions)
const FILES: [(&str, &str, u32); 4] = [
    ("README.md", include_str!("../sdk/README.md"), 0o644),
    ("catalog_sdk.py", include_str!("../sdk/catalog_sdk.py"), 0o644),
    ("first_call.py", include_str!("../sdk/first_call.py"), 0o755),
    ("first-call.sh", include_str!("../sdk/first-call.sh"), 0o755),
];

/// # Errors
/// When it does not fit into memory.
pub fn archive(client: &NewClient, place: &Place<'_>) -> anyhow::Result<Bytes> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, text: &str, permissions| -> anyhow::Result<()> {
        zip.start_file(
            format!("catalog-sdk/{name}"),
            SimpleFileOptions::default().unix_permissions(permissions),
        )?;
        Ok(zip.write_all(text.as_bytes())?)
    };
    for (name, text, permissions) in FILES {
        add(name, text, permissions)?;
    }
    add("credentials.json", &credentials(client, place)?, 0o600)?;
    Ok(zip.finish()?.into_inner().into())
}

/// One member a line, so that a shell can read it, too.
fn credentials(client: &NewClient, place: &Place<'_>) -> anyhow::Result<String> {
    let members = json!({
        "api": place.api,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "expires_at": client.expires_at,
        "issuer": place.issuer,
        "scope": place.scope,
        "token_endpoint": client.token_endpoint,
        "token_lifetime_seconds": client.token_lifetime_seconds,
    });
    Ok(serde_json::to_string_pretty(&members)? + "\n")
}
