//! HTTP for the commands that act as a client or a verifier. The server itself never uses it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use reqwest::header::HeaderMap;
use reqwest::{Certificate, ClientBuilder, RequestBuilder};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::Value;

use crate::{app, config};

/// Longest document that is read.
pub const BYTES_MAX: usize = 256 * 1024;
/// Largest file of `--cacert`; the bundle of a whole system has 250 KiB.
const CACERT_BYTES_MAX: u64 = 1024 * 1024;
const DEADLINE: Duration = Duration::from_secs(10);

/// Which certificates of a server are accepted.
#[derive(Args, Clone, Debug)]
pub struct TrustArgs {
    /// Accept any certificate of the server, for example that of `signet dev`
    #[arg(long)]
    pub insecure: bool,
    /// File of certificates (PEM) to trust besides those of the system
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    cacert: Option<PathBuf>,
}

impl TrustArgs {
    /// The certificates of `--cacert`; none without it.
    ///
    /// # Errors
    /// A file that cannot be read or holds no certificate.
    pub fn extra_roots(&self) -> anyhow::Result<Vec<CertificateDer<'static>>> {
        let Some(file) = &self.cacert else { return Ok(Vec::new()) };
        let shown = file.display();
        let text =
            config::read_regular(file, CACERT_BYTES_MAX).with_context(|| format!("cannot read {shown}"))?;
        let roots: Vec<_> = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<_, _>>()
            .with_context(|| format!("{shown} is not valid PEM"))?;
        anyhow::ensure!(!roots.is_empty(), "{shown} holds no certificate in PEM");
        Ok(roots)
    }
}

/// A status, header fields and a body.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// No redirects, and a deadline for everything.
pub fn client() -> ClientBuilder {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(DEADLINE)
}

/// `GET`, or `POST` of a form with Basic credentials. No redirects.
///
/// # Errors
/// What went wrong on the way, in words.
pub fn fetch(url: &str, trust: &TrustArgs, form: Option<Form<'_>>) -> anyhow::Result<Answer> {
    let roots = trust.extra_roots()?;
    let roots: Vec<_> =
        roots.iter().map(|root| Certificate::from_der(root)).collect::<Result<_, _>>().context("--cacert")?;
    app::runtime()?.block_on(async {
        let client = client()
            .tls_danger_accept_invalid_certs(trust.insecure)
            .tls_certs_merge(roots)
            .build()
            .context("cannot set up the HTTP client")?;
        let request = match form {
            None => client.get(url),
            Some(form) => {
                let request = client.post(url).header("content-type", FORM);
                let request = match form.basic {
                    Some(header) => request.header("authorization", header),
                    None => request,
                };
                request.body(form.body.to_owned())
            }
        };
        send(url, request).await
    })
}

/// Sends a request and reads the whole answer.
///
/// # Errors
/// What went wrong on the way, or a body that is too long.
pub async fn send(url: &str, request: RequestBuilder) -> anyhow::Result<Answer> {
    let mut response = request.send().await.with_context(|| format!("cannot reach {url}"))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.with_context(|| format!("{url} stopped answering"))? {
        if body.len() + chunk.len() > BYTES_MAX {
            bail!("{url} answers with more than {BYTES_MAX} bytes");
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status: response.status().as_u16(), headers: response.headers().clone(), body })
}

/// The media type of a form (RFC 6749 Appendix B).
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A form request.
pub struct Form<'a> {
    pub body: &'a str,
    /// Value of the `Authorization` header.
    pub basic: Option<&'a str>,
}

/// The metadata of an issuer: RFC 8414's place first, then OpenID's. Its `issuer` must be `issuer`
/// byte for byte (RFC 8414 §3.3).
///
/// # Errors
/// When none is found or it speaks of another issuer.
pub fn metadata(issuer: &str, trust: &TrustArgs) -> anyhow::Result<Value> {
    let mut tried = Vec::new();
    for url in metadata_places(issuer) {
        let answer = fetch(&url, trust, None)?;
        if answer.status != 200 {
            tried.push(format!("{url} answers {}", answer.status));
            continue;
        }
        let metadata: Value =
            serde_json::from_slice(&answer.body).with_context(|| format!("{url} is no JSON"))?;
        let found = metadata.get("issuer").and_then(Value::as_str).unwrap_or("nobody");
        if found != issuer {
            bail!(
                "{url} speaks of the issuer `{found}`, not of `{issuer}`; they must be equal byte for byte"
            );
        }
        return Ok(metadata);
    }
    bail!("no metadata of {issuer}: {}", tried.join(", "))
}

/// Where the metadata of an issuer may stand: RFC 8414's place (§3.1) and OpenID's (Discovery §4.1);
/// for an issuer with a path, then the two that go by the other's rule.
pub fn metadata_places(issuer: &str) -> Vec<String> {
    const NAMES: [&str; 2] = ["oauth-authorization-server", "openid-configuration"];
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let host_start = base.find("://").map_or(0, |at| at + 3);
    let path_start = base.get(host_start..).and_then(|rest| rest.find('/')).map(|at| at + host_start);
    let (host, path) = base.split_at_checked(path_start.unwrap_or(base.len())).unwrap_or((base, ""));
    let inserted = NAMES.map(|name| format!("{host}/.well-known/{name}{path}"));
    let appended = NAMES.map(|name| format!("{base}/.well-known/{name}"));
    let ([oauth, openid_inserted], [oauth_appended, openid]) = (inserted, appended);
    match path {
        "" => vec![oauth, openid],
        _ => vec![oauth, openid, openid_inserted, oauth_appended],
    }
}

/// A member of the metadata that must be there.
///
/// # Errors
/// Its absence.
pub fn member<'v>(metadata: &'v Value, name: &str) -> anyhow::Result<&'v str> {
    metadata.get(name).and_then(Value::as_str).with_context(|| format!("the metadata has no `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_part_is_inserted_for_oauth_and_appended_for_openid() {
        let at = |path: &str| format!("https://a.example:8443{path}");
        let root = [at("/.well-known/oauth-authorization-server"), at("/.well-known/openid-configuration")];
        assert_eq!(metadata_places("https://a.example:8443"), root);
        assert_eq!(metadata_places("https://a.example:8443/"), root);
        assert_eq!(
            metadata_places("https://a.example:8443/t/1"),
            [
                at("/.well-known/oauth-authorization-server/t/1"),
                at("/t/1/.well-known/openid-configuration"),
                at("/.well-known/openid-configuration/t/1"),
                at("/t/1/.well-known/oauth-authorization-server"),
            ]
        );
    }
}
