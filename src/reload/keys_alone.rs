//! Which keys to take when the client list, or a part of the key directory, is not taken: a
//! revocation must not wait for an unrelated mistake. The clients in force stay, and so does their
//! revision.

use std::sync::Arc;

use crate::clock::UnixTime;
use crate::inputs::Inputs;
use crate::issuer::Issuer;
use crate::keys::Keyring;

/// `keyring`: what was read, when every file of it is right; it is taken when it is new and serves
/// the clients in force. Failing that, those in force without the ones that the `sound` files
/// withdraw: one broken file, or a key that is missing, keeps no leaked key in force.
pub(super) fn keys_alone(
    inputs: &Inputs,
    in_force: &Issuer,
    keyring: Option<&Arc<Keyring>>,
    sound: Option<&Arc<Keyring>>,
    now: UnixTime,
) -> Option<Arc<Keyring>> {
    let (issuer, clients, keys) = (in_force.settings(), in_force.registry(), in_force.keyring());
    match keyring {
        Some(new) if new.digest() == keys.digest() => None,
        Some(new) if inputs.fit(issuer, clients, new, now) => Some(Arc::clone(new)),
        _ => keys.withdrawing(sound.or(keyring)?).map(Arc::new),
    }
}
