//! `signet keys export --site DIR`: key set and metadata as files for a web server, a bucket or a
//! CDN, at every path where a server of the issuer has them. Verification then outlives the issuer.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;

use crate::cli::exit::failure;
use crate::cli::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{InputSettings, TokenSettings};
use crate::http::document_paths;
use crate::inputs::{BuiltIn, Inputs, Snapshot};
use crate::issuer::{Issuer, IssuerSettings};
use crate::oauth::IssuerUrl;
use crate::token::MintSettings;

pub fn run(
    site: &Path,
    url: IssuerUrl,
    files: &InputSettings,
    token: &TokenSettings,
    global: Global,
) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    let inputs = Inputs {
        clients: files.clients.clone(),
        keys: files.keys.clone(),
        signer: token.signer.clone(),
        clock_allowance_seconds: token.clock_allowance,
        built_in: BuiltIn::default(),
    };
    let settings = IssuerSettings {
        mint: MintSettings {
            issuer: url.clone(),
            access_token_lifetime_seconds: token.access_token_lifetime,
            clock_allowance_seconds: token.clock_allowance,
        },
        reveal_reasons: false,
        authorization_endpoint: token.authorization_endpoint,
        publish_scopes: token.publish_scopes,
    };
    let (built, findings) = inputs.build(&settings, &[], now);
    let Ok(Snapshot { issuer, .. }) = built else {
        return Ok(output::findings(&findings, global.format, global.color, Exit::Configuration));
    };
    output::findings(&findings, Format::Human, global.color, Exit::Configuration);
    let headers = headers(&issuer.key_set(now).cache_control);
    let written = write(site, &url, &issuer, now, &headers)?;
    let again = issuer.keyring().next_change(now).map(|at| at.to_string());
    match global.format {
        Format::Json => {
            let headers: serde_json::Map<_, _> =
                headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            output::line(
                &json!({"version": 1, "files": written, "headers": headers, "changes_at": again}).to_string(),
            );
        }
        _ => {
            written.iter().for_each(|file| output::line(file));
            output::talk("Serve the documents with these headers (they stand in _headers):");
            headers.iter().for_each(|(name, value)| output::talk(&format!("  {name}: {value}")));
            output::talk(&match again {
                Some(at) => format!("Export again at {at}, when the key set changes, and after `keys new`."),
                None => "Export again after `keys new`.".to_owned(),
            });
        }
    }
    Ok(Exit::Fine)
}

/// As the server sends them, but for the validator, which every file server makes itself.
fn headers(cache_control: &str) -> [(&'static str, String); 3] {
    [
        ("Content-Type", "application/json".to_owned()),
        ("Cache-Control", cache_control.to_owned()),
        ("Access-Control-Allow-Origin", "*".to_owned()),
    ]
}

fn write(
    site: &Path,
    url: &IssuerUrl,
    issuer: &Issuer,
    now: crate::clock::UnixTime,
    headers: &[(&str, String)],
) -> anyhow::Result<Vec<String>> {
    let (key_set, metadata) = document_paths(url.path());
    let mut written = Vec::new();
    let mut rules = String::new();
    let documents = std::iter::once((key_set, &issuer.key_set(now).document.bytes))
        .chain(metadata.into_iter().map(|path| (path, &issuer.metadata().bytes)));
    for (path, bytes) in documents {
        let file = site.join(path.trim_start_matches('/'));
        replace(&file, bytes)?;
        written.push(file.display().to_string());
        let _ = writeln!(rules, "{path}");
        headers.iter().for_each(|(name, value)| {
            let _ = writeln!(rules, "  {name}: {value}");
        });
    }
    let file = site.join("_headers");
    replace(&file, rules.as_bytes())?;
    written.push(file.display().to_string());
    Ok(written)
}

/// Whoever reads the file meanwhile gets the old or the new one.
fn replace(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    let failed = |what: &'static str| move || format!("cannot {what}");
    let directory = file.parent().ok_or_else(|| failure(Exit::Io, "a file without a directory"))?;
    fs::create_dir_all(directory).with_context(failed("make the directory"))?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let temporary: PathBuf = directory.join(name);
    fs::write(&temporary, content)
        .and_then(|()| fs::rename(&temporary, file))
        .with_context(|| format!("cannot write {}", file.display()))
}
