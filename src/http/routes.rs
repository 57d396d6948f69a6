//! Paths, compared exactly: no decoding, no normalising, no trailing slash.

use super::Side;
use super::pages::Page;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route<'p> {
    Token,
    Register,
    KeySet,
    Metadata,
    Authorize,
    /// The word after `/errors/`; empty for the index.
    Errors(&'p str),
    Live,
    Ready,
    Metrics,
    /// For people; not everywhere where it is found.
    Page(Page),
}

/// Below the path of the issuer.
pub const TOKEN: &str = "/oauth2/token";
const METADATA: [&str; 2] = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

/// Where the key set stands, and where the metadata: at every spelling. `issuer_path` as in
/// `find`.
pub fn document_paths(issuer_path: &str) -> (String, Vec<String>) {
    let inserted = METADATA.map(|name| format!("{name}{issuer_path}"));
    let appended = METADATA.map(|name| format!("{issuer_path}{name}"));
    let mut metadata: Vec<String> = inserted.into_iter().chain(appended).collect();
    metadata.sort_unstable();
    metadata.dedup();
    (format!("{issuer_path}/.well-known/jwks.json"), metadata)
}

/// `issuer_path` is the path component of the issuer: empty, or `/tenant`.
pub fn find<'p>(path: &'p str, issuer_path: &str, side: Side) -> Option<Route<'p>> {
    match (path, side) {
        ("/livez", _) => return Some(Route::Live),
        ("/readyz", _) => return Some(Route::Ready),
        ("/metrics", Side::Admin) => return Some(Route::Metrics),
        (_, Side::Admin) => return Page::find(path).map(Route::Page),
        (_, Side::Public) => {}
    }
    // RFC 8414 §3: the well-known part goes between host and path of the issuer.
    if METADATA.iter().any(|name| path.strip_prefix(name) == Some(issuer_path)) {
        return Some(Route::Metadata);
    }
    // OpenID Connect Discovery §4 appends it; many clients know only that form.
    let Some(below) = path.strip_prefix(issuer_path) else { return Page::find(path).map(Route::Page) };
    match below {
        TOKEN => Some(Route::Token),
        "/oauth2/register" => Some(Route::Register),
        "/.well-known/jwks.json" => Some(Route::KeySet),
        "/oauth2/authorize" => Some(Route::Authorize),
        _ if METADATA.contains(&below) => Some(Route::Metadata),
        _ => below.strip_prefix("/errors/").map(Route::Errors).or_else(|| Page::find(path).map(Route::Page)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c1_metadata_stands_at_all_four_spellings_of_an_issuer_with_a_path() {
        for name in METADATA {
            assert_eq!(find(&format!("{name}/t/1"), "/t/1", Side::Public), Some(Route::Metadata));
            assert_eq!(find(&format!("/t/1{name}"), "/t/1", Side::Public), Some(Route::Metadata));
            assert_eq!(find(name, "/t/1", Side::Public), None);
            assert_eq!(find(name, "", Side::Public), Some(Route::Metadata));
            assert_eq!(find(&format!("{name}/"), "", Side::Public), None);
        }
    }

    #[test]
    fn the_paths_of_documents_are_those_that_are_served() {
        for (issuer_path, spellings) in [("", 2), ("/t/1", 4)] {
            let (key_set, metadata) = document_paths(issuer_path);
            assert_eq!(find(&key_set, issuer_path, Side::Public), Some(Route::KeySet));
            assert_eq!(metadata.len(), spellings);
            for path in metadata {
                assert_eq!(find(&path, issuer_path, Side::Public), Some(Route::Metadata), "{path}");
            }
        }
    }

    #[test]
    fn a41_only_exact_paths_are_served() {
        assert_eq!(find("/oauth2/token", "", Side::Public), Some(Route::Token));
        for path in [
            "/oauth2/token/",
            "//oauth2/token",
            "/oauth2/../oauth2/token",
            "/oauth2%2Ftoken",
            "/oauth2/token%00",
        ] {
            assert_eq!(find(path, "", Side::Public), None, "{path}");
        }
        assert_eq!(find("/t/1/oauth2/token", "/t/1", Side::Public), Some(Route::Token));
        assert_eq!(find("/oauth2/token", "/t/1", Side::Public), None);
    }

    #[test]
    fn the_admin_listener_carries_no_token_endpoint_and_the_public_one_no_metrics() {
        assert_eq!(find("/oauth2/token", "", Side::Admin), None);
        assert_eq!(find("/metrics", "", Side::Admin), Some(Route::Metrics));
        assert_eq!(find("/metrics", "", Side::Public), None);
        for side in [Side::Admin, Side::Public] {
            assert_eq!(find("/", "", side), Some(Route::Page(Page::Status)));
            assert_eq!(find("/decode", "/t/1", side), Some(Route::Page(Page::Decode)));
            assert_eq!(find("/t/1/decode", "/t/1", side), None);
        }
    }
}
