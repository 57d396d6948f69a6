//! Findings as SARIF 2.1.0 (OASIS Standard), the form that code scanning takes. The rules are the
//! codes that occur, with their texts from the catalogue; no line of a file is quoted.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::super::{Code, Finding, Findings, Place};
use super::{is_url, relative};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What stands for the top of the repository (§3.14.14); whoever reads the log knows where it is.
const ROOT: &str = "%SRCROOT%";

/// One log with one run. `directory` is the top of the repository.
pub fn sarif(findings: &Findings, directory: &Path) -> String {
    let codes: BTreeMap<&str, &Code> =
        findings.iter().map(|finding| (finding.code.id, finding.code)).collect();
    let index_of: BTreeMap<&str, usize> = codes.keys().enumerate().map(|(at, id)| (*id, at)).collect();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| result(finding, index_of.get(finding.code.id).copied(), directory))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "signet",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.values().map(|code| rule(code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.text},
        "help": {"text": code.explain(), "markdown": format!("**{}**\n\n{}", code.title, code.text)},
        "defaultConfiguration": {"level": code.severity.name()},
    })
}

fn result(finding: &Finding, rule_index: Option<usize>, directory: &Path) -> Value {
    let mut text = finding.message.clone();
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    // A result without a place is refused by code hosts: what concerns no file concerns the directory.
    let file = finding.file_name().unwrap_or(".");
    let mut result = json!({
        "ruleId": finding.code.id,
        "level": finding.severity.name(),
        "message": {"text": text},
        "locations": [{"physicalLocation": physical(file, finding.place.as_ref(), directory)}],
    });
    if let (Some(object), Some(index)) = (result.as_object_mut(), rule_index) {
        object.insert("ruleIndex".into(), index.into());
        let related: Vec<Value> = finding.related.iter().map(|related| also(related, directory)).collect();
        if !related.is_empty() {
            object.insert("relatedLocations".into(), related.into());
        }
    }
    result
}

fn also((place, label): &(Place, String), directory: &Path) -> Value {
    json!({
        "physicalLocation": physical(&place.source.name, Some(place), directory),
        "message": {"text": label},
    })
}

fn physical(file: &str, place: Option<&Place>, directory: &Path) -> Value {
    let relative = relative(file, directory);
    let artifact = match relative.starts_with('/') {
        _ if is_url(file) => json!({"uri": file}),
        true => json!({"uri": format!("file://{}", encoded(relative))}),
        false => json!({"uri": encoded(relative), "uriBaseId": ROOT}),
    };
    let Some(place) = place else { return json!({"artifactLocation": artifact}) };
    let ((line, column), (end_line, end_column)) = (place.line_column(), place.end_line_column());
    let region =
        json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column});
    json!({"artifactLocation": artifact, "region": region})
}

/// A path as the path of a URI (RFC 3986 §3.3). The colon too: in a first segment it would end a
/// scheme.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris_below_the_root_or_of_the_file_system() {
        let directory = Path::new("/repository");
        for (name, uri, below) in [
            ("clients.yaml", "clients.yaml", true),
            ("./teams/a b.yaml", "teams/a%20b.yaml", true),
            ("/repository/a:ä.yaml", "a%3A%C3%A4.yaml", true),
            ("/elsewhere/a.yaml", "file:///elsewhere/a.yaml", false),
        ] {
            let artifact = physical(name, None, directory);
            assert_eq!(artifact["artifactLocation"]["uri"], uri, "{name}");
            assert_eq!(artifact["artifactLocation"].get("uriBaseId").is_some(), below, "{name}");
        }
    }
}
