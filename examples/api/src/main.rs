//! Starts the catalog API. Reads settings from flags or the environment, says where it listens, and
//! stops at Ctrl-C or SIGTERM. Knows nothing of tokens.

use std::io::Write as _;
use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser;
use example_api::{KeySet, Shelf, Verifier, serve};

/// A small catalog of books behind access tokens, verified offline
#[derive(Parser)]
#[command(after_help = "Example:\n  example-api --issuer https://auth.example.com --listen 0.0.0.0:8071")]
struct Settings {
    /// Address to listen on
    #[arg(long, env = "CATALOG_LISTEN", value_name = "ADDRESS", default_value = "localhost:8071")]
    listen: String,
    /// Who signs the tokens: the exact text of their `iss`
    #[arg(long, env = "CATALOG_ISSUER", value_name = "URL", default_value = "http://localhost:8080")]
    issuer: String,
    /// What they are for: the exact text of their `aud`
    #[arg(long, env = "CATALOG_AUDIENCE", value_name = "URL", default_value = "https://catalog.example.com")]
    audience: String,
}

fn main() -> anyhow::Result<()> {
    let settings = Settings::parse();
    let listener = TcpListener::bind(&settings.listen)
        .with_context(|| format!("cannot listen on {}; choose another --listen", settings.listen))?;
    let address = listener.local_addr()?;
    actix_web::rt::System::new().block_on(async {
        let keys = KeySet::new(&settings.issuer)?;
        let verifier = Arc::new(Verifier::new(settings.issuer, settings.audience, keys));
        let mut stdout = std::io::stdout();
        // Whoever started this may have closed its end; that is no reason to stop.
        let _ = writeln!(stdout, "catalog api on http://{address}/books").and_then(|()| stdout.flush());
        serve(listener, verifier, Shelf::with_samples())?.await.context("the server stopped")
    })
}
