//! The layers of `lib.rs`, held by reading `src/**`: a module uses lower layers, and within its
//! own only the arrows that are drawn.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const LAYERS: &[(usize, &[&str])] = &[
    (0, &["oauth", "jose", "clock", "diagnostic", "priority"]),
    (1, &["client", "keys", "section"]),
    (2, &["grant", "client_auth", "token", "registration"]),
    (3, &["issuer", "config"]),
    (4, &["http", "telemetry", "replay_store"]),
    (5, &["app", "reload", "inputs", "remote_keys", "dev"]),
    (6, &["main", "cli"]),
];

/// Arrows within a layer.
const ARROWS: &[(&str, &str)] = &[
    ("oauth", "diagnostic"),
    ("jose", "clock"),
    ("grant", "token"),
    ("token", "client_auth"),
    ("registration", "client_auth"),
    ("http", "replay_store"),
    ("telemetry", "replay_store"),
    ("app", "reload"),
    ("app", "inputs"),
    ("app", "remote_keys"),
    ("reload", "inputs"),
    ("dev", "inputs"),
    ("main", "cli"),
];

fn layer(module: &str) -> usize {
    let found = LAYERS.iter().find(|(_, modules)| modules.contains(&module));
    found.unwrap_or_else(|| panic!("module `{module}` stands in no layer")).0
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// (module, file, what stands after `crate::` or `signet::`)
fn uses() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    let mut uses = Vec::new();
    for path in found {
        let relative = path.strip_prefix(&root).expect("below src").to_string_lossy().into_owned();
        let module = relative.split(['/', '.']).next().expect("a name").to_owned();
        let text = std::fs::read_to_string(&path).expect("a source file");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let marker = if module == "main" { "signet::" } else { "crate::" };
        for line in code {
            for (at, _) in line.match_indices(marker) {
                let rest = line[at + marker.len()..].chars();
                let target: String = rest.take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if target.starts_with(|c: char| c.is_ascii_lowercase()) {
                    uses.push((module.clone(), path.clone(), target));
                }
            }
        }
    }
    uses
}

#[test]
fn modules_use_lower_layers_and_drawn_arrows_only() {
    let mut wrong = BTreeSet::new();
    let mut seen = 0;
    for (module, path, target) in uses() {
        if module == "lib" || module == target {
            continue;
        }
        seen += 1;
        let drawn = ARROWS.contains(&(module.as_str(), target.as_str()));
        if layer(&target) >= layer(&module) && !drawn {
            wrong.insert(format!("{} uses {target}", path.display()));
        }
    }
    assert!(seen > 100, "the test reads the source: {seen} uses");
    assert!(wrong.is_empty(), "arrows that lib.rs does not draw: {wrong:#?}");
}

#[test]
fn only_the_modules_made_for_it_use_what_ties_to_the_outside() {
    let only = [
        ("actix_", ["http", "http"]),
        ("jsonwebtoken", ["jose", "jose"]),
        ("serde_yaml", ["config", "config"]),
        ("prometheus_client", ["telemetry", "telemetry"]),
        ("tracing_subscriber", ["telemetry", "telemetry"]),
        // Commands that act as a client, and the part of the server that fetches.
        ("reqwest", ["cli", "remote_keys"]),
        ("redis", ["replay_store", "replay_store"]),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    for path in found {
        let relative = path.strip_prefix(&root).expect("below src").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a source file");
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for (crate_name, owners) in only {
                let used =
                    line.contains(&format!("{crate_name}::")) || line.contains(&format!("use {crate_name}"));
                let allowed = owners.iter().any(|owner| {
                    relative.starts_with(&format!("{owner}/")) || relative == format!("{owner}.rs")
                });
                assert!(!used || allowed || !line.contains("::"), "{relative}: {line}");
            }
        }
    }
}

#[test]
fn source_files_stay_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    for path in found {
        let lines = std::fs::read_to_string(&path).expect("a source file").lines().count();
        assert!(lines <= 400, "{} has {lines} lines", path.display());
    }
}
