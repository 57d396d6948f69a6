//! HTTP for the commands that act as a client or a verifier. The server itself never uses it.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::app;

/// Longest document that is read.
const BYTES_MAX: usize = 256 * 1024;
const DEADLINE: Duration = Duration::from_secs(10);

/// A status and a JSON body.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// `GET`, or `POST` of a form with Basic credentials. No redirects.
///
/// # Errors
/// What went wrong on the way, in words.
pub fn fetch(url: &str, insecure: bool, form: Option<Form<'_>>) -> anyhow::Result<Answer> {
    app::runtime()?.block_on(async {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .tls_danger_accept_invalid_certs(insecure)
            .timeout(DEADLINE)
            .build()
            .context("cannot set up the HTTP client")?;
        let request = match form {
            None => client.get(url),
            Some(form) => {
                let request = client.post(url).header("content-type", "application/x-www-form-urlencoded");
                let request = match form.basic {
                    Some(header) => request.header("authorization", header),
                    None => request,
                };
                request.body(form.body.to_owned())
            }
        };
        let mut response = request.send().await.with_context(|| format!("cannot reach {url}"))?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.with_context(|| format!("{url} stopped answering"))? {
            if body.len() + chunk.len() > BYTES_MAX {
                bail!("{url} answers with more than {BYTES_MAX} bytes");
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status: response.status().as_u16(), body })
    })
}

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
pub fn metadata(issuer: &str, insecure: bool) -> anyhow::Result<Value> {
    let mut tried = Vec::new();
    for url in metadata_urls(issuer) {
        let answer = fetch(&url, insecure, None)?;
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

fn metadata_urls(issuer: &str) -> Vec<String> {
    let scheme_end = issuer.find("://").map_or(0, |at| at + 3);
    let path_start = issuer.get(scheme_end..).and_then(|rest| rest.find('/')).map(|at| at + scheme_end);
    let (host, path) = issuer.split_at_checked(path_start.unwrap_or(issuer.len())).unwrap_or((issuer, ""));
    let inserted = format!("{host}/.well-known/oauth-authorization-server{path}");
    vec![inserted, format!("{issuer}/.well-known/openid-configuration")]
}

/// A member of the metadata that must be there.
///
/// # Errors
/// Its absence.
pub fn member<'v>(metadata: &'v Value, name: &str) -> anyhow::Result<&'v str> {
    metadata.get(name).and_then(Value::as_str).with_context(|| format!("the metadata has no `{name}`"))
}
