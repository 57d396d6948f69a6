//! Where the metadata of an issuer stands (RFC 8414 §3.1, OpenID Connect Discovery 1.0 §4.1), and
//! whether it says the same at all places.

use serde_json::{Map, Value};

use super::headers;
use super::visit::{Unreachable, Visit, Visitor};
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

/// One place for the metadata.
struct Place {
    url: String,
    /// Who asks there and nowhere else; `None` for a place that is welcome and not needed.
    needed_by: Option<&'static str>,
}

fn places(issuer: &str) -> Vec<Place> {
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let host_end = base.find("://").map_or(0, |at| at + 3);
    let path_at = base.get(host_end..).and_then(|rest| rest.find('/')).map_or(base.len(), |at| at + host_end);
    let (host, path) = base.split_at_checked(path_at).unwrap_or((base, ""));
    let (oauth, openid) = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration");
    let mut places = vec![
        Place {
            url: format!("{host}{oauth}{path}"),
            needed_by: Some("RFC 8414 and MCP clients ask here first"),
        },
        Place {
            url: format!("{base}{openid}"),
            needed_by: Some("go-oidc, Kubernetes, ASP.NET Core and most gateways ask here only"),
        },
    ];
    if !path.is_empty() {
        places.push(Place { url: format!("{host}{openid}{path}"), needed_by: None });
        places.push(Place { url: format!("{base}{oauth}"), needed_by: None });
    }
    places
}

/// Asks at every place. Nothing is reported twice: of documents that are equal the first is kept.
pub fn discover(visitor: &Visitor, issuer: &str, findings: &mut Findings) -> Discovered {
    let places = places(issuer);
    let mut discovered =
        Discovered { documents: Vec::new(), found: 0, places: places.len(), is_reachable: false };
    let mut missing = Vec::new();
    for place in places {
        match visitor.get(&place.url, None) {
            Err(unreachable) => {
                report_unreachable(&unreachable, &place, &discovered, findings);
                if !discovered.is_reachable {
                    return discovered;
                }
            }
            Ok(visit) => {
                discovered.is_reachable = true;
                if visit.answer.status == 404 {
                    missing.push(place);
                } else if let Some(members) = visit.object(findings) {
                    discovered.found += 1;
                    headers::common(&visit, &["application/json"], findings);
                    keep(Document { visit, members }, &mut discovered.documents, findings);
                }
            }
        }
    }
    if discovered.found > 0 {
        missing.iter().filter_map(not_there).for_each(|finding| findings.push(finding));
    } else if findings.errors() == 0 {
        let urls: Vec<&str> = missing.iter().map(|place| place.url.as_str()).collect();
        let message = format!("there is no metadata: {} answer 404", urls.join(", "));
        let finding = Finding::new(&codes::METADATA_NOT_FOUND, message).in_file(issuer);
        findings.push(finding.help("the URL must be the issuer, as it stands in `iss` of its tokens"));
    }
    discovered
}

fn report_unreachable(
    unreachable: &Unreachable,
    place: &Place,
    discovered: &Discovered,
    findings: &mut Findings,
) {
    if place.needed_by.is_some() || !discovered.is_reachable {
        findings.push(unreachable.finding(&place.url));
    }
}

fn not_there(place: &Place) -> Option<Finding> {
    let message = format!("there is no metadata here: {}", place.needed_by?);
    let finding = Finding::new(&codes::METADATA_SPELLING, message).in_file(place.url.clone());
    Some(finding.help("serve the document of the other place here as well"))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(issuer: &str) -> Vec<String> {
        places(issuer).into_iter().map(|place| place.url).collect()
    }

    #[test]
    fn the_well_known_part_is_inserted_for_oauth_and_appended_for_openid() {
        let at = |path: &str| format!("https://a.example:8443{path}");
        let root = [at("/.well-known/oauth-authorization-server"), at("/.well-known/openid-configuration")];
        assert_eq!(urls("https://a.example:8443"), root);
        assert_eq!(urls("https://a.example:8443/"), root);
        assert_eq!(
            urls("https://a.example:8443/t/1"),
            [
                at("/.well-known/oauth-authorization-server/t/1"),
                at("/t/1/.well-known/openid-configuration"),
                at("/.well-known/openid-configuration/t/1"),
                at("/t/1/.well-known/oauth-authorization-server"),
            ]
        );
    }
}
