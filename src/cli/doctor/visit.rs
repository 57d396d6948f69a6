//! The requests of `doctor`: one after the other, without credentials, never following a redirect.

use std::error::Error;
use std::io;
use std::sync::Arc;

use anyhow::Context as _;
use reqwest::header::{AGE, DATE, HeaderMap, HeaderName};
use serde_json::{Map, Value};

use super::tls::Recorder;
use crate::app;
use crate::cli::fetch::{self, Answer, TrustArgs};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::diagnostic::catalogue::issuers as codes;
use crate::diagnostic::{Code, Finding, Findings};
use crate::jose::strict_json::{self, shown};

/// Some servers answer with CORS headers only to requests that look like those of a browser.
const ORIGIN: (&str, &str) = ("origin", "https://signet-doctor.invalid");

pub struct Visitor {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
    pub recorder: Arc<Recorder>,
}

/// An answer, and this machine's time around it.
pub struct Visit {
    pub url: String,
    pub answer: Answer,
    began: UnixTime,
    ended: UnixTime,
}

/// Why there is no answer, in words of the system.
pub struct Unreachable {
    reason: String,
    is_tls: bool,
}

impl Visitor {
    /// # Errors
    /// A `--cacert` that cannot be used.
    pub fn new(trust: &TrustArgs) -> anyhow::Result<Self> {
        let recorder = Recorder::new(trust.extra_roots()?).context("--cacert")?;
        let config = recorder.client_config().context("cannot set up TLS")?;
        let client = fetch::client().tls_backend_preconfigured(config).build();
        Ok(Self {
            runtime: app::runtime()?,
            client: client.context("cannot set up the HTTP client")?,
            recorder,
        })
    }

    pub fn get(&self, url: &str, header: Option<(&str, &str)>) -> Result<Visit, Unreachable> {
        let request = self.client.get(url).header(ORIGIN.0, ORIGIN.1).header("accept", "application/json");
        self.visit(
            url,
            header.into_iter().fold(request, |request, (name, value)| request.header(name, value)),
        )
    }

    /// Asks for a token with nothing in hand.
    pub fn ask_without_credentials(&self, url: &str) -> Result<Visit, Unreachable> {
        let request = self.client.post(url).header("content-type", fetch::FORM);
        self.visit(url, request.body("grant_type=client_credentials"))
    }

    fn visit(&self, url: &str, request: reqwest::RequestBuilder) -> Result<Visit, Unreachable> {
        let began = SystemClock.now();
        let answer = self.runtime.block_on(fetch::send(url, request));
        let answer = answer.map_err(|error| Unreachable::new(&error))?;
        Ok(Visit { url: url.to_owned(), answer, began, ended: SystemClock.now() })
    }
}

impl Visit {
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        text(&self.answer.headers, name)
    }

    /// A finding about this answer.
    pub fn finding(&self, code: &'static Code, message: impl Into<String>) -> Finding {
        Finding::new(code, message).in_file(self.url.clone())
    }

    /// Seconds by which the server's clock is ahead of ours, negative when behind; 0 where the
    /// answer, which has whole seconds, leaves room for it. `None` without a readable `Date`.
    pub fn clock_ahead(&self) -> Option<i64> {
        let date = self.header(&DATE).and_then(|text| jiff::fmt::rfc2822::parse(text).ok())?;
        // RFC 9111 §4.2.3: a cache between us says how old the copy is.
        let age: i64 = self.header(&AGE).and_then(|age| age.trim().parse().ok()).unwrap_or(0);
        let date = UnixTime::from_seconds(date.timestamp().as_second()).plus(age);
        let (ahead, behind) = (date.since(self.ended.plus(1)), date.plus(1).since(self.began));
        Some(if ahead > 0 { ahead } else { behind.min(0) })
    }

    /// The JSON object of a 200; otherwise what is wrong is reported.
    pub fn object(&self, findings: &mut Findings) -> Option<Map<String, Value>> {
        let status = self.answer.status;
        if status != 200 {
            findings.push(self.bad_status());
            return None;
        }
        strict_json::object(&self.answer.body)
            .map_err(|error| {
                let message = format!("this is no JSON object: {}", shown(&error.to_string()));
                let help =
                    "curl -i shows what answers there; a proxy with a page of its own is the usual cause";
                findings.push(self.finding(&codes::NOT_JSON, message).help(help));
            })
            .ok()
    }

    /// The finding for a status other than 200.
    pub fn bad_status(&self) -> Finding {
        let status = self.answer.status;
        if (300..400).contains(&status) {
            let to =
                text(&self.answer.headers, &reqwest::header::LOCATION).map_or("nowhere".to_owned(), shown);
            let message = format!("this is answered with a redirect ({status}) to `{to}`");
            return self
                .finding(&codes::REDIRECTED, message)
                .help("serve the document here, or announce that URL");
        }
        let message = format!("this is answered with status {status}");
        self.finding(&codes::DOCUMENT_UNAVAILABLE, message)
            .help("everybody must be able to fetch it, without credentials; curl -i shows what answers")
    }
}

impl Unreachable {
    fn new(error: &anyhow::Error) -> Self {
        let is_tls = error.chain().any(is_tls);
        Self { reason: shown(&error.root_cause().to_string()), is_tls }
    }

    pub fn finding(&self, url: &str) -> Finding {
        let (code, help) = match self.is_tls {
            true => (&codes::TLS_FAILED, "openssl s_client -connect HOST:PORT shows what the server speaks"),
            false => (
                &codes::DOCUMENT_UNAVAILABLE,
                "check name, port and firewall; curl -v shows how far one gets",
            ),
        };
        Finding::new(code, format!("this cannot be fetched: {}", self.reason)).help(help).in_file(url)
    }
}

/// An I/O error hides the one that it was made of from the chain.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    // This one is made by the connector, when the server hangs up in the middle.
    let is_eof = error.to_string() == "tls handshake eof";
    is_eof || error.is::<rustls::Error>() || inner.is_some_and(|inner| is_tls(inner))
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
