//! The style sheet and the scripts of the pages, as they stand in the source.

#[derive(Debug, PartialEq, Eq)]
pub struct Asset {
    path: &'static str,
    pub content_type: &'static str,
    pub text: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: &[Asset] = &[
    Asset { path: "/page/style.css", content_type: CSS, text: include_str!("style.css") },
    Asset { path: "/page/requests.js", content_type: SCRIPT, text: include_str!("requests.js") },
    Asset { path: "/page/decode.js", content_type: SCRIPT, text: include_str!("decode.js") },
    Asset { path: "/page/token.js", content_type: SCRIPT, text: include_str!("token.js") },
    Asset { path: "/page/verifiers.js", content_type: SCRIPT, text: include_str!("verifiers.js") },
];

pub fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}
