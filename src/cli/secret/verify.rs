//! `signet secret verify`: which credential is this secret? Asked of a stored form, or of a client
//! as the server would. The secret comes by standard input and is shown nowhere.

use clap::Args;
use serde_json::{Value, json};

use super::super::clients::{self, ListPath};
use super::super::exit::failure;
use super::super::{Exit, Format, Global, output};
use super::read_secret;
use crate::client::Client;
use crate::client_auth::registered::Clients;
use crate::client_auth::{stored_secret_fits, would_authenticate};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::diagnostic::Value::Text;
use crate::diagnostic::{Findings, Section, Source, Span};
use crate::oauth::Reason;

pub const EXAMPLES: &str = "\
Examples:
  signet secret verify --client-id billing-worker < secret.txt
  signet secret verify --clients clients/ --client-id billing-worker --format json < secret.txt
  signet secret verify 'sha256:jinN5QfVp0RF3ReORXuKZf3b_8c2dcBEsKO0QhhCoOk' < secret.txt
  signet secret verify --file stored.txt < secret.txt

Exit code 0: it fits, and the server would accept it from this client now; 1: not.";

#[derive(Args)]
#[command(group = clap::ArgGroup::new("against").required(true))]
pub struct VerifyArgs {
    /// The stored form, as it stands at `client_secret` in clients.yaml
    #[arg(value_name = "STORED", group = "against")]
    stored: Option<String>,
    /// File that holds the stored form
    #[arg(long, value_name = "FILE", group = "against")]
    file: Option<String>,
    /// Client of the list, whose credentials are tried
    #[arg(long, value_name = "ID", group = "against")]
    client_id: Option<String>,
    #[command(flatten)]
    path: ListPath,
}

pub fn run(args: &VerifyArgs, global: Global) -> anyhow::Result<Exit> {
    if let Some(id) = &args.client_id {
        return of_client(id, &args.path, global);
    }
    let (name, stored) = match (&args.stored, &args.file) {
        (Some(stored), _) => ("the argument".to_owned(), stored.clone()),
        (None, Some(file)) if file != "-" => (file.clone(), output::read_input(file)?.to_string()),
        _ => {
            return Err(failure(
                Exit::Usage,
                "standard input brings the secret; name a file of the stored form",
            ));
        }
    };
    of_stored_form(&name, stored, global)
}

fn of_stored_form(name: &str, stored: String, global: Global) -> anyhow::Result<Exit> {
    let source = Source::new(name, stored.as_str());
    let span = Span::between(0, stored.len());
    // Whoever mixes up the two has written the secret here.
    source.mask(span);
    let section = Section { source, span, value: Text(stored) };
    let secret = read_secret("verify")?;
    let mut findings = Findings::default();
    let Some(verdict) = stored_secret_fits(&section, &secret, &mut findings) else {
        return Ok(output::findings(&findings, global.format, global.color, Exit::Usage));
    };
    let reason = verdict.err();
    match (global.format, reason) {
        (Format::Json, _) => {
            let document = json!({"version": 1, "fits": reason.is_none(), "reason": reason.map(reason_json)});
            output::line(&document.to_string());
        }
        (_, None) => output::line("the secret fits"),
        (_, Some(reason)) => output::talk(&format!("error: the secret does not fit: {}", text(reason))),
    }
    Ok(if reason.is_none() { Exit::Fine } else { Exit::Refused })
}

fn of_client(id: &str, path: &ListPath, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    let (registry, _) = match clients::read(path, now, global) {
        Ok(read) => read,
        Err(exit) => return Ok(exit),
    };
    let known = Clients::listed(&registry);
    let client = clients::find(&known, &registry, id)?;
    let secret = read_secret("verify")?;
    let (attempt, verdict) = would_authenticate(&registry, client, &secret, now);
    let reason = verdict.err().map(|refusal| refusal.reason);
    let fitting = attempt.credential;
    match global.format {
        Format::Json => output::line(&format!("{:#}", document(client, fitting, reason, now))),
        _ => {
            if let Some((number, credential)) =
                fitting.and_then(|at| Some((at + 1, client.credentials.get(at)?)))
            {
                let line = clients::credential_line(credential, now);
                output::line(&format!("fits credential {number} of {}: {line}", client.credentials.len()));
            }
            if let Some(reason) = reason {
                output::talk(&format!("error: the server would refuse it: {}", text(reason)));
            }
        }
    }
    Ok(if reason.is_none() { Exit::Fine } else { Exit::Refused })
}

fn document(
    client: &Client,
    fitting: Option<usize>,
    reason: Option<&'static Reason>,
    now: UnixTime,
) -> Value {
    let credential = fitting.and_then(|at| client.credentials.get(at));
    json!({
        "version": 1,
        "client_id": client.id.as_str(),
        "fits": credential.is_some(),
        "accepted": reason.is_none(),
        "reason": reason.map(reason_json),
        "number": fitting.map(|at| at + 1),
        "credential": credential.map(|credential| clients::credential_json(credential, now)),
        "file": &*client.file,
    })
}

fn reason_json(reason: &Reason) -> Value {
    json!({"code": reason.code.id, "name": reason.code.name, "message": reason.code.title})
}

fn text(reason: &Reason) -> String {
    format!("{} (signet explain {})", reason.code.title, reason.code.id)
}
