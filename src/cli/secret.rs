//! `signet secret new|hash|verify`: client secrets. They come by standard input and go to standard
//! output; never on the command line, where other users of the machine can see them.

mod verify;

use clap::Subcommand;
use serde_json::json;
use zeroize::Zeroizing;

use super::exit::failure;
use super::{Exit, Format, Global, output};
use crate::client_auth::{STRENGTH_BITS_MIN, generate_secret, secret_strength_bits, stored_secret};

const NEW_EXAMPLES: &str = "\
Examples:
  signet secret new                       the secret, then the line for clients.yaml
  signet secret new --format json";

const HASH_EXAMPLES: &str = "\
Examples:
  signet secret hash < secret.txt
  printf %s \"$SECRET\" | signet secret hash";

#[derive(Subcommand)]
pub enum SecretCommand {
    /// Make a secret of 256 random bits; it is shown once
    #[command(after_help = NEW_EXAMPLES)]
    New,
    /// Print the form of a secret that goes into clients.yaml; the secret comes by standard input
    #[command(after_help = HASH_EXAMPLES)]
    Hash {
        /// Accept a secret that may have fewer than 128 bits (an imported one, say)
        #[arg(long)]
        allow_weak: bool,
    },
    /// Does a secret fit a stored form, or a client of the list? The secret comes by standard input
    #[command(after_help = verify::EXAMPLES)]
    Verify(verify::VerifyArgs),
}

pub fn run(command: SecretCommand, global: Global) -> anyhow::Result<Exit> {
    match command {
        SecretCommand::New => new(global),
        SecretCommand::Hash { allow_weak } => hash(allow_weak, global),
        SecretCommand::Verify(args) => verify::run(&args, global),
    }
}

fn new(global: Global) -> anyhow::Result<Exit> {
    let secret = generate_secret().map_err(|_| failure(Exit::Io, "the system gives no random numbers"))?;
    let stored = stored_secret(&secret);
    match global.format {
        Format::Json => {
            output::line(&json!({"version": 1, "secret": &**secret, "client_secret": stored}).to_string());
        }
        _ => {
            output::talk("The secret, shown once; give it to the client and keep no copy:");
            output::line(&secret);
            output::talk("The line for `credentials:` of the client in clients.yaml:");
            output::line(&format!("- client_secret: {stored}"));
        }
    }
    Ok(Exit::Fine)
}

/// The secret on standard input.
fn read_secret(command: &str) -> anyhow::Result<Zeroizing<String>> {
    let secret = output::read_secret()?;
    if secret.is_empty() {
        let message = format!("no secret came by standard input; try: signet secret {command} < FILE");
        return Err(failure(Exit::Usage, message));
    }
    Ok(secret)
}

fn hash(allow_weak: bool, global: Global) -> anyhow::Result<Exit> {
    let secret = read_secret("hash")?;
    let bits = secret_strength_bits(&secret);
    if bits < STRENGTH_BITS_MIN && !allow_weak {
        let message = format!(
            "the secret can hold at most about {bits} bits, a guesser needs 128 against him; make a strong one with \
             `signet secret new`, or say --allow-weak"
        );
        return Err(failure(Exit::Refused, message));
    }
    let stored = stored_secret(&secret);
    match global.format {
        Format::Json => output::line(&json!({"version": 1, "client_secret": stored}).to_string()),
        _ => output::line(&stored),
    }
    Ok(Exit::Fine)
}
