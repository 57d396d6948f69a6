//! Withdrawn keys and pruned ones: what every replica makes of the files, what signs then, and what
//! is left on disk. All of it with a clock that stands still.

use std::fs;

use proptest::prelude::*;
use rstest::rstest;
use signet::clock::UnixTime;
use signet::jose::Algorithm;
use signet::keys::generate::{self, Activation, new_file};
use signet::keys::revoke::{RevokeError, Revoked, Then, revoke};
use signet::keys::{Keyring, State, prune, public_key_pem};

use crate::key_fixtures::{DAY, KeyDirectory, NOW};
use crate::support::TestServer;

const ES256: Algorithm = Algorithm::Es256;

/// A directory with ES256 keys whose activations are so many seconds after `NOW`, and their kids.
fn directory(activations: &[i64]) -> (KeyDirectory, Vec<String>) {
    let keys = KeyDirectory::new();
    let made = activations.iter().map(|seconds| {
        let (key, jwk) = generate::private_key(ES256, 0).expect("a key");
        keys.add(&name(*seconds), key.pem().as_bytes());
        jwk.kid().to_owned()
    });
    let kids = made.collect();
    (keys, kids)
}

fn name(seconds: i64) -> String {
    let time: String = NOW.plus(seconds).to_string().chars().filter(|c| !"-:".contains(*c)).collect();
    format!("{time}.es256.pem")
}

fn keyring(keys: &KeyDirectory) -> Keyring {
    let (keyring, findings) = keys.load(NOW);
    keyring.unwrap_or_else(|| panic!("{}", signet::diagnostic::human(&findings, false)))
}

fn signs(keyring: &Keyring) -> Option<String> {
    keyring.signing(ES256, NOW).map(|key| key.kid().to_owned())
}

fn published(keyring: &Keyring) -> Vec<String> {
    keyring.published(NOW).iter().map(|key| key.jwk.kid().to_owned()).collect()
}

fn withdraw(keys: &KeyDirectory, wanted: &str, force: bool) -> Result<Revoked, RevokeError> {
    revoke(keys.path(), &keyring(keys), wanted, NOW, force)
}

#[test]
fn a_withdrawn_key_that_signed_is_followed_by_the_one_that_retires() {
    let (keys, kids) = directory(&[-2 * DAY, -3600, DAY]);
    let done = withdraw(&keys, &kids[1], false).expect("withdrawn");
    assert_eq!((done.was, &done.then), (State::Signing, &Then::Earlier { kid: kids[0].clone() }));
    let after = keyring(&keys);
    assert_eq!(signs(&after), Some(kids[0].clone()));
    assert_eq!(published(&after), [kids[0].clone(), kids[2].clone()], "gone from the key set at once");
    assert_eq!(after.revoked()[0].kid, Some(kids[1].clone()));
    assert!(!keys.file(&name(-3600)).exists(), "the private half is destroyed");
    let left = fs::read_to_string(keys.file(&name(-3600).replace(".pem", ".revoked.pem"))).expect("a marker");
    assert!(left.starts_with("-----BEGIN PUBLIC KEY-----"), "{left}");
    let later = after.signing(ES256, NOW.plus(DAY)).map(|key| key.kid().to_owned());
    assert_eq!(later, Some(kids[2].clone()), "the plan goes on");
}

#[test]
fn without_a_known_earlier_key_the_next_one_is_brought_forward() {
    // The earlier one is gone: verifiers have forgotten it, while they know the next one.
    for earlier in [vec![-90 * DAY], vec![]] {
        let (keys, kids) = directory(&[earlier, vec![-30 * DAY, DAY]].concat());
        let [signing, next] = kids.last_chunk().expect("two at least");
        let done = withdraw(&keys, &name(-30 * DAY), false).expect("withdrawn");
        let expected =
            Then::BroughtForward { kid: next.clone(), from: keys.file(&name(DAY)), to: keys.file(&name(0)) };
        assert_eq!(done.then, expected);
        let after = keyring(&keys);
        assert_eq!((signs(&after), &published(&after)[0]), (Some(next.clone()), next));
        assert!(!published(&after).contains(signing));
    }
}

