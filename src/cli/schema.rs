//! `signet schema`: what editors and other validators need to know about our files.

use clap::{Args, CommandFactory as _, ValueEnum};

use super::settings_schema::settings_schema;
use super::{Cli, Exit, Format, Global, output, reference};
use crate::config;

const EXAMPLES: &str = "\
Examples:
  signet schema > clients.schema.json      JSON Schema (draft 2020-12) of client files
  signet schema settings > settings.schema.json
  signet schema clients --format markdown  the same as a reference for people

Editors with the YAML language server use it when a file begins with
  # yaml-language-server: $schema=clients.schema.json";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct SchemaArgs {
    /// Of which file
    #[arg(value_enum, default_value = "clients")]
    of: Of,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Of {
    /// Client files, `--clients`
    Clients,
    /// The settings file, `--config`
    Settings,
}

pub fn run(args: SchemaArgs, global: Global) -> anyhow::Result<Exit> {
    let command = Cli::command();
    let schema = match (args.of, global.format) {
        (Of::Clients, Format::Markdown) => reference::clients(),
        (Of::Settings, Format::Markdown) => reference::settings(&command),
        (Of::Clients, _) => format!("{:#}\n", config::client_schema()),
        (Of::Settings, _) => format!("{:#}\n", settings_schema(&command)),
    };
    output::data(&schema);
    Ok(Exit::Fine)
}
