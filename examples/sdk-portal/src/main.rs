//! Starts the portal, or hashes a password for its list of accounts. Reads settings from flags or the
//! environment and secrets from files; stops at Ctrl-C or SIGTERM.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::{Args, Parser, Subcommand};
use sdk_portal::{Accounts, Clock, Issuer, Portal, Records, Registrar, Settings, serve};

/// Developers log in and download an SDK with a client of their own
#[derive(Parser)]
#[command(
    after_help = "Example:\n  sdk-portal serve --issuer https://auth.example.com --client-id sdk-portal \\\n    \
                        --client-secret-file secret --accounts accounts.txt --records records.jsonl"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the portal
    Serve(Box<Serve>),
    /// Read a password from standard input and print the line for the list of accounts
    HashPassword {
        /// The name to log in with
        name: String,
    },
}

#[derive(Args)]
struct Serve {
    /// Address to listen on
    #[arg(long, env = "PORTAL_LISTEN", value_name = "ADDRESS", default_value = "localhost:8070")]
    listen: String,
    /// Where browsers find the portal: scheme, host and port
    #[arg(long, env = "PORTAL_PUBLIC_URL", value_name = "URL", default_value = "http://localhost:8070")]
    public_url: String,
    /// The token service
    #[arg(long, env = "PORTAL_ISSUER", value_name = "URL", default_value = "http://localhost:8080")]
    issuer: String,
    /// The API that the SDK calls
    #[arg(long, env = "PORTAL_API", value_name = "URL", default_value = "http://localhost:8071")]
    api: String,
    /// The scope that each SDK gets, and the only one
    #[arg(long, env = "PORTAL_SCOPE", value_name = "SCOPE", default_value = "catalog:read")]
    scope: String,
    /// The portal's own client id, which may register others
    #[arg(long, env = "PORTAL_CLIENT_ID", value_name = "ID", default_value = "sdk-portal")]
    client_id: String,
    /// File that holds its secret
    #[arg(long, env = "PORTAL_CLIENT_SECRET_FILE", value_name = "FILE")]
    client_secret_file: PathBuf,
    /// Who may log in: one `NAME:HASH` a line
    #[arg(long, env = "PORTAL_ACCOUNTS", value_name = "FILE")]
    accounts: PathBuf,
    /// Where the portal writes down which client it gave to whom; never a secret
    #[arg(long, env = "PORTAL_RECORDS", value_name = "FILE", default_value = "records.jsonl")]
    records: PathBuf,
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(serve) => run(*serve),
        Command::HashPassword { name } => {
            let mut password = String::new();
            std::io::stdin().read_line(&mut password)?;
            let line = Accounts::line(&name, password.trim_end_matches(['\r', '\n']))?;
            writeln!(std::io::stdout(), "{line}").context("cannot print it")
        }
    }
}

fn run(serve_args: Serve) -> anyhow::Result<()> {
    let secret = read(&serve_args.client_secret_file)?.trim().to_owned();
    ensure!(!secret.is_empty(), "{} is empty", serve_args.client_secret_file.display());
    let registrar = Registrar { client_id: serve_args.client_id, client_secret: secret };
    let settings = Settings::new(&serve_args.public_url, serve_args.api, serve_args.scope)?;
    let clock = Clock::system();
    let portal = Portal::new(
        settings,
        Accounts::parse(&read(&serve_args.accounts)?)
            .with_context(|| serve_args.accounts.display().to_string())?,
        Issuer::new(serve_args.issuer, registrar)?,
        Records::open(&serve_args.records)?,
        clock,
    )?;
    let listener = TcpListener::bind(&serve_args.listen)
        .with_context(|| format!("cannot listen on {}; choose another --listen", serve_args.listen))?;
    let mut stdout = std::io::stdout();
    // Whoever started this may have closed its end; that is no reason to stop.
    let _ = writeln!(stdout, "sdk portal on {}", serve_args.public_url).and_then(|()| stdout.flush());
    actix_web::rt::System::new()
        .block_on(async { serve(listener, portal)?.await })
        .context("the server stopped")
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
