//! Whether the metadata of an issuer stands where clients look for it, says the same at all places,
//! and speaks of the issuer that was asked for (RFC 8414 §3).

use serde_json::{Map, Value};

use super::headers;
use super::visit::{Visit, Visitor};
use crate::cli::fetch;
use crate::diagnostic::catalogue::issuers as codes;
use crate::diagnostic::{Finding, Findings};
use crate::jose::strict_json::shown;
use crate::oauth::{ISSUER_BYTES_MAX, IssuerUrl};

/// A document that was found.
pub struct Document {
    pub visit: Visit,
    pub members: Map<String, Value>,
}

impl Document {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }

    /// The texts of a list; empty when it is absent or no list.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        let list = self.members.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// The documents that differ, the first of them at the place that clients ask first; and whether
/// the issuer could be reached at all.
pub struct Discovered {
    pub documents: Vec<Document>,
    /// At how many places there is one, and how many there are.
    pub found: usize,
    pub places: usize,
    pub is_reachable: bool,
}

/// Who asks at the first two places and nowhere else.
const NEEDED_BY: [&str; 2] = [
    "RFC 8414 and MCP clients ask here first",
    "go-oidc, Kubernetes, ASP.NET Core and most gateways ask here only",
];

/// Asks at every place. Nothing is reported twice: of documents that are equal the first is kept.
pub fn discover(visitor: &Visitor, issuer: &str, findings: &mut Findings) -> Discovered {
    let places = fetch::metadata_places(issuer);
    let mut discovered =
        Discovered { documents: Vec::new(), found: 0, places: places.len(), is_reachable: false };
    let mut missing = Vec::new();
    // The other places are welcome, and whatever stands there instead is nobody's fault.
    let mut ignored = Findings::default();
    let needed = NEEDED_BY.into_iter().map(Some).chain(std::iter::repeat(None));
    for (url, needed_by) in places.iter().zip(needed) {
        let findings = if needed_by.is_some() { &mut *findings } else { &mut ignored };
        let visit = match visitor.get(url, None) {
            Ok(visit) => visit,
            Err(unreachable) => {
                findings.push(unreachable.finding(url));
                if !discovered.is_reachable {
                    return discovered;
                }
                continue;
            }
        };
        discovered.is_reachable = true;
        if visit.answer.status == 404 {
            missing.extend(needed_by.map(|needed_by| (url, needed_by)));
        } else if let Some(members) = visit.object(findings) {
            discovered.found += 1;
            headers::common(&visit, &["application/json"], findings);
            keep(Document { visit, members }, &mut discovered.documents, findings);
        }
    }
    if discovered.found > 0 {
        for (url, needed_by) in missing {
            let message = format!("there is no metadata here: {needed_by}");
            let finding = Finding::new(&codes::METADATA_SPELLING, message).in_file(url.clone());
            findings.push(finding.help("serve the document of the other place here as well"));
        }
    } else if findings.errors() == 0 {
        let message = format!("there is no metadata: {} answer 404", places.join(", "));
        let finding = Finding::new(&codes::METADATA_NOT_FOUND, message).in_file(issuer);
        findings.push(finding.help("the URL must be the issuer, as it stands in `iss` of its tokens"));
    }
    discovered
}

fn keep(document: Document, documents: &mut Vec<Document>, findings: &mut Findings) {
    if let Some(first) = documents.first() {
        if first.members == document.members {
            return;
        }
        let names = first.members.keys().chain(document.members.keys());
        let mut names: Vec<String> = names
            .filter(|name| first.members.get(*name) != document.members.get(*name))
            .map(|name| format!("`{}`", shown(name)))
            .collect();
        names.sort_unstable();
        names.dedup();
        let message = format!("this differs from {} in {}", first.visit.url, names.join(", "));
        findings.push(
            document.visit.finding(&codes::METADATA_DIFFERS, message).help("serve the same bytes at both"),
        );
    }
    documents.push(document);
}

/// RFC 8414 §3.3: the text is the one that was asked with, byte for byte.
pub fn judge_issuer(document: &Document, asked: &str, findings: &mut Findings) {
    let Some(issuer) = document.text("issuer") else { return };
    if issuer != asked {
        let message = format!("`issuer` is `{}`, and `{}` was asked for", shown(issuer), shown(asked));
        let help = match issuer.trim_end_matches('/') == asked.trim_end_matches('/') {
            true => "they differ in a slash at the end; everybody must write it as the issuer does",
            false => "set the issuer to the URL that clients are given, or give clients this one",
        };
        findings.push(document.visit.finding(&codes::ISSUER_MISMATCH, message).help(help));
    }
    let bare = issuer.strip_suffix('/').unwrap_or(issuer);
    if bare.len() < issuer.len() {
        let message = "`issuer` ends with a slash; every client and verifier must write it so";
        findings.push(document.visit.finding(&codes::ISSUER_SLASH, message));
    }
    if issuer.len() > ISSUER_BYTES_MAX {
        let message =
            format!("`issuer` has {} characters; AWS load balancers take {ISSUER_BYTES_MAX}", issuer.len());
        findings.push(document.visit.finding(&codes::GATEWAY_LIMIT, message).help("choose a shorter one"));
    } else if let Err(reason) = IssuerUrl::parse(bare) {
        let message = format!("the issuer `{}` {reason}", shown(issuer));
        findings.push(
            document.visit.finding(&codes::ISSUER_FORM, message).help("https://HOST or https://HOST/PATH"),
        );
    }
}
