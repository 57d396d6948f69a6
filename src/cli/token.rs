//! `signet token`: fetch a token as a client would.

use std::path::PathBuf;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::Value;
use zeroize::Zeroizing;

use super::assertion::{self, JWT_BEARER};
use super::exit::failure;
use super::fetch::{self, Form, TrustArgs};
use super::{Exit, Format, Global, output};
use crate::jose::Algorithm;

const EXAMPLES: &str = "\
Examples:
  signet token --issuer https://auth.example.com --client-id billing-worker --secret-stdin < secret.txt
  signet token --issuer http://localhost:8080 --client-id ID --secret-stdin --scope invoices:read
  signet token --issuer https://auth.example.com --client-id billing-worker --key billing-worker.pem
  ... | signet verify --issuer https://auth.example.com --audience https://invoices.example.com";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct TokenArgs {
    /// Issuer; its metadata names the token endpoint
    #[arg(long, env = "SIGNET_ISSUER", value_name = "URL")]
    issuer: String,
    /// Client id
    #[arg(long, env = "SIGNET_CLIENT_ID", value_name = "ID", allow_hyphen_values = true)]
    client_id: String,
    /// Read the client's secret from standard input
    #[arg(long, required_unless_present = "key")]
    secret_stdin: bool,
    /// Sign an assertion with the private key in this PEM file (private_key_jwt)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["secret_stdin", "post"])]
    key: Option<PathBuf>,
    /// Algorithm of the assertion [default: RS256, ES256 or EdDSA, by the key]
    #[arg(long, value_name = "ALG", requires = "key", value_parser = algorithm)]
    alg: Option<Algorithm>,
    /// Key id to name in the assertion; without one the issuer tries the client's keys
    #[arg(long, value_name = "KID", requires = "key", allow_hyphen_values = true)]
    kid: Option<String>,
    /// Scopes to ask for, separated by spaces
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// Resource to ask for (RFC 8707); may be repeated
    #[arg(long, value_name = "URI")]
    resource: Vec<String>,
    /// Audience to ask for; may be repeated
    #[arg(long, value_name = "NAME")]
    audience: Vec<String>,
    /// Send the credentials in the body (client_secret_post) instead of HTTP Basic
    #[arg(long)]
    post: bool,
    #[command(flatten)]
    trust: TrustArgs,
}

pub fn run(args: TokenArgs, global: Global) -> anyhow::Result<Exit> {
    let proof = proof(&args)?;
    let metadata = fetch::metadata(&args.issuer, &args.trust)?;
    let endpoint = fetch::member(&metadata, "token_endpoint")?;
    let mut pairs = vec![("grant_type", "client_credentials")];
    pairs.extend(args.scope.as_deref().map(|scope| ("scope", scope)));
    pairs.extend(args.resource.iter().map(|value| ("resource", value.as_str())));
    pairs.extend(args.audience.iter().map(|value| ("audience", value.as_str())));
    match &proof {
        Proof::Secret(secret) if args.post => {
            pairs.extend([("client_id", args.client_id.as_str()), ("client_secret", secret)]);
        }
        Proof::Secret(_) => {}
        Proof::Assertion(assertion) => {
            pairs.extend([("client_assertion_type", JWT_BEARER), ("client_assertion", assertion)]);
        }
    }
    let body =
        pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&");
    let basic = match &proof {
        Proof::Secret(secret) if !args.post => {
            let pair = format!("{}:{}", encode(&args.client_id), encode(secret));
            Some(format!("Basic {}", STANDARD.encode(pair)))
        }
        Proof::Secret(_) | Proof::Assertion(_) => None,
    };
    let form = Form { body: &body, basic: basic.as_deref() };
    let answer = fetch::fetch(endpoint, &args.trust, Some(form))?;
    let json: Value = serde_json::from_slice(&answer.body)
        .with_context(|| format!("{endpoint} answers {} and no JSON", answer.status))?;
    if answer.status != 200 {
        output::talk(&refusal(answer.status, &json));
        if global.format == Format::Json {
            output::line(&json.to_string());
        }
        return Ok(Exit::Refused);
    }
    match global.format {
        Format::Json => output::line(&json.to_string()),
        _ => output::line(fetch::member(&json, "access_token")?),
    }
    Ok(Exit::Fine)
}

/// What shows who asks.
enum Proof {
    Secret(Zeroizing<String>),
    Assertion(String),
}

fn proof(args: &TokenArgs) -> anyhow::Result<Proof> {
    if let Some(key) = &args.key {
        let kid = args.kid.as_deref();
        return assertion::sign(key, args.alg, kid, &args.client_id, &args.issuer).map(Proof::Assertion);
    }
    let secret = output::read_secret()?;
    if secret.is_empty() {
        return Err(failure(Exit::Usage, "no secret came by standard input"));
    }
    Ok(Proof::Secret(secret))
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    let known = || Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ");
    Algorithm::from_name(name).ok_or_else(|| format!("known are {}", known()))
}

fn refusal(status: u16, json: &Value) -> String {
    let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or("-");
    format!(
        "refused ({status}): {}: {}\n  more: {}",
        text("error"),
        text("error_description"),
        text("error_uri")
    )
}

/// `application/x-www-form-urlencoded` (RFC 6749 Appendix B).
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