#[test]
fn when_nothing_that_verifiers_know_could_sign_only_force_withdraws_the_key() {
    let (keys, kids) = directory(&[-30 * DAY]);
    let refused = withdraw(&keys, &kids[0], false).expect_err("refused");
    assert!(matches!(refused, RevokeError::NothingSigns { algorithm: ES256 }), "{refused}");
    assert!(refused.to_string().contains("signet keys new --alg ES256 --now"), "{refused}");
    assert_eq!(signs(&keyring(&keys)), Some(kids[0].clone()), "nothing was changed");
    assert_eq!(withdraw(&keys, &kids[0], true).expect("forced").then, Then::Nothing);
    let (after, findings) = keys.load(NOW);
    assert_eq!(findings.iter().map(|finding| finding.code.id).collect::<Vec<_>>(), ["SG0232"]);
    let after = after.expect("a revocation always takes effect");
    assert_eq!((signs(&after), published(&after)), (None, vec![]));
    let (keys, kids) = directory(&[-90 * DAY, -30 * DAY]);
    assert!(withdraw(&keys, &kids[1], false).is_err(), "the earlier one is forgotten");
    assert_eq!(
        withdraw(&keys, &kids[1], true).expect("forced").then,
        Then::Forgotten { kid: kids[0].clone() }
    );
}

#[test]
fn an_emergency_is_a_new_key_and_then_the_revocation() {
    let (keys, kids) = directory(&[-30 * DAY, DAY]);
    let new = new_file(keys.path(), ES256, 0, NOW, Activation::Now).expect("made, although one is next");
    let done = withdraw(&keys, &kids[0], false).expect("withdrawn");
    assert_eq!((done.was, done.then), (State::Retiring, Then::AsBefore));
    assert_eq!(signs(&keyring(&keys)).as_deref(), Some(new.jwk.kid()));
    let taken = new_file(keys.path(), ES256, 0, NOW.minus(30 * DAY), Activation::Now).expect_err("taken");
    assert!(matches!(taken, generate::GenerateError::Taken { .. }), "a name must not mean two keys");
}

#[rstest]
#[case::next(DAY, State::Next)]
#[case::retiring(-3 * DAY, State::Retiring)]
fn a_key_that_does_not_sign_just_leaves(#[case] which: i64, #[case] was: State) {
    let (keys, kids) = directory(&[-3 * DAY, -3600, DAY]);
    let done = withdraw(&keys, &name(which), false).expect("withdrawn");
    assert_eq!((done.was, done.then), (was, Then::AsBefore));
    assert_eq!(signs(&keyring(&keys)), Some(kids[1].clone()));
    assert_eq!(published(&keyring(&keys)).len(), 2);
}

#[test]
fn what_is_no_key_of_the_directory_is_not_withdrawn() {
    let (keys, _) = directory(&[-DAY, DAY]);
    for wanted in ["nobody", "", name(5).as_str(), "../keys"] {
        assert!(matches!(withdraw(&keys, wanted, true), Err(RevokeError::Unknown)), "{wanted}");
    }
    let path = keys.file(&name(DAY)).display().to_string();
    assert!(withdraw(&keys, &path, false).is_ok(), "a path names its file");
}

