//! The seal keys of a directory. Judged as strictly as private halves, for whoever has one can make
//! clients.

use std::path::Path;

use super::{SealKey, SealKeys, Unusable, read};
use crate::clock::UnixTime;
use crate::diagnostic::catalogue::keys as codes;
use crate::diagnostic::{Finding, Findings};
use crate::jose::strict_json::shown;
use crate::keys::directory::{FoundFile, Unreadable};
use crate::keys::file_name::{Entry, Half};
use crate::keys::{findings, permissions};

/// Those that can be used; what is wrong with the others goes to `problems`.
pub(in crate::keys) fn load(
    files: &[FoundFile],
    directory: &Path,
    require_private_permissions: bool,
    problems: &mut Findings,
) -> SealKeys {
    let mut keys: Vec<SealKey> = Vec::new();
    for file in files {
        let Entry::Seal(activation) = file.entry else { continue };
        let path = directory.join(&file.name).display().to_string();
        match one_file(file, activation, &path, require_private_permissions) {
            Ok(key) => match keys.iter().find(|known| known.id() == key.id()) {
                Some(known) => problems.push(findings::same_key(&known.file, &key.file)),
                None => keys.push(key),
            },
            Err(finding) => problems.push(finding.in_file(path)),
        }
    }
    SealKeys::new(keys)
}

fn one_file(
    file: &FoundFile,
    activation: UnixTime,
    path: &str,
    require_private_permissions: bool,
) -> Result<SealKey, Box<Finding>> {
    let key = match &file.key {
        Some(Ok(key)) => key,
        Some(Err(error)) => return Err(findings::unreadable(&file.name, error).into()),
        None => return Err(findings::unreadable(&file.name, &Unreadable::NotAFile).into()),
    };
    let exposure = permissions::private_half(key.mode, key.owner, permissions::effective_user());
    if let Some(exposure) = exposure.filter(|_| require_private_permissions) {
        return Err(findings::exposed(&file.name, path, Half::Private, exposure).into());
    }
    read(path, activation, &key.content).map_err(|problem| {
        let reason = match problem {
            Unusable::Malformed => "is not one line of 43 characters base64url",
            Unusable::NotRandom => "was not made by a generator of random numbers",
            Unusable::Failed => "cannot be used by the library",
        };
        let message = format!("the seal key `{}` {reason}", shown(&file.name));
        Finding::new(&codes::SEAL_KEY_MALFORMED, message).help("make another: signet keys new --seal").into()
    })
}
