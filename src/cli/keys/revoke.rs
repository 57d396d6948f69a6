//! `signet keys revoke`: withdraws a leaked key and says what follows.

use clap::Args;
use serde_json::json;

use super::{DirectoryArgs, verifiers};
use crate::cli::exit::failure;
use crate::cli::{Exit, Format, Global, output};
use crate::clock::{Clock as _, SystemClock};
use crate::keys::revoke::{self, RevokeError, Revoked, Then};
use crate::keys::verifiers::Verifier;

pub const EXAMPLES: &str = "\
Examples:
  signet keys revoke 20261122T190000Z.rs256.pem
  signet keys revoke kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k

The file becomes ACTIVATION.ALG.revoked.pem with the public half alone. Leave it there: it keeps
the key from coming back. By hand: mv X.rs256.pem X.rs256.revoked.pem on every replica.";

#[derive(Args)]
pub struct RevokeArgs {
    /// The key: its kid or its file
    // One kid in 64 begins with a hyphen.
    #[arg(value_name = "KID|FILE", allow_hyphen_values = true)]
    key: String,
    #[command(flatten)]
    directory: DirectoryArgs,
    /// Withdraw it although no key that verifiers know can take over
    #[arg(long)]
    force: bool,
}

pub fn run(args: &RevokeArgs, global: Global) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    // Permissions are no matter: a key that others can read is just the one to withdraw.
    let (keyring, exit) = match args.directory.load_sound(now, false, global) {
        Ok(sound) => sound,
        Err(exit) => return Ok(exit),
    };
    let done =
        revoke::revoke(&args.directory.keys, &keyring, &args.key, now, args.force).map_err(|error| {
            let exit = match &error {
                RevokeError::Unknown => Exit::Usage,
                RevokeError::NothingSigns { .. } => Exit::Refused,
                RevokeError::Io(..) => Exit::Io,
            };
            failure(exit, error.to_string())
        })?;
    match global.format {
        Format::Json => output::line(&as_json(&done).to_string()),
        _ => {
            output::line(&done.to.display().to_string());
            output::talk(&format!("kid {} is withdrawn; it was {}. {}", done.kid, done.was, in_words(&done)));
            output::talk(&format!("{TRUST}{}", verifiers::in_words(trusts_seconds)));
            output::talk("A restart empties the copy of most of them.");
        }
    }
    if exit != Exit::Fine {
        output::talk(OTHERS);
    }
    Ok(Exit::Fine)
}

fn in_words(done: &Revoked) -> String {
    let algorithm = done.algorithm;
    match &done.then {
        Then::AsBefore => "It did not sign, so nothing else changes.".to_owned(),
        Then::Earlier { kid } => {
            format!("{algorithm} is signed again by kid {kid}, which verifiers still know.")
        }
        Then::BroughtForward { kid, from, to } => format!(
            "{algorithm} is signed by kid {kid} from now on: {} became {}. Put both files on every replica.",
            from.display(),
            to.display()
        ),
        Then::Forgotten { kid } => format!(
            "{algorithm} is signed again by kid {kid}, which verifiers have forgotten: they refuse its tokens \
             until they fetch."
        ),
        Then::Nothing => {
            format!("Nothing signs {algorithm} now; make a key: signet keys new --alg {algorithm} --now")
        }
    }
}

const TRUST: &str = "\
Servers take it up when they see the files, within seconds. Verifiers accept tokens of the key, forged
ones too, for as long as they use their copy of the key set:";

const OTHERS: &str = "\
Other files of the directory are not right, as said above. Servers that run withdraw the key all the
same; none starts until those files are mended or removed.";

/// At the worst: the copy was taken a moment before.
fn trusts_seconds(verifier: &Verifier) -> Option<i64> {
    verifier.poll_seconds()
}

fn as_json(done: &Revoked) -> serde_json::Value {
    let (kid, renamed) = match &done.then {
        Then::Earlier { kid } | Then::Forgotten { kid } => (Some(kid), None),
        Then::BroughtForward { kid, from, to } => (Some(kid), Some((from, to))),
        Then::AsBefore | Then::Nothing => (None, None),
    };
    let renamed =
        renamed.map(|(from, to)| json!({"from": from.display().to_string(), "to": to.display().to_string()}));
    json!({
        "version": 1,
        "kid": done.kid,
        "alg": done.algorithm.name(),
        "was": done.was.name(),
        "file": done.from.display().to_string(),
        "revoked_file": done.to.display().to_string(),
        "then": match &done.then {
            Then::AsBefore => "as_before",
            Then::Earlier { .. } => "earlier_key",
            Then::BroughtForward { .. } => "next_key_brought_forward",
            Then::Forgotten { .. } => "forgotten_key",
            Then::Nothing => "nothing",
        },
        "signs_now": kid,
        "renamed": renamed,
        "trusted_for": verifiers::as_json(trusts_seconds),
    })
}
