//! `/snippets`: how clients ask for a token and how resource servers verify one, with this issuer filled
//! in; in `dev` with a demo client, whose secret is published with the source.

use askama::Template;

use super::{Frame, Page};
use crate::clock::UnixTime;
use crate::config;
use crate::jose::Algorithm;
use crate::keys::public_key_pem;

#[derive(Template)]
#[template(path = "snippets.html", config = "src/http/pages/askama.toml")]
pub struct SnippetsPage<'a> {
    frame: &'a Frame<'a>,
    issuer: &'a str,
    client_id: &'a str,
    secret: &'a str,
    audience: &'a str,
    /// What the tokens for `audience` are signed with, and their `typ`.
    algorithm: &'static str,
    typ: &'static str,
    /// Host and port of the issuer, for gateways that want them apart.
    host: String,
    port: u16,
    is_https: bool,
    /// Those of `algorithm` that are published, for gateways that fetch no key set.
    keys: Vec<ShownKey<'a>>,
}

struct ShownKey<'a> {
    kid: &'a str,
    pem: String,
}

pub fn page<'a>(frame: &'a Frame<'a>, now: UnixTime) -> SnippetsPage<'a> {
    let registry = frame.issuer.registry();
    let demo = frame.development.then(|| config::demo_secrets(registry).next()).flatten();
    let (client_id, secret) = demo.unwrap_or(("CLIENT_ID", "CLIENT_SECRET"));
    let of_client = registry.find(client_id).and_then(|client| client.granted.first());
    let resource = of_client.map(|granted| &granted.resource).or_else(|| registry.resources().first());
    let algorithm = resource.map_or(Algorithm::Rs256, |resource| resource.signing_alg);
    let url = url::Url::parse(frame.url()).ok();
    let published = frame.issuer.keyring().published(now).into_iter();
    SnippetsPage {
        frame,
        issuer: frame.url(),
        client_id,
        secret,
        audience: resource.map_or("https://api.example.com", |resource| resource.audience.as_str()),
        algorithm: algorithm.name(),
        typ: resource.map_or("at+jwt", |resource| resource.typ.as_str()),
        host: url.as_ref().and_then(url::Url::host_str).unwrap_or_default().to_owned(),
        port: url.as_ref().and_then(url::Url::port_or_known_default).unwrap_or(443),
        is_https: url.is_some_and(|url| url.scheme() == "https"),
        keys: published
            .filter(|key| key.jwk.algorithm() == algorithm)
            .map(|key| ShownKey { kid: key.jwk.kid(), pem: public_key_pem(key.jwk.public_key()) })
            .collect(),
    }
}