/// What wins when files disagree, in the order in which a bad day brings it about: the marker, always.
#[test]
fn c17_a_withdrawn_key_does_not_come_back_under_any_name() {
    let (keys, kids) = directory(&[-2 * DAY, -3600]);
    let private = fs::read(keys.file(&name(-3600))).expect("a key");
    withdraw(&keys, &kids[1], false).expect("withdrawn");
    // A backup brings the file back; somebody saves it under another time.
    for returned in [name(-3600), name(-1800)] {
        keys.add(&returned, &private);
        let (after, findings) = keys.load(NOW);
        assert_eq!(findings.iter().map(|finding| finding.code.id).collect::<Vec<_>>(), ["SG0230"]);
        let after = after.expect("a keyring");
        assert_eq!((signs(&after), published(&after)), (Some(kids[0].clone()), vec![kids[0].clone()]));
        fs::remove_file(keys.file(&returned)).expect("removed");
    }
    // What comes back may be broken or open to others: no reason to keep the withdrawn key in force.
    keys.add(&name(-3600), b"garbage");
    assert_eq!(keys.codes(NOW), (vec!["SG0230"], true));
}

#[test]
fn a_key_is_withdrawn_by_hand_by_renaming_its_file() {
    let (keys, kids) = directory(&[-2 * DAY, -3600]);
    let marker = name(-3600).replace(".pem", ".revoked.pem");
    fs::rename(keys.file(&name(-3600)), keys.file(&marker)).expect("renamed");
    assert_eq!(keys.codes(NOW), (vec![], true));
    assert_eq!(keyring(&keys).revoked()[0].kid, Some(kids[1].clone()), "known by its private half");
    keys.add(&marker, b"");
    assert_eq!(keys.codes(NOW), (vec!["SG0231"], true), "an empty marker withdraws by its name");
    assert_eq!(signs(&keyring(&keys)), Some(kids[0].clone()));
}

#[test]
fn a_revocation_takes_effect_although_the_key_before_has_only_its_public_half() {
    let (keys, kids) = directory(&[-2 * DAY, -3600]);
    for step in prune::steps(keys.path(), &keyring(&keys), NOW, true) {
        step.run().expect("pruned");
    }
    let marker = name(-3600).replace(".pem", ".revoked.pem");
    fs::rename(keys.file(&name(-3600)), keys.file(&marker)).expect("renamed");
    assert_eq!(keys.codes(NOW), (vec!["SG0232"], true));
    let after = keyring(&keys);
    assert_eq!((signs(&after), published(&after)), (None, vec![kids[0].clone()]));
}

#[test]
fn a_running_server_lets_go_of_a_withdrawn_key_even_when_nothing_else_can_sign() {
    let server = TestServer::start();
    assert_eq!(server.ask("worker", "").status, 200);
    let keys = server.directory.path().join("keys");
    let marker = keys.join("20261101T000000Z.rs256.revoked.pem");
    fs::rename(keys.join("20261101T000000Z.rs256.pem"), marker).expect("renamed");
    server.reload();
    server.until("the empty set", |server| server.key_set()["keys"].as_array().is_some_and(Vec::is_empty));
    let answer = server.ask("worker", "");
    assert_eq!((answer.status, answer.error().as_str()), (500, "server_error"));
    assert_eq!(server.admin("/readyz").status, 503, "nothing can be issued here");
    assert!(server.admin("/metrics").text().contains("signet_config_last_reload_success 1"));
}

// Pruning.

fn files(keys: &KeyDirectory) -> Vec<String> {
    let entries = fs::read_dir(keys.path()).expect("a directory");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort_unstable();
    names
}

fn prune_all(keys: &KeyDirectory, private: bool) -> usize {
    let steps = prune::steps(keys.path(), &keyring(keys), NOW, private);
    steps.iter().for_each(|step| step.run().expect("pruned"));
    steps.len()
}

