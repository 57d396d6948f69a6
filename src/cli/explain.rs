//! `signet explain CODE`: the long text of the catalogue.

use clap::Args;
use serde_json::json;

use super::exit::failure;
use super::{Exit, Format, Global, output};
use crate::diagnostic::{Code, catalogue, code_reference};

const EXAMPLES: &str = "\
Examples:
  signet explain SG0107
  signet explain secret_wrong
  signet explain                 list all codes";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ExplainArgs {
    /// A code (SG0107) or a reason from the log (secret_wrong); without one, all are listed
    code: Option<String>,
}

pub fn run(args: ExplainArgs, global: Global) -> anyhow::Result<Exit> {
    let codes: Vec<&'static Code> = match &args.code {
        None => catalogue::all().collect(),
        Some(word) => vec![catalogue::find(word).ok_or_else(|| unknown(word))?],
    };
    match (global.format, &args.code) {
        (Format::Markdown, _) => output::data(&code_reference(codes)),
        (Format::Json, _) => {
            let codes: Vec<_> = codes.iter().map(|code| as_json(code)).collect();
            output::line(&json!({"version": 1, "codes": codes}).to_string());
        }
        (_, Some(_)) => codes.iter().for_each(|code| output::data(&code.explain())),
        (_, None) => codes.iter().for_each(|code| output::line(&format!("{}  {}", code.id, code.title))),
    }
    Ok(Exit::Fine)
}

fn as_json(code: &Code) -> serde_json::Value {
    json!({"code": code.id, "name": code.name, "severity": code.severity.name(), "title": code.title, "text": code.text})
}

fn unknown(word: &str) -> anyhow::Error {
    let names = catalogue::all().flat_map(|code| [code.id, code.name]);
    let nearest = names.max_by(|a, b| {
        let score = |name: &str| strsim::jaro_winkler(&name.to_lowercase(), &word.to_lowercase());
        score(a).total_cmp(&score(b))
    });
    let hint = nearest.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
    failure(Exit::Usage, format!("no code is named `{word}`{hint} `signet explain` lists them all"))
}
