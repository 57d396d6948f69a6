//! What `signet dev` brings along: demo clients, a key and a seal key made at start. Nothing is written.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use crate::clock::UnixTime;
use crate::inputs::{self, BuiltIn};
use crate::jose::Algorithm;
use crate::keys::seal::{SealKey, SealKeys};
use crate::keys::{self, Key, Keyring};

/// The list of the repository's top level, for working directories without one.
pub const DEMO_CLIENTS: &str = include_str!("../clients.yaml");

/// Files where there are some, else what is built in.
///
/// # Errors
/// When no key can be made.
pub fn built_in(clients: &Path, keys: &Path, signer: &str, now: UnixTime) -> anyhow::Result<BuiltIn> {
    let keyring = if holds_a_key(keys) { None } else { Some(Arc::new(fresh_keyring(signer, now)?)) };
    let clients = (!clients.exists()).then_some(DEMO_CLIENTS);
    let seal = SealKey::in_memory(now).map_err(|_| anyhow::anyhow!("the system gives no random numbers"))?;
    let seals = Some(Arc::new(SealKeys::new(vec![seal])));
    Ok(BuiltIn { clients, keyring, seals })
}

fn holds_a_key(directory: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(directory) else { return false };
    entries.flatten().any(|entry| entry.path().extension().is_some_and(|extension| extension == "pem"))
}

fn fresh_keyring(signer: &str, now: UnixTime) -> anyhow::Result<Keyring> {
    let (private, _) = keys::generate::private_key(Algorithm::Rs256, keys::generate::BITS)?;
    let backend = keys::backend(Some(signer), Algorithm::Rs256).context("no such signing backend")?;
    let signer =
        backend.load(&private.der()).map_err(|_| anyhow::anyhow!("the key that was just made is refused"))?;
    let key = Key::private("made at start", now, signer.into());
    Keyring::new(vec![key], inputs::retention(0)).map_err(|_| anyhow::anyhow!("two keys at one instant"))
}