#[test]
fn pruning_deletes_what_is_gone_and_nothing_else() {
    let (keys, kids) = directory(&[-90 * DAY, -60 * DAY, -3600, DAY]);
    let twin = name(-90 * DAY).replace(".pem", ".pub.pem");
    let steps = prune::steps(keys.path(), &keyring(&keys), NOW, false);
    assert_eq!(files(&keys).len(), 4, "listing changes nothing");
    assert_eq!(steps.iter().map(|step| &step.kid).collect::<Vec<_>>(), [&kids[0]]);
    keys.add(&twin, public_key_pem(keyring(&keys).states(NOW)[0].jwk.public_key()).as_bytes());
    assert_eq!(prune_all(&keys, false), 1);
    assert_eq!(files(&keys), [name(-60 * DAY), name(-3600), name(DAY)], "both halves went");
    assert_eq!(prune_all(&keys, false), 0);
}

#[test]
fn a_retiring_private_half_is_replaced_by_its_public_one_and_stays_published() {
    let (keys, _) = directory(&[-60 * DAY, -3600, DAY]);
    let before = published(&keyring(&keys));
    assert_eq!(prune_all(&keys, true), 1);
    let public = name(-60 * DAY).replace(".pem", ".pub.pem");
    assert_eq!(files(&keys), [public, name(-3600), name(DAY)]);
    assert_eq!(keys.codes(NOW), (vec![], true));
    assert_eq!(published(&keyring(&keys)), before);
    assert_eq!(prune_all(&keys, true), 0, "a second run has nothing to do");
    // Interrupted between the two: the public half is there, the private one too.
    let (keys, _) = directory(&[-60 * DAY, -3600]);
    let first = keyring(&keys).states(NOW)[0].jwk.clone();
    keys.add(&name(-60 * DAY).replace(".pem", ".pub.pem"), public_key_pem(first.public_key()).as_bytes());
    assert_eq!((prune_all(&keys, true), files(&keys).len()), (1, 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is there: pruning never changes what is published or what signs, now or later.
    #[test]
    fn c13_pruning_is_never_seen_from_outside(
        activations in proptest::collection::btree_set(-40_i64..3, 1..5), private: bool
    ) {
        // Half days, so that some keys retire.
        let seconds: Vec<i64> = activations.iter().map(|half_days| half_days * DAY / 2).collect();
        let (keys, _) = directory(&seconds);
        let before = keyring(&keys);
        let _ = prune_all(&keys, private);
        let after = keyring(&keys);
        for later in [0, 3600, DAY / 2, DAY, 3 * DAY] {
            let at: UnixTime = NOW.plus(later);
            let kids = |ring: &Keyring| -> Vec<String> {
                ring.published(at).iter().map(|key| key.jwk.kid().to_owned()).collect()
            };
            prop_assert_eq!(kids(&before), kids(&after));
            let signer = |ring: &Keyring| ring.signing(ES256, at).map(|key| key.kid().to_owned());
            prop_assert_eq!(signer(&before), signer(&after));
        }
    }

    /// Whichever key is withdrawn: it is out of the set and signs nothing at any time, and when the
    /// command did not refuse, a key that was published before signs.
    #[test]
    fn a_withdrawn_key_is_never_published_and_its_successor_is_known(
        activations in proptest::collection::btree_set(-8_i64..4, 1..5), which in 0_usize..5
    ) {
        let seconds: Vec<i64> = activations.iter().map(|half_days| half_days * DAY / 2).collect();
        let (keys, kids) = directory(&seconds);
        let before = keyring(&keys);
        let (known, signed) = (published(&before), signs(&before));
        let kid = &kids[which % kids.len()];
        let outcome = withdraw(&keys, kid, false);
        let after = keyring(&keys);
        match outcome {
            Ok(_) => {
                for later in [0, 1, DAY / 2, 2 * DAY] {
                    let at = NOW.plus(later);
                    prop_assert!(after.published(at).iter().all(|key| key.jwk.kid() != kid));
                    prop_assert!(after.signing(ES256, at).is_none_or(|key| key.kid() != kid));
                }
                if signed.is_some() {
                    let now = signs(&after).expect("something signs");
                    prop_assert!(known.contains(&now));
                }
            }
            Err(_) => prop_assert_eq!(published(&after), known),
        }
    }
}
