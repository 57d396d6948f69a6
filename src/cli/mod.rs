//! The command line: words in, exit code out. One file a command.

mod assertion;
mod check;
mod clients;
mod decode;
mod deny;
mod dev;
mod diff;
mod doctor;
mod exit;
mod explain;
mod fetch;
mod fmt;
mod format;
mod init;
mod keys;
mod output;
mod reading_bar;
mod reference;
mod registered;
mod replace_file;
mod run_args;
mod schema;
mod secret;
mod serve;
mod settings_file;
mod settings_schema;
mod starter;
mod token;
mod verifier_args;
mod verify;
mod why;

use std::ffi::OsString;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

pub use exit::Exit;
pub use format::Format;

const EXAMPLES: &str = "\
Examples:
  signet dev                              start with nothing, print a curl line that gets a token
  signet check --clients clients/         all problems of the client list at once
  signet diff main:clients clients/       what a change of the list does to access
  signet keys new                         make the next signing key
  signet serve --issuer https://auth.example.com

Exit codes: 0 fine, 1 findings or a refusal, 2 usage, 3 invalid configuration, 4 I/O or network.";

#[derive(Parser)]
#[command(name = "signet", version, about, after_help = EXAMPLES, disable_help_subcommand = true,
          arg_required_else_help = true, max_term_width = 120)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Understood by every command.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Output")]
pub struct Global {
    #[arg(long, help = format::help(), global = true, env = "SIGNET_FORMAT", value_name = "FORMAT", default_value = "human",
          hide_possible_values = true)]
    pub format: Format,
    /// Colours on terminals
    #[arg(long, global = true, env = "SIGNET_COLOR", value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// More log lines (twice: even more)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Warnings, errors and audit events only
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
enum Command {
    /// Start with nothing: demo clients, a fresh key, http and https
    Dev(dev::DevArgs),
    /// Run for real
    Serve(serve::ServeArgs),
    /// Write a directory to start with: settings, a first client, a place for keys
    Init(init::InitArgs),
    /// Validate clients, keys and settings; all problems at once
    Check(check::CheckArgs),
    /// Give client files one form; comments and order stay
    Fmt(fmt::FmtArgs),
    /// What changes in who may reach what, between two client lists
    Diff(diff::DiffArgs),
    /// List and show clients, and add one
    #[command(subcommand)]
    Clients(clients::ClientsCommand),
    /// Make, hash and check client secrets
    #[command(subcommand)]
    Secret(secret::SecretCommand),
    /// Make and list signing keys
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Fetch a token as a client would
    Token(token::TokenArgs),
    /// Show a token with every claim explained; nothing is verified
    Decode(decode::DecodeArgs),
    /// Verify a token and say why not
    Verify(verify::VerifyArgs),
    /// Would this client get this token, and which line says so; offline
    Why(why::WhyArgs),
    /// Look at a live issuer from outside: metadata, keys, headers, clock, TLS
    Doctor(doctor::DoctorArgs),
    /// The long text behind an error code
    Explain(explain::ExplainArgs),
    /// JSON Schema of client files and of the settings file
    Schema(schema::SchemaArgs),
}

/// Help shows the name of every variable of the environment and never its value, which is for the
/// process alone.
fn tidy(command: clap::Command) -> clap::Command {
    command.mut_args(|argument| argument.hide_env_values(true)).mut_subcommands(tidy)
}

/// How to print what is wrong with a settings file: as the other flags say, where they can be read
/// without the file.
fn output_flags(arguments: &[OsString]) -> (Format, Color) {
    let matches = Cli::command().try_get_matches_from(arguments).ok();
    let global = matches.and_then(|matches| Global::from_arg_matches(&matches).ok());
    global.map_or((Format::Human, Color::Auto), |global| (global.format, global.color))
}

/// Runs the program with these arguments (the first is its name).
pub fn run(arguments: Vec<OsString>) -> Exit {
    let command = match settings_file::apply(tidy(Cli::command()), &arguments) {
        Ok(command) => command,
        Err(findings) => {
            let (format, color) = output_flags(&arguments);
            return output::findings(&findings, format, color, Exit::Configuration);
        }
    };
    let parsed = command.try_get_matches_from(arguments).and_then(|matches| {
        let name = matches.subcommand_name().unwrap_or_default().to_owned();
        Cli::from_arg_matches(&matches).map(|cli| (cli, name))
    });
    let (cli, name) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version are no errors; clap prints to the right stream.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Fine };
        }
    };
    let global = cli.global;
    if let Err(reason) = global.format.check(&name) {
        output::talk(&format!("error: {reason}"));
        return Exit::Usage;
    }
    let outcome = match cli.command {
        Command::Dev(args) => dev::run(args, global),
        Command::Serve(args) => serve::run(args, global),
        Command::Init(args) => init::run(&args, global),
        Command::Check(args) => check::run(args, global),
        Command::Fmt(args) => fmt::run(args, global),
        Command::Diff(args) => diff::run(args, global),
        Command::Clients(command) => clients::run(command, global),
        Command::Secret(command) => secret::run(command, global),
        Command::Keys(command) => keys::run(command, global),
        Command::Token(args) => token::run(args, global),
        Command::Decode(args) => decode::run(args, global),
        Command::Verify(args) => verify::run(args, global),
        Command::Why(args) => why::run(args, global),
        Command::Doctor(args) => doctor::run(&args, global),
        Command::Explain(args) => explain::run(args, global),
        Command::Schema(args) => schema::run(args, global),
    };
    outcome.unwrap_or_else(|error| {
        output::talk(&format!("error: {error:#}"));
        Exit::of(&error)
    })
}
